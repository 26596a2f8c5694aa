"""The Autobahn suite against both roles of WebSocketCore; `./run conformance --all` runs the sections left out here."""

import pytest

import conformance


@pytest.mark.parametrize("over", ["plain", "tls"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_every_case_is_as_the_suite_wants_it(role, over):
    verdicts = conformance.judge(role, over, conformance.SHORT, parallel=2)
    assert len(verdicts) > 240, "the suite has lost its cases"
    assert conformance.faults(role, over, verdicts) == []
