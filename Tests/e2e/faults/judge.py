"""Compares what a server acknowledged with what lies on its disk."""

import json
from pathlib import Path

CAUSES = {
    "open": "opened", "start": "started", "postChat": "chatPosted", "raiseHand": "handRaised",
    "lowerHand": "handLowered", "mute": "muted", "unmute": "unmuted", "openPoll": "pollOpened", "vote": "voteCast",
    "closePoll": "pollClosed", "openTrack": "trackOpened"}
"""The event that a command leaves in the log."""


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def judge(folder: Path, journal: Path, chats: list[str]) -> dict:
    """`folder` is the class on disk, `journal` what the clients of `load-tests endure` were told, `chats` the entries
    that they saw. The lists in the answer name what is wrong; all are empty where all is well."""
    events = lines(folder / "events.jsonl")[1:]
    texts = {line["ref"]: line["text"] for line in lines(folder / "texts.jsonl")}
    commands = lines(journal)
    by_cause: dict[tuple[str, str], list[dict]] = {}
    for event in events:
        if "cause" in event:
            by_cause.setdefault((event["by"], event["cause"]), []).append(event)
    lost, doubled, denied, anonymous = [], [], [], []
    acknowledged = 0
    for command in commands:
        caused = [event for event in by_cause.get((command["seat"], command["id"]), [])
                  if event["type"] == CAUSES[command["kind"]]]
        if len(caused) > 1:
            doubled.append(command)
        if command.get("answer") == "accepted":
            acknowledged += 1
            if "n" in command:
                if not is_there(command, caused, events, texts):
                    lost.append(command)
            elif command["kind"] == "vote":
                anonymous.append(command)
            else:
                lost.append(command)
        elif command.get("answer") == "alreadyVoted":
            anonymous.append(command)
        elif command.get("answer") not in (None, "unanswered") and caused:
            denied.append(command)
    lost += missing_ballots(folder, events, anonymous)
    return {
        "commands": len(commands), "acknowledged": acknowledged, "events": len(events),
        "lost": lost, "doubled": doubled, "outOfOrder": out_of_order(commands), "deniedYetDone": denied,
        "unanswered": sum(1 for command in commands if command.get("answer") in (None, "unanswered")),
        "polls": wrong_polls(events),
        "chatsUnseen": sorted({event["chat"] for event in events if event["type"] == "chatPosted"} - set(chats)),
        "chatsUnwritten": sorted(set(chats) - {event["chat"] for event in events if event["type"] == "chatPosted"}),
        "numbers": [] if [event["n"] for event in events] == list(range(1, len(events) + 1)) else ["not 1, 2, 3, …"],
        "times": [] if all(left["t"] <= right["t"] for left, right in zip(events, events[1:])) else ["decrease"]}


WRONG = ("lost", "doubled", "outOfOrder", "deniedYetDone", "polls", "chatsUnseen", "chatsUnwritten", "numbers", "times")
"""The lists of a judgement that must be empty."""


def is_there(command: dict, caused: list[dict], events: list[dict], texts: dict) -> bool:
    """Whether the event that the answer named belongs to the command and says what was asked for."""
    n = command["n"]
    if not 1 <= n <= len(events) or events[n - 1].get("cause") != command["id"] or not caused:
        return False
    event = caused[0]
    if command["kind"] == "postChat":
        return texts.get(event["text"]["ref"]) == command["text"]
    if command["kind"] == "vote":
        return event["poll"] == command["poll"] and event["option"] == command["option"]
    return True


def missing_ballots(folder: Path, events: list[dict], votes: list[dict]) -> list[dict]:
    """Votes that are neither in a ballot box nor, where the poll is named after all, in the log."""
    boxes: dict[str, set[str]] = {}
    for vote in votes:
        poll = vote["poll"]
        if poll not in boxes:
            path = folder / "ballots" / f"{poll}.json"
            named = {event["seat"] for event in events if event["type"] == "voteCast" and event["poll"] == poll}
            boxes[poll] = named | set(json.loads(path.read_bytes())["seats"] if path.exists() else [])
    return [vote for vote in votes if vote["seat"] not in boxes[vote["poll"]]]


def wrong_polls(events: list[dict]) -> list[str]:
    """Named polls whose result is not the number of their votes, and seats that voted twice."""
    wrong = []
    for closed in (event for event in events if event["type"] == "pollClosed"):
        opened = next(event for event in events if event["type"] == "pollOpened" and event["poll"] == closed["poll"])
        if opened["secrecy"] != "named":
            continue
        voters = [event["seat"] for event in events if event["type"] == "voteCast" and event["poll"] == closed["poll"]]
        if len(voters) != closed["count"] or len(set(voters)) != len(voters):
            wrong.append(closed["poll"])
    return wrong


def out_of_order(commands: list[dict]) -> list[dict]:
    """Commands that were sent after another had been answered, yet stand before it in the log."""
    done = [command for command in commands if command.get("answer") == "accepted" and "n" in command]
    by_answer = sorted(done, key=lambda command: command["answeredAt"])
    wrong, next_answer, highest = [], 0, 0
    for command in sorted(done, key=lambda command: command["sentAt"]):
        while next_answer < len(by_answer) and by_answer[next_answer]["answeredAt"] < command["sentAt"]:
            highest = max(highest, by_answer[next_answer]["n"])
            next_answer += 1
        if command["n"] <= highest:
            wrong.append(command)
    return wrong
