"""A client that nobody of LiveRelay's own wrote: about a hundred lines of Python from `docs/protocol.md` alone."""

import asyncio
import secrets

from liverelay_client import Classroom

from server import talk


def token(link: str) -> str:
    return link.split("#t=")[1]


async def take_part(server, made, lecture):
    """The lesson as two foreign clients live it; returns what they saw."""
    class_id, code = made["class"]["id"], made["class"]["code"]
    zhang = Classroom(server.socket, token=token(made["links"]["lecturer"]))
    wang = Classroom(server.socket, code=code, name="王晓明", number="0012", device=secrets.token_hex(16))
    staying = [asyncio.create_task(person.stay()) for person in (zhang, wang)]
    await zhang.until(lambda it: it.is_in)
    if zhang.snapshot["class"]["phase"] == "scheduled":
        assert (await zhang.ask("open"))["type"] == "accepted"
    await wang.until(lambda it: it.is_in)
    assert (await zhang.ask("start"))["type"] == "accepted"
    link = server.link(class_id, "assistant", "助教老师")["url"]
    voice = talk(link, lecture)
    try:
        await wang.until(lambda it: len(it.packets) > 150)
        assert (await wang.ask("postChat", text="听得清"))["type"] == "accepted"
        assert (await wang.ask("raiseHand"))["type"] == "accepted"
        await wang.until(lambda it: it.position == 1)
        assert (await wang.ask("raiseHand"))["code"] == "handAlreadyRaised"
        assert (await wang.ask("mute", seat=zhang.hello["seat"]))["code"] == "notPermitted"
        opened = await zhang.ask("openPoll", question="清楚吗？", options=["清楚", "不清楚"], secrecy="named")
        assert opened["type"] == "accepted"
        poll = await wang.until(lambda it: next((m["event"]["poll"] for m in it.events
                                                 if m["event"]["type"] == "pollOpened"), None))
        assert (await wang.ask("vote", poll=poll, option=0))["type"] == "accepted"
        first_run, heard = wang.hello["run"], set(wang.packets)

        server.kill()
        await wang.until(lambda it: it.socket is None)
        late = asyncio.create_task(wang.ask("postChat", text="断线时说的话"))
        await asyncio.to_thread(server.start)
        assert (await late)["type"] == "accepted"
        await zhang.until(lambda it: any(m["event"].get("text") == "断线时说的话" for m in it.events))
        await wang.until(lambda it: it.hello["run"] > first_run and len(set(it.packets) - heard) > 50)
        assert (await zhang.ask("closePoll", poll=poll))["type"] == "accepted"
        closed = await wang.until(lambda it: next((m["event"] for m in it.events
                                                   if m["event"]["type"] == "pollClosed"), None))
        assert closed["sums"] == [1, 0]
        assert (await zhang.ask("end"))["type"] == "accepted"
        return zhang, wang, [await asyncio.wait_for(stay, 30) for stay in staying]
    finally:
        voice.stop()


def test_a_foreign_client_joins_hears_chats_votes_and_survives_a_restart(server, lecture):
    made = server.create_class("外来的客户端", lecturerName="张华")
    server.import_roster(made["class"]["id"], [("王晓明", "0012", "第一中学")])
    zhang, wang, codes = asyncio.run(take_part(server, made, lecture))
    assert codes == [4500, 4500]
    numbers = [message["n"] for message in zhang.events]
    assert numbers == sorted(set(numbers)), "each event once and in order, across the restart"
    said = [message["event"]["text"] for message in zhang.events if message["event"]["type"] == "chatPosted"]
    assert said == ["听得清", "断线时说的话"]
    for run in {run for _, run, _ in wang.packets}:
        sequences = sorted(sequence for _, r, sequence in wang.packets if r == run)
        assert len(sequences) == len(set(sequences))
        assert len(sequences) >= 0.98 * (sequences[-1] - sequences[0] + 1), "hardly a packet is missing"
