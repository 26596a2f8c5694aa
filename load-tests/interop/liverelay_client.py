"""A participant of LiveRelay in about a hundred lines, written from docs/protocol.md alone.

    python3 liverelay_client.py wss://localhost:8443/ws 482915603 王晓明 0012

It joins, prints what happens in class, sends every line that is typed as chat (/hand raises the hand, /vote 1 votes)
and comes back by itself. Needs only `websockets` from PyPI.
"""

import asyncio
import itertools
import json
import random
import secrets
import ssl
import struct
import sys
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

AUDIO_HEADER = struct.Struct("!BBHIIQB")  # kind, flags, track, run, first sequence, capture time, packets
SILENCE_SECONDS = 5                       # nothing heard for so long: open a new socket
PENDING_SECONDS = 15                      # a command is kept at least so long across reconnects


class Classroom:
    """One seat in one class. `stay()` runs until the relay says goodbye for good and returns the close code."""

    def __init__(self, url: str, **introduction):
        self.url, self.introduction = url, introduction       # token=…, or code=…, name=…, number=…, device=…
        self.hello, self.snapshot, self.n = {}, {}, 0
        self.events: list[dict] = []                          # messages of type `event`, in order
        self.packets: dict[tuple, bytes] = {}                 # (track, run, sequence) -> Opus packet
        self.position, self.found = None, {}                  # found: id of a search -> its answer
        self.pending: dict[str, tuple[dict, asyncio.Future, float]] = {}
        self.ids = itertools.count(1)
        self.name = secrets.token_hex(4)
        self.socket = None
        self.changed = asyncio.Condition()
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE  # self-signed by default

    @property
    def is_in(self) -> bool:
        """Whether the relay has said who we are and how the class stands."""
        return bool(self.socket and self.snapshot)

    async def stay(self) -> int:
        for attempt in itertools.count():
            code = 1006
            try:
                tls = self.trust if self.url.startswith("wss") else None
                async with connect(self.url, subprotocols=["liverelay.v1"], ssl=tls, ping_interval=None) as socket:
                    await socket.send(json.dumps(self.first_message()))
                    await self.listen(socket)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
            except (OSError, InvalidHandshake, TimeoutError):
                pass
            self.socket = None
            async with self.changed:
                self.changed.notify_all()
            if 4500 <= code <= 4999:
                return code
            await asyncio.sleep(random.uniform(0, 1) if attempt == 0 else random.uniform(0.5, 1.5))

    def first_message(self) -> dict:
        if self.hello:
            return {"type": "resume", "wire": 1, "token": self.hello["resumeToken"], "epoch": self.hello["epoch"],
                    "n": self.n}
        return {"type": "join", "wire": 1, **self.introduction}

    async def listen(self, socket):
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):  # not wait_for: it may lose a cancellation to a message
                message = await socket.recv()
            if isinstance(message, bytes):
                self.hear(message)
            else:
                await self.take(json.loads(message), socket)
            async with self.changed:
                self.changed.notify_all()

    def hear(self, message: bytes):
        kind, _, track, run, sequence, _, count = AUDIO_HEADER.unpack_from(message)
        at = AUDIO_HEADER.size
        for number in range(count if kind == 0x11 else 0):
            (length,) = struct.unpack_from("!H", message, at)
            self.packets[track, run, sequence + number] = message[at + 2:at + 2 + length]
            at += 2 + length

    async def take(self, message: dict, socket):
        kind = message["type"]
        if kind == "hello":
            self.hello, self.socket = message, socket
            for command, _, _ in list(self.pending.values()):  # sent again under the same id: takes effect once
                await socket.send(json.dumps(command))
        elif kind == "snapshot":
            self.snapshot, self.n = message, message["n"]
        elif kind == "event":
            self.events.append(message)
            self.n = message["n"]
        elif kind == "position":
            self.position = message["position"]
        elif kind == "people":
            self.found[message["id"]] = message
        elif kind in ("accepted", "rejected") and message["id"] in self.pending:
            self.pending.pop(message["id"])[1].set_result(message)
        elif kind == "retry" and message["id"] in self.pending:
            again = json.dumps(self.pending[message["id"]][0])
            later = lambda: asyncio.ensure_future(socket.send(again))
            asyncio.get_running_loop().call_later(message["after"] / 1000, later)

    async def ask(self, kind: str, **fields) -> dict:
        """Sends a command and waits for `accepted` or `rejected`, through as many reconnects as it takes."""
        command = {"type": kind, "id": f"{self.name}-{next(self.ids)}", **fields}
        answer = asyncio.get_running_loop().create_future()
        self.pending[command["id"]] = (command, answer, time.monotonic())
        if self.socket:
            await self.socket.send(json.dumps(command))
        async with asyncio.timeout(4 * PENDING_SECONDS):
            return await answer

    async def until(self, condition, seconds: float = 30):
        """Waits for a condition over this object to hold; returns its value."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: condition(self))
        return condition(self)


async def main(url: str, code: str, name: str, number: str = ""):
    classroom = Classroom(url, code=code, name=name, number=number, device=secrets.token_hex(16))
    staying = asyncio.create_task(classroom.stay())
    lines, shown = asyncio.StreamReader(), 0
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    typed = asyncio.create_task(lines.readline())
    while not staying.done():
        await asyncio.wait({typed, staying}, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
        for message in classroom.events[shown:]:
            print(message["n"], json.dumps(message["event"], ensure_ascii=False))
        shown = len(classroom.events)
        if typed.done() and (line := typed.result().decode().strip()):
            word, _, rest = line.partition(" ")
            if word == "/hand":
                print(await classroom.ask("raiseHand"))
            elif word == "/vote":
                polls = [m["event"] for m in classroom.events if m["event"]["type"] == "pollOpened"]
                print(await classroom.ask("vote", poll=polls[-1]["poll"], option=int(rest) - 1))
            else:
                print(await classroom.ask("postChat", text=line))
        if typed.done() and typed.result():
            typed = asyncio.create_task(lines.readline())
    print("closed", staying.result())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
