"""Peers that misbehave beside two hundred who listen: what the offender costs, and that nobody else notices.

One server, one class of two hundred seats of our own client. Each kind of abuse has a window of its own between quiet
ones; memory and processor of the server are read from outside, delays are counted at the seats, second by second.

By hand, on a quiet machine: LIVERELAY_SLACK=1, with longer windows; LIVERELAY_ABUSE_SECONDS says how long they are.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.bystanders import LOAD_TESTS, Bystanders, Memory, Processor, delays, losses
from faults.offenders import KINDS
from pace import SLACK
from server import Server

OFFENDERS = Path(__file__).parent / "faults/offenders.py"
WINDOW = float(os.environ.get("LIVERELAY_ABUSE_SECONDS", "2" if SLACK > 1 else "4"))
QUIET = 1.5 if SLACK > 1 else 2.5
ADDED_DELAY_MILLISECONDS_MAXIMUM = 20
"""The median of the seconds with the offender may be so much above those before: the time between two packets."""

BUSY_MILLISECONDS = 40
"""Where the quiet seconds are slower than this, clients lose their patience because of the machine."""

# What one kind may cost: memory in MiB above what there was before, and cores beyond what the class itself takes.
BOUNDS = {
    "silent_sockets": (24, 0.2), "slow_hellos": (24, 0.3), "stalled_handshakes": (64, 0.6),
    "handshake_storm": (24, 1.0), "connection_flood": (24, 1.0), "slow_heads": (24, 0.3), "slow_bodies": (24, 0.3),
    "key_updates": (24, 0.3), "idle_connections": (24, 0.5), "silent_web_sockets": (24, 0.3),
    "readers_that_never_read": (32, 0.4),
    "slow_downloads": (32, 0.3), "ping_flood": (24, 0.5), "pong_flood": (24, 0.5), "empty_frames": (24, 0.6),
    "tiny_fragments": (24, 0.6), "empty_messages": (24, 0.5), "close_flood": (24, 0.3), "big_messages": (24, 0.3),
    "endless_frame": (24, 0.3), "wrong_codes": (24, 0.6)}
# A machine that does other things counts more for the same work: there only what would be a different kind of cost fails.
CORES_SLACK = max(1, SLACK / 2)

# How a flood ends: with a code that the documentation names (docs/operating.md, "Peers that misbehave").
CODES = {
    "ping_flood": {"1008"}, "pong_flood": {"1008"}, "empty_frames": {"1008", "1009"},
    "tiny_fragments": {"1008", "1009"},
    "empty_messages": {"1008", "4516"}, "close_flood": {"1000"}, "big_messages": {"1009"}, "endless_frame": {"1009"},
    "wrong_codes": {"4508", "4509"}}

pytestmark = [pytest.mark.alone,
              pytest.mark.skipif(not LOAD_TESTS, reason="./run test builds the load test and names it")]


def commit(kind: str, server: Server, code: str, began: float) -> dict:
    """One window of abuse: what it cost the server, and when it was."""
    process = server.program.process.pid
    memory, processor, start = Memory(process), Processor(process), time.monotonic()
    done = subprocess.run([sys.executable, OFFENDERS, kind, str(server.port), str(WINDOW), code], check=True,
                          timeout=90, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    return {"kind": kind, "start": start - began, "end": time.monotonic() - began, "cores": processor.cores(),
            "memoryMebibytes": memory.end(), **json.loads(done.stdout)}


@pytest.fixture(scope="module")
def told(tmp_path_factory, output):
    server = Server(tmp_path_factory.mktemp("abuse") / "data")
    made = server.create_class("被打扰的一课", kind="largeLecture")
    # For longer than it takes: who listens is told when it is over.
    bystanders = Bystanders(server, (WINDOW + QUIET + 20) * len(KINDS))
    try:
        process = server.program.process.pid
        time.sleep(1)
        windows = []
        loud = next(row for row in server.api("/classes")["classes"] if row["id"] != made["class"]["id"])
        for kind in KINDS:
            calm = Processor(process)
            time.sleep(QUIET)
            quiet = calm.cores()
            # Who never reads sits in the class with the sound; the others would only fill its seats.
            place = loud if kind == "readers_that_never_read" else made["class"]
            windows.append({**commit(kind, server, place["code"], bystanders.began), "quietCores": quiet})
        result = bystanders.finish()
        log = server.program.err.decode(errors="replace")
    finally:
        bystanders.kill()
        server.kill()
    for window in windows:
        window["during"] = delays(result, window["start"] + 1, window["end"])
        window["before"] = delays(result, window["start"] - int(QUIET), window["start"])
    (output / "abuse.json").write_text(json.dumps({"windows": windows, "log": log.splitlines()[:50], **{
        key: value for key, value in result.items() if key != "delaysBySecond"}}, ensure_ascii=False, indent=1))
    # Four of five pauses were at least so calm.
    calm = statistics.quantiles((window["before"]["delay99th"] for window in windows), n=5)[-1]
    return {"windows": {window["kind"]: window for window in windows}, "result": result, "log": log, "calm": calm}


def test_two_hundred_listeners_lose_nothing(told):
    if told["calm"] > BUSY_MILLISECONDS:
        pytest.skip(f"too busy a machine to tell: without any offender one packet in a hundred takes {told['calm']:.0f} ms")
    assert losses(told["result"]) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_costs_is_bounded_and_nobody_waits(told, kind):
    window = told["windows"][kind]
    memory, cores = BOUNDS[kind]
    assert window["made"] > 0, window
    assert window["memoryMebibytes"] < memory, window
    assert window["cores"] - window["quietCores"] < cores * CORES_SLACK, window
    if kind in CODES:
        assert window["ended"] > 0 and set(window["codes"]) <= CODES[kind], window
    if max(told["calm"], window["before"]["delay99th"]) <= BUSY_MILLISECONDS:
        added = window["during"]["median"] - window["before"]["median"]
        assert added < SLACK * ADDED_DELAY_MILLISECONDS_MAXIMUM, window


def test_the_log_has_a_line_at_most_for_each_offender(told):
    lines = [line for line in told["log"].splitlines() if "127.0.0.1" in line]
    assert len(lines) <= 2, lines
