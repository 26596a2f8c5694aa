"""A school behind one address, and somebody there who tries codes: all come in, the guesser finds nothing.

By hand: LIVERELAY_SCHOOL_SEATS=2000 ./run test -k school (a hundred a second, so that all come within 20 s).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server import Server, wait_until
from test_storm import LOAD_TESTS, Storm, keep

OFFENDERS = Path(__file__).parent / "faults/offenders.py"
SEATS = int(os.environ.get("LIVERELAY_SCHOOL_SEATS", "300"))
JOINS_PER_SECOND = 100
GUESSES_FREE, REFILL_SECONDS, PATIENCE_SECONDS = 60, 5, 8

pytestmark = [pytest.mark.alone,
              pytest.mark.skipif(not LOAD_TESTS, reason="./run test builds the load test and names it")]


@pytest.mark.parametrize("first", ["the guesser", "the school"])
def test_a_school_comes_in_while_somebody_guesses(tmp_path, output, first):
    server = Server(tmp_path / "data")
    seconds = SEATS / JOINS_PER_SECOND + 10
    storm = None
    began = time.monotonic()
    guesser = subprocess.Popen([sys.executable, OFFENDERS, "wrong_codes", str(server.port), str(seconds)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        if first == "the guesser":  # all guesses are used up before anybody comes with the right code
            wait_until(lambda: "wrong codes from one address" in server.program.err.decode() or
                       time.monotonic() - began > PATIENCE_SECONDS / 2, "the guesser has begun")
        storm = Storm(server, SEATS, JOINS_PER_SECOND)
        result = storm.told("joined", seconds + 60)
        told, _ = guesser.communicate(timeout=120)
        lasted = time.monotonic() - began
        guesses = json.loads(told)
        keep(output, f"a school, {first} first", {**result, "guesses": guesses, "guessedSeconds": round(lasted, 1)})
        assert result["back"] == SEATS and result["refused"] == {}, result
        assert guesses["made"] > GUESSES_FREE + 20 and set(guesses["codes"]) <= {"4508", "4509", "1006"}, guesses
        assert guesses["codes"]["4508"] <= GUESSES_FREE + lasted / REFILL_SECONDS + 1, guesses
        lines = [line for line in server.program.err.decode().splitlines() if "wrong codes from one address" in line]
        assert 1 <= len(lines) <= 1 + lasted / 60, lines
    finally:
        if guesser.poll() is None:
            guesser.kill()
            guesser.wait()
        if storm:
            storm.finish()
        server.stop()
