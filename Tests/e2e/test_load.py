"""Two hundred seats of our own client for a minute: every packet exactly once at each, every chat line, every vote."""

import os
import subprocess

import pytest

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", "")


@pytest.mark.skipif(not LOAD_TESTS, reason="./run test builds the load test and names it in LIVERELAY_LOAD_TESTS")
def test_two_hundred_seats_for_a_minute_miss_nothing(server, output):
    done = subprocess.run(
        [LOAD_TESTS, "--server", server.url, "--key-file", str(server.data / "keys/administrator.key"),
         "--pin", server.ready["fingerprint"], "--seats", "200", "--seconds", "60", "--chats", "500", "--votes", "200",
         "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    (output / "load.json").write_bytes(done.stdout)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
