"""Two hundred who listen beside whatever happens to a server, and what that costs it, read from outside."""

import json
import os
import statistics
import subprocess
import threading
import time
from pathlib import Path

from server import Server, processor_seconds

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", "")
SEATS = 200
SECONDS_MAXIMUM = 600
SILENT_MILLISECONDS = 2_000


class Memory:
    """The resident memory of a process while it is watched, in MiB above what it was before."""

    def __init__(self, process: int):
        self.path = Path(f"/proc/{process}/statm")
        self.before = self.peak = self._now()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _now(self) -> int:
        return int(self.path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _watch(self):
        while not self.is_over.wait(0.05):
            self.peak = max(self.peak, self._now())

    def more(self) -> float:
        return round((self._now() - self.before) / 1_048_576, 1)

    def end(self) -> float:
        self.is_over.set()
        self.thread.join()
        return round((self.peak - self.before) / 1_048_576, 1)


class Processor:
    """The share of a core that a process has used since the beginning."""

    def __init__(self, process: int):
        self.process, self.used, self.began = process, processor_seconds(process), time.monotonic()

    def cores(self) -> float:
        return (processor_seconds(self.process) - self.used) / (time.monotonic() - self.began)


class Bystanders:
    """A class with sound and chat, full of seats of our own client, which count what they get second by second."""

    def __init__(self, server: Server, seconds: float):
        seconds = min(int(seconds), SECONDS_MAXIMUM)
        self.process = subprocess.Popen(
            [LOAD_TESTS, "--server", f"https://127.0.0.1:{server.port}", "--key-file",
             server.data / "keys/administrator.key", "--pin", server.ready["fingerprint"], "--seats", str(SEATS),
             "--seconds", str(seconds), "--chats", str(seconds), "--votes", "0", "--json", "--tell-begin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert json.loads(self.process.stdout.readline())["event"] == "loading"
        self.began = time.monotonic()

    def finish(self) -> dict:
        """Ends the class; what everybody has counted."""
        return json.loads(self.process.communicate("finish\n", timeout=60)[0])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def delays(result: dict, first: float, last: float) -> dict:
    """Medians of the delays of the whole seconds from one time of the class to another; of one second at least. A second
    in which nothing came counts as the longest delay there is."""
    span = result["delaysBySecond"][max(0, int(first)):max(int(first) + 1, int(last))]
    return {key: statistics.median(second[key] if second["packets"] else SILENT_MILLISECONDS for second in span)
            for key in ("median", "delay99th")}


def losses(result: dict) -> dict:
    """Whatever somebody has not got, or got twice; nothing where all is well."""
    counts = ("packetsMissing", "packetsDoubled", "packetsForeign", "chatsMissing", "chatsDoubled", "interruptions",
              "refusals")
    return {name: result[name] for name in counts if result[name]}
