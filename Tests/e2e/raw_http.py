"""HTTP as bytes: what no proper client sends, and answers as they are."""

import socket
import ssl
from dataclasses import dataclass

PATIENCE = 20.0


@dataclass
class Answer:
    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    def __getitem__(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) < 2, f"{name} stands twice"
        return values[0] if values else None


class Line:
    """One connection. `trust` makes it TLS; `before` is sent ahead of TLS; `source` is whom it comes from."""

    def __init__(self, port: int, trust: ssl.SSLContext | None = None, before: bytes = b"",
                 address: str = "127.0.0.1", source: str = ""):
        self.socket = socket.create_connection((address, port), timeout=PATIENCE, source_address=(source, 0))
        if before:
            self.socket.sendall(before)
        if trust:
            self.socket = trust.wrap_socket(self.socket, server_hostname="localhost")
        self.got = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before everything had left; the answer may still be there

    def _more(self) -> bool:
        try:
            piece = self.socket.recv(65_536)
        except (ConnectionResetError, ssl.SSLError):
            piece = b""
        self.got += piece
        return bool(piece)

    def answer(self, method: str = "GET") -> Answer | None:
        """The next answer; nil where the server ends the connection instead."""
        while b"\r\n\r\n" not in self.got:
            if not self._more():
                assert not self.got, f"cut off: {self.got!r}"
                return None
        head, self.got = self.got.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        fields = [(line.split(":", 1)[0].lower(), line.split(":", 1)[1].strip()) for line in lines]
        answer = Answer(int(status), fields, b"")
        length = int(answer["content-length"] or 0)
        if method != "HEAD" and answer.status >= 200 and answer.status not in (204, 304):
            while len(self.got) < length:
                assert self._more(), "the body is cut off"
            answer.body, self.got = self.got[:length], self.got[length:]
        return answer

    def is_over(self) -> bool:
        """Whether the server says nothing more and ends the connection."""
        return not self.got and not self._more()


def ask(port: int, data: bytes, **options) -> Answer | None:
    with Line(port, **options) as line:
        line.send(data)
        return line.answer()


def get(port: int, path: str = "/version", host: str = "localhost", *fields: str, **options) -> Answer | None:
    lines = "".join(f"{field}\r\n" for field in fields)
    return ask(port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode(), **options)
