"""Our readers against other people's, on seeded inputs.

    LIVERELAY_FUZZ_PROGRAM=PROGRAM python Tests/e2e/judges/compare.py --kind requests --count 1000000 --seed 1

prints how often each named difference came up, and ends with 1 after a disagreement that has no name.
"""

import argparse
import collections
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from judges import frame_inputs, h11_judge, http_inputs, verdicts, wsproto_judge  # noqa: E402

BATCH = 2_000
"""Inputs judged by one run of the program."""
FINDINGS_SHOWN = 10


def our_items(verdict: dict) -> list:
    shapes = {
        "head": ("method", "target", "version", "headers"), "switched": ("status", "headers", "bytes"),
        "complete": ("status", "headers", "bytes"), "close": ("code", "reason")}
    return [[item["kind"], *(item[key] for key in shapes.get(item["kind"], ("bytes",)) if key in item)]
            for item in verdict["items"]]


def agree_on_prefix(ours: list, theirs: list) -> bool:
    return all(mine == other for mine, other in zip(ours, theirs))


def in_lower_case(headers: list) -> list:
    """Names, and the coding, which h11 gives in lower case."""
    return [[name.lower(), value.lower() if name.lower() == "transfer-encoding" else value] for name, value in headers]


def without_length(item: list) -> list:
    """The length means nothing in an answer that has no body."""
    kind, status, headers, body = item
    return [kind, status, headers if has_body(item) else [field for field in headers if field[0] != "content-length"], body]


def has_body(item: list) -> bool:
    """Of an answer to GET."""
    return item[0] == "complete" and item[1] not in (204, 304)


def compare_requests(data: bytes, verdict: dict) -> str | None:
    """The name of what the two readers make of the input; nil for a disagreement."""
    items, phrase, goes_on = h11_judge.requests(data)
    mine = [[*item[:-1], in_lower_case(item[-1])] if item[0] == "head" else item for item in our_items(verdict)]
    theirs = [[*item[:-1], in_lower_case(item[-1])] if item[0] == "head" else item for item in items]
    refused = "refusal" in verdict
    if not agree_on_prefix(mine, theirs):
        return None
    if len(mine) < len(theirs):
        return h11_judge.named(h11_judge.WE_REFUSE, verdict["reason"], data) if refused else None
    if not goes_on:
        # h11 reads nothing behind a request that closes the connection; nor does our server, outside the parser.
        heads = [item for item in verdict["items"][:len(theirs)] if item["kind"] == "head"]
        closes = heads and (not heads[-1]["keepsAlive"] or heads[-1]["version"] == "1.0")
        return "same" if closes else None
    if len(mine) > len(theirs):
        return h11_judge.named(h11_judge.H11_REFUSES, phrase or "", data)
    if refused and phrase is None and h11_judge.requests(data + h11_judge.END_OF_HEAD)[1]:
        return "refused before the head was whole"
    if refused and phrase is None:
        return h11_judge.named(h11_judge.WE_REFUSE, verdict.get("reason", ""), data)
    if phrase is not None and not refused:
        return h11_judge.named(h11_judge.H11_REFUSES, phrase, data)
    return "same"


def compare_responses(data: bytes, verdict: dict, method: str) -> str | None:
    items, phrase = h11_judge.response(data, method)
    mine = [[kind, status, in_lower_case(headers), body] for kind, status, headers, body in our_items(verdict)]
    theirs = [[kind, status, in_lower_case(headers), body] for kind, status, headers, body in items]
    if mine == theirs:
        return "same"
    if mine and theirs and [without_length(item) for item in mine] == [without_length(item) for item in theirs]:
        return "length of an answer without a body, which h11 puts in order"
    if not mine:
        return h11_judge.named(h11_judge.WE_REFUSE, verdict.get("reason", ""), data)
    if theirs:
        return None
    has_no_body = method == "HEAD" or not has_body(mine[0])
    refusals = h11_judge.H11_REFUSES + (h11_judge.H11_REFUSES_BODILESS if has_no_body else [])
    return h11_judge.named(refusals, phrase or "", data)


def compare_frames(data: bytes, verdict: dict, role: str, takeover: bool | None = None) -> str | None:
    """With compression when it is said whether a context is kept."""
    def extension():
        return None if takeover is None else wsproto_judge.extension(takeover)

    items, code, phrase = wsproto_judge.read(data, role, extension())
    mine = our_items(verdict)
    if mine == items and verdict.get("refusal") == code:
        return "same"
    if not agree_on_prefix(mine, items):
        differing = next(([mine, other] for mine, other in zip(mine, items) if mine != other))
        # RFC 7692 §7.2.3.4: a final block does not end the message; wsproto reads nothing behind it.
        stops = takeover is not None and differing[0][0] == differing[1][0] and differing[0][1].startswith(differing[1][1])
        return "what stands behind a final block" if stops else None
    if mine == items and code is None and verdict.get("refusal") == 1002:
        # Read with what its last header lacks.
        if wsproto_judge.read(data + wsproto_judge.PADDING, role, extension())[1] == 1002:
            return "refused before the header was whole"
    ours = theirs = None
    if "refusal" in verdict and len(mine) <= len(items):
        ours = wsproto_judge.named(wsproto_judge.WE_REFUSE + (wsproto_judge.WE_REFUSE_PACKED if takeover is not None else [])
                                   + wsproto_judge.WE_REFUSE_SOONER, verdict["reason"], data)
    if code and len(items) <= len(mine):
        theirs = wsproto_judge.named(wsproto_judge.WSPROTO_REFUSES, phrase, data)
    return ours or theirs


def compressed(role: str, takeover: bool):
    def make(random: Random) -> bytes:
        return frame_inputs.frames(random, role == "server", frame_inputs.Squeezer(random, takeover))

    return f"{role}{'Context' if takeover else 'Deflate'}", make, lambda data, verdict: compare_frames(data, verdict, role, takeover)


KINDS = {
    "requests": ("request", lambda random: http_inputs.requests(random), compare_requests),
    "responses": ("response", lambda random: http_inputs.responses(random), lambda data, verdict: compare_responses(data, verdict, "GET")),
    "head-responses": (
        "headResponse", lambda random: http_inputs.responses(random), lambda data, verdict: compare_responses(data, verdict, "HEAD")),
    "server-frames": (
        "serverFrames", lambda random: frame_inputs.frames(random, True), lambda data, verdict: compare_frames(data, verdict, "server")),
    "client-frames": (
        "clientFrames", lambda random: frame_inputs.frames(random, False), lambda data, verdict: compare_frames(data, verdict, "client")),
    "server-deflate": compressed("server", False),
    "client-deflate": compressed("client", False),
    "server-context": compressed("server", True),
    "client-context": compressed("client", True),
}


def run(kind: str, count: int, seed: int) -> tuple[collections.Counter, list[str]]:
    """How often each outcome came up, and the disagreements without a name, each with the seed that makes it."""
    ours, make, judge = KINDS[kind]
    outcomes: collections.Counter = collections.Counter()
    findings: list[str] = []
    for start in range(seed, seed + count, BATCH):
        seeds = range(start, min(start + BATCH, seed + count))
        inputs = [make(Random(number)) for number in seeds]
        for number, data, verdict in zip(seeds, inputs, verdicts.ours(ours, inputs)):
            name = judge(data, verdict)
            outcomes[name or "FINDING"] += 1
            if name is None:
                findings.append(f"--kind {kind} --seed {number} --count 1: {data!r}: ours {verdict}")
    return outcomes, findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = False
    for kind in options.kind or KINDS:
        started = time.monotonic()
        outcomes, findings = run(kind, options.count, options.seed)
        seconds = time.monotonic() - started
        print(f"{kind}: {options.count} from seed {options.seed} in {seconds:.0f} s, {len(findings)} without a name")
        for name, times in outcomes.most_common():
            print(f"  {times:9} {name}")
        for finding in findings[:FINDINGS_SHOWN]:
            print(f"  {finding}")
        failed = failed or bool(findings)
    sys.exit(failed)


if __name__ == "__main__":
    main()
