"""A class over a bad line, and over one that is gone for ten seconds: everybody comes back, nothing is lost."""

import json
import os
import subprocess
import time

import pytest

from faults.bad_link import BadLink, reason_not_to_run
from faults.endurance import HEARING_AGAIN_MILLISECONDS_MAXIMUM, LOAD_TESTS, Crowd, conclude, faults_of, milliseconds
from pace import SLACK
from server import Program, Server, wait_until

SEED = int(os.environ.get("LIVERELAY_SEED", "1"))
DELAY_MILLISECONDS, LOSS = 80, 0.02
PARTITION_SECONDS = 10
SEATS, RATE = 20, 20

pytestmark = [
    pytest.mark.skipif(reason_not_to_run() is not None, reason=reason_not_to_run() or ""),
    pytest.mark.skipif(not os.path.exists(LOAD_TESTS), reason="./run test builds the load test")]


@pytest.fixture(scope="module")
def told(tmp_path_factory, output):
    """What a class over the bad line has shown."""
    print(f"LIVERELAY_SEED={SEED}")
    folder = tmp_path_factory.mktemp("network")
    with BadLink(SEED) as link:
        server = Server(folder / "data", "--host", link.near)
        crowd = listener = None
        try:
            made = server.create_class("断网的一课", kind="largeLecture", lecturerName="张华")
            link.shape(DELAY_MILLISECONDS, LOSS)
            crowd = Crowd(server, made, SEATS, RATE, SEED, folder / "journal", prefix=link.prefix)
            crowd.hear(60)
            url = server.link(made["class"]["id"], "participant", "陈听", "0014")["url"]
            listener = Program("join", url, "--plain", "--silent", "--insecure", "--lang", "zh",
                               stdin=subprocess.PIPE, prefix=link.prefix)
            listener.wait_line(lambda line: "张华" in line or "断网的一课" in line)
            time.sleep(5)  # the class goes on over loss and delay
            outages = []
            for number in range(2):
                before = len(listener.lines())
                cut = milliseconds()
                link.cut(True)
                time.sleep(PARTITION_SECONDS)
                link.cut(False)
                crowd.order(f"outage {number} {cut} {milliseconds()}")
                outages.append(crowd.hear(60))
                wait_until(lambda: any("已重新连上" in line for line in listener.lines()[before:]),
                           "the listener is told that the line is back")
                time.sleep(5)
            seen = crowd.finish()
            words = listener.lines()
        finally:
            for program in (crowd, listener):
                if program is not None:
                    program.kill() if isinstance(program, Crowd) else program.stop()
            result = {"deaths": [], **conclude(server, made, folder / "journal", seen)} if crowd and seen else {}
    (output / "network.json").write_text(json.dumps({"outages": outages, "seen": result["seen"]}, ensure_ascii=False))
    return {"outages": outages, "words": words, "result": result}


def test_no_command_is_lost_or_done_twice(told):
    assert faults_of(told["result"]) == []


def test_everybody_hears_again_soon_after_the_line_is_healed(told):
    for outage in told["outages"]:
        assert outage["silent"] == [] and outage["p99"] < SLACK * HEARING_AGAIN_MILLISECONDS_MAXIMUM, outage


def test_the_listener_is_told_of_every_gap(told):
    assert len([line for line in told["words"] if "连接断开" in line]) >= 2, told["words"]
