"""People in a browser: what they do in the class page, and what they hear."""

import base64
import time
from pathlib import Path

import chromium
import sound
import speech

HERE = Path(__file__).parent
EAR = (HERE / "ear.js").read_text()
PLAIN_MICROPHONE = (HERE / "plain-microphone.js").read_text()


class Person:
    """Somebody in a Chromium of their own context."""

    def __init__(self, browser, name: str, **options):
        self.name = name
        self.context = chromium.context(browser, **options)
        self.context.add_init_script(EAR)
        self.context.add_init_script(PLAIN_MICROPHONE)
        self.watched = chromium.Watched(self.context.new_page())
        self.page = self.watched.page
        self.joined_at = self.left_at = 0.0

    def enter(self, url: str, number: str | None = None):
        """Through the landing into the class; with a name where the link has no token."""
        self.page.goto(url)
        self.page.wait_for_selector('[data-part="enter"]')
        if number is not None:
            self.page.fill("#name", self.name)
            self.page.fill("#number", number)
        self.page.click('[data-part="enter"]')
        self.page.wait_for_selector(".classroom")
        self.joined_at = time.time()

    def act(self, what: str):
        self.page.click(f'[data-act="{what}"]:visible')

    def agree(self):
        self.page.click('dialog [value="yes"]')

    def phase(self, phase: str):
        self.page.wait_for_selector(f'.classroom[data-phase="{phase}"]')

    def say(self, text: str):
        self.page.click("#tab-chat")
        self.page.fill(".chat-form input", text)
        self.page.press(".chat-form input", "Enter")

    def sees(self, text: str, where: str = "body"):
        self.page.wait_for_function(
            "([where, text]) => document.querySelector(where)?.innerText.includes(text)", arg=[where, text])

    def hears(self, seconds: float) -> tuple:
        """The next so many seconds of what this page plays, as samples and their rate."""
        self.page.evaluate("liverelayEar.take()")
        self.page.wait_for_function("seconds => liverelayEar.seconds() >= seconds", arg=seconds,
                                    timeout=1000 * (seconds + 30))
        return heard(self.page.evaluate("liverelayEar.take()"))

    def hears_speech(self, source: Path, seconds: float = 10) -> "sound.Match":
        return match(self.hears(seconds), source)


def heard(taken: dict) -> tuple:
    return speech.from_pcm(base64.b64decode(taken["base64"])), taken["rate"]


def match(recording: tuple, source: Path) -> "sound.Match":
    samples, rate = recording
    return sound.match(samples, rate, *speech.samples(str(source)))


def match_reversed(recording: tuple, source: Path) -> "sound.Match":
    """The negative control: the same recording against the speech turned round."""
    samples, rate = recording
    spoken, spoken_rate = speech.samples(str(source))
    return sound.match(samples, rate, sound.reversed_in_time(spoken), spoken_rate)
