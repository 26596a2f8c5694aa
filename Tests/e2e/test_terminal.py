"""`liverelay join` as somebody uses it who reads lines: chat, hand, vote, leaving; and the sound into a pipe."""

import asyncio
import subprocess

from liverelay_client import Classroom

import speech
from people import match
from server import Program, talk, wait_until


def test_a_person_in_a_terminal_takes_part(server, lecture):
    made = server.create_class("终端里的一课", lecturerName="张华")
    link = server.link(made["class"]["id"], "participant", "陈听", "0014")["url"]

    async def lesson():
        zhang = Classroom(server.socket, token=made["links"]["lecturer"].split("#t=")[1])
        staying = asyncio.create_task(zhang.stay())
        await zhang.until(lambda it: it.is_in)
        await zhang.ask("start")
        chen = Program("join", link, "--plain", "--silent", "--insecure", "--lang", "zh", stdin=subprocess.PIPE)

        def happened(kind):
            return lambda it: any(message["event"]["type"] == kind for message in it.events)
        try:
            await zhang.until(happened("joined"))
            chen.write("终端里也能听课\n")
            await zhang.until(lambda it: any(m["event"].get("text") == "终端里也能听课" for m in it.events))
            await zhang.ask("postChat", text="欢迎，陈听")
            await asyncio.to_thread(chen.wait_line, lambda line: "欢迎，陈听" in line)
            chen.write("/hand\n")
            await zhang.until(happened("handRaised"))
            await zhang.ask("openPoll", question="清楚吗？", options=["清楚", "不清楚"], secrecy="named")
            await asyncio.to_thread(chen.wait_line, lambda line: "清楚吗" in line)
            chen.write("/vote 1\n")
            vote = await zhang.until(lambda it: next((m["event"] for m in it.events
                                                      if m["event"]["type"] == "voteCast"), None))
            assert vote["option"] == 0
            chen.write("/leave\n")
            await zhang.until(happened("left"))
            return await asyncio.to_thread(chen.process.wait, 20), chen.out.decode()
        finally:
            chen.stop()
            staying.cancel()
    code, text = asyncio.run(lesson())
    assert code == 0 and "\x1b" not in text, "lines for a screen reader hold no cursor movements"


def test_an_ogg_pipe_holds_the_lecture(server, lecture, tmp_path):
    made = server.create_class("管道里的一课", lecturerName="张华")
    voice = talk(made["links"]["lecturer"], lecture, "--start")
    try:
        listener = Program("listen", server.link(made["class"]["id"], "participant", "陈听")["url"], "--insecure",
                           "--ogg", tmp_path / "heard.opus", "--seconds", "8")
        wait_until(lambda: listener.process.poll() is not None, "the end of eight seconds", 60)
    finally:
        voice.stop()
    done = subprocess.run(["opusinfo", str(tmp_path / "heard.opus")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    result = match((speech.decode(tmp_path / "heard.opus"), 48_000), lecture)
    assert result.heard, result
