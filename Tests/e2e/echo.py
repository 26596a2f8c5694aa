"""The echo program of the load tests, in both roles: what conformance suites and foreign programs talk to."""

import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from server import Program, wait_until

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", ".build/release/load-tests")
# Longer than any suite takes here; the programs end by themselves then.
SECONDS = 3600


@contextmanager
def serving(folder: Path | None = None, *options):
    """A running echo with its `url`; over TLS where a folder for the certificate is given."""
    transport = ["--plain"] if folder is None else ["--tls", folder]
    program = Program("echo", "--port", 0, *transport, "--seconds", SECONDS, *options, binary=LOAD_TESTS)
    try:
        program.ready = json.loads(program.wait_line(lambda line: line.startswith("{")))
        program.url = program.ready["url"]
        yield program
    finally:
        program.stop()


def call(url: str, *options, seconds: float = SECONDS) -> dict:
    """The client role to its end; what it says of it."""
    done = subprocess.run([LOAD_TESTS, "echo-client", "--server", url, "--seconds", str(int(seconds)), *options],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=seconds + 30)
    if done.returncode != 0:
        raise AssertionError(f"echo-client: exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout)


@contextmanager
def bridge(*ends: str):
    """A socat between two ends, of which the first listens at a free port of this machine; yields that port. It is how
    a judge without TLS of its own judges TLS."""
    program = shutil.which("socat")
    if program is None:
        raise RuntimeError("socat is missing; ./run installs it")
    # -t: how long the other direction may still speak after one has ended, which a closing handshake needs.
    running = Program("-d", "-d", "-t", "10", *ends, binary=program)
    try:
        pattern = re.compile(r"listening on AF=2 127\.0\.0\.1:(\d+)")
        found = wait_until(lambda: pattern.search(running.err.decode(errors="replace")), "socat listens", 10)
        yield int(found.group(1))
    finally:
        running.stop()


def towards_tls(port: int):
    """Plain at this end, TLS at the port. Without `nodelay` each message would wait for an acknowledgement."""
    return bridge("TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,fork,nodelay", f"OPENSSL:127.0.0.1:{port},verify=0,nodelay")


def from_tls(port: int, folder: Path):
    """TLS at this end, with the certificate that lies in the folder, plain at the port."""
    certificate = f"cert={folder}/certificate.pem,key={folder}/certificate-key.pem"
    return bridge(f"OPENSSL-LISTEN:0,bind=127.0.0.1,reuseaddr,fork,nodelay,verify=0,{certificate}",
                  f"TCP:127.0.0.1:{port},nodelay")
