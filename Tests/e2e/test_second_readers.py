"""Our readers of requests, answers and frames, and other people's, make the same of the same bytes; where they do not,
the difference has a name (`judges/`). `docs/fuzzing.md` says how to compare more of them."""

import os

import pytest

from judges import compare, verdicts

COUNT = int(os.environ.get("LIVERELAY_COMPARED", 4_000))
"""Inputs of each kind: a few seconds."""
SEED = int(os.environ.get("LIVERELAY_SEED", 1))


@pytest.mark.skipif(not verdicts.PROGRAM, reason="LIVERELAY_FUZZ_PROGRAM names no program; ./run test builds one")
@pytest.mark.parametrize("kind", compare.KINDS)
def test_second_readers_agree(kind):
    outcomes, findings = compare.run(kind, COUNT, SEED)
    print(f"\n{kind}, seed {SEED}: {dict(outcomes.most_common())}")
    assert findings == []
    # Inputs of which all are refused, or none, would judge nothing.
    assert 0.2 * COUNT < outcomes["same"] < COUNT
