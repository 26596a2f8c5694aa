"""A WebSocket client that sends exactly the frames it is told to, and inflates with Python's zlib: one that keeps no rules."""

import os
import socket
import struct
import urllib.parse
import zlib

TAIL = b"\x00\x00\xff\xff"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def deflate(message: bytes, window_bits: int = 15) -> bytes:
    """One message compressed by itself, as RFC 7692 §7.2.1 has it."""
    packer = zlib.compressobj(wbits=-window_bits)
    return (packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


def inflate(payload: bytes, window_bits: int = 15) -> bytes:
    """The message; fails where it refers to before its beginning."""
    return zlib.decompressobj(wbits=-window_bits).decompress(payload + TAIL)


def masked(opcode: int, payload: bytes, compressed: bool = False, final: bool = True) -> bytes:
    """A frame of a client."""
    head = bytes([(0x80 if final else 0) | (0x40 if compressed else 0) | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", size)
    key = os.urandom(4)
    pad = (key * (size // 4 + 1))[:size]
    return head + key + (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


class Peer:
    """One connection, after its handshake."""

    def __init__(self, server, extensions: str | None = "permessage-deflate; client_max_window_bits", path: str = "/ws"):
        place = urllib.parse.urlsplit(server.url)
        line = socket.create_connection((place.hostname, place.port), timeout=30)
        self.line = server.trust.wrap_socket(line, server_hostname=place.hostname) if place.scheme == "https" else line
        self.gathered = b""
        head = (f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Protocol: liverelay.v1\r\n")
        if extensions is not None:
            head += f"Sec-WebSocket-Extensions: {extensions}\r\n"
        self.line.sendall((head + "\r\n").encode())
        while b"\r\n\r\n" not in self.gathered:
            self._more()
        answer, _, self.gathered = self.gathered.partition(b"\r\n\r\n")
        lines = answer.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def _more(self):
        piece = self.line.recv(65_536)
        if not piece:
            raise EOFError("the server ended the stream")
        self.gathered += piece

    def _take(self, size: int) -> bytes:
        while len(self.gathered) < size:
            self._more()
        taken, self.gathered = self.gathered[:size], self.gathered[size:]
        return taken

    def send(self, opcode: int, payload: bytes, compressed: bool = False, final: bool = True):
        self.line.sendall(masked(opcode, payload, compressed, final))

    def frame(self) -> tuple[int, bool, bytes]:
        """The next frame that is no ping: what it is, whether it is compressed, and its payload as it came."""
        while True:
            opcode, compressed, payload = self._frame()
            if opcode != PING:
                return opcode, compressed, payload
            self.send(PONG, payload)

    def _frame(self) -> tuple[int, bool, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack("!H", self._take(2))
        elif size == 127:
            size, = struct.unpack("!Q", self._take(8))
        return first & 0x0F, bool(first & 0x40), self._take(size)

    def close_code(self) -> int:
        """Reads until the server closes; 1006 where it ends the stream without a word."""
        try:
            while True:
                opcode, _, payload = self.frame()
                if opcode == CLOSE:
                    return struct.unpack("!H", payload[:2])[0]
        except (EOFError, ConnectionError):
            return 1006
