"""Peers that are gone without a word, and readers that trickle, beside two hundred who listen: each is cut off after
the time that is promised, what they held comes back, and nobody else notices."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.bad_link import BadLink, reason_not_to_run
from faults.bystanders import LOAD_TESTS, Bystanders, Memory, Processor, losses
from pace import SLACK
from server import Server, talk

OFFENDERS = Path(__file__).parent / "faults/offenders.py"
VANISHED = 200
GONE_SECONDS_MAXIMUM = 40
"""A ping within twenty seconds, and twenty more for its answer."""
TRICKLE_SECONDS_MAXIMUM = 32
"""Thirty seconds, and what thirty bytes a second earn meanwhile."""
WATCHED_SECONDS = 45
MEMORY_MEBIBYTES_MAXIMUM = 64
"""300 connections with TLS, of which 200 have sound of three seconds waiting."""
CORES_MAXIMUM = 0.3
BUSY_MILLISECONDS = 40
"""Where packets are slower than this all the time, clients lose their patience because of the machine."""

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(reason_not_to_run() is not None, reason=reason_not_to_run() or ""),
    pytest.mark.skipif(not LOAD_TESTS, reason="./run test builds the load test and names it")]


def lines_to(address: str) -> int:
    """How many sockets of this machine the system still keeps towards an address, whatever their state."""
    done = subprocess.run(["ss", "-Htna", "dst", address], check=True, stdout=subprocess.PIPE, text=True)
    return len(done.stdout.splitlines())


def offend(kind: str, server: Server, code: str, seconds: float, host: str = "127.0.0.1",
           prefix=()) -> subprocess.Popen:
    return subprocess.Popen(
        [*prefix, sys.executable, OFFENDERS, kind, str(server.port), str(seconds), code], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, "LIVERELAY_OFFENDED": host})


@pytest.fixture(scope="module")
def told(tmp_path_factory, lecture, output):
    with BadLink() as link:
        server = Server(tmp_path_factory.mktemp("vanished") / "data", "--host", "0.0.0.0")
        server.url = f"https://127.0.0.1:{server.port}"
        running = [server.program]
        bystanders = Bystanders(server, 3 * WATCHED_SECONDS)
        try:
            made = server.create_class("消失的听众", kind="largeLecture", lecturerName="张华")
            link_of_lecturer = made["links"]["lecturer"].replace(server.ready["url"].rstrip("/"), server.url)
            running.append(talk(link_of_lecturer, lecture))
            process = server.program.process.pid
            calm = Processor(process)
            time.sleep(2)
            memory, calm = Memory(process), calm.cores()
            vanishing = offend("vanishing_listeners", server, made["class"]["code"], 300, link.near, link.prefix)
            came = json.loads(vanishing.stdout.readline())["made"]
            trickling = offend("slow_downloads", server, made["class"]["code"], 2 * WATCHED_SECONDS)
            time.sleep(3)  # they listen
            there = lines_to(link.far)
            link.cut(True)
            vanishing.kill()
            vanishing.wait()
            cut, processor, left = time.monotonic(), Processor(process), {}
            while (passed := time.monotonic() - cut) < 2 * WATCHED_SECONDS:
                left[round(passed, 1)] = lines_to(link.far)
                if trickling.poll() is not None and left[round(passed, 1)] == 0:
                    break
                time.sleep(0.5)
            cores, kept, most = processor.cores(), memory.more(), memory.end()
            trickle = json.loads(trickling.communicate(timeout=60)[0])
            result = bystanders.finish()
        finally:
            bystanders.kill()
            for program in running:
                program.stop()
    seen = {"came": came, "there": there, "left": left, "trickle": trickle, "memoryMebibytes": most,
            "memoryAfterMebibytes": kept, "cores": cores, "quietCores": calm, "delayMedian": result["delayMedian"],
            "delay99th": result["delay99th"], "losses": losses(result), "deliveries": result["deliveriesExpected"]}
    (output / "vanished.json").write_text(json.dumps(seen, indent=1))
    return seen


def test_who_vanished_is_gone_after_the_promised_time(told):
    assert told["came"] == told["there"] == VANISHED
    gone = next((passed for passed, count in told["left"].items() if count == 0), None)
    assert gone is not None and gone < GONE_SECONDS_MAXIMUM + SLACK, told["left"]


def test_a_reader_that_trickles_is_cut_off(told):
    assert told["trickle"]["ended"] == told["trickle"]["made"] > 0, told["trickle"]
    assert told["trickle"]["lasted"] < TRICKLE_SECONDS_MAXIMUM + SLACK, told["trickle"]


def test_what_they_held_is_bounded_and_comes_back(told):
    assert told["memoryMebibytes"] < MEMORY_MEBIBYTES_MAXIMUM, told
    assert told["memoryAfterMebibytes"] < MEMORY_MEBIBYTES_MAXIMUM / 2, told
    assert told["cores"] - told["quietCores"] < CORES_MAXIMUM, told


def test_two_hundred_listeners_lose_nothing_meanwhile(told):
    if told["delay99th"] > BUSY_MILLISECONDS:
        pytest.skip(f"too busy a machine to tell: one packet in a hundred takes {told['delay99th']} ms")
    assert told["losses"] == {}, told
