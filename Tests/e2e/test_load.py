"""Two hundred seats of our own client for a minute: every packet exactly once at each, every chat line, every vote.
And listeners who look at every byte of the sound, in one large class and in several small ones."""

import json
import os
import signal
import subprocess
import time

import pytest

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", "")

pytestmark = [pytest.mark.alone,
              pytest.mark.skipif(not LOAD_TESTS, reason="./run test builds the load test and names it")]


def test_two_hundred_seats_for_a_minute_miss_nothing(server, output):
    done = subprocess.run(
        [LOAD_TESTS, "--server", server.url, "--key-file", str(server.data / "keys/administrator.key"),
         "--pin", server.ready["fingerprint"], "--seats", "200", "--seconds", "60", "--chats", "500", "--votes", "200",
         "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    (output / "load.json").write_bytes(done.stdout)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def lecture(server, *options, seconds: int = 4, meanwhile=None) -> dict:
    """What a lecture has shown to its listeners."""
    crowd = subprocess.Popen(
        [LOAD_TESTS, "lecture", "--server", server.url.replace("localhost", "127.0.0.1"), "--pin",
         server.ready["fingerprint"], "--key-file", str(server.data / "keys/administrator.key"),
         "--seconds", str(seconds), "--packet-bytes", "120", *map(str, options)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(crowd.stdout.readline()) == {"event": "ready"}
        crowd.stdin.write("begin\n")
        crowd.stdin.flush()
        if meanwhile:
            meanwhile()
        heard = json.loads(crowd.communicate(timeout=120)[0])
    finally:
        crowd.kill()
        crowd.wait()
    assert heard["altered"] == heard["missing"] == heard["doubled"] == heard["behind"] == 0 and not heard["losses"], heard
    return heard


@pytest.mark.parametrize("kind, classes, packets_in_message", [("largeLecture", 1, 5), ("smallInteractive", 8, 1)])
def test_every_byte_of_the_sound_comes_in_its_turn(server, output, kind, classes, packets_in_message):
    heard = lecture(server, "--kind", kind, "--classes", classes, "--listeners", 80, "--joins-per-second", 100)
    (output / f"lecture-{kind}.json").write_text(json.dumps(heard))
    assert heard["sent"] == 200 and heard["delivered"] == 80 * 200, heard
    assert heard["messages"] <= heard["delivered"] / packets_in_message * 1.2, heard


def test_crowds_get_their_answers_while_the_sound_goes_on(server, output):
    """Polls, chat and hands by many at once, people who come late, two who speak, and some who read nothing or slowly. Who
    comes late comes first: on a busy machine the last wave may outlast the sound."""
    heard = lecture(server, "--kind", "largeLecture", "--classes", 1, "--listeners", 60, "--joins-per-second", 200, "--speakers", 2,
                    "--stopped", 5, "--slow", 5, "--waves", "join:30:1,poll:50:1,chat:20:1,hands:20:1", seconds=5)
    (output / "lecture-waves.json").write_text(json.dumps(heard))
    assert heard["sent"] == 250 and heard["delivered"] >= 50 * 2 * 250, heard
    assert [(wave["kind"], wave["accepted"], wave["refused"], wave["unanswered"]) for wave in heard["waves"]] == \
        [("join", 30, {}, 0), ("poll", 50, {}, 0), ("chat", 20, {}, 0), ("hands", 20, {}, 0)]


def test_what_gathered_while_the_server_stood_still_leaves_in_few_messages(server, output):
    """A server that is behind, here by a second, sends everything all the same, and many packets in a message."""
    process = server.program.process

    def stand_still():
        time.sleep(1)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)

    heard = lecture(server, "--kind", "smallInteractive", "--classes", 4, "--listeners", 40, "--joins-per-second", 100,
                    meanwhile=stand_still)
    (output / "lecture-stood-still.json").write_text(json.dumps(heard))
    assert heard["sent"] == 200 and heard["delivered"] == 40 * 200, heard
    # Of 200 packets each 50 were late together; a busy machine may gather more.
    assert heard["messages"] <= heard["delivered"] * 0.85, heard
