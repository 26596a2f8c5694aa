"""A class under load whose server dies again and again.

By hand: `./run endure --kills 50 --power-cuts 5 --seed 1`. Prints a line for each death and the judgement as JSON.
"""

import argparse
import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.judge import WRONG, judge
from faults.power_cut_fs import PowerCutDisk, reason_not_to_run
from server import Server, run

LOAD_TESTS = os.environ.get("LIVERELAY_LOAD_TESTS", ".build/release/load-tests")
READY_SECONDS, BACK_SECONDS, FINISH_SECONDS = 120.0, 120.0, 150.0
TWICE_SHARE = float(os.environ.get("LIVERELAY_TWICE_SHARE", "0.2"))
"""Of so many deaths another follows at once."""
HEARING_AGAIN_MILLISECONDS_MAXIMUM = 3_000
"""99 of 100 hear again within this time from the first accept."""


class Crowd:
    """The process of all clients of one class."""

    def __init__(self, server: Server, made: dict, seats: int, rate: int, seed: int, journal: Path, prefix=()):
        self.journal = journal
        self.process = subprocess.Popen(
            [*prefix, LOAD_TESTS, "endure", "--lecturer", made["links"]["lecturer"], "--code", made["class"]["code"],
             "--pin", server.ready["fingerprint"], "--seats", str(seats), "--commands-per-second", str(rate),
             "--seed", str(seed), "--journal", str(journal)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)
        self.said: queue.Queue = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def hear(self, seconds: float) -> dict:
        try:
            said = self.said.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError("the clients say nothing") from None
        if said is None:
            raise AssertionError(f"the clients ended with {self.process.wait()}")
        return said

    def order(self, line: str):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def finish(self) -> dict:
        self.order("finish")
        said = self.hear(FINISH_SECONDS)
        self.process.stdin.close()
        self.process.wait(timeout=FINISH_SECONDS)
        return said

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def milliseconds() -> int:
    return int(time.monotonic() * 1000)


def restart(server: Server) -> tuple[int, int]:
    """Starts the server; when it was started, and when it first took a connection."""
    accepted: list[int] = []

    def knock():
        while not accepted:
            try:
                with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                    accepted.append(milliseconds())
            except OSError:
                time.sleep(0.002)

    knocking = threading.Thread(target=knock, daemon=True)
    started = milliseconds()
    knocking.start()
    server.start()
    knocking.join(timeout=5)
    return started, accepted[0]


def endure(server: Server, seed: int, kills: int, seats: int, rate: int, journal: Path, disk: PowerCutDisk | None = None,
           pause=(1.0, 8.0), say=print) -> dict:
    """Runs a class through so many deaths: kill -9, or power cuts where there is a disk for it. The judgement."""
    chance = random.Random(seed)
    made = server.create_class("断电的一课", kind="largeLecture", lecturerName="张华")
    crowd = Crowd(server, made, seats, rate, seed, journal)
    deaths = []
    try:
        crowd.hear(READY_SECONDS)
        for number in range(kills):
            time.sleep(chance.uniform(*pause))
            deaths.append(die(server, disk, chance, seed * 1_000 + number, crowd, number))
            say(json.dumps(deaths[-1]))
        time.sleep(chance.uniform(*pause))
        seen = crowd.finish()
    finally:
        crowd.kill()
    return {"deaths": deaths, **conclude(server, made, journal, seen)}


def conclude(server: Server, made: dict, journal: Path, seen: dict) -> dict:
    """Stops the server and judges what lies on its disk against what its clients saw."""
    server.stop()
    verified = run("verify", server.data, "--class", made["class"]["id"], seconds=300).stdout.decode()
    judgement = judge(server.folder(made["class"]["id"]), journal, seen.pop("chats"))
    return {"seen": seen, "judgement": judgement, "verified": verified.strip().splitlines()[-1]}


def die(server: Server, disk: PowerCutDisk | None, chance: random.Random, seed: int, crowd: Crowd, number: int) -> dict:
    killed = milliseconds()
    lost = None
    again = chance.random() < TWICE_SHARE
    if disk is None:
        server.kill()
    else:
        # One cut leaves nothing of what was not synced, one a torn tail, one a tail with holes.
        lost = disk.cut([server.program.process], seed=seed if number % 3 else None, reordered=number % 3 == 2)
    started, accepted = restart(server)
    if again:
        # A second death while everybody is coming back.
        time.sleep(chance.uniform(0, 1.5))
        server.program.stop(signal.SIGKILL) if disk is None else disk.cut([server.program.process])
        started, accepted = restart(server)
    crowd.order(f"outage {number} {killed} {accepted}")
    back = crowd.hear(BACK_SECONDS)
    return {**back, "startMilliseconds": accepted - started, "twice": again, **({"dropped": lost} if lost else {})}


def faults_of(result: dict) -> list[str]:
    """What is wrong, in words; nothing where all is well."""
    judgement, seen, deaths = result["judgement"], result["seen"], result["deaths"]
    wrong = [f"{name}: {len(judgement[name])}, such as {judgement[name][:2]}" for name in WRONG if judgement[name]]
    wrong += [f"{name}: {seen[name]}" for name in ("gaveUp", "different", "chatsMissed", "chatsTwice", "open")
              if seen[name]]
    wrong += [f"not back after death {death['outage']}: {death['silent']}" for death in deaths if death["silent"]]
    return wrong


def summary(result: dict) -> dict:
    """The figures of a run."""
    deaths = result["deaths"]
    # Lists of what is wrong become numbers; nothing is hidden, `faults_of` has the examples.
    judgement = {name: len(value) if isinstance(value, list) else value for name, value in result["judgement"].items()}
    return {"deaths": len(deaths), **judgement, "seen": result["seen"],
            "p50": sorted(death["p50"] for death in deaths)[len(deaths) // 2],
            "p99Worst": max(death["p99"] for death in deaths), "maxWorst": max(death["max"] for death in deaths),
            "startWorst": max(death["startMilliseconds"] for death in deaths),
            "above": sum(1 for death in deaths if death["p99"] >= HEARING_AGAIN_MILLISECONDS_MAXIMUM),
            "verified": result["verified"]}


def main():
    words = argparse.ArgumentParser(prog="./run endure")
    words.add_argument("--kills", type=int, default=50, help="deaths by kill -9, on the disk of the machine")
    words.add_argument("--power-cuts", type=int, default=5, help="deaths with all that was not synced")
    words.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    words.add_argument("--seats", type=int, default=300)
    words.add_argument("--rate", type=int, default=500, help="commands tried in a second")
    asked = words.parse_args()
    print(f"seed {asked.seed}", flush=True)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="endure-") as folder:
        for name, deaths in (("kill -9", asked.kills), ("power cut", asked.power_cuts)):
            if deaths == 0:
                continue
            place = Path(folder) / name.replace(" ", "")
            disk = PowerCutDisk(place / "disk") if name == "power cut" else None
            if disk and (reason := reason_not_to_run()):
                sys.exit(reason)
            place.mkdir()
            try:
                if disk:
                    disk.mount()
                server = Server((disk.path if disk else place) / "data")
                try:
                    result = endure(server, asked.seed, deaths, asked.seats, asked.rate, place / "journal", disk,
                                    say=lambda line: print(line, flush=True))
                finally:
                    server.kill()
            finally:
                if disk:
                    disk.unmount()
            print(json.dumps({name: summary(result)}, ensure_ascii=False), flush=True)
            wrong += [f"{name}: {what}" for what in faults_of(result)]
    print("\n".join(wrong) or "nothing lost", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
