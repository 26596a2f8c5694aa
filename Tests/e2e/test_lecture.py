"""The lecture itself is not lost: what the lecturer said while the line or the server was away is in the recording.

The microphone is the tone code, so every half second of the recording says whether it is there, once and in its place.
"""

import signal
import time

import pytest

import chromium
import recording
import tonecode
from line import Line
from people import Person
from server import talk, wait_until

AWAY = 15           # seconds without a line: longer than the recorder waits before it begins another file
AROUND = 6          # seconds of sound before and after

# Every tone counts here, and the microphone of a browser that is kept waiting stutters.
pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    return tonecode.write(tmp_path_factory.mktemp("code") / "code.wav")


def judge(server, class_id: str, seconds: float, what: str) -> tonecode.Judgement:
    """The replay's sound holds every tone, and lies without seams where it was spoken."""
    folder = server.folder(class_id)
    samples, _ = recording.sound(folder)
    judgement = tonecode.Judgement(samples)
    files = [(segment["file"], recording.begin(segment), round(recording.end(segment))) for segment in
             recording.segments(folder)]
    print(f"{what}: {judgement}; files: {files}; overlaps ms: {recording.overlaps(folder)}")
    assert judgement.isWhole, f"{judgement}; {files}"
    assert len(judgement.tones) * tonecode.SYMBOL >= seconds, f"{judgement}; {files}"
    server.verify(class_id)
    return judgement


def settled(person: Person):
    """Nothing waits to be recorded any more."""
    person.page.wait_for_selector(".banners .banner[data-tone=live]", state="detached", timeout=60_000)
    person.page.wait_for_selector(".banners .banner[data-tone=info]", state="detached", timeout=60_000)


class Lecture:
    """A lecturer in a browser, by way of a line."""

    def __init__(self, server, code, title: str, running):
        self.server = server
        self.made = server.create_class(title, lecturerName="张华")
        self.id = self.made["class"]["id"]
        self.line = Line(server.port)
        self.browser = chromium.launch(running, code)
        self.zhang = Person(self.browser, "张华")
        self.zhang.enter(self.line.url(self.made["links"]["lecturer"]))
        self.zhang.begin()
        self.began = time.monotonic()
        self.pause(AROUND)

    def pause(self, seconds: float):
        """Lets the lecturer speak for so long."""
        self.zhang.page.wait_for_timeout(seconds * 1000)

    def end(self) -> float:
        """Ends the class; returns how long it was taught."""
        settled(self.zhang)
        self.pause(AROUND)
        taught = time.monotonic() - self.began
        self.zhang.act("end")
        self.zhang.agree()
        self.zhang.page.wait_for_selector('a[href*="/replay"]')
        wait_until(lambda: all(segment["state"] == "closed" for segment in recording.segments(
            self.server.folder(self.id))), "all files closed")
        self.browser.close()
        self.line.close()
        return taught


@pytest.mark.parametrize("how", ["stand_still", "cut"])
def test_fifteen_seconds_without_a_line_cost_the_recording_nothing(server, code, how, output):
    with chromium.playwright() as running:
        lecture = Lecture(server, code, f"断网的一课 {how}", running)
        getattr(lecture.line, how)()
        lecture.zhang.page.wait_for_selector(".banners .banner[data-tone=live]")
        lecture.pause(AWAY)
        lecture.zhang.page.screenshot(path=output / f"lecture-{how}.png")
        lecture.line.mend()
        taught = lecture.end()
    judge(server, lecture.id, taught - 3, f"offline 15 s ({how})")


def test_a_killed_server_costs_the_recording_nothing(server, code):
    with chromium.playwright() as running:
        lecture = Lecture(server, code, "服务器断电的一课", running)
        server.kill()
        lecture.pause(5)
        server.start()
        taught = lecture.end()
    judge(server, lecture.id, taught - 3, "kill -9 (browser)")


def test_longer_than_the_grace_costs_the_recording_nothing(server, code):
    """After a minute the seat counts as left and the track is closed; the page opens another and sends the rest."""
    with chromium.playwright() as running:
        lecture = Lecture(server, code, "断网很久的一课", running)
        lecture.line.stand_still()
        wait_until(lambda: any(event["type"] == "trackClosed" for event in server.events(lecture.id)),
                   "the track is closed", 120)
        lecture.pause(3)
        lecture.line.mend()
        taught = lecture.end()
    assert len({segment["track"] for segment in recording.segments(server.folder(lecture.id))}) == 2
    judge(server, lecture.id, taught - 3, "offline longer than the grace")


@pytest.mark.parametrize("how", ["line", "kill"])
def test_talk_in_a_terminal_loses_nothing(server, code, how):
    made = server.create_class(f"终端里讲的一课 {how}", lecturerName="张华")
    class_id = made["class"]["id"]
    line = Line(server.port)
    voice = talk(line.url(made["links"]["lecturer"]), code, "--start")
    try:
        wait_until(lambda: (server.folder(class_id) / "manifest.json").exists(), "the first sound")
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > AROUND, "some sound", 60)
        if how == "line":
            line.stand_still()
        else:
            server.kill()
        wait_until(lambda: time.monotonic() - began > AROUND + AWAY, "the end of the gap", 60)
        line.mend() if how == "line" else server.start()
        wait_until(lambda: len(recording.segments(server.folder(class_id))) > 1, "sound after the gap", 60)
        gap = time.monotonic()
        wait_until(lambda: time.monotonic() - gap > AROUND + 6, "what was missing has gone out", 60)
        taught = time.monotonic() - began
    finally:
        assert voice.stop(signal.SIGINT) == 0, voice.err.decode()
    wait_until(lambda: all(segment["state"] == "closed" for segment in recording.segments(server.folder(class_id))),
               "all files closed", 60)
    line.close()
    judge(server, class_id, taught - 3, f"talk, {how}")
