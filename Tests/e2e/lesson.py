"""A whole class, played once with real browsers and remembered; `test_whole_class.py` says what must be true of it.

The lecturer 张华 speaks into a Chromium. 王晓明 (Chromium, with a voice of his own), 李静 (Firefox) and 陈听 (terminal)
hear it. Chat, a hand, a turn to speak, a poll, a break, the end; then the replay.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import chromium
import people
import speech
from firefox import Firefox
from loudspeaker import Loudspeaker
from people import Person, heard
from server import Program, Server, wait_until

CHAT = "听得很清楚，\U0002CB4E老师好"
QUESTION = "这一讲的节奏合适吗？"
SECONDS = 10


@dataclass
class Lesson:
    server: Server
    made: dict
    lecture: Path
    answer: Path
    sounds: dict = field(default_factory=dict)      # what was heard: name -> (samples, rate)
    facts: dict = field(default_factory=dict)       # what was seen
    joined: dict = field(default_factory=dict)      # name -> wall clock
    left: dict = field(default_factory=dict)
    complaints: dict = field(default_factory=dict)  # name -> lines of the browser's console

    @property
    def id(self) -> str:
        return self.made["class"]["id"]


def play(folder: Path) -> Lesson:
    """Plays the class; whatever it starts ends with it, but the server, which the tests still ask."""
    lecture = speech.speak(folder / "lecture.wav", "en-gb")
    answer = speech.speak(folder / "answer.wav", "cmn", speed=170)
    server = Server(folder / "data")
    made = server.create_class("端到端的一课", lecturerName="张华")
    server.import_roster(made["class"]["id"], [
        ("王晓明", "0012", "第一中学"), ("李静", "0013", "第二中学"), ("陈听", "0014", ""), ("赵缺席", "0099", "")])
    lesson = Lesson(server, made, lecture, answer)
    loudspeaker = Loudspeaker()
    ending = [loudspeaker.close]
    try:
        with chromium.playwright() as running:
            desk = chromium.launch(running, lecture)
            seats = chromium.launch(running, answer)
            ending += [desk.close, seats.close]
            zhang = Person(desk, "张华")
            wang = Person(seats, "王晓明")
            li = Firefox(before=people.EAR, environment=loudspeaker.environment)
            ending.append(li.close)
            try:
                opening(lesson, zhang, wang, li)
                listener = Program("listen", server.link(lesson.id, "participant", "陈听", "0014")["url"], "--insecure",
                                   "--pcm", "-")
                ending.append(listener.stop)
                hearing(lesson, zhang, wang, li, listener)
                talking(lesson, zhang, wang, li)
                asking(lesson, zhang, wang, li)
                pausing(lesson, zhang, wang, li)
                closing(lesson, zhang, wang, li, listener)
                replaying(lesson, zhang)
            except Exception:
                for person in (zhang, wang):
                    person.page.screenshot(path=folder / f"{person.name}.png")
                raise
            lesson.complaints = {person.name: person.watched.complaints for person in (zhang, wang)}
            while len(ending) > 1:
                ending.pop()()
    finally:
        for end in reversed(ending):
            try:
                end()
            except Exception:  # a browser that is gone already is no news
                pass
    return lesson


def opening(lesson: Lesson, zhang: Person, wang: Person, li: Firefox):
    links = lesson.made["links"]
    zhang.enter(links["lecturer"])
    wang.enter(links["participant"], "0012")
    li.goto(links["participant"])
    li.type("#name", "李静")
    li.type("#number", "0013")
    li.click('[data-part="enter"]')
    li.wait_for("document.querySelector('.classroom') !== null")
    lesson.joined = {"张华": zhang.joined_at, "王晓明": wang.joined_at, "李静": time.time()}
    zhang.begin()
    wang.phase("live")
    li.wait_for("document.querySelector('.classroom').dataset.phase === 'live'")
    lesson.facts["started"] = time.time()


def hearing(lesson: Lesson, zhang: Person, wang: Person, li: Firefox, listener: Program):
    """Ten seconds of the lecture as three listeners hear it."""
    wait_until(lambda: len(listener.out) > 48_000 * 2, "sound in the terminal")
    before = len(listener.out)
    li.begin_hearing(SECONDS)
    lesson.sounds["王晓明"] = wang.hears(SECONDS)
    lesson.sounds["李静"] = heard(li.heard())
    wait_until(lambda: len(listener.out) - before > 48_000 * 2 * SECONDS, "ten seconds of sound in the terminal")
    lesson.sounds["陈听"] = (speech.from_pcm(bytes(listener.out[before:])), 48_000)


def talking(lesson: Lesson, zhang: Person, wang: Person, li: Firefox):
    """A chat line that all see; a hand, a call, and a turn that the others hear."""
    lesson.facts["said"] = time.time()
    wang.say(CHAT)
    zhang.sees(CHAT)
    li.wait_for(f"document.body.innerText.includes({json.dumps(CHAT)})")
    wang.act("toggleHand")
    zhang.page.wait_for_selector('[data-seat-act="callToSpeak"]')
    lesson.facts["queue"] = zhang.page.inner_text(".hands")
    zhang.microphone("muted")  # the lecturer falls silent while somebody else speaks
    zhang.page.click('[data-seat-act="callToSpeak"]')
    wang.act("openMicrophone")
    wang.page.wait_for_selector('.call-card [data-act="endTurn"][data-kind="danger"]:visible')
    li.begin_hearing(SECONDS)
    lesson.sounds["张华 hears 王晓明"] = zhang.hears(SECONDS)
    lesson.sounds["李静 hears 王晓明"] = heard(li.heard())
    wang.act("endTurn")
    wang.page.wait_for_selector(".call-card", state="hidden")
    lesson.sounds["after the turn"] = zhang.hears_or_not(4)
    zhang.microphone("open")


def asking(lesson: Lesson, zhang: Person, wang: Person, li: Firefox):
    """A named poll with two votes."""
    zhang.page.click("#tab-polls")
    zhang.page.fill("#poll-question", QUESTION)
    zhang.page.check('input[name="secrecy"][value="named"]')
    zhang.page.click(".poll-panel form > button[data-kind=primary]")
    wang.page.click('[data-act="vote"][data-option="0"]')
    li.click('[data-act="vote"][data-option="1"]')
    zhang.sees("2", "#tab-polls")
    zhang.act("closePoll")
    wang.sees("已结束", ".poll-card")
    lesson.facts["result"] = wang.page.inner_text(".poll-card")


def pausing(lesson: Lesson, zhang: Person, wang: Person, li: Firefox):
    zhang.act("startBreak")
    zhang.agree()
    wang.phase("break")
    li.wait_for("document.querySelector('.classroom').dataset.phase === 'break'")
    lesson.facts["break"] = wang.page.inner_text("body")
    lesson.sounds["break"] = wang.hears_or_not(4)
    zhang.act("endBreak")
    wang.phase("live")
    lesson.sounds["after the break"] = wang.hears(SECONDS)


def closing(lesson: Lesson, zhang: Person, wang: Person, li: Firefox, listener: Program):
    wang.act("leave")
    wang.agree()
    wang.page.wait_for_selector(".classroom", state="detached")
    lesson.left["王晓明"] = time.time()
    zhang.act("end")
    zhang.agree()
    zhang.page.wait_for_selector('a[href*="/replay"]')
    lesson.left["张华"] = lesson.left["李静"] = time.time()
    li.wait_for("document.querySelector('a[href*=\"/replay\"]') !== null")
    lesson.facts["listener's exit"] = wait_until(lambda: listener.process.poll() is not None
                                                 and [listener.process.returncode], "the listener's end")[0]


def replaying(lesson: Lesson, zhang: Person):
    """The replay at once after the end: the same speech, and the chat line at its second."""
    page = zhang.page
    page.click('a[href*="/replay"]')
    page.wait_for_selector(".player-now")
    lesson.facts["replay"] = page.inner_text("body")
    page.click('[data-part="toggle"]')
    lesson.sounds["replay"] = zhang.hears(SECONDS)
