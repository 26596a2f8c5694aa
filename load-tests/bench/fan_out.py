"""The fan-out of a relay against its floor, in paired rounds: one lecturer, thousands of listeners.

    fan_out.py --listeners 1000 --pairs 9 [--plain | --tls] [--kind smallInteractive] [--seconds 10] [--bundle MILLISECONDS]

Server and floor take turns, a new process for every run, on one processor; listeners and lecturer on the other. What is
told is deliveries per second of the server's processor time, as a ratio to the floor in the same pair.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/e2e"))

SERVER_PROCESSOR, CROWD_PROCESSOR = 0, 1
PATIENCE_SECONDS = 240
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(process: int) -> tuple[float, float]:
    """User and system seconds of all threads so far, to the hundredth."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def resident_bytes(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


class Lines:
    """A program that speaks in lines of JSON and is told what to do in words."""

    def __init__(self, processor: int, *arguments):
        self.process = subprocess.Popen(["taskset", "-c", str(processor), *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def hear(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[3]} ended with {self.process.wait()}")
        return json.loads(line)

    def order(self, words: str):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_SECONDS)


class Relay:
    """A relay of its own, with an empty folder."""

    def __init__(self, folder: Path, is_secure: bool):
        from server import Server
        self.server = Server(folder / "data", *(() if is_secure else ("--tls", "off")),
                             prefix=("taskset", "-c", str(SERVER_PROCESSOR)))
        self.pid = self.server.program.process.pid
        self.source = ["--server", self.server.url.replace("localhost", "127.0.0.1"), "--key-file",
                       self.server.data / "keys/administrator.key"]
        if is_secure:
            self.source += ["--pin", self.server.ready["fingerprint"]]

    def begin(self, seconds: int):
        """The lecturer, who is one of the crowd, begins by himself."""

    def end(self):
        self.server.kill()


class Floor:
    """The floor, with the certificate of a relay."""

    def __init__(self, program: Path, packet_bytes: int, options: list, certificate: Path | None):
        tls = ["--tls", certificate / "certificate.pem", certificate / "key.pem"] if certificate else []
        self.lines = Lines(SERVER_PROCESSOR, program, "--packet-bytes", packet_bytes, *tls, *options)
        self.pid = self.lines.process.pid
        scheme = "https" if certificate else "http"
        self.source = ["--floor", "--server", f"{scheme}://127.0.0.1:{self.lines.hear()['port']}"]

    def begin(self, seconds: int):
        self.lines.order(f"begin {seconds}")

    def end(self):
        self.lines.end()


def measure(place, crowd_program: Path, asked, options: list) -> dict:
    """One run: everybody comes in, listens, and the server's time in between is read."""
    idle = resident_bytes(place.pid)
    crowd = Lines(CROWD_PROCESSOR, crowd_program, "lecture", *place.source, "--listeners", asked.listeners,
                  "--joins-per-second", asked.joins_per_second, "--seconds", asked.seconds, "--packet-bytes",
                  asked.packet_bytes, *options)
    assert crowd.hear()["event"] == "ready"
    joined = resident_bytes(place.pid)
    before, began = processor_seconds(place.pid), time.monotonic()
    crowd.order("begin")
    place.begin(asked.seconds)
    result = crowd.hear()
    after, took = processor_seconds(place.pid), time.monotonic() - began
    crowd.end()
    user, system = (later - earlier for earlier, later in zip(before, after))
    spent = user + system
    return {**result, "userMicroseconds": round(user / result["delivered"] * 1e6, 3),
            "systemMicroseconds": round(system / result["delivered"] * 1e6, 3),
            "deliveriesPerProcessorSecond": round(result["delivered"] / spent), "processorSeconds": round(spent, 2),
            "seconds": round(took, 1), "bytesPerListener": round((joined - idle) / asked.listeners)}


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--listeners", type=int, required=True)
    words.add_argument("--pairs", type=int, required=True)
    words.add_argument("--seconds", type=int, default=10)
    words.add_argument("--joins-per-second", type=int, default=300)
    words.add_argument("--packet-bytes", type=int, default=77, help="77 make messages of 100 bytes")
    words.add_argument("--kind", default="smallInteractive")
    words.add_argument("--classes", type=int, default=1, help="among which the listeners are spread; the floor has one")
    words.add_argument("--tls", action="store_true")
    words.add_argument("--floor", nargs="*", default=[], help="options of the floor, such as drain")
    asked = words.parse_args()
    programs = Path(os.environ["LIVERELAY_LOAD_TESTS"]).parent
    floor_options = [word if word.isdigit() else f"--{word}" for word in asked.floor]
    ratios = []
    for pair in range(asked.pairs):
        found = {}
        for name in ("floor", "relay") if pair % 2 else ("relay", "floor"):
            with tempfile.TemporaryDirectory() as folder:
                certificate = None
                if asked.tls and name == "floor":
                    certificate = Path(folder) / "certificate"
                    certificate.mkdir()
                    make_certificate(certificate)
                place = Relay(Path(folder), asked.tls) if name == "relay" else \
                    Floor(programs / "fan-out-floor", asked.packet_bytes, floor_options, certificate)
                try:
                    found[name] = measure(place, programs / "load-tests", asked,
                                          ["--kind", asked.kind, "--classes", asked.classes] if name == "relay" else [])
                finally:
                    place.end()
            print(json.dumps({"pair": pair, "server": name, **found[name]}), flush=True)
        ratios.append(found["relay"]["deliveriesPerProcessorSecond"] / found["floor"]["deliveriesPerProcessorSecond"])
    print(json.dumps({"ratio": round(statistics.median(ratios), 3), "least": round(min(ratios), 3),
                      "most": round(max(ratios), 3), "pairs": len(ratios)}))


def make_certificate(folder: Path):
    """ECDSA P-256, as the relay makes its own."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True)


if __name__ == "__main__":
    main()
