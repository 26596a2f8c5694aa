"""Too few descriptors: the server lives, does not spin, keeps its files, lets in who has something to ask, and serves
again at once."""

import http.client
import os
import select
import socket
import threading
import time
from pathlib import Path

import pytest

from pace import SLACK
from server import BINARY, Program, Server, processor_seconds, wait_until
from test_endurance import joins

DESCRIPTORS = 160
CONNECTIONS = 300
SCHOOL = 20
COMES_IN_SECONDS_MAXIMUM = 10.0
"""A second for each crowd of silent sockets that the kernel holds in front of the school, and the retries of pupils."""
CORE_SHARE_MAXIMUM = 0.10
SERVES_AGAIN_SECONDS_MAXIMUM = 1.0

pytestmark = pytest.mark.alone


@pytest.fixture
def limited(tmp_path):
    running = Server(tmp_path / "data", prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))
    yield running
    running.stop()


def test_without_descriptors_the_server_rests_and_then_serves_again(limited, output):
    made = limited.create_class("没有描述符的一课", lecturerName="张华")
    kept = http.client.HTTPSConnection("127.0.0.1", limited.port, context=limited.trust, timeout=20)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read()
    guest = Program("join", made["links"]["lecturer"], "--insecure", "--silent", "--plain", stdin=-1)
    wait_until(lambda: guest.out, "somebody is in class")
    # Lines that never ask: those that have said nothing for a second are cut while more wait in front of the door.
    crowd = [socket.create_connection(("127.0.0.1", limited.port)) for _ in range(CONNECTIONS)]
    process = limited.program.process.pid
    used = wait_until(lambda: len(os.listdir(f"/proc/{process}/fd")) > DESCRIPTORS - 80 and
                      len(os.listdir(f"/proc/{process}/fd")), "connections use up what they may")
    before, began = processor_seconds(process), time.monotonic()
    guest.write("没有描述符也能聊天\n")
    time.sleep(2)  # what is measured is what the server does in this time
    share = (processor_seconds(process) - before) / (time.monotonic() - began)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read(), "who was here is still served"
    for one in crowd:
        one.close()
    began = time.monotonic()
    assert limited.get("/healthz")[0] == 200
    again = time.monotonic() - began
    token = made["links"]["lecturer"].split("#t=")[1]
    assert joins(limited, {"token": token})["role"] == "lecturer"
    (output / "descriptors.txt").write_text(
        f"{DESCRIPTORS} descriptors, {CONNECTIONS} connections, {used} used; {share:.1%} of a core; serves again after "
        f"{again:.3f} s\n")
    assert used < DESCRIPTORS
    assert share < CORE_SHARE_MAXIMUM
    assert again < SLACK * SERVES_AGAIN_SECONDS_MAXIMUM
    assert [event for event in limited.events(made["class"]["id"]) if event["type"] == "chatPosted"]
    guest.stop()
    limited.verify(made["class"]["id"])


class Besiegers:
    """Sockets that say nothing, and come again as soon as they are cut."""

    def __init__(self, port: int, count: int):
        self.port, self.count, self.cuts = port, count, 0
        self.is_over = threading.Event()
        self.lines: list[socket.socket] = []
        self.thread = threading.Thread(target=self._besiege, daemon=True)
        self.thread.start()

    def _besiege(self):
        while not self.is_over.is_set():
            while len(self.lines) < self.count:
                self.lines.append(socket.create_connection(("127.0.0.1", self.port)))
            # Nothing is ever said to them, so what can be read is their end.
            for line in select.select(self.lines, [], [], 0.05)[0]:
                line.close()
                self.lines.remove(line)
                self.cuts += 1

    def end(self):
        self.is_over.set()
        self.thread.join()
        for line in self.lines:
            line.close()


def test_a_school_comes_in_where_silent_lines_hold_all_descriptors(limited, output):
    made = limited.create_class("被占满的一课")
    process = limited.program.process.pid
    besiegers = Besiegers(limited.port, CONNECTIONS)
    try:
        wait_until(lambda: len(os.listdir(f"/proc/{process}/fd")) > DESCRIPTORS - 80, "silent lines hold all there are")
        waited = []
        for number in range(SCHOOL):
            began = time.monotonic()
            pupil = {"code": made["class"]["code"], "name": f"学员{number}", "number": "",
                     "device": f"device-{number:026}"}
            assert wait_until(lambda: attempt(limited, pupil), "a pupil comes in")["role"] == "participant"
            waited.append(time.monotonic() - began)
        before, began = processor_seconds(process), time.monotonic()
        time.sleep(1)  # what is measured is what the siege costs in this time
        share = (processor_seconds(process) - before) / (time.monotonic() - began)
    finally:
        besiegers.end()
    (output / "siege.txt").write_text(
        f"{CONNECTIONS} silent lines at {DESCRIPTORS} descriptors, {besiegers.cuts} times cut: {SCHOOL} came in after "
        f"{max(waited):.1f} s at most, {sorted(waited)[SCHOOL // 2]:.1f} s in the median; {share:.1%} of a core\n")
    assert max(waited) < SLACK * COMES_IN_SECONDS_MAXIMUM, waited
    assert share < CORE_SHARE_MAXIMUM * SLACK, share


def attempt(server: Server, credential: dict) -> dict | None:
    try:
        return joins(server, credential)
    except (OSError, TimeoutError):
        return None


def test_the_soft_limit_is_lifted_to_the_hard_one(tmp_path):
    program = Program("--nofile=64:4096", BINARY, "serve", "--data", tmp_path / "data", "--port", "0", "--json",
                      binary="prlimit")
    program.wait_line(lambda line: line.startswith("{"))
    limits = Path(f"/proc/{program.process.pid}/limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [["4096", "4096"]]
    assert program.stop() == 0
