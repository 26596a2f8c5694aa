"""Outside judges of every format: AsyncAPI, OpenAPI and JSON Schema, against what is really written and sent."""

import asyncio
import json
import secrets
import urllib.parse
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from liverelay_client import Classroom
from openapi_spec_validator import validate
from pydantic_asyncapi.v3 import AsyncAPI
from referencing import Registry, Resource

from server import talk

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in sorted((DOCS / "schemas").glob("*.json"))}


def registry() -> Registry:
    """Every schema by its `$id` and by its file name, so that they may refer to each other."""
    resources = [Resource.from_contents(schema) for schema in SCHEMAS.values()]
    named = [(name, resource) for name, resource in zip(SCHEMAS, resources)]
    return Registry().with_resources(named + [(resource.id(), resource) for resource in resources if resource.id()])


def judge(word: str) -> Draft202012Validator:
    """The schema whose file name has this word."""
    name = next((name for name in SCHEMAS if word in name), None)
    assert name, f"no schema for {word} among {list(SCHEMAS)}"
    return Draft202012Validator(SCHEMAS[name], registry=registry())


def faults(validator: Draft202012Validator, documents) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path)) or '.'}: {error.message[:200]} in {json.dumps(document, ensure_ascii=False)[:300]}"
            for document in documents for error in validator.iter_errors(document)]


class Overheard(Classroom):
    """A client that remembers every control message in both directions."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.received, self.sent = [], []

    def first_message(self) -> dict:
        self.sent.append(super().first_message())
        return self.sent[-1]

    async def take(self, message, socket):
        self.received.append(message)
        await super().take(message, socket)

    async def ask(self, kind, **fields):
        self.sent.append({"type": kind, "id": "x-1", **fields})
        return await super().ask(kind, **fields)

    async def tell(self, **message):
        self.sent.append(message)
        await self.socket.send(json.dumps(message))


async def whole_class(server, made, lecture):
    """Every message of the wire at least once, as far as an orderly class has them."""
    zhang = Overheard(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
    staying = [asyncio.create_task(zhang.stay())]
    await zhang.until(lambda it: it.is_in)
    if zhang.snapshot["class"]["phase"] == "scheduled":
        await zhang.ask("open")
    people = [Overheard(server.socket, code=made["class"]["code"], name=name, number=number,
                        device=secrets.token_hex(16)) for name, number in [("王晓明", "0012"), ("李静", "0013")]]
    staying += [asyncio.create_task(person.stay()) for person in people]
    for person in people:
        await person.until(lambda it: it.is_in)
    wang, li = people
    await zhang.ask("start")
    voice = talk(server.link(made["class"]["id"], "assistant", "助教")["url"], lecture)
    await wang.until(lambda it: len(it.packets) > 50)
    await wang.tell(type="playback", state="playing", delay=80, gaps=0)
    await wang.tell(type="panels", open=["chat", "polls"])
    await wang.tell(type="ping", at=5)
    chat = await wang.ask("postChat", text="你好")
    entry = await zhang.until(lambda it: next((m["event"]["chat"] for m in it.events
                                               if m["event"]["type"] == "chatPosted"), None))
    assert chat["type"] == "accepted"
    await zhang.ask("hideChat", chat=entry)
    await wang.ask("raiseHand")
    await wang.until(lambda it: it.position == 1)
    await li.ask("raiseHand")
    await li.ask("lowerHand")
    await zhang.ask("callToSpeak", seat=wang.hello["seat"])
    await wang.ask("openTrack", channels=1)
    await zhang.ask("mute", seat=wang.hello["seat"])
    await zhang.ask("unmute", seat=wang.hello["seat"])
    await wang.ask("endTurn")
    for secrecy in ("named", "anonymous"):
        count = sum(m["event"]["type"] == "pollOpened" for m in wang.events)
        await zhang.ask("openPoll", question="清楚吗？", options=["是", "否"], secrecy=secrecy)
        await wang.until(lambda it: sum(m["event"]["type"] == "pollOpened" for m in it.events) > count)
        poll = [m["event"]["poll"] for m in wang.events if m["event"]["type"] == "pollOpened"][-1]
        await wang.ask("vote", poll=poll, option=0)
        await zhang.ask("closePoll", poll=poll)
    await zhang.tell(type="findPeople", id="f1", search="", offset=0)
    await zhang.until(lambda it: it.found.get("f1"))
    await zhang.ask("startBreak", minutes=5)
    await zhang.ask("endBreak")
    await wang.until(lambda it: any(m["type"] == "digest" for m in it.received))
    await zhang.ask("remove", seat=li.hello["seat"], isBanned=False)
    await wang.ask("leave")
    voice.stop()
    await zhang.ask("end")
    await asyncio.wait_for(asyncio.gather(*staying), 30)
    everybody = [zhang, *people]
    return ([message for person in everybody for message in person.sent],
            [message for person in everybody for message in person.received])


@pytest.fixture(scope="module")
def traffic(server, lecture):
    made = server.create_class("格式课", lecturerName="张华", organisation=[{"id": "gd", "name": "广东省"}],
                               project={"id": "p1", "name": "国培"}, cohort={"id": "b1", "name": "一班"},
                               lesson={"id": "l1", "number": 1, "name": "第一课"})
    server.import_roster(made["class"]["id"], [("王晓明", "0012", "第一中学"), ("赵缺席", "0099", "")])
    sent, received = asyncio.run(whole_class(server, made, lecture))
    return {"id": made["class"]["id"], "sent": sent, "received": received}


def test_there_are_schemas():
    assert len(SCHEMAS) >= 3


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema" and SCHEMAS[name]["title"]


def test_every_line_of_the_log_keeps_its_schema(server, traffic):
    events = server.events(traffic["id"])
    assert len({event["type"] for event in events}) >= 15
    assert faults(judge("event"), events) == []


def test_the_schema_of_the_log_sees_planted_faults(server, traffic):
    event = server.events(traffic["id"])[3]
    validator = judge("event")
    for spoilt in ({**event, "type": "danced"}, {**event, "n": "4"}, {**event, "prev": "xyz"},
                   {key: value for key, value in event.items() if key != "t"}):
        assert not validator.is_valid(spoilt), spoilt


def test_every_message_to_the_relay_keeps_its_schema(traffic):
    assert faults(judge("client"), traffic["sent"]) == []


def test_every_message_of_the_relay_keeps_its_schema(traffic):
    kinds = {message["type"] for message in traffic["received"]}
    assert kinds >= {"hello", "snapshot", "event", "digest", "accepted", "position", "people", "pong"}, kinds
    assert faults(judge("server"), traffic["received"]) == []


def test_the_schemas_of_messages_see_planted_faults(traffic):
    hello = next(message for message in traffic["received"] if message["type"] == "hello")
    assert not judge("server").is_valid({**hello, "seat": 7})
    assert not judge("client").is_valid({"type": "postChat", "id": "a b", "text": 5})


def test_asyncapi_accepts_our_document_and_names_every_message(traffic):
    document = json.loads((DOCS / "asyncapi.json").read_text())
    AsyncAPI.model_validate(document)
    assert document["asyncapi"].startswith("3.")
    text = json.dumps(document)
    for kind in {message["type"] for message in traffic["sent"] + traffic["received"]}:
        assert f'"{kind}"' in text, kind


def test_openapi_accepts_our_document_and_the_server_serves_it(server):
    document = json.loads((DOCS / "openapi.json").read_text())
    validate(document)
    assert document["openapi"].startswith("3.1")
    status, _, body = server.get("/openapi.json")
    assert status == 200 and json.loads(body) == document


def test_answers_of_the_http_interface_keep_its_schema(server, traffic):
    document = json.loads((DOCS / "openapi.json").read_text())
    resource = Resource.from_contents({**document, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    known = Registry().with_resource("urn:openapi", resource)

    def schema_of(template: str):
        content = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        return Draft202012Validator(json.loads(json.dumps(content).replace('"#/', '"urn:openapi#/')), registry=known)

    for template in ["/api/v1/classes", "/api/v1/classes/{id}", "/api/v1/classes/{id}/replay",
                     "/api/v1/classes/{id}/recordings", "/api/v1/classes/{id}/report", "/api/v1/wall", "/version"]:
        path = template.replace("{id}", urllib.parse.quote(traffic["id"]))
        status, _, body = server.get(path, token=server.key)
        assert status == 200, path
        assert faults(schema_of(template), [json.loads(body)]) == [], path
