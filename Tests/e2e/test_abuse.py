"""Peers that misbehave beside two hundred who listen: what the offender costs, and that nobody else notices.

One server, one class of two hundred seats of our own client. Each kind of abuse has a window of its own between quiet
ones; memory and processor of the server are read from outside, delays are counted at the seats, second by second.

By hand, on a quiet machine: LIVERELAY_SLACK=1 and longer windows, LIVERELAY_ABUSE_SECONDS=15.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from faults.offenders import KINDS
from pace import SLACK
from server import Server, processor_seconds

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", "")
OFFENDERS = Path(__file__).parent / "faults/offenders.py"
SEATS = 200
WINDOW = float(os.environ.get("LIVERELAY_ABUSE_SECONDS", "4"))
QUIET = 2.5
ADDED_DELAY_MILLISECONDS_MAXIMUM = 20
"""The median of the seconds with the offender may be so much above those before: the time between two packets."""

BUSY_MILLISECONDS = 40
"""Where the quiet seconds are slower than this, clients lose their patience because of the machine."""

# What one kind may cost: memory in MiB above what there was before, and cores beyond what the class itself takes.
BOUNDS = {
    "silent_sockets": (24, 0.2), "slow_hellos": (24, 0.3), "stalled_handshakes": (64, 0.6),
    "handshake_storm": (24, 1.0), "connection_flood": (24, 1.0), "slow_heads": (24, 0.3), "slow_bodies": (24, 0.3),
    "idle_connections": (24, 0.5), "silent_web_sockets": (24, 0.3), "readers_that_never_read": (32, 0.4),
    "slow_downloads": (32, 0.3), "ping_flood": (24, 0.5), "pong_flood": (24, 0.5), "empty_frames": (24, 0.6),
    "tiny_fragments": (24, 0.6), "empty_messages": (24, 0.5), "close_flood": (24, 0.5), "big_messages": (24, 0.9),
    "endless_frame": (24, 0.9), "wrong_codes": (24, 0.6)}
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


class Memory:
    """The highest resident memory of a process while it is watched, in bytes."""

    def __init__(self, process: int):
        self.path = Path(f"/proc/{process}/statm")
        self.before = self.peak = self.now()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def now(self) -> int:
        return int(self.path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _watch(self):
        while not self.is_over.wait(0.05):
            self.peak = max(self.peak, self.now())

    def end(self) -> int:
        self.is_over.set()
        self.thread.join()
        return self.peak - self.before


def commit(kind: str, server: Server, code: str, began: float) -> dict:
    """One window of abuse: what it cost the server, and when it was."""
    process = server.program.process.pid
    memory, used, start = Memory(process), processor_seconds(process), time.monotonic()
    done = subprocess.run([sys.executable, OFFENDERS, kind, str(server.port), str(WINDOW), code], check=True,
                          timeout=90, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    end = time.monotonic()
    return {"kind": kind, "start": start - began, "end": end - began,
            "cores": (processor_seconds(process) - used) / (end - start),
            "memoryMebibytes": round(memory.end() / 1_048_576, 1), **json.loads(done.stdout)}


@pytest.fixture(scope="module")
def told(tmp_path_factory, output):
    server = Server(tmp_path_factory.mktemp("abuse") / "data")
    made = server.create_class("被打扰的一课", kind="largeLecture")
    seconds = int((WINDOW + QUIET + 2) * len(KINDS)) + 20
    load = subprocess.Popen(
        [LOAD_TESTS, "--server", server.url.replace("localhost", "127.0.0.1"), "--key-file",
         server.data / "keys/administrator.key", "--pin", server.ready["fingerprint"], "--seats", str(SEATS),
         "--seconds", str(seconds), "--chats", str(seconds), "--votes", "0", "--json", "--tell-begin"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(load.stdout.readline())["event"] == "loading"
        began = time.monotonic()
        process = server.program.process.pid
        time.sleep(3)
        windows = []
        calm = (processor_seconds(process), time.monotonic())
        loud = next(row for row in server.api("/classes")["classes"] if row["id"] != made["class"]["id"])
        for kind in KINDS:
            time.sleep(QUIET)
            quiet = (processor_seconds(process) - calm[0]) / (time.monotonic() - calm[1])
            # Who never reads sits in the class with the sound; the others would only fill its seats.
            place = loud if kind == "readers_that_never_read" else made["class"]
            window = commit(kind, server, place["code"], began)
            windows.append({**window, "quietCores": quiet})
            calm = (processor_seconds(process), time.monotonic())
        result = json.loads(load.stdout.read())
        load.wait(timeout=60)
        log = server.program.err.decode(errors="replace")
    finally:
        if load.poll() is None:
            load.kill()
            load.wait()
        server.kill()
    for window in windows:
        window["during"], window["before"] = delays(result, window)
    (output / "abuse.json").write_text(json.dumps({"windows": windows, "log": log.splitlines()[:50], **{
        key: value for key, value in result.items() if key != "delaysBySecond"}}, ensure_ascii=False, indent=1))
    return {"windows": {window["kind"]: window for window in windows}, "result": result, "log": log}


def delays(result: dict, window: dict) -> tuple[dict, dict]:
    """Medians of the whole seconds inside a window, and of as many quiet ones before it."""
    by_second = result["delaysBySecond"]
    first, last = int(window["start"]) + 1, int(window["end"])
    seconds = lambda span: [by_second[second] for second in span if 0 <= second < len(by_second)]
    middle = lambda part, key: statistics.median(second[key] for second in part) if part else None
    return tuple({key: middle(seconds(span), key) for key in ("median", "delay99th")}
                 for span in (range(first, max(last, first + 1)), range(first - 1 - int(QUIET), first - 1)))


def test_two_hundred_listeners_lose_nothing(told):
    result = told["result"]
    calm = statistics.median(window["before"]["delay99th"] or 0 for window in told["windows"].values())
    if calm > BUSY_MILLISECONDS:
        pytest.skip(f"too busy a machine to tell: without any offender one packet in a hundred takes {calm:.0f} ms")
    assert result["packetsMissing"] == 0, result["packetsMissing"]
    assert result["packetsDoubled"] == result["packetsForeign"] == 0
    assert result["chatsMissing"] == result["chatsDoubled"] == result["interruptions"] == 0
    assert result["refusals"] == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_costs_is_bounded_and_nobody_waits(told, kind):
    window = told["windows"][kind]
    memory, cores = BOUNDS[kind]
    assert window["made"] > 0, window
    assert window["memoryMebibytes"] < memory, window
    assert window["cores"] - window["quietCores"] < cores * CORES_SLACK, window
    assert window["during"]["median"] - window["before"]["median"] < SLACK * ADDED_DELAY_MILLISECONDS_MAXIMUM, window
    if kind in CODES:
        assert window["ended"] > 0 and set(window["codes"]) <= CODES[kind], window


def test_the_log_has_a_line_at_most_for_each_offender(told):
    lines = [line for line in told["log"].splitlines() if "127.0.0.1" in line]
    assert len(lines) <= 2, lines
