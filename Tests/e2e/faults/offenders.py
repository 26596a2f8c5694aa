"""Peers that misbehave, one kind each: `offenders.py KIND PORT SECONDS [CODE]`, a process of its own at a lower priority.

Prints one JSON object: how many connections were made, how many the server ended meanwhile, and with which codes.
"""

import collections
import itertools
import json
import os
import random
import secrets
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

HOST = os.environ.get("LIVERELAY_OFFENDED", "127.0.0.1")
PATIENCE = 20.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def hello() -> bytes:
    """A whole ClientHello, as any client says it."""
    outgoing = ssl.MemoryBIO()
    talk = trust().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        talk.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def is_ended(line: socket.socket) -> bool:
    """Whether the far end has closed; what it said before is thrown away."""
    line.setblocking(False)
    try:
        while True:
            if not line.recv(65_536):
                return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def web_socket_head() -> bytes:
    return (f"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-protocol: liverelay.v1\r\nsec-websocket-key: {KEY}\r\n\r\n").encode()


def frame(opcode: int, payload: bytes = b"", final: bool = True) -> bytes:
    """A masked frame; the mask is all zero, which a server must take as any other."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(payload))
    return head + bytes(4) + payload


class Offence:
    """What is shared by all kinds: where, for how long, and what is counted."""

    def __init__(self, port: int, seconds: float, code: str):
        self.port, self.code, self.began, self.until = port, code, time.monotonic(), time.monotonic() + seconds
        self.made, self.ended, self.codes = 0, 0, collections.Counter()
        self.lines: list[socket.socket] = []
        self.lasted = 0.0

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    @property
    def floods_on(self) -> bool:
        """A flood goes on until the server has ended one, also where the machine is busy with other things."""
        return self.goes_on or self.ended == 0 and time.monotonic() < self.until + PATIENCE

    def connect(self, tls: bool = True, small: bool = False) -> socket.socket | None:
        line = socket.socket()
        line.settimeout(10)
        if small:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        try:
            line.connect((HOST, self.port))
            if tls:
                line = trust().wrap_socket(line, server_hostname="localhost")
        except OSError:
            line.close()
            return None
        self.made += 1
        return line

    def web_socket(self, joins: bool = False, small: bool = False) -> socket.socket | None:
        line = self.connect(small=small)
        if line is None:
            return None
        line.sendall(web_socket_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = line.recv(1_024)
            if not piece:
                return None
            answer += piece
        if joins:
            line.sendall(frame(1, json.dumps({
                "type": "join", "wire": 1, "code": self.code, "name": "路人", "number": "",
                "device": secrets.token_hex(16)}).encode()))
        return line

    def keep(self, count: int, make):
        """So many lines at once, for as long as the offence lasts."""
        while len(self.lines) < count and (self.goes_on or not self.lines):
            line = make()
            if line is not None:
                self.lines.append(line)

    def wait(self):
        while self.goes_on:
            time.sleep(0.05)
        self.ended += sum(is_ended(line) for line in self.lines)

    def trickle(self, words, pause: float, places: int = 1):
        """Sends the words on every line byte by byte; between two bytes of the same line passes the pause, and lines of
        different places take turns in it."""
        for word in words:
            for place in range(places):
                for line in self.lines[place::places]:
                    try:
                        line.send(bytes([word]))
                    except OSError:
                        pass
                time.sleep(pause / places)
                if not self.goes_on:
                    return

    @staticmethod
    def by(count: int, work):
        """Does the same on so many threads, to the end of all."""
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close_code(self, line: socket.socket):
        """What the close frame at the end of the line says; 1006 where there is none."""
        line.settimeout(5)
        heard = b""
        try:
            while piece := line.recv(65_536):
                heard = (heard + piece)[-4_096:]
        except OSError:
            pass
        at = heard.rfind(b"\x88")
        while at > 0 and not 2 <= heard[at + 1] <= 125:
            at = heard.rfind(b"\x88", 0, at)
        self.codes[struct.unpack("!H", heard[at + 2:at + 4])[0] if 0 <= at <= len(heard) - 4 else 1006] += 1
        self.ended += 1

    def flood(self, line: socket.socket, bytes_at_once: bytes):
        """Sends without end, and reads nothing before the server has ended the line."""
        line.settimeout(1)
        while self.floods_on:
            try:
                line.sendall(bytes_at_once)
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            return
        self.close_code(line)

    def floods(self, count: int, bytes_at_once: bytes, joins: bool = False, first: bytes = b""):
        def one():
            while self.floods_on:
                line = self.web_socket(joins=joins)
                if line is None:
                    return
                if first:
                    line.sendall(first)
                self.flood(line, bytes_at_once)
                time.sleep(0.1)
        self.by(count, one)


# The kinds.

def silent_sockets(offence: Offence):
    offence.keep(1_000, lambda: offence.connect(tls=False))
    offence.wait()


def slow_hellos(offence: Offence):
    """Half a ClientHello, byte by byte."""
    words = hello()
    offence.keep(500, lambda: offence.connect(tls=False))
    offence.trickle(words[:len(words) // 2], pause=0.2, places=10)
    offence.wait()


def stalled_handshakes(offence: Offence):
    """The whole ClientHello, and never an answer to what the server says."""
    words = hello()

    def make():
        line = offence.connect(tls=False)
        if line is not None:
            line.sendall(words)
        return line
    offence.keep(600, make)
    offence.wait()


def handshake_storm(offence: Offence):
    """Whole handshakes one after the other, by four at a time."""
    def one():
        while offence.goes_on:
            line = offence.connect()
            if line is not None:
                line.close()
    offence.by(4, one)


def connection_flood(offence: Offence):
    """Connections that are reset at once."""
    while offence.goes_on:
        line = offence.connect(tls=False)
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()


def slow_heads(offence: Offence):
    """A request byte by byte."""
    words = b"GET / HTTP/1.1\r\nhost: localhost\r\nx-filler: " + b"a" * 4_000
    offence.keep(100, offence.connect)
    offence.trickle(words, pause=0.2)
    offence.wait()


def slow_bodies(offence: Offence):
    def make():
        line = offence.connect()
        if line is not None:
            line.sendall(f"POST /api/v1/codes/{offence.code}/join HTTP/1.1\r\nhost: localhost\r\n"
                         "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{".encode())
        return line
    offence.keep(100, make)
    offence.trickle(itertools.repeat(0x20), pause=0.5)
    offence.wait()


def key_updates(offence: Offence):
    """TLS 1.3, and then one new key after the other, each of which asks for one of ours."""
    def one():
        while offence.goes_on:
            talk = subprocess.Popen(["openssl", "s_client", "-connect", f"{HOST}:{offence.port}", "-tls1_3"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            offence.made += 1
            try:
                # It updates once for each line that it reads by itself; it begins to read after the handshake.
                while b"---" not in talk.stdout.readline():
                    pass
                while talk.poll() is None and offence.goes_on:
                    talk.stdin.write(b"K\n")
                    talk.stdin.flush()
                    time.sleep(0.002)
            except OSError:
                pass
            offence.ended += offence.goes_on
            talk.kill()
            talk.communicate()
    offence.by(4, one)


def vanishing_listeners(offence: Offence):
    """Come in, listen, and are gone without a word: to be killed once the line is cut."""
    def live():
        for line in offence.lines:
            try:
                line.send(frame(10))
            except OSError:
                pass

    def make():
        # Where all of them take long to come in, the first must not count as silent.
        if len(offence.lines) % 20 == 19:
            live()
        return offence.web_socket(joins=True)
    offence.keep(200, make)
    print(json.dumps({"made": offence.made}), flush=True)
    lived = 0.0
    while offence.goes_on:
        if time.monotonic() - lived > 5:
            live()
            lived = time.monotonic()
        for line in select.select(offence.lines, [], [], 0.1)[0]:
            is_ended(line)


def idle_connections(offence: Offence):
    """TLS is done, and then nothing is asked."""
    offence.keep(200, offence.connect)
    offence.wait()


def silent_web_sockets(offence: Offence):
    """Upgraded, and never a word."""
    offence.keep(100, offence.web_socket)
    offence.wait()


def readers_that_never_read(offence: Offence):
    """In class, with a small buffer, and deaf."""
    offence.keep(30, lambda: offence.web_socket(joins=True, small=True))
    offence.wait()


def slow_downloads(offence: Offence):
    """Asks for a large page again and again on one line and takes thirty bytes a second."""
    def make():
        line = offence.connect(small=True)
        if line is not None:
            line.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n" * 20)
        return line
    offence.keep(100, make)
    for line in offence.lines:
        line.setblocking(False)
    # What has come is not decrypted: that would take a record at a time. A reset shows without reading up to it.
    raw = {line.fileno(): socket.socket(fileno=os.dup(line.fileno())) for line in offence.lines}
    watch = select.poll()
    for number in raw:
        watch.register(number, select.POLLRDHUP)
    asked = time.monotonic()
    while offence.goes_on and raw:
        for number, _ in watch.poll(0):
            watch.unregister(number)
            raw.pop(number).close()
            offence.ended += 1
        for line in raw.values():
            try:
                line.recv(16)
            except OSError:
                pass
        time.sleep(0.5)
    offence.lasted = time.monotonic() - asked


def ping_flood(offence: Offence):
    offence.floods(4, frame(9, b"x") * 1_000, joins=True)


def pong_flood(offence: Offence):
    offence.floods(4, frame(10) * 1_000, joins=True)


def empty_frames(offence: Offence):
    """One message of empty fragments without end."""
    offence.floods(4, frame(0, final=False) * 1_000, first=frame(1, final=False))


def tiny_fragments(offence: Offence):
    offence.floods(4, frame(0, b"a", final=False) * 1_000, first=frame(2, b"a", final=False))


def empty_messages(offence: Offence):
    offence.floods(4, frame(2) * 1_000, joins=True)


def close_flood(offence: Offence):
    """A close frame, and then a thousand more."""
    offence.floods(4, frame(8, b"\x03\xe8") * 1_000, joins=True)


def big_messages(offence: Offence):
    offence.floods(4, frame(2, bytes(1_000_000)), joins=True)


def endless_frame(offence: Offence):
    """Announces a frame of an exabyte."""
    offence.floods(4, bytes(65_536), first=bytes([0x82, 0xFF]) + struct.pack("!Q", 1 << 60) + bytes(4))


def wrong_codes(offence: Offence):
    """Fifty wrong codes a second, each over a new WebSocket, none waiting for another."""
    waiting: list[tuple[socket.socket, float]] = []
    numbers = itertools.count()

    def guess():
        while offence.goes_on:
            at = offence.began + next(numbers) / 50
            time.sleep(max(0.0, at - time.monotonic()))
            line = offence.web_socket() if offence.goes_on else None
            if line is not None:
                line.sendall(frame(1, json.dumps({
                    "type": "join", "wire": 1, "code": str(random.randrange(100_000_000, 999_999_999)), "name": "路人",
                    "number": "", "device": secrets.token_hex(16)}).encode()))
                waiting.append((line, time.monotonic()))
    guessing = threading.Thread(target=offence.by, args=(8, guess))
    guessing.start()
    while guessing.is_alive() or waiting:
        asked = list(waiting)
        ready = select.select([line for line, _ in asked], [], [], 0.02)[0] if asked else time.sleep(0.02) or []
        for line, at in asked:
            if line in ready:
                offence.close_code(line)
            if line in ready or time.monotonic() - at > PATIENCE:
                waiting.remove((line, at))


KINDS = {kind.__name__: kind for kind in (
    silent_sockets, slow_hellos, stalled_handshakes, handshake_storm, connection_flood, slow_heads, slow_bodies,
    key_updates, idle_connections, silent_web_sockets, readers_that_never_read, slow_downloads, ping_flood, pong_flood,
    empty_frames,
    tiny_fragments, empty_messages, close_flood, big_messages, endless_frame, wrong_codes)}
APART = {kind.__name__: kind for kind in (vanishing_listeners,)}
"""Kinds that need more than a server to offend."""


if __name__ == "__main__":
    os.nice(5)
    name, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    offence = Offence(port, seconds, sys.argv[4] if len(sys.argv) > 4 else "")
    (KINDS | APART)[name](offence)
    print(json.dumps({"made": offence.made, "ended": offence.ended, "codes": dict(offence.codes),
                      "lasted": offence.lasted}))
