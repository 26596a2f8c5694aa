"""What our own readers make of inputs: the program of `./run fuzz`, asked for verdicts instead of fuzzing."""

import json
import os
import struct
import subprocess
from pathlib import Path

PROGRAM = os.environ.get("LIVERELAY_FUZZ_PROGRAM")
"""The program; `./run test` builds it and names it here."""


def ours(kind: str, inputs: list[bytes]) -> list[dict]:
    """One verdict for each input. The kinds are those of FuzzVerdicts.swift."""
    asked = b"".join(struct.pack(">I", len(data)) + data for data in inputs)
    told = subprocess.run(
        [Path(PROGRAM).resolve()], input=asked, stdout=subprocess.PIPE, check=False,
        env={**os.environ, "LIVERELAY_FUZZ_VERDICTS": kind})
    verdicts = [json.loads(line) for line in told.stdout.splitlines()]
    if told.returncode or len(verdicts) != len(inputs):
        died = inputs[len(verdicts)] if len(verdicts) < len(inputs) else b""
        raise AssertionError(f"the program ended with {told.returncode} at {died!r}")
    return verdicts
