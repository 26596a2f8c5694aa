"""What people, clients and disks do wrong: each gets a code or one sentence that says what to do; the others go on."""

import asyncio
import json
import secrets
import struct
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from liverelay_client import AUDIO_HEADER, Classroom
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

import server as program
from server import Server


@pytest.fixture(scope="module")
def made(server):
    created = server.create_class("坏输入", lecturerName="张华")
    return created


async def close_code(server, *messages) -> int:
    """Opens a connection, sends the messages as they are, and waits to be put out."""
    trust = server.trust
    async with connect(server.socket, subprotocols=["liverelay.v1"], ssl=trust, ping_interval=None) as socket:
        try:
            for message in messages:
                await socket.send(message)
            while True:
                await asyncio.wait_for(socket.recv(), 15)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def join(**fields) -> str:
    return json.dumps({"type": "join", "wire": 1, **fields})


def guest(made, **fields) -> str:
    return join(**{"code": made["class"]["code"], "name": "路人", "number": "", "device": secrets.token_hex(16), **fields})


def claims(made) -> dict:
    return jwt.decode(made["links"]["lecturer"].split("#t=")[1], options={"verify_signature": False})


def altered(made) -> str:
    head, body, signature = made["links"]["lecturer"].split("#t=")[1].split(".")
    return ".".join([head, body, ("A" if signature[0] != "A" else "B") + signature[1:]])


@pytest.mark.parametrize("case, code", [
    ("altered token", 4504), ("foreign token", 4504), ("no algorithm", 4504), ("garbage token", 4504),
    ("no join", 4512), ("not JSON", 4512), ("other wire", 4513), ("empty name", 4511), ("long name", 4511),
    ("too long", 4515)])
def test_at_the_door(server, made, case, code):
    message = {
        "altered token": lambda: join(token=altered(made)),
        "foreign token": lambda: join(token=jwt.encode(claims(made), "somebody else's key, long enough", "HS256")),
        "no algorithm": lambda: join(token=jwt.encode(claims(made), None, "none")),
        "garbage token": lambda: join(token="not.a.token"),
        "no join": lambda: json.dumps({"type": "postChat", "id": "a", "text": "x"}),
        "not JSON": lambda: "{",
        "other wire": lambda: json.dumps({**json.loads(guest(made)), "wire": 99}),
        "empty name": lambda: guest(made, name="  "),
        "long name": lambda: guest(made, name="王" * 1000),
        "too long": lambda: guest(made, name="王" * 5_000),
    }[case]()
    assert asyncio.run(close_code(server, message)) == code


def test_a_token_of_another_class_does_not_open_this_one(server, made):
    other = server.create_class("另一堂课", lecturerName="刘洋")
    token = other["links"]["lecturer"].split("#t=")[1]
    status, _, body = server.get(f"/api/v1/classes/{made['class']['id']}", token=token)
    assert status == 403 and json.loads(body)["code"]


async def in_class(server, made):
    person = Classroom(server.socket, code=made["class"]["code"], name="王晓明", device=secrets.token_hex(16))
    staying = asyncio.create_task(person.stay())
    await person.until(lambda it: it.is_in)
    return person, staying


def test_bad_messages_in_class_are_answered_by_codes(server, made):
    async def talk():
        zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
        lecturer_stays = asyncio.create_task(zhang.stay())
        await zhang.until(lambda it: it.is_in)
        if zhang.snapshot["class"]["phase"] == "scheduled":
            await zhang.ask("open")
        await zhang.ask("start")
        person, staying = await in_class(server, made)
        answers = {
            "text too long": await person.ask("postChat", text="长" * 501),
            "no text": await person.ask("postChat", text="   "),
            "not allowed": await person.ask("callToSpeak", seat=person.hello["seat"]),
            "unknown type": await person.ask("dance"),
            "without its fields": await person.ask("postChat"),
            "poll unknown": await person.ask("vote", poll="p99", option=0),
        }
        await person.socket.send("[1, 2")
        await person.socket.send(json.dumps({"type": "postChat", "text": "ohne id"}))
        said = await person.ask("postChat", text="还在")
        lecturer_stays.cancel()
        staying.cancel()
        return {case: answer.get("code") for case, answer in answers.items()}, said["type"]
    codes, said = asyncio.run(talk())
    assert codes == {"text too long": "textTooLong", "no text": "textEmpty", "not allowed": "notPermitted",
                     "unknown type": "unknownType", "without its fields": "malformed", "poll unknown": "pollUnknown"}
    assert said == "accepted", "and the class goes on"


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\x0b" + b"\x00" * 40, b"\xfc" * 1400, b"\x79" + b"\x01" * 30],
                         ids=["empty", "one byte", "code 3", "too long", "not 20 ms"])
def test_bad_sound_ends_the_connection_of_its_sender_alone(server, made, packet):
    async def talk():
        person, staying = await in_class(server, made)
        head = AUDIO_HEADER.pack(0x11, 0, 1, person.hello["run"], 0, 0, 1)
        await person.socket.send(head + struct.pack("!H", len(packet)) + packet)
        try:
            return await asyncio.wait_for(staying, 10)
        except asyncio.TimeoutError:
            staying.cancel()
            return "stays"
    # Somebody who may not publish is either put out or not listened to; a listener hears nothing of it in both cases.
    assert asyncio.run(talk()) in (4516, "stays")


def test_wrong_codes_by_the_thousand_are_slowed(tmp_path):
    server = Server(tmp_path / "data")
    try:
        ask = lambda number: server.get(f"/api/v1/codes/{100_000_000 + number}")[0]
        with ThreadPoolExecutor(100) as pool:  # whoever is beyond the bound waits some seconds for the answer
            statuses = Counter(pool.map(ask, range(160)))
        assert 60 <= statuses[404] <= 66 and statuses[404] + statuses[429] == 160, statuses
        assert server.get("/healthz")[0] == 200
    finally:
        server.stop()


def sentence(error: program.Failed) -> str:
    lines = [line for line in error.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, error.stderr
    return lines[0]


def test_a_port_in_use_is_said_in_one_sentence(server, tmp_path):
    with pytest.raises(program.Failed) as failed:
        program.run("serve", "--data", tmp_path / "data", "--port", server.port, "--lang", "zh")
    assert failed.value.code in (1, 2) and str(server.port) in sentence(failed.value)


def test_a_data_folder_that_is_a_file_is_said_in_one_sentence(tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(program.Failed) as failed:
        program.run("serve", "--data", tmp_path / "data", "--port", 0, "--lang", "en")
    assert failed.value.code == 1 and str(tmp_path / "data") in sentence(failed.value)


@pytest.mark.parametrize("bytes_", [
    b"", b"RIFF\x24\x00\x00\x00WAVE", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\0" * 16, bytes(range(64))],
    ids=["empty", "head alone", "no rate", "not a WAV"])
def test_a_wav_without_sound_is_said_in_one_sentence(server, made, tmp_path, bytes_):
    (tmp_path / "bad.wav").write_bytes(bytes_)
    link = server.link(made["class"]["id"], "assistant", "助教")["url"]
    with pytest.raises(program.Failed) as failed:
        program.run("talk", tmp_path / "bad.wav", "--to", link, "--insecure", "--lang", "en")
    assert failed.value.code == 1 and sentence(failed.value)


def test_an_unreachable_server_is_exit_2_and_an_unknown_class_exit_4(server):
    with pytest.raises(program.Failed) as failed:
        program.run("class", "list", "--server", "https://localhost:9", "--insecure", env={"LIVERELAY_KEY": server.key})
    assert failed.value.code == 2
    with pytest.raises(program.Failed) as failed:
        program.run("class", "show", "nosuchclass", *server.access)
    assert failed.value.code == 4
    with pytest.raises(program.Failed) as failed:
        program.run("class", "list", *server.access[:3], env={"LIVERELAY_KEY": "lrk_wrong"})
    assert failed.value.code == 3


def test_a_roster_with_broken_lines_tells_which(server, made):
    answer = server.put_roster(made["class"]["id"], "姓名,工号,单位\r\n好人,1,甲\r\n,2,乙\r\n\"未完,3,丙\r\n".encode())
    assert answer["imported"] == 1 and [problem["line"] for problem in answer["problems"]][:1] == [3]


def broken_log(tmp_path, spoil) -> tuple:
    """A class whose log is spoilt while the server is down; returns the server and both classes."""
    server = Server(tmp_path / "data")
    good, bad = (server.create_class(title, lecturerName="张华") for title in ("好的", "坏的"))

    async def live(made):
        zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
        staying = asyncio.create_task(zhang.stay())
        await zhang.until(lambda it: it.is_in)
        await zhang.ask("start")
        for number in range(4):
            await zhang.ask("postChat", text=f"第 {number} 句")
        staying.cancel()
    for made in (good, bad):
        asyncio.run(live(made))
    server.kill()
    path = server.folder(bad["class"]["id"]) / "events.jsonl"
    path.write_bytes(spoil(path.read_bytes()))
    server.start()
    return server, good, bad


def test_a_torn_tail_is_cut_off_and_the_class_goes_on(tmp_path):
    server, _, bad = broken_log(tmp_path, lambda log: log + b'{"v":1,"n":999,"t":1')
    try:
        replay = server.api(f"/classes/{bad['class']['id']}/replay")
        assert [entry["text"] for entry in replay["chat"]] == [f"第 {number} 句" for number in range(4)]
        server.verify(bad["class"]["id"])
    finally:
        server.stop()


def test_a_broken_line_in_the_middle_stops_that_class_alone(tmp_path):
    def spoil(log: bytes) -> bytes:
        lines = log.split(b"\n")
        lines[len(lines) // 2] = b'{"v":1,"n":"broken'
        return b"\n".join(lines)
    server, good, bad = broken_log(tmp_path, spoil)
    try:
        assert server.get(f"/api/v1/classes/{good['class']['id']}", token=server.key)[0] == 200
        status, _, body = server.get(f"/api/v1/classes/{bad['class']['id']}/replay", token=server.key)
        assert status >= 400 and json.loads(body)["code"]
        server.verify(bad["class"]["id"], expect=1)
        before = (server.folder(bad["class"]["id"]) / "events.jsonl").read_bytes()
        assert b'"broken' in before, "what is broken is left as it is"
    finally:
        server.stop()


def test_the_server_stops_in_order(tmp_path):
    server = Server(tmp_path / "data")
    made = server.create_class("收工", lecturerName="张华")

    async def stay():
        zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
        staying = asyncio.create_task(zhang.stay())
        await zhang.until(lambda it: it.is_in)
        began = time.monotonic()
        code = await asyncio.to_thread(server.stop)
        staying.cancel()
        return code, time.monotonic() - began
    code, seconds = asyncio.run(stay())
    assert code == 0 and seconds < 12


def test_help_and_completions_are_printed():
    assert b"liverelay serve" in program.run("--help").stdout
    script = program.run("--generate-completion-script", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script).returncode == 0
    with pytest.raises(program.Failed) as failed:
        program.run("sreve")
    assert failed.value.code == 64
