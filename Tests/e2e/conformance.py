"""The cases of the Autobahn suite against the echo program: both roles, plainly and over TLS.

    python Tests/e2e/conformance.py [--all] [--role server|client] [--over plain|tls] [--cases 9.*] [--parallel N]
                                      [--compression fresh|kept|off]

prints a table and what is wrong, and ends with 1 where anything is not OK or INFORMATIONAL, in behaviour or in closing:
NON-STRICT counts as wrong. The judge is `kosoku`, which runs the suite's own case files under Python 3.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import kosoku
from kosoku._caseindex import initialize_shims

import echo

GOOD = {"OK", "INFORMATIONAL"}
# Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, odds and ends: seconds.
SHORT = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
# Of each way to agree on compression: a thousand tiny messages, a thousand of 8 KiB, and 8 KiB in fragments.
COMPRESSED = [f"{section}.{way}.{case}" for section, ways in ((12, 5), (13, 7)) for way in range(1, ways + 1)
              for case in (1, 6, 11)]
# The judge's server takes these offers only where the client says that it will not refer to earlier messages; a client
# that means to do so cannot say that, and is told UNIMPLEMENTED.
FORGETFUL = ("13.2.", "13.5.", "13.6.")
# Large and many messages.
LIMITS = ["9.*"]
ALL = ["*"]


def _hears_raw_messages():
    """Sections 12 and 13 digest what comes back as bytes, but where a message was sent uncompressed, which RFC 7692
    §6 leaves to the sender, this judge hands over text and calls it an error. Here it gets the bytes."""
    initialize_shims()
    import case12_x_x  # lies in a folder that the line above has made known

    def hearing(hear):
        def bytes_first(case, message, binary):
            if isinstance(message, str):
                message = message.encode("latin-1" if binary else "utf-8")
            hear(case, message, binary)
        return bytes_first

    for case in case12_x_x.Case12_X_X + case12_x_x.Case13_X_X:
        case.onMessage = hearing(case.onMessage)


_hears_raw_messages()


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one case."""

    case: str
    behavior: str
    closing: str
    milliseconds: int
    why: str

    @property
    def is_good(self) -> bool:
        return self.behavior in GOOD and self.closing in GOOD


def judge(role: str, over: str, cases: list[str], parallel: int = 1, compression: str = "fresh") -> list[Verdict]:
    """The verdicts on one role over one transport, in the order of the suite."""
    with tempfile.TemporaryDirectory(prefix="liverelay-autobahn-") as folder:
        if role == "server":
            return _judge_server(over, cases, parallel, compression, Path(folder))
        return asyncio.run(_judge_client(over, cases, compression, Path(folder)))


def _judge_server(over: str, cases: list[str], parallel: int, compression: str, folder: Path) -> list[Verdict]:
    with echo.serving(None if over == "plain" else folder, "--compression", compression) as serving:
        port = urlsplit(serving.url).port
        with nullcontext(port) if over == "plain" else echo.towards_tls(port) as reached:
            return asyncio.run(_results(kosoku.run_fuzzingclient(f"ws://127.0.0.1:{reached}", cases,
                                                                 concurrency=parallel)))


async def _judge_client(over: str, cases: list[str], compression: str, folder: Path) -> list[Verdict]:
    if over == "tls":
        with echo.serving(folder):
            pass  # its certificate is the bridge's
    async with kosoku.run_fuzzingserver(cases, port=0) as server:
        with nullcontext(server.port) if over == "plain" else echo.from_tls(server.port, folder) as reached:
            scheme = "ws" if over == "plain" else "wss"
            await asyncio.to_thread(echo.call, f"{scheme}://127.0.0.1:{reached}", "--agent", "liverelay",
                                    "--compression", compression)
            return await _results(server.get_result())


async def _results(judging) -> list[Verdict]:
    try:
        results = await judging
    except kosoku.FailureError as failure:
        results = failure.results
    return [Verdict(r.case_id, r.behavior.value, r.behavior_close.value, r.duration,
                    f"{r.result} {r.result_close} {r.was_not_clean_reason or ''} after {r.duration} ms, closed with "
                    f"{r.local_close_code}, {r.remote_close_code} {r.remote_close_reason or ''}") for r in results]


def table(verdicts: dict[tuple[str, str], list[Verdict]]) -> str:
    """Markdown: a row for each section, a column for each role and transport."""
    sections: dict[int, dict[tuple[str, str], Counter]] = defaultdict(lambda: defaultdict(Counter))
    for column, of_column in verdicts.items():
        for verdict in of_column:
            worst = "wrong" if not verdict.is_good else verdict.behavior
            sections[int(verdict.case.split(".")[0])][column][worst] += 1
    lines = ["| section | " + " | ".join(f"{role}, {over}" for role, over in verdicts) + " |",
             "|---|" + "---|" * len(verdicts)]
    for section in sorted(sections):
        cells = [", ".join(f"{sections[section][column][mark]} {mark}" for mark in ("OK", "INFORMATIONAL", "wrong")
                           if sections[section][column][mark]) for column in verdicts]
        lines.append(f"| {section} | " + " | ".join(cells) + " |")
    totals = [f"{sum(v.is_good for v in of_column)} of {len(of_column)}" for of_column in verdicts.values()]
    return "\n".join([*lines, "| all | " + " | ".join(totals) + " |"])


def faults(role: str, over: str, verdicts: list[Verdict]) -> list[str]:
    return [f"{role}, {over}: {v.case}: {v.behavior}, closing {v.closing}: {v.why}" for v in verdicts if not v.is_good]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every section; without it what CI runs")
    parser.add_argument("--cases", action="append", help="a case or a pattern such as 9.*; may come again")
    parser.add_argument("--role", choices=["server", "client"], action="append")
    parser.add_argument("--over", choices=["plain", "tls"], action="append")
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 1, help="cases at once against the server")
    parser.add_argument("--compression", choices=["fresh", "kept", "off"], default="fresh",
                        help="each message by itself, with earlier ones in mind, or not offered")
    options = parser.parse_args()
    cases = options.cases or (ALL if options.all else SHORT)
    verdicts: dict[tuple[str, str], list[Verdict]] = {}
    wrong: list[str] = []
    for role in options.role or ["server", "client"]:
        for over in options.over or ["plain", "tls"]:
            began = time.monotonic()
            verdicts[role, over] = judge(role, over, cases, options.parallel, options.compression)
            wrong += faults(role, over, verdicts[role, over])
            seconds = time.monotonic() - began
            print(f"{role}, {over}: {len(verdicts[role, over])} cases, {seconds:.0f} s", file=sys.stderr, flush=True)
    print(table(verdicts))
    print("\n".join(wrong))
    good = sum(verdict.is_good for of_column in verdicts.values() for verdict in of_column)
    print(f"{good} passed, {len(wrong)} failed")
    return 1 if wrong or not good else 0


if __name__ == "__main__":
    sys.exit(main())
