"""Compressed messages (RFC 7692) as another implementation sees them: Python's zlib, frame by frame."""

import json
import secrets
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from frames import BINARY, CLOSE, TEXT, Peer, deflate, inflate
from server import Server, processor_seconds, talk


def resident_kilobytes(server) -> int:
    status = Path(f"/proc/{server.program.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.fixture(scope="module")
def made(server):
    return server.create_class("压缩", lecturerName="张华")


def guest(made, name: str) -> bytes:
    return json.dumps({"type": "join", "wire": 1, "code": made["class"]["code"], "name": name, "number": "",
                       "device": secrets.token_hex(16)}).encode()


def lecturer(made) -> bytes:
    return json.dumps({"type": "join", "wire": 1, "token": made["links"]["lecturer"].split("#t=")[1]}).encode()


def read(peer: Peer, kind: str) -> tuple[bool, int, dict]:
    """The next message of a kind: whether it was compressed, its size on the wire, and what it says."""
    while True:
        opcode, compressed, payload = peer.frame()
        assert opcode != CLOSE, f"closed with {payload!r}"
        if opcode == TEXT:
            message = json.loads(inflate(payload, 12) if compressed else payload)
            if message["type"] == kind or message.get("event", {}).get("type") == kind:
                return compressed, len(payload), message


def test_who_offers_it_gets_the_same_in_less(server, made):
    with Peer(server) as packed, Peer(server, None) as plain, Peer(server) as zhang:
        assert packed.fields["sec-websocket-extensions"] == \
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        assert "sec-websocket-extensions" not in plain.fields
        zhang.send(TEXT, deflate(lecturer(made)), compressed=True)
        read(zhang, "snapshot")
        zhang.send(TEXT, deflate(json.dumps({"type": "start", "id": "s"}).encode()), compressed=True)
        for peer, name in ((packed, "压"), (plain, "平")):
            message = guest(made, name)
            peer.send(TEXT, deflate(message) if peer is packed else message, compressed=peer is packed)
            compressed, _, hello = read(peer, "hello")
            assert not compressed and hello["resumeToken"], "what holds a token is never compressed"
        text = "请大家把书翻到第四十五页，先看例题，再做第二题。" * 20
        zhang.send(TEXT, deflate(json.dumps({"type": "postChat", "id": "c", "text": text}).encode(), 9), compressed=True)
        is_packed, packed_size, left = read(packed, "chatPosted")
        is_plain, plain_size, right = read(plain, "chatPosted")
        assert is_packed and not is_plain and left == right and left["event"]["text"] == text
        assert packed_size * 4 < plain_size


def test_sound_is_never_compressed(server, made, lecture):
    with Peer(server) as peer:
        peer.send(TEXT, guest(made, "听众"))
        read(peer, "snapshot")
        voice = talk(server.link(made["class"]["id"], "assistant", "助教老师")["url"], lecture)
        try:
            heard = 0
            while heard < 50:
                opcode, compressed, _ = peer.frame()
                if opcode == BINARY:
                    assert not compressed
                    heard += 1
        finally:
            voice.stop()


@pytest.mark.parametrize("offer, answered", [
    ("permessage-deflate; server_max_window_bits=9", "server_max_window_bits=9"),
    ("permessage-deflate; server_max_window_bits=99999999999999999999", None),
    ("permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=8", "server_max_window_bits=8"),
    ("permessage-deflate; client_max_window_bits=16", None), ("permessage-deflate; unknown", None), ("foo", None)])
def test_bad_offers_are_declined_and_the_connection_is_good(server, offer, answered):
    with Peer(server, offer) as peer:
        assert peer.status == 101
        extensions = peer.fields.get("sec-websocket-extensions")
        assert answered is None and extensions is None or answered in extensions


def test_a_malformed_offer_is_refused(server):
    with Peer(server, "permessage-deflate; ;") as peer:
        assert peer.status == 400


@pytest.mark.parametrize("payload, compressed, code", [
    (b"\x06", True, 1007), (b"\xf2\x48", True, 1007), (deflate(b"\xff\xfe" * 20), True, 1007), (b"{}", True, 1007),
    (deflate(b" " * 2_000_000), True, 1009), (deflate(b" " * 20_000), True, 4515)],
    ids=["no such block", "cut off", "not UTF-8", "not compressed", "too big", "too long for a class"])
def test_what_is_broken_gets_its_code(server, payload, compressed, code):
    with Peer(server) as peer:
        peer.send(TEXT, payload, compressed)
        assert peer.close_code() == code


def test_the_mark_without_an_agreement_breaks_the_protocol(server):
    with Peer(server, None) as peer:
        peer.send(TEXT, deflate(b"{}"), compressed=True)
        assert peer.close_code() == 1002


def test_off_means_off(tmp_path):
    server = Server(tmp_path / "data", "--compression", "off")
    try:
        with Peer(server) as peer:
            assert peer.status == 101 and "sec-websocket-extensions" not in peer.fields
    finally:
        server.stop()


def test_bombs_cost_a_bounded_piece_of_memory_and_work(server, made):
    with Peer(server) as listener:
        listener.send(TEXT, guest(made, "旁听"))
        read(listener, "snapshot")
        bomb = deflate(b" " * 64_000_000)
        before, used = resident_kilobytes(server), processor_seconds(server.program.process.pid)
        rounds, delays = 200, []

        def throw():
            for _ in range(rounds):
                with Peer(server) as peer:
                    peer.send(TEXT, bomb, compressed=True)
                    assert peer.close_code() in (1009, 1006)

        thrower = threading.Thread(target=throw)
        thrower.start()
        while thrower.is_alive():
            begun = time.monotonic()
            listener.send(TEXT, json.dumps({"type": "ping", "at": 1}).encode())
            read(listener, "pong")
            delays.append(time.monotonic() - begun)
            # More often would be a flood of the listener's own.
            thrower.join(0.1)
        grown = resident_kilobytes(server) - before
        cost = (processor_seconds(server.program.process.pid) - used) / rounds
        worst = sorted(delays)[int(len(delays) * 0.99)]
        print(f"{rounds} bombs of 64 MB: {grown} KiB more, {cost * 1000:.1f} ms of a core each with TLS, "
              f"pong p99 {worst * 1000:.1f} ms of {len(delays)}")
        assert grown < 32 * 1024
        assert cost < 0.05


def test_an_agreement_costs_a_silent_connection_nothing(server):
    count = 300
    sizes = []
    for extensions in (None, "permessage-deflate; client_max_window_bits"):
        with ExitStack() as peers:
            def crowd():
                for _ in range(count):
                    peer = peers.enter_context(Peer(server, extensions))
                    peer.send(TEXT, deflate(b'{"type":"ping","at":1}') if extensions else b'{"type":"ping","at":1}',
                              compressed=bool(extensions))
                    read(peer, "pong")
            if not sizes:
                # Once for what the first crowd leaves behind: pools, stacks, tables.
                crowd()
                peers.pop_all().close()
            before = resident_kilobytes(server)
            crowd()
            sizes.append((resident_kilobytes(server) - before) / count)
    print(f"a connection: {sizes[0]:.1f} KiB without, {sizes[1]:.1f} KiB with compression agreed on and used")
    assert sizes[1] - sizes[0] < 8
