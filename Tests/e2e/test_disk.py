"""What a class goes through when its disk fills up, fails, stalls or loses a folder: the sound goes on, nothing is
acknowledged that is not kept, moderation works, and when the disk is well again everything is, by itself.

LIVERELAY_FULL_SECONDS says how long the disk stays full (6 by default, 60 for the figure in docs/promises.md).
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from liverelay_client import AUDIO_HEADER, Classroom

import chromium
from faults.power_cut_fs import PowerCutDisk, reason_not_to_run
from people import Person
from server import Server, talk, wait_until

FULL_SECONDS = float(os.environ.get("LIVERELAY_FULL_SECONDS", "6"))
DISK_MEBIBYTES = 420
"""More than what recording wants (256 MiB) and a quarter of it, and the reserve."""
PACKETS_PER_SECOND = 50

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tmpfs needs root")


def token(link: str) -> str:
    return link.split("#t=")[1]


@contextlib.contextmanager
def small_disk(path: Path):
    """A disk of its own, in memory."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m,mode=0700", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


class Ballast:
    """Another program that fills the disk at once, and takes whatever gets free until it is told to go."""

    def __init__(self, disk: Path):
        self.path, self.is_over = disk / "ballast", threading.Event()
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT)
        self.bytes = 0
        self._fill()
        self.thread = threading.Thread(target=self._go_on, daemon=True)
        self.thread.start()

    def _fill(self):
        size = 64 * 1_048_576
        while size:
            try:
                os.posix_fallocate(self.file, self.bytes, size)
                self.bytes += size
            except OSError:
                size = size // 2 if size > 4096 else 0

    def _go_on(self):
        while not self.is_over.wait(0.002):
            self._fill()

    def remove(self):
        self.is_over.set()
        self.thread.join()
        os.close(self.file)
        self.path.unlink()


class Lesson:
    """A class that speaks and chats, as foreign clients see it; everything that was answered is kept."""

    def __init__(self, server: Server, lecture: Path, title: str):
        self.server, self.lecture = server, lecture
        self.made = server.create_class(title, lecturerName="张华")
        self.id = self.made["class"]["id"]
        self.accepted: dict[int, str] = {}      # n -> what was typed
        self.rejected: list[tuple[str, str]] = []  # (what was typed, code)
        self.staying: list[asyncio.Task] = []
        self.chatting: list[asyncio.Task] = []
        self.greetings: dict[Classroom, int] = {}

    async def __aenter__(self):
        self.zhang = await self.enter(token=token(self.made["links"]["lecturer"]))
        if self.zhang.snapshot["class"]["phase"] == "scheduled":
            assert (await self.zhang.ask("open"))["type"] == "accepted"
        self.wang, self.li = await self.participant("王晓明"), await self.participant("李静")
        assert (await self.zhang.ask("start"))["type"] == "accepted"
        self.voice = talk(self.server.link(self.id, "assistant", "助教老师")["url"], self.lecture, "--loop")
        await self.wang.until(lambda it: len(it.packets) > 2 * PACKETS_PER_SECOND)
        return self

    async def __aexit__(self, *_):
        for task in self.chatting + self.staying:
            task.cancel()
        await asyncio.gather(*self.chatting, *self.staying, return_exceptions=True)
        await asyncio.to_thread(self.voice.stop)

    async def enter(self, **introduction) -> Classroom:
        person = Classroom(self.server.socket, **introduction)
        self.greetings[person], person.digest, person.arrivals = 0, {}, []
        take, hear = person.take, person.hear

        async def count(message, socket):
            self.greetings[person] += message["type"] == "hello"
            if message["type"] == "digest":
                person.digest = message
            await take(message, socket)

        def note(message):
            captured = AUDIO_HEADER.unpack_from(message)[5] / 48_000 if message[0] == 0x11 else 0
            person.arrivals.append((time.monotonic(), captured))
            hear(message)
        person.take, person.hear = count, note
        self.staying.append(asyncio.create_task(person.stay()))
        await person.until(lambda it: it.is_in)
        return person

    async def participant(self, name: str) -> Classroom:
        return await self.enter(code=self.made["class"]["code"], name=name, number="", device=secrets.token_hex(16))

    async def say(self, person: Classroom, text: str) -> str:
        """Says a line and notes what became of it: `accepted`, or the code."""
        answer = await person.ask("postChat", text=text)
        if answer["type"] == "accepted":
            self.accepted[answer["n"]] = text
            return "accepted"
        self.rejected.append((text, answer["code"]))
        return answer["code"]

    def chat(self, *people: Classroom):
        """Lets people chat until the end, each about as often as one may."""
        async def go_on(person, name):
            number = 0
            while True:
                number += 1
                await self.say(person, f"{name} {number}")
                await asyncio.sleep(1.1)
        self.chatting += [asyncio.create_task(go_on(person, f"第{index}人"))
                          for index, person in enumerate(people)]

    async def does(self, kind: str, **fields):
        """The lecturer does something, and it is done."""
        answer = await self.zhang.ask(kind, **fields)
        assert answer["type"] == "accepted", f"{kind}: {answer}"

    async def heard_during(self, seconds: float) -> float:
        """How much of the sound of so many seconds reaches a listener: 1 is all."""
        before, since = len(self.wang.packets), time.monotonic()
        await asyncio.sleep(seconds)
        return (len(self.wang.packets) - before) / PACKETS_PER_SECOND / (time.monotonic() - since)

    async def delays_during(self, seconds: float) -> dict:
        """How even the sound of so many seconds arrives: the share of it, and how late the latest of a hundred packets
        is against the earliest."""
        first = len(self.wang.arrivals)
        share = await self.heard_during(seconds)
        lags = sorted(at - captured for at, captured in self.wang.arrivals[first:])
        return {"share": round(share, 3), "p50": round(lags[len(lags) // 2] - lags[0], 4),
                "p99": round(lags[len(lags) * 99 // 100] - lags[0], 4)}

    def voice_seat(self) -> str:
        """The seat of the one who speaks."""
        return next(message["event"]["seat"] for message in reversed(self.zhang.events)
                    if message["event"]["type"] == "trackOpened")

    async def recorded_again(self):
        """Where recording paused it has gone on."""
        kinds = [message["event"]["type"] for message in self.zhang.events]
        if kinds.count("recordingPaused") > kinds.count("recordingResumed"):
            await self.event("recordingResumed", 30)

    async def event(self, kind: str, seconds: float = 30, after: int = 0) -> dict:
        found = await self.zhang.until(lambda it: next(
            (message for message in it.events if message["event"]["type"] == kind and message["n"] > after), None),
            seconds)
        return found

    def check(self):
        """Nothing acknowledged is lost or doubled, nothing refused is there, and the log is whole."""
        self.server.verify(self.id)
        events = self.server.events(self.id)
        assert [event["n"] for event in events] == list(range(1, len(events) + 1))
        lines = (self.server.folder(self.id) / "texts.jsonl").read_text().split("\n")[:-1]
        words = {entry["ref"]: entry["text"] for entry in map(json.loads, lines)}
        written = {event["n"]: words[event["text"]["ref"]] for event in events if event["type"] == "chatPosted"}
        lost = {n: text for n, text in self.accepted.items() if written.get(n) != text}
        assert not lost, f"acknowledged and not in the log: {lost}"
        assert len(set(written.values())) == len(written), "something is there twice"
        there = [text for text, _ in self.rejected if text in written.values()]
        assert not there, f"refused, and yet in the log: {there}"
        return events


@needs_root
def test_a_full_disk_in_mid_class(tmp_path, lecture):
    with small_disk(tmp_path / "disk") as disk:
        server = Server(disk / "data")
        try:
            figures = asyncio.run(full_disk(server, disk, lecture))
        finally:
            code = server.stop()
    print(json.dumps(figures))
    assert code == 0, "the server did not stop in order"


async def full_disk(server: Server, disk: Path, lecture: Path) -> dict:
    async with Lesson(server, lecture, "磁盘满了") as lesson:
        zhang, wang, li = lesson.zhang, lesson.wang, lesson.li
        lesson.chat(wang, li)
        await lesson.heard_during(2)
        reserve = (disk / "data/reserve").stat().st_size
        ballast = Ballast(disk)
        filled = time.monotonic()
        paused = await lesson.event("recordingPaused", 10)
        paused_after = time.monotonic() - filled
        assert paused["event"]["reason"] == "noSpace"
        assert await until_refused(lesson, wang) == "noSpace"
        refused_after = time.monotonic() - filled

        took = []
        for kind, fields in [("mute", {"seat": wang.hello["seat"]}), ("unmute", {"seat": wang.hello["seat"]}),
                             ("startBreak", {"minutes": 5}), ("endBreak", {})]:
            since = time.monotonic()
            await lesson.does(kind, **fields)
            took.append(time.monotonic() - since)
        assert (await wang.ask("raiseHand"))["type"] == "accepted"
        late = await lesson.participant("赵晚到")
        assert (await zhang.ask("openPoll", question="?", options=["1", "2"], secrecy="named"))["code"] == "noSpace"
        status, _, _ = await asyncio.to_thread(server.get, "/api/v1/classes", server.key, data={
            "title": "没有地方", "kind": "smallInteractive", "plannedStart": 0, "plannedMinutes": 45,
            "timeZone": "Asia/Shanghai"}, method="POST")
        assert status == 507, status
        share = await lesson.heard_during(max(1.0, FULL_SECONDS - (time.monotonic() - filled)))
        await lesson.does("remove", seat=late.hello["seat"])
        taken = reserve - (disk / "data/reserve").stat().st_size

        ballast.remove()
        freed = time.monotonic()
        await lesson.event("recordingResumed", 30)
        resumed_after = time.monotonic() - freed
        assert await lesson.say(zhang, "又可以聊天了") == "accepted"
        await lesson.heard_during(3)
        assert all(lesson.greetings[person] == 1 for person in (zhang, wang, li)), "somebody had to come back"
        await lesson.does("end")
        await asyncio.gather(*lesson.staying[:3], return_exceptions=True)
    events = await asyncio.to_thread(lesson.check)
    pauses = server.api(f"/classes/{lesson.id}/report")["recordingPauses"]
    assert len(pauses) == 1 and pauses[0]["cause"] == "noSpace" and pauses[0]["to"], pauses
    assert share > 0.98, f"{share:.3f} of the sound was heard"
    kinds = [event["type"] for event in events]
    assert kinds.count("recordingPaused") == kinds.count("recordingResumed") == 1, kinds
    return {"fullSeconds": round(freed - filled, 1), "pausedAfter": round(paused_after, 2),
            "refusedAfter": round(refused_after, 2), "slowestModeration": round(max(took), 3),
            "soundHeard": round(share, 3), "reserveTaken": taken, "resumedAfter": round(resumed_after, 2),
            "chatsAccepted": len(lesson.accepted), "chatsRefused": len(lesson.rejected)}


async def until_refused(lesson: Lesson, person: Classroom) -> str:
    """Chats until it is refused for another reason than that somebody chats too much."""
    while True:
        code = next((code for _, code in lesson.rejected if code != "tooFast"), None)
        if code:
            return code
        await asyncio.sleep(0.05)


@needs_root
def test_a_server_starts_and_ends_a_class_on_a_full_disk(tmp_path, lecture):
    with small_disk(tmp_path / "disk") as disk:
        server = Server(disk / "data")
        try:
            asyncio.run(restart_on_a_full_disk(server, disk, lecture))
        finally:
            server.stop()


async def restart_on_a_full_disk(server: Server, disk: Path, lecture: Path):
    async with Lesson(server, lecture, "满盘重启") as lesson:
        lesson.chat(lesson.wang)
        await lesson.heard_during(2)
        ballast = Ballast(disk)
        await lesson.event("recordingPaused", 10)
        server.kill()
        await asyncio.to_thread(server.start)
        for person in (lesson.zhang, lesson.wang, lesson.li):
            await person.until(lambda it: it.socket is not None and lesson.greetings[it] == 2)
        heard = len(lesson.wang.packets)
        await lesson.wang.until(lambda it: len(it.packets) > heard + PACKETS_PER_SECOND)
        assert await lesson.say(lesson.zhang, "没有地方") == "noSpace"
        await lesson.does("mute", seat=lesson.wang.hello["seat"])
        await lesson.does("end")
        await asyncio.gather(*lesson.staying, return_exceptions=True)
        head = server.folder(lesson.id) / "heads.jsonl"
        await asyncio.to_thread(wait_until, head.exists, "the signed head")
        await asyncio.to_thread(ballast.remove)
    events = await asyncio.to_thread(lesson.check)
    assert [event["type"] for event in events].count("relayStarted") == 2
    judgement = server.verify(lesson.id)
    assert "soundOpen" not in judgement and "unsigned" not in judgement, judgement


# A disk that fails in other ways: the file system in user space of `faults/`.

needs_fuse = pytest.mark.skipif(reason_not_to_run() is not None, reason=reason_not_to_run() or "")


def on_a_switched_disk(folder: Path, lecture: Path, play) -> dict:
    """Plays a class on a disk with switches; the server has to be alive and well at the end."""
    with PowerCutDisk(folder / "disk").mount() as disk:
        server = Server(disk.path / "data")
        try:
            figures = asyncio.run(play(server, disk, lecture))
        finally:
            code = server.stop()
            (folder / "server.log").write_bytes(server.program.err)
    print(play.__name__, json.dumps(figures))
    assert code == 0, "the server did not stop in order"
    return figures


async def readiness(server: Server, wanted: int) -> dict:
    """What `/readyz` says once it answers with this status."""
    async with asyncio.timeout(15):
        while True:
            status, _, body = await asyncio.to_thread(server.get, "/readyz")
            if status == wanted:
                return json.loads(body)
            await asyncio.sleep(0.2)


async def trouble(lesson: Lesson, wanted: str | None):
    """Waits until the digests say so."""
    await lesson.zhang.until(lambda it: it.digest.get("log") == wanted, 15)


def fail_writes(disk: PowerCutDisk):
    disk.fail(["fsync", "write"])


@needs_fuse
@pytest.mark.parametrize("break_it", [PowerCutDisk.read_only, fail_writes], ids=["read-only", "io error"])
def test_a_disk_that_cannot_be_written_keeps_its_sound(tmp_path, lecture, break_it):
    async def broken_disk(server: Server, disk: PowerCutDisk, lecture: Path) -> dict:
        async with Lesson(server, lecture, "磁盘写不进去") as lesson:
            zhang, wang = lesson.zhang, lesson.wang
            lesson.chat(wang, lesson.li)
            await lesson.heard_during(1)
            break_it(disk)
            broken = time.monotonic()
            await trouble(lesson, "unavailable")
            told_after = time.monotonic() - broken
            before = len(lesson.accepted)
            waiting = asyncio.create_task(zhang.ask("postChat", text="磁盘坏的时候说的"))
            muting = asyncio.create_task(zhang.ask("mute", seat=lesson.voice_seat()))
            share = await lesson.heard_during(0.2)
            heard = len(wang.packets)
            await asyncio.sleep(2)
            assert len(wang.packets) - heard < 10, "who is muted is heard, the disk being broken"
            assert not waiting.done() and not muting.done(), "acknowledged without a disk"
            assert await readiness(server, 503) == {"code": "storageFailed"}
            assert len(lesson.accepted) == before, "a line was acknowledged without a disk"
            disk.heal()
            healed = time.monotonic()
            assert (await muting)["type"] == "accepted"
            answered_after = time.monotonic() - healed
            assert (await waiting)["type"] == "accepted"
            await trouble(lesson, None)
            assert await readiness(server, 200) == {"status": "ok"}
            await lesson.does("unmute", seat=lesson.voice_seat())
            heard = len(wang.packets)
            await wang.until(lambda it: len(it.packets) > heard + PACKETS_PER_SECOND)
            assert all(count == 1 for count in lesson.greetings.values()), "somebody had to come back"
            await lesson.recorded_again()
            await lesson.does("end")
        await asyncio.to_thread(lesson.check)
        return {"toldAfter": round(told_after, 2), "answeredAfterHealing": round(answered_after, 2)}
    on_a_switched_disk(tmp_path, lecture, broken_disk)


@needs_fuse
def test_a_class_whose_folder_vanishes_says_so_and_the_others_go_on(tmp_path, lecture):
    async def vanished_folder(server: Server, disk: PowerCutDisk, lecture: Path) -> dict:
        async with Lesson(server, lecture, "文件夹没了") as lesson, Lesson(server, lecture, "隔壁的课") as other:
            shutil.rmtree(server.folder(lesson.id))
            lost = asyncio.create_task(lesson.zhang.ask("postChat", text="记在哪里？"))
            await trouble(lesson, "unavailable")
            share = await lesson.heard_during(3)
            assert share > 0.95 and not lost.done(), share
            assert await other.say(other.zhang, "这里照常") == "accepted"
            assert other.zhang.digest.get("log") is None
            lost.cancel()
            await other.does("end")
        await asyncio.to_thread(other.check)
        return {"soundHeard": round(share, 3)}
    on_a_switched_disk(tmp_path, lecture, vanished_folder)


@needs_fuse
def test_a_disk_that_stalls_costs_the_sound_nothing(tmp_path, lecture):
    async def stalled_disk(server: Server, disk: PowerCutDisk, lecture: Path) -> dict:
        seconds = float(os.environ.get("LIVERELAY_STALL_SECONDS", "4"))
        async with Lesson(server, lecture, "磁盘卡住") as lesson:
            wang = lesson.wang
            lesson.chat(wang, lesson.li)
            before = await lesson.delays_during(seconds)
            disk.stall(seconds)
            since = time.monotonic()
            saying = asyncio.create_task(lesson.say(lesson.zhang, "卡住的时候说的"))
            during = await lesson.delays_during(seconds - 1.5)
            assert not saying.done(), "acknowledged before the sync"
            muting = asyncio.create_task(lesson.zhang.ask("mute", seat=lesson.voice_seat()))
            await asyncio.sleep(0.2)
            heard = len(wang.packets)
            await asyncio.sleep(1)
            muted = len(wang.packets) - heard
            # Said after two beats that the disk did not answer.
            told = lesson.zhang.digest.get("log")
            assert not muting.done() and muted == 0, f"muted only after the stall: {muted}"
            assert told == "waiting"
            assert await saying == "accepted"
            assert time.monotonic() - since > seconds - 0.5
            assert (await muting)["type"] == "accepted"
            await lesson.does("end")
        await asyncio.to_thread(lesson.check)
        assert during["share"] > 0.98, during
        assert during["p99"] < before["p99"] + 0.1, (before, during)
        return {"before": before, "during": during}
    on_a_switched_disk(tmp_path, lecture, stalled_disk)


@needs_fuse
def test_the_lecturer_sees_what_the_disk_does_to_the_class(tmp_path, lecture, output):
    with PowerCutDisk(tmp_path / "disk").mount() as disk, chromium.playwright() as running:
        server = Server(disk.path / "data")
        try:
            made = server.create_class("磁盘与页面", lecturerName="张华")
            desk = chromium.launch(running, lecture)
            zhang = Person(desk, "张华")
            zhang.enter(made["links"]["lecturer"])
            zhang.begin()
            wait_until(lambda: list((server.folder(made["class"]["id"]) / "audio").glob("*.opus")), "a recording")
            disk.leave_free(128 * 1_048_576)
            zhang.sees("录制已暂停：服务器磁盘已满", ".banners")
            zhang.page.screenshot(path=output / "disk-recording-stops.png")
            disk.leave_free(0)
            zhang.say("写不进去的话")
            zhang.sees("服务器磁盘已满，暂时不能这样做")
            zhang.page.screenshot(path=output / "disk-full.png")
            disk.heal()
            zhang.until("() => !document.querySelector('.banners').innerText.includes('录制已暂停')")
            disk.read_only()
            zhang.say("磁盘恢复后才算数的话")
            zhang.sees("服务器磁盘暂时写不进去", ".banners")
            zhang.page.screenshot(path=output / "disk-read-only.png")
            disk.heal()
            zhang.sees("磁盘恢复后才算数的话", ".chat-log[data-part=log]")
            zhang.until("() => !document.querySelector('.banners').innerText.includes('写不进去')")
            zhang.act("end")
            zhang.agree()
            zhang.page.wait_for_selector('a[href*="/replay"]')
            desk.close()
        finally:
            server.stop()
        server.verify(made["class"]["id"])
