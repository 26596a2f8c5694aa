"""A server that gives its place to a new version of itself, and what people notice of it."""

import os
import signal
import ssl
import threading
import time
import urllib.request
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy

from server import Server, wait_until

TONE_HERTZ = 440
RATE = 48_000


def is_running(process: int) -> bool:
    """Whether a process that need not be our child runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def holder(server: Server) -> int:
    """The process that has the data folder, as it says itself."""
    return int((server.data / "lock").read_text().split()[0])


def give_place(server: Server) -> int:
    """SIGUSR2; returns the exit code of the old process, once the new one serves."""
    before = server.program.process
    os.kill(before.pid, signal.SIGUSR2)
    code = before.wait(timeout=60)
    wait_until(lambda: holder(server) != before.pid, "another process has the data folder")
    return code


def end(server: Server):
    """Ends the process that has the data folder, whichever it is."""
    process = holder(server)
    if is_running(process):
        os.kill(process, signal.SIGTERM)
        wait_until(lambda: not is_running(process), "the server ends")
    server.program.stop()


class Visitors:
    """Asks for a page every 20 ms, each time by a connection of its own, and remembers how that went."""

    PERIOD_SECONDS = 0.02

    def __init__(self, url: str, path: str = "/"):
        self.url = url + path
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE
        self.failures: list[str] = []
        self.waits: list[float] = []
        self.over = threading.Event()

    def __enter__(self):
        self.pool = ThreadPoolExecutor(128)
        self.thread = threading.Thread(target=self._knock, daemon=True)
        self.thread.start()
        return self

    def _knock(self):
        while not self.over.wait(self.PERIOD_SECONDS):
            self.pool.submit(self._ask)

    def _ask(self):
        began = time.monotonic()
        try:
            with urllib.request.urlopen(self.url, context=self.trust, timeout=30) as answer:
                answer.read()
                if answer.status != 200:
                    self.failures.append(f"status {answer.status}")
        except OSError as failure:
            self.failures.append(repr(failure))
        self.waits.append(time.monotonic() - began)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.pool.shutdown()


def tone(path: Path, seconds: int = 120) -> Path:
    """A tone without a pause, as WAV."""
    wave_form = numpy.sin(numpy.arange(RATE * seconds) * 2 * numpy.pi * TONE_HERTZ / RATE) * 12_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(wave_form.astype("<i2").tobytes())
    return path


class Ear:
    """Reads s16le at 48 kHz from a program's output as it comes, and knows when there was sound."""

    BLOCK_SECONDS = 0.02

    def __init__(self, program):
        self.program = program
        self.arrivals: list[tuple[float, bytes]] = []
        self.over = False
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        seen = 0
        while not self.over:
            have = len(self.program.out)
            if have > seen:
                self.arrivals.append((time.monotonic(), bytes(self.program.out[seen:have])))
                seen = have
            time.sleep(0.005)

    def loud(self) -> list[float]:
        """When pieces with sound came."""
        return [at for at, piece in self.arrivals
                if len(piece) > 64 and numpy.abs(numpy.frombuffer(piece[:len(piece) // 2 * 2], "<i2")).max() > 1_000]

    def longest_silence(self, since: float) -> float:
        """The longest time without sound after a moment, in seconds."""
        times = [at for at in self.loud() if at >= since - 0.5]
        return max((later - sooner for sooner, later in zip(times, times[1:])), default=float("inf"))

    def stop(self):
        self.over = True
        self.thread.join()
