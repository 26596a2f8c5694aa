"""Every page in both languages and both themes: no accessibility fault, no complaint, and a picture to look at."""

import asyncio
import json
import secrets
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from liverelay_client import Classroom

import chromium
from people import Person
from server import talk, wait_until

SIZES = {"desk": (1440, 900), "tablet": (1000, 760), "phone": (390, 844)}
LOOKS = [("zh-CN", "light"), ("en", "dark")]
NAMES = ["李静", "赵敏", "陈听", "孙浩然", "周倩", "吴涛", "郑爽", "何文"]


class Crowd(threading.Thread):
    """People in class for as long as the pictures are taken: they chat, raise hands and vote."""

    def __init__(self, server, made):
        super().__init__(daemon=True)
        self.server, self.made = server, made
        self.ready, self.over, self.failure = threading.Event(), threading.Event(), None
        self.start()

    def run(self):
        try:
            asyncio.run(self.live())
        except Exception as error:
            self.failure = error
            self.ready.set()

    async def live(self):
        made, socket = self.made, self.server.socket
        zhou = Classroom(socket, token=self.server.link(made["class"]["id"], "assistant", "周助教")["token"])
        people = [Classroom(socket, code=made["class"]["code"], name=name, number=f"00{index}",
                            device=secrets.token_hex(16)) for index, name in enumerate(NAMES)]
        staying = [asyncio.create_task(zhou.stay())]
        await zhou.until(lambda it: it.is_in and it.packets)
        staying += [asyncio.create_task(person.stay()) for person in people]
        for person in people:
            await person.until(lambda it: it.is_in)
            await person.socket.send(json.dumps({"type": "playback", "state": "playing", "delay": 180, "gaps": 0}))
        await people[0].ask("postChat", text="老师好，声音很清楚。")
        await people[1].ask("postChat", text="第 3 页的例子能再讲一遍吗？")
        await zhou.ask("postChat", text="好的，休息后再讲一遍。")
        for person in people[2:5]:
            await person.ask("raiseHand")
        await zhou.ask("openPoll", question="这一讲的节奏合适吗？", options=["合适", "偏快", "偏慢"], secrecy="anonymous")
        poll = await people[0].until(lambda it: next((m["event"]["poll"] for m in it.events
                                                      if m["event"]["type"] == "pollOpened"), None))
        for index, person in enumerate(people[:6]):
            await person.ask("vote", poll=poll, option=index % 3)
        self.ready.set()
        await asyncio.to_thread(self.over.wait)
        await zhou.ask("closePoll", poll=poll)
        await asyncio.to_thread(self.server.api, f"/classes/{made['class']['id']}/end", {}, "POST")
        await asyncio.wait_for(asyncio.gather(*staying), 30)

    def end(self):
        self.over.set()
        self.join(timeout=40)


@pytest.fixture(scope="module")
def stage(server, lecture):
    """A running class with people in it and somebody speaking, a class nobody came to, and a browser."""
    made = server.create_class("线上互动设计", lecturerName="张华", plannedMinutes=45)
    server.create_class("小学数学单元教学", lecturerName="刘洋")
    server.import_roster(made["class"]["id"], [(name, f"00{index}", "第一中学") for index, name in enumerate(NAMES)])
    voice = talk(made["links"]["lecturer"], lecture, "--start", "--loop")
    crowd = Crowd(server, made)
    assert crowd.ready.wait(60) and crowd.failure is None, crowd.failure
    with chromium.playwright() as running:
        browser = chromium.launch(running, lecture)
        yield {"server": server, "made": made, "browser": browser, "crowd": crowd}
        browser.close()
    voice.stop()
    crowd.end()


def look(stage, output, name, url, size, language, theme, enter=None, ready="main", prepare=None):
    """Opens a page as somebody would, waits until it has settled, takes its picture and asks axe."""
    width, height = SIZES[size]
    person = Person(stage["browser"], "王晓明", viewport={"width": width, "height": height}, color_scheme=theme,
                    locale=language, is_mobile=size == "phone", has_touch=size == "phone")
    try:
        if enter is not None:
            person.enter(url, enter or None)
        else:
            person.page.goto(url)
        person.page.wait_for_selector(ready)
        if prepare:
            prepare(person)
        person.page.evaluate("document.fonts.ready")
        person.page.wait_for_load_state("networkidle") if enter is None else None
        person.page.screenshot(path=output / f"{name}-{width}-{language}-{theme}.png")
        faults = Axe().run(person.page).response["violations"]
        told = [f"{fault['id']}: {fault['help']}: " + "; ".join(node["html"][:160] for node in fault["nodes"][:3])
                for fault in faults]
        wide = person.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return told + person.watched.complaints + ([f"{wide} px wider than the screen"] if wide > 0 else [])
    finally:
        person.context.close()


@pytest.mark.parametrize("language, theme", LOOKS)
@pytest.mark.parametrize("page, size", [
    ("home", "tablet"), ("home", "phone"), ("join", "tablet"), ("join", "phone"), ("wall", "desk"), ("wall", "phone"),
    ("unknown", "tablet")])
def test_outside_the_class(stage, output, page, size, language, theme):
    server, links = stage["server"], stage["made"]["links"]
    token = server.link(stage["made"]["class"]["id"], "supervisor", "巡课员")["token"]
    url = {"home": server.url + "/", "join": links["participant"], "unknown": server.url + "/j/000000000",
           "wall": f"{server.url}/wall#t={token}"}[page]
    ready = {"wall": ".wall-table tbody tr"}.get(page, "main")
    complaints = look(stage, output, page, url, size, language, theme, ready=ready)
    assert [line for line in complaints if page != "unknown" or "404" not in line] == []


@pytest.mark.parametrize("language, theme", LOOKS)
@pytest.mark.parametrize("role, size", [("assistant", "desk"), ("participant", "desk"), ("participant", "phone"),
                                        ("supervisor", "desk")])
def test_in_class(stage, output, role, size, language, theme):
    """The assistant's page is the lecturer's desk, and opens no second lecturer."""
    server, made = stage["server"], stage["made"]
    if role == "participant":
        url, enter = made["links"]["participant"], f"9{size}{language}"[:9]
    else:
        name = {"assistant": "陈助教", "supervisor": "巡课员"}[role]
        url, enter = server.link(made["class"]["id"], role, name)["url"], ""
    assert look(stage, output, role, url, size, language, theme, enter=enter, ready=".classroom[data-phase=live]",
                prepare=lambda person: person.sees("声音很清楚")) == []


@pytest.mark.parametrize("language, theme", LOOKS)
@pytest.mark.parametrize("page, size", [("replay", "desk"), ("replay", "phone"), ("report", "desk"), ("report", "phone")])
def test_after_class(stage, output, page, size, language, theme):
    stage["crowd"].end()
    assert stage["crowd"].failure is None, stage["crowd"].failure
    server, class_id = stage["server"], stage["made"]["class"]["id"]
    wait_until(lambda: server.api(f"/classes/{class_id}")["class"]["phase"] == "ended", "the end of the class")
    url = stage["made"]["links"]["report"].replace("/report", f"/{page}")

    def read(person):
        person.sees("李静")
        if page == "report":
            sent = server.api(f"/classes/{class_id}/report")["cost"]["sentBytes"]
            person.sees(f"{sent['sound']:,}", "[data-part=cost]")

    assert look(stage, output, page, url, size, language, theme, prepare=read) == []
