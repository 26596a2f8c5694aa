"""No file numbers left: the server stays alive, does not spin, and serves again as soon as there are some."""

import json
import os
import socket
import time

import pytest

from pace import SLACK
from server import Server, processor_seconds, wait_until
from test_endurance import joins

FILES, KEPT = 256, 64
"""So many in all; connections leave so many to files."""


@pytest.fixture()
def starved(tmp_path):
    server = Server(tmp_path / "data", prefix=["prlimit", f"--nofile={FILES}"])
    yield server
    server.kill()


def test_a_server_without_file_numbers_lives_waits_and_serves_again(starved, output):
    made = starved.create_class("没有文件号的一课", lecturerName="张华")
    token = {"token": made["links"]["lecturer"].split("#t=")[1]}
    pid = starved.program.process.pid
    crowd = []
    try:
        for _ in range(2 * FILES):
            line = socket.socket()
            line.settimeout(0.5)
            try:
                line.connect(("127.0.0.1", starved.port))
            except OSError:
                line.close()
                break
            crowd.append(line)
        wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) >= FILES - KEPT - 2, "no file numbers are left")
        before, began = processor_seconds(pid), time.monotonic()
        time.sleep(3)
        share = (processor_seconds(pid) - before) / (time.monotonic() - began)
        assert starved.program.process.poll() is None
    finally:
        for line in crowd:
            line.close()
    freed = time.monotonic()
    hello = wait_until(lambda: attempt(starved, token), "somebody is let in again", 10)
    again = time.monotonic() - freed
    (output / "open-files.json").write_text(json.dumps({"cores": share, "servesAgainSeconds": again}))
    assert hello["role"] == "lecturer"
    assert share < 0.1, share
    assert again < SLACK, again
    starved.verify(made["class"]["id"])


def attempt(server: Server, token: dict) -> dict | None:
    try:
        return joins(server, token)
    except OSError:
        return None
