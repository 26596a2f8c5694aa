"""The echo program against WebSocket programs that others wrote, in both roles, plainly and over TLS."""

import asyncio
import json
import os
import random
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp.web
import pytest
import websockets.asyncio.server

import chromium
import echo
from firefox import Firefox
from foreign import clients

FOREIGN = Path(__file__).parent / "foreign"
CHINESE = "你好，课堂"
SEED = 20261123

# Every kind and size: empty, short, one mebibyte of Chinese, sixteen of bytes (the most that the echo takes).
MESSAGES = ["", "x", f"{CHINESE} 👋", "课" * 349_525 + "x", b"", bytes(range(256)),
            random.Random(SEED).randbytes(1 << 20), random.Random(SEED).randbytes(16 << 20)]


@pytest.fixture(scope="module", params=["ws", "wss"])
def url(request, tmp_path_factory):
    """Where the echo listens, plainly and over TLS."""
    folder = None if request.param == "ws" else tmp_path_factory.mktemp("certificate")
    with echo.serving(folder) as serving:
        yield serving.url


@pytest.mark.parametrize("compression", [False, True], ids=["raw", "compressed"])
@pytest.mark.parametrize("client", clients.ALL, ids=lambda client: client.__name__)
def test_clients_of_others_get_back_what_they_say(url, client, compression):
    if compression and not client.compresses:
        pytest.skip(f"{client.__name__} does not compress")
    one = client(url, compression)
    assert ("permessage-deflate" in one.agreed) == compression
    for message in MESSAGES:
        if message or client.says_empty:
            assert one.say(message) == message, f"{len(message)} of {type(message).__name__}"
    if client.fragments:
        for message in MESSAGES[2:4] + MESSAGES[5:7]:
            assert one.say(message, pieces=7) == message
    assert one.ping()
    assert one.say("after all that") == "after all that"
    assert one.close(4001, CHINESE)[0] == 4001


@pytest.mark.parametrize("client", clients.ALL, ids=lambda client: client.__name__)
def test_clients_of_others_are_told_code_and_reason(url, client):
    one = client(f"{url}/?close=4002&reason={quote(CHINESE)}", False)
    if client is clients.Aiohttp:
        assert one.say("x") == 4002
    else:
        begin = one.socket.send if hasattr(one, "socket") else lambda text: one._send(1, text.encode())
        begin("x")
        assert one.ending() == (4002, CHINESE)


def judged(told: dict):
    """What the script of pages and Node found."""
    assert told["wrong"] == []
    assert told["protocol"] == clients.SUBPROTOCOL
    assert "permessage-deflate" in told["extensions"]
    assert told["ours"] == {"code": 4001, "reason": "", "clean": True}
    assert told["theirs"] == {"code": 4002, "reason": CHINESE, "clean": True}


TALK = (FOREIGN / "talk.js").read_text()


def test_node_gets_back_what_it_says(url):
    flag = "--experimental-websocket"
    has = subprocess.run(["node", flag, "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    if has.returncode != 0:
        pytest.skip("this Node has no WebSocket; 20 or newer has")
    # Node 20 hangs up at a compressed message of more than 4 MiB.
    call = f"talk({json.dumps(url)}, {json.dumps(CHINESE)}, 3)"
    script = f"{TALK}\n{call}.then(told => console.log(JSON.stringify(told)));"
    done = subprocess.run(["node", flag, "-e", script], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          env={**os.environ, "NODE_TLS_REJECT_UNAUTHORIZED": "0"})
    assert done.returncode == 0, done.stderr.decode()
    judged(json.loads(done.stdout))


def test_chromium_gets_back_what_it_says(url):
    with chromium.playwright() as running:
        browser = chromium.launch(running)
        try:
            page = chromium.context(browser).new_page()
            judged(page.evaluate(f"([url, chinese]) => {{ {TALK}\nreturn talk(url, chinese, 16); }}", [url, CHINESE]))
        finally:
            browser.close()


def test_firefox_gets_back_what_it_says(url):
    browser = Firefox()
    try:
        judged(browser.evaluate(f"(() => {{ {TALK}\nreturn talk({json.dumps(url)}, {json.dumps(CHINESE)}, 16); }})()"))
    finally:
        browser.close()


@pytest.fixture(scope="module")
def libwebsockets(tmp_path_factory) -> Path:
    """The client of `foreign/lws_talk.c`."""
    program = tmp_path_factory.mktemp("libwebsockets") / "lws_talk"
    done = subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-O1", "-o", program, FOREIGN / "lws_talk.c",
                           "-lwebsockets"], stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return program


@pytest.mark.parametrize("compression", [False, True], ids=["raw", "compressed"])
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_libwebsockets_gets_back_what_it_says(libwebsockets, scheme, compression, tmp_path):
    # Version 4.1 reads a compressed message wrongly after one that came as it was, so all of ours are compressed here.
    with echo.serving(None if scheme == "ws" else tmp_path, "--compression", "kept") as serving:
        done = subprocess.run([libwebsockets, "127.0.0.1", str(urlsplit(serving.url).port), str(int(scheme == "wss")),
                               str(int(compression))], stdin=subprocess.DEVNULL, capture_output=True, timeout=150)
    told = json.loads(done.stdout)
    assert told == {"wrong": "", "messages": 7, "ponged": 1, "closedEarly": 0, "code": 4002, "reason": "enough"}, done


# Our client against servers that others wrote: the server says, our client echoes.

async def lead(say, hear, end) -> None:
    """What a foreign server does with our client."""
    for message in MESSAGES:
        await say(message)
        assert await hear() == message, f"{len(message)} of {type(message).__name__}"
    await end(4003, CHINESE)


async def called(port: int, path: str) -> dict:
    return await asyncio.to_thread(echo.call, f"ws://127.0.0.1:{port}", "--target", path, seconds=120)


@pytest.mark.parametrize("compression", [None, "deflate"], ids=["raw", "compressed"])
def test_the_client_role_echoes_to_websockets(compression):
    led = []

    async def serve(socket):
        await lead(socket.send, socket.recv, socket.close)
        led.append((socket.subprotocol, socket.request.headers.get("Sec-WebSocket-Extensions", "")))

    async def run():
        async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, max_size=clients.LARGEST,
                                                   compression=compression) as server:
            return await called(server.sockets[0].getsockname()[1], "/a?b=c")

    told = asyncio.run(run())
    assert (told["code"], told["reason"]) == (4003, CHINESE), told
    assert len(led) == 1


def test_the_client_role_echoes_to_aiohttp():
    led = []

    async def serve(request):
        socket = aiohttp.web.WebSocketResponse(max_msg_size=clients.LARGEST)
        await socket.prepare(request)
        await lead(lambda message: socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message),
                   lambda: heard(socket), lambda code, reason: socket.close(code=code, message=reason.encode()))
        led.append(socket.close_code)
        return socket

    async def heard(socket):
        return (await socket.receive(60)).data

    async def run():
        application = aiohttp.web.Application()
        application.router.add_get("/a", serve)
        runner = aiohttp.web.AppRunner(application)
        await runner.setup()
        try:
            site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return await called(site._server.sockets[0].getsockname()[1], "/a")
        finally:
            await runner.cleanup()

    told = asyncio.run(run())
    assert (told["code"], told["reason"]) == (4003, CHINESE), told
    assert led == [4003]
