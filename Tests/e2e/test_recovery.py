"""kill -9 in the middle of a class: everybody comes back by themselves, and nothing that was acknowledged is gone."""

import subprocess

import pytest

import chromium
from people import Person, match
from server import wait_until

BEFORE = "这句话在断电之前"
AFTER = "这句话在断电之后"


@pytest.fixture(scope="module")
def survived(server, lecture):
    """The class, and what was heard after the restart."""
    made = server.create_class("断电的一课", lecturerName="张华")
    with chromium.playwright() as running:
        desk, seats = chromium.launch(running, lecture), chromium.launch(running)
        zhang, wang = Person(desk, "张华"), Person(seats, "王晓明")
        zhang.enter(made["links"]["lecturer"])
        zhang.begin()
        wang.enter(made["links"]["participant"], "")
        wang.phase("live")
        assert match(wang.hears(5), lecture).heard
        wang.say(BEFORE)
        zhang.sees(BEFORE)
        wang.act("toggleHand")
        zhang.page.wait_for_selector('[data-seat-act="callToSpeak"]')

        server.kill()
        wang.page.wait_for_selector(".banners .banner")
        server.start()
        for person in (zhang, wang):
            person.page.wait_for_selector(".banners .banner[data-tone=live]", state="detached")
        wait_until(lambda: match(wang.hears(6), lecture).heard, "the lecture after the restart", 60)
        recording = wang.hears(8)
        queue = zhang.page.inner_text(".hands")
        wang.say(AFTER)
        zhang.sees(AFTER)
        chat = zhang.page.inner_text(".chat-log[data-part=log]")
        zhang.act("end")
        zhang.agree()
        zhang.page.wait_for_selector('a[href*="/replay"]')
        desk.close()
        seats.close()
    return {"id": made["class"]["id"], "recording": recording, "queue": queue, "chat": chat}


def test_sound_goes_on_after_the_restart(survived, lecture):
    result = match(survived["recording"], lecture)
    assert result.heard, result


def test_the_hand_is_still_up(survived):
    assert "王晓明" in survived["queue"]


def test_the_chat_is_complete(survived):
    assert BEFORE in survived["chat"] and AFTER in survived["chat"]


def test_the_log_is_whole_and_counts_two_starts(server, survived):
    server.verify(survived["id"])
    events = server.events(survived["id"])
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert len([event for event in events if event["type"] == "relayStarted"]) >= 2


def test_the_recording_has_both_parts(server, survived):
    segments = sorted((server.folder(survived["id"]) / "audio").glob("**/*.opus"))
    assert len(segments) >= 2
    for segment in segments:
        done = subprocess.run(["opusinfo", str(segment)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode(errors="replace")
