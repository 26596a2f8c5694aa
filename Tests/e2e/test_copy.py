"""`cp -a` of the data folder of a running server starts elsewhere: ended classes have the same reports, byte for byte,
and the class that was running opens too."""

import asyncio
import subprocess

import pytest
from liverelay_client import Classroom

import server as program
from server import Server, talk, wait_until


async def lesson(server: Server, made: dict, copy):
    """A class with a vote and chat; `copy` is called in the middle of it."""
    people = [Classroom(server.socket, code=made["class"]["code"], name=f"学员{number}", number="",
                        device=f"device-of-somebody-{number}") for number in range(8)]
    zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
    staying = [asyncio.create_task(zhang.stay())]
    try:
        await zhang.until(lambda it: it.is_in)
        if zhang.snapshot["class"]["phase"] == "open":
            await zhang.ask("start")
        staying += [asyncio.create_task(person.stay()) for person in people]
        for number, person in enumerate(people):
            await person.until(lambda it: it.is_in)
            await person.ask("postChat", text=f"第 {number} 人到了")
        for secrecy in ("named", "anonymous"):
            await zhang.ask("openPoll", question="听得清吗？", options=["清楚", "不清楚"], secrecy=secrecy)
            poll = await people[0].until(lambda it: next(
                (m["event"]["poll"] for m in it.events[::-1] if m["event"]["type"] == "pollOpened"
                 and m["event"]["secrecy"] == secrecy), None))
            for number, person in enumerate(people):
                await person.ask("vote", poll=poll, option=number % 2)
            await zhang.ask("closePoll", poll=poll)
        talking = asyncio.create_task(chatter(people))
        await asyncio.to_thread(copy)
        talking.cancel()
        if made["ends"]:
            await zhang.ask("end")
    finally:
        for task in staying:
            task.cancel()


async def chatter(people: list[Classroom]):
    while True:
        for person in people:
            await person.ask("postChat", text="这句话正好在复制的时候")
            await asyncio.sleep(0.15)


@pytest.fixture(scope="module")
def pair(tmp_path_factory, lecture):
    """The server, its copy, the class that ended and the one that ran while the folder was copied."""
    folder = tmp_path_factory.mktemp("copy")
    original = Server(folder / "data")
    copied = None
    try:
        ended = {**original.create_class("已结束的一课", lecturerName="张华"), "ends": True}
        running = {**original.create_class("正在上的一课", lecturerName="李明"), "ends": False}
        for made, copy in ((ended, lambda: None), (running, lambda: subprocess.run(
                ["cp", "-a", folder / "data", folder / "copy"], check=True))):
            voice = talk(made["links"]["lecturer"], lecture, "--start")
            try:
                wait_until(lambda: any((original.folder(made["class"]["id"]) / "audio").glob("*.opus")), "sound")
                voice.stop()
                asyncio.run(lesson(original, made, copy))
            finally:
                voice.stop()
        copied = Server(folder / "copy")
        yield original, copied, ended["class"]["id"], running["class"]["id"]
    finally:
        for server in (original, copied):
            if server:
                server.stop()


@pytest.mark.parametrize("what", ["report", "report.csv?encoding=utf-8", "report.csv?encoding=gb18030"])
def test_the_report_of_an_ended_class_is_the_same(pair, what):
    original, copied, ended, _ = pair
    answers = [server.get(f"/api/v1/classes/{ended}/{what}", token=server.key) for server in (original, copied)]
    assert [status for status, _, _ in answers] == [200, 200]
    assert answers[0][2] == answers[1][2] and len(answers[0][2]) > 200


def test_the_copy_of_an_ended_class_is_whole(pair):
    _, copied, ended, _ = pair
    assert "完好" in copied.verify(ended) or "ok" in copied.verify(ended)


def test_the_sound_of_an_ended_class_is_the_same(pair):
    original, copied, ended, _ = pair
    files = [{path.name: path.read_bytes() for path in (server.folder(ended) / "audio").glob("*.opus")}
             for server in (original, copied)]
    assert files[0] == files[1] and files[0]


def test_the_class_that_was_running_goes_on_in_the_copy(pair):
    original, copied, _, running = pair
    assert copied.api(f"/classes/{running}")["class"]["phase"] == "live"
    program.run("verify", copied.data, "--class", running)
    there, here = original.events(running), copied.events(running)
    shared = [event for event in here if event["n"] <= len(there)]
    first = next((event["n"] for event in here if event["type"] == "relayStarted" and event["n"] > 2), None)
    assert first is not None, "the copy's own start is in its log"
    assert shared[:first - 1] == there[:first - 1], "up to the copying both logs are one"
