"""What `./run` shows: a class that runs by itself, with its replay and its report at the end."""

import json
import subprocess

from server import run


def test_the_demo_plays_a_whole_class_and_leaves_its_record(tmp_path):
    said = run("demo", "--data", tmp_path / "data", "--port", 0, "--exit-when-done", "--speed", 4, seconds=180)
    first = said.stdout.decode()
    for word in ("演示课堂已开始", "demo class is live", "主讲", "学员", "巡课", "回放", "报告", "SHA-256"):
        assert word in first
    folders = list((tmp_path / "data/classes").iterdir())
    events = [json.loads(line) for line in (folders[0] / "events.jsonl").read_text().splitlines()[1:]]
    count = {kind: sum(event["type"] == kind for event in events) for kind in {event["type"] for event in events}}
    assert count["joined"] >= 13 and count["started"] == count["ended"] == count["breakStarted"] == 1
    assert count["chatPosted"] >= 5 and count["handRaised"] >= 2 and count["pollOpened"] >= 1
    segments = list((folders[0] / "audio").glob("**/*.opus"))
    assert len(segments) >= 2
    for segment in segments:
        done = subprocess.run(["opusinfo", str(segment)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode(errors="replace")
    run("verify", tmp_path / "data")
