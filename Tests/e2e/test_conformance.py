"""The Autobahn suite against both roles of WebSocketCore; `./run conformance --all` runs the sections left out here."""

import pytest

import conformance


@pytest.mark.parametrize("over", ["plain", "tls"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_every_case_is_as_the_suite_wants_it(role, over):
    verdicts = conformance.judge(role, over, conformance.SHORT, parallel=2)
    assert len(verdicts) > 240, "the suite has lost its cases"
    assert conformance.faults(role, over, verdicts) == []


@pytest.mark.parametrize("compression", ["fresh", "kept"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_every_way_to_agree_on_compression_is_as_the_suite_wants_it(role, compression):
    cases = [case for case in conformance.COMPRESSED
             if (role, compression) != ("client", "kept") or not case.startswith(conformance.FORGETFUL)]
    verdicts = conformance.judge(role, "plain", cases, parallel=2, compression=compression)
    assert len(verdicts) == len(cases)
    assert conformance.faults(role, "plain", verdicts) == []
