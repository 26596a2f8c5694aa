"""The wall clock of the server jumps while a class runs; the monotonic clock does not. Nobody is dropped, the time of the
class goes on evenly, and attendance is what was really attended."""

import json
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest
import websockets.exceptions
import websockets.sync.client

from faults.endurance import LOAD_TESTS, Crowd, conclude, faults_of, milliseconds, restart
from server import Server

SEED = int(os.environ.get("LIVERELAY_SEED", "1"))
SEATS, RATE = 20, 20
SOURCE = Path(__file__).parent / "faults/wall_clock.c"
HOUR_SECONDS, YEARS_SECONDS = 3600, 400 * 24 * 3600
SEEN_SECONDS = 3
"""Two digests, and whatever a clock that jumped might trip."""

pytestmark = [
    pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler for the clock that jumps"),
    pytest.mark.skipif(not os.path.exists(LOAD_TESTS), reason="./run test builds the load test")]


def joins(server: Server, token: str) -> str:
    """The first word of the server to somebody who comes with a token, or the code with which it closes."""
    with websockets.sync.client.connect(server.socket, subprotocols=["liverelay.v1"], ssl=server.trust) as line:
        line.send(json.dumps({"type": "join", "wire": 1, "token": token}))
        try:
            return json.loads(line.recv(timeout=10))["type"]
        except websockets.exceptions.ConnectionClosed as closed:
            return str(closed.rcvd.code)


@pytest.fixture(scope="module")
def jumped(tmp_path_factory, output):
    print(f"LIVERELAY_SEED={SEED}")
    folder = tmp_path_factory.mktemp("clock")
    library, shift = folder / "wall_clock.so", folder / "shift"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)

    def jump(seconds: int):
        with open(shift, "r+b") as file:
            file.write(struct.pack("=q", seconds))
        time.sleep(SEEN_SECONDS)

    began = time.monotonic()
    shift.write_bytes(bytes(8))
    server = Server(folder / "data", env={"LD_PRELOAD": str(library), "WALL_CLOCK_FILE": str(shift)})
    crowd = None
    try:
        made = server.create_class("时钟跳动的一课", kind="largeLecture", lecturerName="张华")
        token = server.link(made["class"]["id"], "assistant", "陈助")["url"].split("#t=")[1]
        crowd = Crowd(server, made, SEATS, RATE, SEED, folder / "journal")
        crowd.hear(60)
        doors = {}
        for name, seconds in (("ahead", HOUR_SECONDS), ("back", -HOUR_SECONDS), ("years", YEARS_SECONDS),
                              ("right", 0)):
            jump(seconds)
            doors[name] = joins(server, token)
        time.sleep(2)
        # A restart while the clock is an hour behind: the time of the class must not go back.
        jump(-HOUR_SECONDS)
        killed = milliseconds()
        server.kill()
        _, accepted = restart(server)
        crowd.order(f"outage clock {killed} {accepted}")
        back = crowd.hear(60)
        report = server.api(f"/classes/{made['class']['id']}/report")
        seen = crowd.finish()
        walls = [(event["t"], event["wall"]) for event in server.events(made["class"]["id"])
                 if event["type"] == "relayStarted"]
        events = server.events(made["class"]["id"])
        result = {"deaths": [back], **conclude(server, made, folder / "journal", seen)}
    finally:
        if crowd:
            crowd.kill()
        server.kill()
    elapsed = time.monotonic() - began
    (output / "clock.json").write_text(json.dumps({"doors": doors, "back": back, "walls": walls, "seen": seen}))
    return {"doors": doors, "result": result, "report": report, "events": events, "elapsed": elapsed, "interruptions": seen["interruptions"]}


def test_nobody_is_dropped_and_nothing_is_lost(jumped):
    assert faults_of(jumped["result"]) == []
    # Each seat and the lecturer lose their line once, at the restart; somebody who left and came again may not.
    assert jumped["interruptions"] <= 2 * (SEATS + 1)
    start = max(event["n"] for event in jumped["events"] if event["type"] == "relayStarted")
    # The assistant is the one who knocks at the door after each jump, and goes.
    learners = {event["seat"] for event in jumped["events"]
                if event["type"] == "joined" and event["role"] == "participant"}
    assert len(learners) == SEATS
    assert not [event for event in jumped["events"]
                if event["type"] == "interrupted" and event["seat"] in learners and event["n"] < start]


def test_the_time_of_the_class_goes_on_evenly(jumped):
    times = [event["t"] for event in jumped["events"]]
    assert times == sorted(times)
    assert times[-1] <= (jumped["elapsed"] + 5) * 1000, "an hour that was jumped over is no time of class"


def test_nobody_is_credited_with_the_jump(jumped):
    online = [row["attendance"]["onlineMilliseconds"] for row in jumped["report"]["rows"]
              if row["attendance"]["role"] == "participant"]
    assert len(online) == SEATS
    assert 5_000 < min(online) and max(online) <= jumped["elapsed"] * 1000, online


def test_links_go_by_the_calendar(jumped):
    """An hour more or less leaves a link valid; beyond its life it is expired until the clock is right again."""
    assert jumped["doors"]["ahead"] == "hello" and jumped["doors"]["right"] == "hello"
    assert jumped["doors"]["years"] == "4505"
    assert jumped["doors"]["back"] in ("hello", "4504", "4505")
