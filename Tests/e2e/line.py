"""A line between a client and the server that a test can let stand still, cut, and mend.

What a browser's own "offline" switch does not do: open WebSockets stay open there. Here the bytes really stop. While the
line stands still nothing moves in either direction and nobody is told, as behind a Wi-Fi that is gone; whatever the
client had sent by then arrives late, when the line goes on. A cut line answers with a reset, old connections and new.
"""

import selectors
import socket
import struct
import threading

PIECE = 65_536
PASSING, STANDING, CUT = "passing", "standing", "cut"


class Line:
    """Listens on a port of its own and passes every connection on to the server."""

    def __init__(self, port: int):
        self.target = port
        self.state = PASSING
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.wake_in, self.wake_out = socket.socketpair()
        self.peers: dict[socket.socket, socket.socket] = {}
        self.waiting: dict[socket.socket, bytes] = {}
        self.isOver = False
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.wake_out, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def url(self, link: str) -> str:
        """A link of the server, by way of this line."""
        return link.replace(f":{self.target}/", f":{self.port}/", 1)

    def stand_still(self):
        self._become(STANDING)

    def cut(self):
        self._become(CUT)

    def mend(self):
        self._become(PASSING)

    def close(self):
        self.isOver = True
        self._become(CUT)
        self.thread.join(timeout=5)

    def _become(self, state: str):
        self.state = state
        self.wake_in.send(b"!")

    # On the thread of the line

    def _run(self):
        while not self.isOver:
            for key, events in self.selector.select(1):
                if key.fileobj is self.wake_out:
                    self.wake_out.recv(PIECE)
                    self._obey()
                elif key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj in self.peers:
                    self._move(key.fileobj, events)
        for each in [*self.peers, self.listener, self.wake_in, self.wake_out]:
            each.close()

    def _obey(self):
        if self.state == CUT:
            for each in list(self.peers):
                self._reset(each)
        for each in list(self.peers):
            self._watch(each)

    def _accept(self):
        near, _ = self.listener.accept()
        if self.state == CUT:
            self._linger(near)
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            self._linger(near)
            near.close()
            return
        for each, other in ((near, far), (far, near)):
            each.setblocking(False)
            self.peers[each] = other
            self.waiting[each] = b""
            self.selector.register(each, selectors.EVENT_READ)
        self._watch(near)
        self._watch(far)

    def _watch(self, each: socket.socket):
        """Reads only while the line moves and the other side has taken everything."""
        events = 0
        if self.state == PASSING:
            events = selectors.EVENT_WRITE if self.waiting[each] else 0
            events |= 0 if self.waiting[self.peers[each]] else selectors.EVENT_READ
        try:
            self.selector.unregister(each)
        except KeyError:
            pass
        if events:
            self.selector.register(each, events)

    def _move(self, each: socket.socket, events: int):
        other = self.peers[each]
        try:
            if events & selectors.EVENT_WRITE:
                sent = each.send(self.waiting[each])
                self.waiting[each] = self.waiting[each][sent:]
            if events & selectors.EVENT_READ:
                piece = each.recv(PIECE)
                if not piece:
                    return self._end(each, other)
                self.waiting[other] += piece
        except BlockingIOError:
            pass
        except OSError:
            return self._reset(each)
        self._watch(each)
        self._watch(other)

    def _end(self, each: socket.socket, other: socket.socket):
        """One side is done: what it sent is given to the other, then both are closed."""
        try:
            other.setblocking(True)
            other.settimeout(2)
            other.sendall(self.waiting[other])
        except OSError:
            pass
        self._forget(each)
        self._forget(other)

    def _reset(self, each: socket.socket):
        other = self.peers.get(each)
        for one in (each, other):
            if one is not None and one in self.peers:
                self._linger(one)
                self._forget(one)

    def _forget(self, each: socket.socket):
        if each in self.peers:
            del self.peers[each], self.waiting[each]
            try:
                self.selector.unregister(each)
            except KeyError:
                pass
            each.close()

    @staticmethod
    def _linger(each: socket.socket):
        """Closing answers with a reset instead of a goodbye."""
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
