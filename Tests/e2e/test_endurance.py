"""A class under load whose server dies, loses its power or is stopped: nothing acknowledged is lost, everybody comes
back by themselves. The long run is `./run endure`."""

import json
import os
import signal
import time

import pytest
import websockets.sync.client

from faults.endurance import (
    HEARING_AGAIN_MILLISECONDS_MAXIMUM, LOAD_TESTS, Crowd, conclude, endure, faults_of, milliseconds, summary)
from faults.power_cut_fs import PowerCutDisk, reason_not_to_run
from pace import SLACK
from server import Server, wait_until

SEED = int(os.environ.get("LIVERELAY_SEED", "1"))
SEATS, RATE = 60, 120
needs_fuse = pytest.mark.skipif(reason_not_to_run() is not None, reason=reason_not_to_run() or "")
needs_crowd = pytest.mark.skipif(not os.path.exists(LOAD_TESTS), reason="./run test builds the load test")


def check(result: dict, name: str, output):
    (output / f"endure-{name}.json").write_text(json.dumps(summary(result), ensure_ascii=False))
    assert faults_of(result) == []
    assert summary(result)["p99Worst"] < SLACK * HEARING_AGAIN_MILLISECONDS_MAXIMUM, result["deaths"]


@needs_crowd
def test_three_deaths_lose_nothing(tmp_path, output):
    print(f"LIVERELAY_SEED={SEED}")
    server = Server(tmp_path / "data")
    try:
        check(endure(server, SEED, 3, SEATS, RATE, tmp_path / "journal", pause=(1, 4)), "kills", output)
    finally:
        server.kill()


@needs_crowd
@needs_fuse
def test_a_power_cut_loses_nothing(tmp_path, output):
    print(f"LIVERELAY_SEED={SEED}")
    with PowerCutDisk(tmp_path / "disk") as disk:
        server = Server(disk.path / "data")
        try:
            check(endure(server, SEED, 3, SEATS, RATE, tmp_path / "journal", disk, pause=(1, 4)), "cuts", output)
        finally:
            server.kill()


@needs_fuse
def test_what_was_given_out_just_before_a_power_cut_still_opens_the_door(tmp_path):
    with PowerCutDisk(tmp_path / "disk") as disk:
        server = Server(disk.path / "data")
        try:
            made = server.create_class("断电前刚建的课", lecturerName="张华")
            disk.cut([server.program.process])
            server.start()
            assert joins(server, {"token": made["links"]["lecturer"].split("#t=")[1]})["role"] == "lecturer"
            code = {"code": made["class"]["code"], "name": "王晓明", "number": "", "device": "a-secret-of-the-device"}
            seat = joins(server, code)
            disk.cut([server.program.process])
            server.start()
            assert joins(server, code)["seat"] == seat["seat"], "the same person after the cut"
        finally:
            server.kill()


def joins(server: Server, credential: dict) -> dict:
    """What the server says first to somebody who joins."""
    with websockets.sync.client.connect(server.socket, subprotocols=["liverelay.v1"], ssl=server.trust) as line:
        line.send(json.dumps({"type": "join", "wire": 1, **credential}))
        while (said := json.loads(line.recv(timeout=10)))["type"] != "hello":
            pass
        return said


@needs_crowd
@pytest.mark.parametrize("seconds", [3, 12])
def test_a_server_that_stood_still_goes_on_with_everybody(tmp_path, seconds):
    server = Server(tmp_path / "data")
    crowd = None
    try:
        made = server.create_class("停住的一课", kind="largeLecture", lecturerName="张华")
        crowd = Crowd(server, made, SEATS, RATE, SEED, tmp_path / "journal")
        crowd.hear(60)
        stopped = milliseconds()
        server.program.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        server.program.process.send_signal(signal.SIGCONT)
        crowd.order(f"outage stop {stopped} {milliseconds()}")
        back = crowd.hear(90)
        print(json.dumps(back))
        result = {"deaths": [back], **conclude(server, made, tmp_path / "journal", crowd.finish())}
        assert faults_of(result) == []
    finally:
        server.program.process.send_signal(signal.SIGCONT)
        if crowd:
            crowd.kill()
        server.kill()


@needs_crowd
def test_clients_that_stood_still_come_back(tmp_path):
    """As a laptop that sleeps: for 40 s nobody reads; the server cuts them off and they come back by themselves."""
    server = Server(tmp_path / "data")
    crowd = None
    try:
        made = server.create_class("睡着的一课", kind="largeLecture", lecturerName="张华")
        crowd = Crowd(server, made, SEATS, RATE, SEED, tmp_path / "journal")
        crowd.hear(60)
        stopped = milliseconds()
        crowd.process.send_signal(signal.SIGSTOP)
        time.sleep(40)
        crowd.process.send_signal(signal.SIGCONT)
        crowd.order(f"outage sleep {stopped} {milliseconds()}")
        back = crowd.hear(90)
        print(json.dumps(back))
        events = wait_until(lambda: server.events(made["class"]["id"]), "the log")
        assert any(event["type"] == "interrupted" for event in events), "who does not read is cut off"
        result = {"deaths": [back], **conclude(server, made, tmp_path / "journal", crowd.finish())}
        assert faults_of(result) == []
    finally:
        crowd and crowd.process.send_signal(signal.SIGCONT)
        if crowd:
            crowd.kill()
        server.kill()
