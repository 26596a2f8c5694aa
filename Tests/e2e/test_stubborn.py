"""Names, numbers and hours that break systems of this kind, through join, search, chat, report, table and replay."""

import asyncio
import csv
import io
import json
import secrets
import time
from datetime import datetime, timezone

import pytest
from liverelay_client import Classroom

import chromium
import server as program
from people import Person

RARE = "\U0002CB4E"                     # 𬭎, beyond the basic plane
PEOPLE = [                              # 姓名, 工号, 单位
    (f"王{RARE}", "0007", "第一中学"),
    ("阿卜杜拉·买买提", "110101199003078515", "喀什,第二中学"),
    ("李静", "00000012", '"引号"中学'),
    ("李静", "0000012", "=1+1"),
]
LINES = [f"{RARE}{RARE} 收到", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "第一行\u2028不换行", "ｶﾞ 가 é é 👩🏽‍🏫"]


def midnight_zone() -> str:
    """A time zone in which the current hour is the last of the day, so that a class of two hours crosses midnight."""
    ahead = (23 - datetime.now(timezone.utc).hour) % 24
    return f"Etc/GMT-{ahead}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


async def attend(server, made, lecture):
    """Everybody joins by the common link, says a line and leaves in order; returns their seats."""
    zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
    staying = [asyncio.create_task(zhang.stay())]
    await zhang.until(lambda it: it.is_in)
    if zhang.snapshot["class"]["phase"] == "scheduled":
        await zhang.ask("open")
    await zhang.ask("start")
    voice = program.talk(server.link(made["class"]["id"], "assistant", "助教", "A1")["url"], lecture)
    await zhang.until(lambda it: len(it.packets) > 100)
    seated, times = [], {}
    for (name, number, _), line in zip(PEOPLE, LINES):
        person = Classroom(server.socket, code=made["class"]["code"], name=name, number=number,
                           device=secrets.token_hex(16))
        staying.append(asyncio.create_task(person.stay()))
        await person.until(lambda it: it.is_in)
        times[number] = [time.time(), None]
        answer = await person.ask("postChat", text=line)
        assert answer["type"] == "accepted", (line, answer)
        seated.append(person)
    assert (await zhang.ask("postChat", text=LINES[4]))["type"] == "accepted"
    await zhang.until(lambda it: sum(m["event"]["type"] == "chatPosted" for m in it.events) == len(LINES))
    said = [m["event"]["text"] for m in zhang.events if m["event"]["type"] == "chatPosted"]
    found = {}
    for search in ("李静", RARE, "110101199003078515", "买买提"):
        await zhang.socket.send(json.dumps({"type": "findPeople", "id": f"f-{len(found)}", "search": search, "offset": 0}))
        found[search] = await zhang.until(lambda it: it.found.get(f"f-{len(found)}"))
    await asyncio.sleep(1.1)  # so that presence is longer than a second: what is measured here is time itself
    voice.stop()
    for person, (_, number, _) in zip(seated, PEOPLE):
        await person.ask("leave")
        times[number][1] = time.time()
    await zhang.ask("end")
    await asyncio.wait_for(asyncio.gather(*staying), 30)
    return said, found, times


@pytest.fixture(scope="module")
def klass(server, lecture):
    """The class, what was said, what a search found, and when people came and went."""
    made = server.create_class(f"夜课 {RARE}·《跨日》", lecturerName="张·华", timeZone=midnight_zone(), plannedMinutes=120)
    text = io.StringIO()
    csv.writer(text).writerows([("姓名", "工号", "单位"), *PEOPLE])
    imported = server.put_roster(made["class"]["id"], text.getvalue().encode("gb18030"))
    assert imported["imported"] == len(PEOPLE), imported
    said, found, times = asyncio.run(attend(server, made, lecture))
    return {"made": made, "id": made["class"]["id"], "said": said, "found": found, "times": times}


def report(server, klass) -> dict:
    return server.api(f"/classes/{klass['id']}/report")


def table(body: bytes, encoding: str) -> dict:
    """The rows of a CSV by 工号, without the quote that keeps a spreadsheet from calculating."""
    rows = csv.DictReader(io.StringIO(body.decode(encoding)))
    return {row["工号"]: {name: cell.removeprefix("'") for name, cell in row.items()} for row in rows}


def test_every_line_arrives_as_it_was_typed(klass):
    assert klass["said"] == LINES


def test_a_search_finds_both_of_one_name_and_the_rare_one(klass):
    names = {search: sorted(row["number"] for row in answer["rows"]) for search, answer in klass["found"].items()}
    assert names["李静"] == ["0000012", "00000012"] or names["李静"] == ["00000012", "0000012"]
    assert names[RARE] == ["0007"] and names["110101199003078515"] == names["买买提"] == ["110101199003078515"]


def test_the_report_keeps_names_numbers_and_institutions(server, klass):
    rows = [(row["name"], row["number"], row["affiliation"]) for row in report(server, klass)["rows"]
            if row["attendance"]["role"] == "participant"]
    assert sorted(rows) == sorted(PEOPLE)


@pytest.mark.parametrize("encoding, decoded", [("utf-8", "utf-8-sig"), ("gb18030", "gb18030")])
def test_the_table_says_what_the_report_says(server, klass, encoding, decoded):
    status, _, body = server.get(f"/api/v1/classes/{klass['id']}/report.csv?encoding={encoding}", token=server.key)
    assert status == 200 and body.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8")
    rows = table(body, decoded)
    for person in report(server, klass)["rows"]:
        row = rows[person["number"]]
        assert row["姓名"] == person["name"] and row["单位"] == person["affiliation"]
        for column, field in [("在线（秒）", "onlineMilliseconds"), ("有效收听（秒）", "listeningMilliseconds"),
                              ("断线（秒）", "interruptedMilliseconds")]:
            assert int(row[column]) == person["attendance"][field] // 1000
        assert int(row["聊天"]) == person["engagement"]["chatsCount"]


def test_joins_and_leaves_are_right_to_the_second(server, klass):
    for person in report(server, klass)["rows"]:
        if person["number"] in klass["times"]:
            joined, left = klass["times"][person["number"]]
            assert abs(person["firstJoin"] / 1000 - joined) < 1.5, person["name"]
            assert abs(person["lastLeave"] / 1000 - left) < 1.5, person["name"]


def test_the_terminal_prints_the_same_table_and_the_same_report(server, klass):
    printed = program.run("report", klass["id"], "--csv", *server.access).stdout
    status, _, body = server.get(f"/api/v1/classes/{klass['id']}/report.csv?encoding=utf-8", token=server.key)
    assert status == 200 and printed == body
    assert json.loads(program.run("report", klass["id"], "--json", *server.access).stdout) == report(server, klass)


def test_the_replay_says_every_line_and_name(server, klass):
    replay = server.api(f"/classes/{klass['id']}/replay")
    assert [entry["text"] for entry in replay["chat"]] == LINES
    assert {entry["name"] for entry in replay["chat"]} == {name for name, _, _ in PEOPLE} | {"张·华"}
    printed = program.run("replay", klass["id"], "--json", *server.access).stdout.decode()
    for line in (LINES[0], LINES[1]):
        assert json.dumps(line, ensure_ascii=False)[1:-1] in printed or line in printed


def test_the_page_of_the_report_shows_the_same_and_runs_nothing(server, klass):
    with chromium.playwright() as running:
        browser = chromium.launch(running)
        reader = Person(browser, "管理员")
        dialogs = []
        reader.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        for page in ("report", "replay"):
            link = klass["made"]["links"]["report"].replace("/report", f"/{page}")
            reader.page.goto(link)
            reader.sees("买买提")
            shown = reader.page.inner_text("body")
            for name, number, _ in PEOPLE:
                assert name in shown
                assert page == "replay" or number in shown
            assert "跨日" in shown
        assert not dialogs and not reader.watched.complaints
        browser.close()


def test_the_log_and_the_erasable_texts_are_utf8_json(server, klass):
    folder = server.folder(klass["id"])
    for name in ("events.jsonl", "texts.jsonl", "people.jsonl"):
        for line in (folder / name).read_bytes().decode("utf-8").split("\n")[:-1]:
            json.loads(line)
    log = (folder / "events.jsonl").read_text()
    assert not any(line in log for line in LINES) and "买买提" not in log, "what may be erased is not in the log"
