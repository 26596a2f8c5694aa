"""The Autobahn suite against both roles of WebSocketCore; `./run conformance --all` runs the sections left out here."""

import pytest

import autobahn


@pytest.mark.parametrize("over", ["plain", "tls"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_every_case_is_as_the_suite_wants_it(role, over):
    verdicts = autobahn.judge(role, over, autobahn.SHORT, parallel=2)
    assert len(verdicts) > 240, "the suite has lost its cases"
    assert autobahn.faults(role, over, verdicts) == []
