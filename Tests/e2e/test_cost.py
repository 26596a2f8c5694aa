"""What a class has cost: the bytes that its members received, counted by themselves, are the bytes that the server tells."""

import csv
import io
import json
import secrets
import struct
import threading
import time

import pytest

from frames import BINARY, CLOSE, TEXT, Peer, inflate
from server import Server, run, wait_until

PARTICIPANTS = 5
PACKETS = 100
PACKET = bytes([0xF8]) + bytes(range(60))
# A close frame with a code and a word of ours.
CLOSE_BYTES_MAXIMUM = 2 + 2 + 20


class Member(Peer):
    """Somebody in class who counts the bytes of every frame, header and payload, and answers pings."""

    def __init__(self, server, first: dict):
        super().__init__(server)
        self.taken, self.sound, self.other, self.messages = 0, 0, 0, []
        self.changed = threading.Condition()
        self.send(TEXT, json.dumps({**first, "wire": 1}).encode())
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def _take(self, size: int) -> bytes:
        self.taken += size
        return super()._take(size)

    def _frame(self):
        before = self.taken
        opcode, compressed, payload = super()._frame()
        if opcode == BINARY:
            self.sound += self.taken - before
        else:
            self.other += self.taken - before
        return opcode, compressed, payload

    def listen(self):
        try:
            while True:
                opcode, compressed, payload = self.frame()
                if opcode == CLOSE:
                    self.send(CLOSE, payload[:2])
                    break
                if opcode == TEXT:
                    with self.changed:
                        self.messages.append(json.loads(inflate(payload) if compressed else payload))
                        self.changed.notify_all()
        except (EOFError, OSError):
            pass
        self.line.close()

    def wait(self, test) -> dict:
        """The first message for which the test is true."""
        def find():
            return next((message for message in self.messages if test(message)), None)
        with self.changed:
            assert self.changed.wait_for(find, timeout=30), [message["type"] for message in self.messages]
            return find()

    def ask(self, kind: str, **fields) -> dict:
        name = secrets.token_hex(4)
        self.send(TEXT, json.dumps({"type": kind, "id": name, **fields}).encode())
        return self.wait(lambda message: message["type"] == "accepted" and message["id"] == name)

    def speak(self):
        """Two seconds of sound, as fast as they would be spoken."""
        opened = self.ask("openTrack", channels=1)
        start = self.wait(lambda message: message["type"] == "snapshot")["t"] * 48
        for number in range(PACKETS):
            self.send(BINARY, struct.pack("!BBHIIQB", 0x11, 0, opened["track"], opened["run"], number, start + number * 960, 1)
                      + struct.pack("!H", len(PACKET)) + PACKET)
            time.sleep(0.02)


def enter(server, made) -> list[Member]:
    """A lecturer, and participants behind him, in a class that has begun."""
    lecturer = Member(server, {"type": "join", "token": made["links"]["lecturer"].split("#t=")[1]})
    lecturer.wait(lambda message: message["type"] == "snapshot")
    people = [Member(server, {"type": "join", "code": made["class"]["code"], "name": f"学员{index}", "number": "",
                              "device": secrets.token_hex(16)}) for index in range(PARTICIPANTS)]
    for person in people:
        person.wait(lambda message: message["type"] == "snapshot")
    return [lecturer, *people]


def teach(members: list[Member]):
    lecturer, *people = members
    lecturer.speak()
    for person in people:
        person.ask("postChat", text="好的，听得很清楚。" * 30)
    lecturer.wait(lambda message: message.get("event", {}).get("type") == "chatPosted" and message["event"]["seat"]
                  == people[-1].wait(lambda message: message["type"] == "hello")["seat"])


def cost(server, made) -> dict:
    return server.api(f"/classes/{made['class']['id']}")["class"]["cost"]


def received(members: list[Member]) -> dict:
    for member in members:
        member.thread.join(timeout=30)
        assert not member.thread.is_alive()
    return {"sound": sum(member.sound for member in members), "other": sum(member.other for member in members)}


@pytest.fixture(scope="module")
def ended(server):
    """A class that came to its end, and what its members received."""
    made = server.create_class("用量", lecturerName="张华")
    members = enter(server, made)
    members[0].ask("start")
    teach(members)
    members[0].ask("end")
    counted = received(members)
    wait_until(lambda: (server.folder(made["class"]["id"]) / "heads.jsonl").exists(), "the class is concluded")
    return made, counted


def test_what_members_received_is_what_is_told(server, ended):
    made, counted = ended
    told = cost(server, made)
    assert told["sentBytes"] == counted, (told, counted)
    header, batch = 2 + 21 + 2, len(PACKET)
    assert counted["sound"] >= PACKETS * PARTICIPANTS * batch and counted["sound"] <= PACKETS * (PARTICIPANTS + 1) * (header + batch)


def test_the_disk_is_told_by_its_files(server, ended):
    made, _ = ended
    folder = server.folder(made["class"]["id"])
    assert cost(server, made)["diskBytes"] == {
        "log": (folder / "events.jsonl").stat().st_size, "texts": (folder / "texts.jsonl").stat().st_size,
        "recording": sum(file.stat().st_size for file in (folder / "audio").iterdir())}


def test_every_form_says_the_same(server, ended):
    made, _ = ended
    name = made["class"]["id"]
    told = cost(server, made)
    figures = [told["personMinutes"], *(told["sentBytes"][key] for key in ("sound", "other")),
               *(told["diskBytes"][key] for key in ("log", "texts", "recording"))]
    assert server.command("class", "show", name)[0]["class"]["cost"] == told
    assert server.command("report", name)[0]["cost"] == told
    for language in ("zh", "en"):
        text = run("class", "show", name, *server.access, "--lang", language).stdout.decode()
        assert all(str(figure) in text for figure in figures), text
        table = server.get(f"/api/v1/classes/{name}/report.csv?table=cost&lang={language}", token=server.key)[2]
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
        assert rows[1] == [str(figure) for figure in figures], rows
    assert run("report", name, *server.access, "--cost", "--csv").stdout == \
        server.get(f"/api/v1/classes/{name}/report.csv?table=cost", token=server.key)[2]


def test_it_is_for_staff_alone(server, ended):
    made, _ = ended
    name = made["class"]["id"]
    guest = server.link(name, "participant", "王晓明", "0012")["token"]
    assert server.api(f"/classes/{name}/report", token=guest).get("cost") is None
    assert server.api(f"/classes/{name}", token=guest)["class"].get("cost") is None
    assert server.get(f"/api/v1/classes/{name}/report.csv?table=cost", token=guest)[0] == 403


def test_it_outlives_the_server(tmp_path):
    """Stopped in order nothing is forgotten but the last word; killed, what was counted since it was written down."""
    server = Server(tmp_path / "data")
    try:
        made = server.create_class("用量与重启", lecturerName="张华")
        members = enter(server, made)
        members[0].ask("start")
        teach(members)
        assert server.stop() == 0
        counted = received(members)
        server.start()
        told = cost(server, made)["sentBytes"]
        assert told["sound"] == counted["sound"], (told, counted)
        assert 0 <= counted["other"] - told["other"] <= len(members) * CLOSE_BYTES_MAXIMUM, (told, counted)

        file = server.folder(made["class"]["id"]) / "traffic.json"
        members = enter(server, made)
        written = wait_until(lambda: (now := json.loads(file.read_text())["other"]) > told["other"] and now, "it is written down")
        server.kill()
        server.start()
        assert cost(server, made)["sentBytes"]["other"] >= written
    finally:
        server.stop()
