"""Too few descriptors: the server lives, does not spin, keeps its files, and serves again at once."""

import http.client
import os
import socket
import time
from pathlib import Path

import pytest

from pace import SLACK
from server import BINARY, Program, Server, processor_seconds, wait_until

DESCRIPTORS = 160
CONNECTIONS = 300
CORE_SHARE_MAXIMUM = 0.10
SERVES_AGAIN_SECONDS_MAXIMUM = 1.0

pytestmark = pytest.mark.alone


@pytest.fixture
def limited(tmp_path):
    running = Server(tmp_path / "data", prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))
    yield running
    running.stop()


def test_without_descriptors_the_server_rests_and_then_serves_again(limited, output):
    made = limited.create_class("没有描述符的一课")
    kept = http.client.HTTPSConnection("127.0.0.1", limited.port, context=limited.trust, timeout=20)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read()
    guest = Program("join", made["links"]["lecturer"], "--insecure", "--silent", "--plain", stdin=-1)
    wait_until(lambda: guest.out, "somebody is in class")
    crowd = [socket.create_connection(("127.0.0.1", limited.port)) for _ in range(CONNECTIONS)]
    process = limited.program.process.pid
    used = wait_until(lambda: len(os.listdir(f"/proc/{process}/fd")) > DESCRIPTORS - 80 and
                      len(os.listdir(f"/proc/{process}/fd")), "connections use up what they may")
    before, began = processor_seconds(process), time.monotonic()
    guest.write("没有描述符也能聊天\n")
    time.sleep(3)  # what is measured is what the server does in this time
    share = (processor_seconds(process) - before) / (time.monotonic() - began)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read(), "who was here is still served"
    for one in crowd:
        one.close()
    began = time.monotonic()
    assert limited.get("/healthz")[0] == 200
    again = time.monotonic() - began
    (output / "descriptors.txt").write_text(
        f"{DESCRIPTORS} descriptors, {CONNECTIONS} connections, {used} used; {share:.1%} of a core; serves again after "
        f"{again:.3f} s\n")
    assert used < DESCRIPTORS
    assert share < CORE_SHARE_MAXIMUM
    assert again < SLACK * SERVES_AGAIN_SECONDS_MAXIMUM
    assert [event for event in limited.events(made["class"]["id"]) if event["type"] == "chatPosted"]
    guest.stop()


def test_the_soft_limit_is_lifted_to_the_hard_one(tmp_path):
    program = Program("--nofile=64:4096", BINARY, "serve", "--data", tmp_path / "data", "--port", "0", "--json",
                      binary="prlimit")
    program.wait_line(lambda line: line.startswith("{"))
    limits = Path(f"/proc/{program.process.pid}/limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [["4096", "4096"]]
    assert program.stop() == 0
