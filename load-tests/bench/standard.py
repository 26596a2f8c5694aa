"""The standard set of benchmarks: what `./run bench` runs. Writes RESULTS.md, three pictures into bench/, and
test-output/bench.json.

    standard.py [--quick] [--only NAME …] [--results FILE]

Every run has a server of its own on one processor; listeners and lecturers are on the other. It takes about an hour and is
given up after 100 minutes; with --quick, which shows that everything works and measures nothing, after ten.
"""

import argparse
import datetime
import json
import math
import os
import platform
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from fan_out import (CROWD_PROCESSOR, ROOT, Floor, Lines, Relay, make_certificate, measure, processor_seconds,
                     resident_bytes)
from plot import fit, svg

PROGRAMS = Path(os.environ["LIVERELAY_LOAD_TESTS"]).parent
FULL_SECONDS_MAXIMUM, QUICK_SECONDS_MAXIMUM = 100 * 60, 10 * 60
SEATS_OF_A_SMALL_CLASS = 290
PACKET_BYTES = 77  # messages of 100 bytes
DELAY_MILLISECONDS_MAXIMUM = 100  # at the 99th percentile, where the largest class is looked for


def peak_bytes(process: int) -> int:
    """The most memory that a process ever had."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


class Bench:
    """The runs, and what they have shown."""

    def __init__(self, is_quick: bool):
        self.is_quick, self.found = is_quick, {}

    def choose(self, full, quick):
        return quick if self.is_quick else full

    def run(self, listeners: int, *, floor: list | None = None, tls=False, kind="largeLecture", classes=1, seconds=None,
            joins=1_000, **options) -> dict:
        """One lecture on a relay, or on the floor; `options` are those of `load-tests lecture`."""
        seconds = seconds or self.choose(10, 2)
        asked = SimpleNamespace(listeners=listeners, joins_per_second=joins, seconds=seconds, packet_bytes=PACKET_BYTES)
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with tempfile.TemporaryDirectory() as folder:
            place = self.place(Path(folder), tls, floor)
            try:
                source = [] if floor is not None else ["--kind", kind, "--classes", classes]
                idle = resident_bytes(place.pid)
                result = measure(place, PROGRAMS / "load-tests", asked, source + words)
                result |= {"idleBytes": idle, "peakBytes": peak_bytes(place.pid), "lectureSeconds": seconds,
                           "processors": round(result["processorSeconds"] / seconds, 3)}
            finally:
                place.end()
        say({"listeners": listeners, "server": "relay" if floor is None else "floor", "tls": tls, "kind": kind,
             "classes": classes, **options, **result})
        return result

    def place(self, folder: Path, tls: bool, floor: list | None):
        if floor is None:
            return Relay(folder, tls)
        certificate = None
        if tls:
            certificate = folder / "certificate"
            certificate.mkdir()
            make_certificate(certificate)
        return Floor(PROGRAMS / "fan-out-floor", PACKET_BYTES, floor, certificate)

    def pairs(self, count: int, listeners: int, floor: list, **options) -> dict:
        """Relay and floor in turns; the median of the ratio in each pair, and its range."""
        ratios, relays, floors = [], [], []
        for pair in range(count):
            for name in ("floor", "relay") if pair % 2 else ("relay", "floor"):
                if name == "floor":
                    floors.append(self.run(listeners, floor=floor, **{**options, "classes": 1}))
                else:
                    relays.append(self.run(listeners, **options))
            ratios.append(relays[-1]["deliveriesPerProcessorSecond"] / floors[-1]["deliveriesPerProcessorSecond"])
        return {"ratio": median(ratios), "least": round(min(ratios), 3), "most": round(max(ratios), 3), "pairs": count,
                **{f"{name}{what}": median([run[key] for run in runs]) for name, runs in (("relay", relays), ("floor", floors))
                   for what, key in (("DeliveriesPerProcessorSecond", "deliveriesPerProcessorSecond"),
                                     ("UserMicroseconds", "userMicroseconds"), ("BytesPerListener", "bytesPerListener"),
                                     ("Delay99th", "delay99th"))},
                "lost": sum(lost(run) for run in relays)}

    # The set; each gives back what stands in the results.

    def single(self, tls: bool) -> dict:
        listeners = self.choose(1_000, 20)
        return self.pairs(self.choose(9, 1), listeners, [], tls=tls, kind="smallInteractive",
                          classes=self.choose(4, 1), joins=self.choose(300, 100))

    def bundles(self, tls: bool) -> dict:
        return self.pairs(self.choose(3, 1), self.choose(5_000, 20), ["--bundle-milliseconds", "100"], tls=tls)

    def largest(self, tls: bool) -> dict:
        """The most listeners whose sound at 50 messages a second is never later than the bound, by steps of 500."""
        found = {}
        for name, floor in (("relay", None), ("floor", ["--drain"])):
            number, best = self.choose(4_000 if tls else 6_000, 20), 0
            while number <= self.choose(9_500, 20):
                options = {"floor": floor} if floor else {"classes": math.ceil(number / SEATS_OF_A_SMALL_CLASS)}
                tries = (self.run(number, tls=tls, kind="smallInteractive", **options) for _ in range(2))
                if not any(lost(run) == 0 and run["delay99th"] <= DELAY_MILLISECONDS_MAXIMUM for run in tries):
                    break
                best, number = number, number + 500
            found[name] = best
        return found

    def plenty(self) -> dict:
        return shown(self.run(self.choose(15_000, 50), joins=self.choose(1_500, 100)))

    def handshakes(self) -> dict:
        """Full TLS handshakes with the upgrade, of people who never say who they are: no class is needed."""
        count = self.choose(3_000, 50)
        ratios, rates = [], {"relay": [], "floor": []}
        for pair in range(self.choose(9, 1)):
            for name in ("floor", "relay") if pair % 2 else ("relay", "floor"):
                with tempfile.TemporaryDirectory() as folder:
                    place = self.place(Path(folder), True, [] if name == "floor" else None)
                    try:
                        before = sum(processor_seconds(place.pid))
                        server = place.source[place.source.index("--server") + 1]
                        crowd = Lines(CROWD_PROCESSOR, PROGRAMS / "load-tests", "lecture", "--floor", "--server", server,
                                      "--listeners", count, "--joins-per-second", 1_000, "--seconds", 1, "--packet-bytes",
                                      PACKET_BYTES)
                        assert crowd.hear()["event"] == "ready"
                        rates[name].append(count / max(sum(processor_seconds(place.pid)) - before, 0.01))
                        crowd.process.kill()
                        crowd.process.wait()
                    finally:
                        place.end()
            ratios.append(rates["relay"][-1] / rates["floor"][-1])
        return {"ratio": median(ratios), "least": round(min(ratios), 3), "most": round(max(ratios), 3), "pairs": len(ratios),
                **{f"{name}PerProcessorSecond": round(statistics.median(found)) for name, found in rates.items()}}

    def waves(self, listeners: int, waves: str, **options) -> list[dict]:
        """Runs with the same waves; of each wave the run in the middle, by its 99th percentile."""
        runs = [self.run(listeners, tls=True, waves=waves, **options)["waves"] for _ in range(self.choose(3, 1))]
        return [sorted(same, key=lambda wave: wave["answer99th"])[len(same) // 2] for same in zip(*runs)]

    def joins(self) -> list[dict]:
        return self.waves(self.choose(500, 20), f"join:{self.choose(5_000, 30)}:1", seconds=self.choose(30, 3))

    def answers(self) -> list[dict]:
        count, few = self.choose(5_000, 20), self.choose(200, 20)
        return self.waves(count, f"poll:{count}:5,chat:{few}:5,hands:{few}:5" if not self.is_quick else
                          f"poll:{count}:1,chat:{few}:1,hands:{few}:1", seconds=self.choose(60, 4))

    def many(self) -> list[dict]:
        classes = self.choose(200, 3)
        return [shown(self.run(classes * 20, kind="smallInteractive", classes=classes, speakers=speakers, tls=True,
                               joins=500)) for speakers in (1, 2)]

    def stopped(self) -> dict:
        """A tenth reads nothing: the others' delays with them and without, and the most memory there was."""
        listeners, found = self.choose(2_000, 30), {"without": [], "with": []}
        for _ in range(self.choose(3, 1)):
            found["without"].append(self.run(listeners, seconds=self.choose(30, 2)))
            found["with"].append(self.run(listeners, seconds=self.choose(30, 2), stopped=listeners // 20,
                                          slow=listeners // 20))
        return {name: {"delay99th": median([run["delay99th"] for run in runs]), "lost": sum(map(lost, runs)),
                       "peakMebibytes": round(max(run["peakBytes"] for run in runs) / 2**20, 1)}
                for name, runs in found.items()}

    def long(self) -> dict:
        """Ten minutes of a large lecture with chat and polls going on."""
        count, seconds = self.choose(5_000, 30), self.choose(600, 6)
        waves = ",".join([f"poll:{count // 2}:5", f"chat:{self.choose(100, 10)}:{self.choose(20, 1)}"]
                         * self.choose(10, 1))
        run = self.run(count, tls=True, seconds=seconds, waves=waves)
        return {**shown(run), "waves": len(run["waves"]), "accepted": sum(wave["accepted"] for wave in run["waves"]),
                "answer99th": max(wave["answer99th"] for wave in run["waves"]),
                "joinedMebibytes": round((run["idleBytes"] + run["bytesPerListener"] * count) / 2**20, 1),
                "peakMebibytes": round(run["peakBytes"] / 2**20, 1)}

    def growth(self) -> dict:
        """The server's processor time as work grows: listeners, classes, speakers."""
        steps = {"listeners": self.choose([1_000, 2_000, 3_000, 4_000, 5_000], [10, 20]),
                 "classes": self.choose([25, 50, 100, 150, 200], [1, 2]), "speakers": self.choose([1, 2], [1, 2])}
        options = {"listeners": lambda n: (n, {}),
                   "classes": lambda n: (20 * n, {"classes": n, "kind": "smallInteractive", "joins": 500}),
                   "speakers": lambda n: (self.choose(1_000, 10), {"classes": self.choose(50, 2), "speakers": n,
                                                                   "kind": "smallInteractive", "joins": 500})}
        return {name: [[step, self.run(options[name](step)[0], **options[name](step)[1])["processors"]] for step in many]
                for name, many in steps.items()}


def median(values) -> float:
    return round(statistics.median(values), 3)


def lost(run: dict) -> int:
    """Packets that did not come, or not as they were sent, and lines that broke."""
    return sum(run[key] for key in ("missing", "doubled", "altered", "behind")) + sum(run["losses"].values())


def shown(run: dict) -> dict:
    return {"listeners": run["listeners"], "deliveriesPerSecond": round(run["delivered"] / run["lectureSeconds"]),
            "processors": run["processors"], "delayMedian": run["delayMedian"], "delay99th": run["delay99th"],
            "lost": lost(run)}


def say(value: dict):
    print(json.dumps(value, default=str), file=sys.stderr, flush=True)


SET = {
    "single": lambda bench: bench.single(False), "singleTLS": lambda bench: bench.single(True),
    "bundles": lambda bench: bench.bundles(False), "bundlesTLS": lambda bench: bench.bundles(True),
    "handshakes": Bench.handshakes, "largest": lambda bench: bench.largest(False),
    "largestTLS": lambda bench: bench.largest(True), "plenty": Bench.plenty, "joins": Bench.joins,
    "answers": Bench.answers, "many": Bench.many, "stopped": Bench.stopped, "growth": Bench.growth, "long": Bench.long,
}

METHOD = """1. Server and floor (`floor/`: one `send` or `SSL_write` for each delivery, nothing else) take turns on one processor, a new process for every run; listeners and lecturers are on the other.
2. Lecturers send 50 packets a second, each with its number and its time; every listener looks at every byte, so loss is exact and a delay is that of one packet.
3. A ratio is that of deliveries for each second of the server's processor time within one pair; told are the median of the pairs and their range.
4. Delays come from HDR histograms of every packet of every listener; of several runs the median is told."""


def heading(name: str) -> str:
    return {"single": "1,000 listeners, single packets, plain", "singleTLS": "The same over TLS",
            "bundles": "5,000 listeners, 100 ms in a message, plain", "bundlesTLS": "The same over TLS",
            "handshakes": "Full TLS handshakes", "largest": "Largest class, 99th percentile of delay within 100 ms, plain",
            "largestTLS": "The same over TLS", "plenty": "15,000 listeners, plain, 100 ms in a message",
            "joins": "Join storm", "answers": "Poll, chat and hands", "many": "Many small classes, one and two speakers",
            "stopped": "A twentieth reads nothing, another slowly", "growth": "As work grows",
            "long": "Ten minutes of 5,000 listeners over TLS, with chat and polls"}[name]


def table(rows: list[dict]) -> str:
    def cell(value):
        return f"{value:,}" if isinstance(value, (int, float)) else str(value).replace("|", "\\|")
    keys = list(rows[0])
    lines = ["| " + " | ".join(keys) + " |", "|" + "---|" * len(keys)]
    return "\n".join(lines + ["| " + " | ".join(cell(row[key]) for key in keys) + " |" for row in rows])


def section(name: str, found) -> str:
    if name == "growth":
        rows = [{"grows": what, "points (step, processors)": "; ".join(f"{step:,}: {spent}" for step, spent in points),
                 "straight line explains": f"{fit(points)[2]:.3f}", "picture": f"[{what}](bench/growth-{what}.svg)"}
                for what, points in found.items()]
    elif name == "stopped":
        rows = [{"": which, **row} for which, row in found.items()]
    else:
        rows = found if isinstance(found, list) else [found]
    return f"## {heading(name)}\n\n{table(rows)}\n"


def write(found: dict, results: Path, is_quick: bool):
    machine = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                    if line.startswith("model name")), platform.machine())
    head = [f"# Results{' (quick: a few listeners, whatever the headings say; shows that it works, measures nothing)' if is_quick else ''}", "",
            f"`./run bench{' --quick' if is_quick else ''}` wrote this on {datetime.date.today()}: {os.cpu_count()} × {machine}, Linux "
            f"{platform.release()}, {ssl.OPENSSL_VERSION}. Milliseconds, deliveries are packets, `processors` is processor time of the "
            "server for each second.", "", METHOD, ""]
    if {"bundles", "single"} <= found.keys():
        gain = (found["bundles"]["relayDeliveriesPerProcessorSecond"] / found["single"]["relayDeliveriesPerProcessorSecond"])
        head += [f"A large class (100 ms in a message) costs the server {gain:.1f} times less for each delivery than single packets.", ""]
    results.write_text("\n".join(head + [section(name, found[name]) for name in SET if name in found]))
    for what, points in found.get("growth", {}).items():
        pictures = results.parent / "bench"
        pictures.mkdir(exist_ok=True)
        (pictures / f"growth-{what}.svg").write_text(
            svg(f"Processor time by {what}", what, "processors", [tuple(point) for point in points]))


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--quick", action="store_true")
    words.add_argument("--only", nargs="+", choices=SET, default=list(SET))
    words.add_argument("--results", type=Path, help="instead of load-tests/RESULTS.md, which only the whole set writes")
    asked = words.parse_args()
    output = ROOT / "test-output"
    output.mkdir(exist_ok=True)
    # A run that hangs ends all of it; what was found until then is written.
    signal.alarm(QUICK_SECONDS_MAXIMUM if asked.quick else FULL_SECONDS_MAXIMUM)
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("the set takes too long")))
    is_whole = not asked.quick and len(asked.only) == len(SET)
    results = asked.results or (ROOT / "load-tests/RESULTS.md" if is_whole else output / "RESULTS-part.md")
    bench = Bench(asked.quick)
    try:
        for name in asked.only:
            bench.found[name] = SET[name](bench)
            print(f"{heading(name)}: {json.dumps(bench.found[name])}", flush=True)
    finally:
        (output / "bench.json").write_text(json.dumps(bench.found, indent=1))
        write(bench.found, results, asked.quick)


if __name__ == "__main__":
    main()
