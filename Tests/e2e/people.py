"""People in a browser: what they do in the class page, and what they hear."""

import base64
import tempfile
import time
from pathlib import Path

import numpy

import chromium
import sound
import speech
from server import wait_until

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

    def begin(self):
        """Opens and starts the class as its lecturer; starting opens the microphone too."""
        if self.page.locator('[data-act="open"]:visible').count():
            self.act("open")
            self.phase("open")
        self.act("start")
        self.phase("live")
        self.microphone("open")

    def microphone(self, state: str):
        """Presses the big button of the dock until the microphone is open, or muted."""
        button = '.dock [data-act="toggleMicrophone"]'
        kind = {"open": "primary", "muted": "danger"}[state]
        self.page.wait_for_selector(f'{button}[data-kind="primary"], {button}[data-kind="danger"]')
        if self.page.get_attribute(button, "data-kind") != kind:
            self.page.click(button)
        self.page.wait_for_selector(f'{button}[data-kind="{kind}"]')

    def agree(self):
        self.page.click('dialog [value="yes"]')

    def phase(self, phase: str):
        self.page.wait_for_selector(f'.classroom[data-phase="{phase}"]')

    def say(self, text: str):
        self.page.click("#tab-chat")
        self.page.fill(".chat-form input", text)
        self.page.press(".chat-form input", "Enter")

    def sees(self, text: str, where: str = "body"):
        self.until("([where, text]) => document.querySelector(where)?.innerText.includes(text)", [where, text])

    def until(self, condition: str, argument=None, seconds: float = 30):
        """Until a function of the page is true. The page's policy forbids `eval`, so it is asked from outside."""
        return wait_until(lambda: self.page.evaluate(condition, argument), f"{self.name}: {condition} {argument}",
                          seconds)

    def hears(self, seconds: float) -> tuple:
        """The next so many seconds of what this page plays, as samples and their rate."""
        self.until("() => liverelayEar.isReady")
        return heard(self.page.evaluate("seconds => liverelayEar.hear(seconds)", seconds))

    def hears_or_not(self, seconds: float) -> tuple:
        """As `hears`; silence where the page has put its loudspeaker to rest."""
        if self.page.evaluate("() => liverelayEar.isReady"):
            return self.hears(seconds)
        return numpy.zeros(int(seconds * sound.RATE)), sound.RATE

    def hears_speech(self, source: Path, seconds: float = 10) -> "sound.Match":
        return match(self.hears(seconds), source)


def heard(recording: str) -> tuple:
    """The samples of a recording of `ear.js`."""
    with tempfile.NamedTemporaryFile(suffix=".webm") as file:
        file.write(base64.b64decode(recording))
        file.flush()
        return speech.decode(file.name, sound.RATE), sound.RATE


def match(recording: tuple, source: Path) -> "sound.Match":
    samples, rate = recording
    return sound.match(samples, rate, *speech.samples(str(source)))


def match_reversed(recording: tuple, source: Path) -> "sound.Match":
    """The negative control: the same recording against the speech turned round."""
    samples, rate = recording
    spoken, spoken_rate = speech.samples(str(source))
    return sound.match(samples, rate, sound.reversed_in_time(spoken), spoken_rate)
