"""Coming back: after a lost line, a restart, a sleep and a second tab everybody is where they were, and reads why."""

import signal

import pytest

import chromium
from line import Line
from people import Person, match
from server import wait_until

CHAT = "断线时写的话"
BACK = ".banners .banner[data-tone=live]"


@pytest.fixture(scope="module")
def held(server, lecture, output):
    """A class with the lecturer at the server, and one participant by way of a line."""
    made = server.create_class("断线重连的一课", lecturerName="张华")
    with chromium.playwright() as running:
        desk, seats = chromium.launch(running, lecture), chromium.launch(running)
        zhang = Person(desk, "张华")
        zhang.enter(made["links"]["lecturer"])
        zhang.begin()
        line = Line(server.port)
        yield {"made": made, "zhang": zhang, "seats": seats, "desk": desk, "line": line, "running": running}
        desk.close()
        seats.close()
        line.close()


@pytest.fixture
def wang(held):
    person = Person(held["seats"], "王晓明")
    person.enter(held["line"].url(held["made"]["links"]["participant"]), "")
    person.phase("live")
    yield person
    person.context.close()


def away(person: Person) -> str:
    """Waits for the words that say why there is no line."""
    person.page.wait_for_selector(BACK)
    return person.page.inner_text(BACK)


def back(person: Person, seconds: float = 30):
    person.page.wait_for_selector(BACK, state="detached", timeout=seconds * 1000)


@pytest.mark.parametrize("how", ["stand_still", "cut"])
def test_what_was_written_while_away_is_sent_once(held, wang, how, lecture, output):
    line, zhang = held["line"], held["zhang"]
    words = f"{CHAT} {how}"
    assert match(wang.hears(5), lecture).heard
    wang.page.click("#tab-chat")
    wang.page.fill(".chat-form input", "还没写完")
    getattr(line, how)()
    assert "中断" in away(wang) or "重连" in away(wang)
    assert "连接断开" in wang.page.inner_text(".stage-facts"), "nothing on the page claims that one hears"
    assert "正在说话" not in wang.page.inner_text(".stage")
    wang.page.screenshot(path=output / f"resume-away-{how}.png")
    wang.page.fill(".chat-form input", words)
    wang.page.press(".chat-form input", "Enter")
    wang.page.fill(".chat-form input", "还没写完")
    line.mend()
    back(wang)
    zhang.sees(words)
    wang.until("words => [...document.querySelectorAll('.chat-log[data-part=log] .chat-text')]"
               ".filter(line => line.innerText.includes(words)).length === 1", words)
    assert zhang.page.inner_text(".chat-log[data-part=log]").count(words) == 1
    assert wang.page.input_value(".chat-form input") == "还没写完", "what was being typed stays"
    wait_until(lambda: match(wang.hears(5), lecture).heard, "the lecture, live again", 60)


def test_a_restart_is_told_in_words_of_the_page(held, wang, server, lecture, output):
    """The same words in both languages, on a phone, light and dark."""
    people = [wang]
    for name, options in {"en-dark": {"color_scheme": "dark", "locale": "en-GB"},
                          "zh-phone": {"viewport": {"width": 390, "height": 844}}}.items():
        person = Person(held["seats"], f"学员 {name}", **options)
        person.enter(held["made"]["links"]["participant"] + "", "")
        person.phase("live")
        people.append(person)
    server.stop()
    told = [away(person) for person in people]
    for person in people:
        person.page.screenshot(path=output / f"resume-restart-{person.name.split()[-1]}.png")
    server.start()
    for person in people:
        back(person)
        wait_until(lambda one=person: match(one.hears(5), lecture).heard, f"the lecture for {person.name}", 60)
    assert "重启" in told[0] and "重启" in told[2] and "restart" in told[1], told
    for person in people[1:]:
        person.context.close()


def test_a_frozen_browser_comes_back_at_once(held, lecture):
    """As a laptop that slept: everything stands still, then goes on."""
    sleeper = chromium.launch(held["running"])
    try:
        li = Person(sleeper, "李静")
        li.enter(held["line"].url(held["made"]["links"]["participant"]), "")
        li.phase("live")
        assert match(li.hears(5), lecture).heard
        session = li.page.context.new_cdp_session(li.page)
        session.send("Page.setWebLifecycleState", {"state": "frozen"})
        held["line"].cut()
        held["zhang"].page.wait_for_timeout(8_000)
        held["line"].mend()
        session.send("Page.setWebLifecycleState", {"state": "active"})
        back(li, 15)
        wait_until(lambda: match(li.hears(5), lecture).heard, "the lecture after the sleep", 60)
    finally:
        sleeper.close()


def test_of_two_tabs_the_newer_goes_on_and_the_older_says_so(held, wang, output):
    other = wang.context.new_page()
    other.goto(held["line"].url(held["made"]["links"]["participant"]))
    other.wait_for_selector('[data-part="enter"]')
    other.fill("#name", "王晓明")
    other.click('[data-part="enter"]')
    other.wait_for_selector('.classroom[data-phase="live"]')
    wang.sees("另一个页面")
    wang.page.screenshot(path=output / "resume-replaced.png")
    # Neither takes the seat back from the other.
    other.wait_for_timeout(4_000)
    assert other.locator(".classroom").count() == 1 and wang.page.locator(".classroom").count() == 0
    assert wang.page.locator("a, button").filter(has_text="重新进入").count() == 1


def test_a_terminal_comes_back_and_asks_once(server, held):
    """A command in flight while the server dies takes effect once."""
    import subprocess

    from server import Program
    link = server.link(held["made"]["class"]["id"], "participant", "陈听", "0014")["url"]
    chen = Program("join", link, "--plain", "--silent", "--insecure", "--lang", "zh", stdin=subprocess.PIPE)
    try:
        chen.wait_line(lambda line: "陈听" in line)
        server.kill()
        chen.write("服务器不在时写的\n")
        server.start()
        held["zhang"].sees("服务器不在时写的")
        chen.wait_line(lambda line: "服务器不在时写的" in line)
        events = [event for event in server.events(held["made"]["class"]["id"]) if event["type"] == "chatPosted"]
        causes = [(event["by"], event["cause"]) for event in events]
        assert len(causes) == len(set(causes))
        assert sum("服务器不在时写的" in line for line in chen.lines()) == 1
    finally:
        chen.stop(signal.SIGINT)
