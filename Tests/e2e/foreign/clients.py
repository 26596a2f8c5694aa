"""WebSocket clients that others wrote, made to look alike: each says a message and hands back what came."""

import asyncio
import ssl

import aiohttp
import curl_cffi
import picows
import websocket
import websockets.sync.client
from curl_cffi.const import CurlWsFlag

PATIENCE = 60.0
LARGEST = 32 * 1024 * 1024
SUBPROTOCOL = "echo.test"


def anybody() -> ssl.SSLContext:
    """Trusts every certificate: the echo makes its own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Websockets:
    """`websockets`."""

    compresses = fragments = says_empty = True

    def __init__(self, url: str, compression: bool):
        self.socket = websockets.sync.client.connect(
            url, ssl=anybody() if url.startswith("wss") else None, max_size=LARGEST, subprotocols=[SUBPROTOCOL],
            compression="deflate" if compression else None, open_timeout=PATIENCE)

    @property
    def agreed(self) -> str:
        return self.socket.response.headers.get("Sec-WebSocket-Extensions", "")

    def say(self, message, pieces: int = 1):
        if pieces > 1:
            share = -(-len(message) // pieces)
            self.socket.send(message[start:start + share] for start in range(0, len(message), share))
        else:
            self.socket.send(message)
        return self.socket.recv(timeout=PATIENCE)

    def ping(self) -> bool:
        return self.socket.ping(b"ping").wait(PATIENCE)

    def close(self, code: int, reason: str):
        self.socket.close(code, reason)
        return self.ending()

    def ending(self):
        try:
            self.socket.recv(timeout=PATIENCE)
        except websockets.ConnectionClosed as closed:
            return closed.rcvd and (closed.rcvd.code, closed.rcvd.reason)
        return None


class WebsocketClient:
    """`websocket-client`."""

    compresses, fragments, says_empty = False, True, True
    agreed = ""

    def __init__(self, url: str, compression: bool):
        self.socket = websocket.create_connection(url, sslopt={"cert_reqs": ssl.CERT_NONE, "check_hostname": False},
                                                  subprotocols=[SUBPROTOCOL], timeout=PATIENCE)

    def say(self, message, pieces: int = 1):
        opcode = websocket.ABNF.OPCODE_TEXT if isinstance(message, str) else websocket.ABNF.OPCODE_BINARY
        data = message.encode() if isinstance(message, str) else message
        share = max(1, -(-len(data) // pieces))
        starts = list(range(0, len(data), share)) or [0]
        for start in starts:
            self.socket.send_frame(websocket.ABNF.create_frame(
                data[start:start + share], opcode if start == 0 else websocket.ABNF.OPCODE_CONT,
                int(start == starts[-1])))
        kind, got = self.socket.recv_data()
        return got.decode() if kind == websocket.ABNF.OPCODE_TEXT else got

    def ping(self) -> bool:
        self.socket.ping("ping")
        kind, frame = self.socket.recv_data_frame(control_frame=True)
        return kind == websocket.ABNF.OPCODE_PONG and frame.data == b"ping"

    def close(self, code: int, reason: str):
        self.socket.close(code, reason.encode(), timeout=PATIENCE)
        return self._told(self.socket.close_frame.data)

    def ending(self):
        kind, data = self.socket.recv_data(control_frame=True)
        return kind == websocket.ABNF.OPCODE_CLOSE and self._told(data)

    @staticmethod
    def _told(data: bytes):
        return int.from_bytes(data[:2], "big"), data[2:].decode()


class Curl:
    """libcurl, through `curl_cffi`, which sends nothing for an empty message."""

    compresses, fragments, says_empty = False, True, False
    agreed = ""

    def __init__(self, url: str, compression: bool):
        self.socket = curl_cffi.WebSocket(autoclose=False)
        self.socket.connect(url, verify=False, headers={"Sec-WebSocket-Protocol": SUBPROTOCOL})

    def say(self, message, pieces: int = 1):
        kind = CurlWsFlag.TEXT if isinstance(message, str) else CurlWsFlag.BINARY
        data = message.encode() if isinstance(message, str) else message
        share = -(-len(data) // pieces)
        for start in range(0, len(data), share):
            more = CurlWsFlag.CONT if start + share < len(data) else 0
            self.socket.send(data[start:start + share], kind | more)
        got, flags = self.socket.recv()
        return got.decode() if flags & CurlWsFlag.TEXT else got

    def ping(self) -> bool:
        """libcurl keeps pongs to itself, so what comes next shows that the echo lives on."""
        self.socket.ping(b"ping")
        return self.say("after the ping") == "after the ping"

    def close(self, code: int, reason: str):
        self.socket.close(code, reason.encode())
        return code, reason  # it hangs up at once and hears no answer

    def ending(self):
        while True:
            _, flags = self.socket.recv()
            if flags & CurlWsFlag.CLOSE:
                return self.socket.close_code, self.socket.close_reason


class Aiohttp:
    """`aiohttp`."""

    compresses, fragments, says_empty = True, False, True

    def __init__(self, url: str, compression: bool):
        self.runner = asyncio.Runner()
        self.runner.run(self._open(url, compression))

    async def _open(self, url: str, compression: bool):
        self.session = aiohttp.ClientSession()
        self.socket = await self.session.ws_connect(url, ssl=anybody(), protocols=[SUBPROTOCOL], max_msg_size=LARGEST,
                                                    compress=15 if compression else 0, autoping=False)
        self.agreed = self.socket._response.headers.get("Sec-WebSocket-Extensions", "")

    def say(self, message, pieces: int = 1):
        return self.runner.run(self._say(message)).data

    async def _say(self, message):
        await (self.socket.send_str if isinstance(message, str) else self.socket.send_bytes)(message)
        return await self.socket.receive(PATIENCE)

    def ping(self) -> bool:
        async def ask():
            await self.socket.ping(b"ping")
            return await self.socket.receive(PATIENCE)
        answer = self.runner.run(ask())
        return answer.type == aiohttp.WSMsgType.PONG and answer.data == b"ping"

    def close(self, code: int, reason: str):
        async def end():
            await self.socket.close(code=code, message=reason.encode())
            await self.session.close()
            return self.socket.close_code, reason
        return self.runner.run(end())

    def ending(self):
        async def end():
            last = await self.socket.receive(PATIENCE)
            await self.session.close()
            return last.data, last.extra
        return self.runner.run(end())


class Picows:
    """`picows`, which hands over frames; the echo answers in one."""

    compresses, fragments, says_empty = False, True, True
    agreed = ""

    class Listener(picows.WSListener):
        def __init__(self):
            super().__init__()
            self.frames: asyncio.Queue = asyncio.Queue()

        def on_ws_frame(self, transport, frame):
            self.frames.put_nowait((frame.msg_type, frame.get_payload_as_bytes()))

    def __init__(self, url: str, compression: bool):
        self.runner = asyncio.Runner()
        self.transport, self.listener = self.runner.run(picows.ws_connect(
            self.Listener, url, ssl_context=anybody(), max_frame_size=LARGEST,
            extra_headers={"Sec-WebSocket-Protocol": SUBPROTOCOL}))

    def _next(self):
        return self.runner.run(asyncio.wait_for(self.listener.frames.get(), PATIENCE))

    def _send(self, *arguments):
        async def send():
            self.transport.send(*arguments)
        self.runner.run(send())

    def say(self, message, pieces: int = 1):
        kind = picows.WSMsgType.TEXT if isinstance(message, str) else picows.WSMsgType.BINARY
        data = message.encode() if isinstance(message, str) else message
        share = max(1, -(-len(data) // pieces))
        starts = list(range(0, len(data), share)) or [0]
        for start in starts:
            self._send(kind if start == 0 else picows.WSMsgType.CONTINUATION, data[start:start + share],
                       start == starts[-1])
        kind, got = self._next()
        return got.decode() if kind == picows.WSMsgType.TEXT else got

    def ping(self) -> bool:
        self._send(picows.WSMsgType.PING, b"ping")
        return self._next() == (picows.WSMsgType.PONG, b"ping")

    def close(self, code: int, reason: str):
        async def begin():
            self.transport.send_close(code, reason.encode())
        self.runner.run(begin())
        return self.ending()

    def ending(self):
        kind, data = self._next()
        return kind == picows.WSMsgType.CLOSE and (int.from_bytes(data[:2], "big"), data[2:].decode())


ALL = [Websockets, WebsocketClient, Aiohttp, Picows, Curl]
