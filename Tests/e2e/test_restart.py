"""Planned restarts: nobody is refused, nobody reloads a page, and the sound is away for a moment only."""

import os
import signal
import socket
import subprocess
import time

import pytest

import chromium
from faults.power_cut_fs import PowerCutDisk, reason_not_to_run
from pace import SLACK
from people import Person, match
from server import BINARY, Failed, Program, Server, run, talk, wait_until
from successor import Ear, Visitors, end, give_place, holder, is_running, tone

GAP_SECONDS_MAXIMUM = 2.0
STOP_SECONDS_MAXIMUM = 10.0
STALL_SECONDS = 12


@pytest.fixture
def place(tmp_path):
    """A server of its own that may change its process."""
    running = Server(tmp_path / "data")
    yield running
    end(running)


def class_with_tone(server: Server, folder):
    """A live class in which a tone sounds, and a listener in a terminal who hears it."""
    made = server.create_class("重启的一课", lecturerName="张华")
    lecturer = talk(made["links"]["lecturer"], tone(folder / "tone.wav"), "--start")
    listener = Program("listen", server.link(made["class"]["id"], "participant", "陈听")["url"], "--insecure",
                       "--pcm", "-")
    ear = Ear(listener)
    wait_until(lambda: len(ear.loud()) > 50, "the tone is heard")
    return made, lecturer, listener, ear


def test_a_new_version_takes_over_and_listeners_miss_a_moment(place, tmp_path, output):
    made, lecturer, listener, ear = class_with_tone(place, tmp_path)
    first = place.program.process.pid
    with Visitors(place.url) as visitors:
        wait_until(lambda: len(visitors.waits) > 20, "visitors come")
        began = time.monotonic()
        assert give_place(place) == 0
        took = time.monotonic() - began
        wait_until(lambda: any(at > began + took for at in ear.loud()), "the tone is heard again")
        after = len(ear.loud())
        wait_until(lambda: len(ear.loud()) > after + 50, "the tone goes on")
    gap = ear.longest_silence(began)
    ear.stop()
    (output / "hand-over.txt").write_text(
        f"old process ended after {took:.3f} s; longest silence {gap:.3f} s; {len(visitors.waits)} visits, longest "
        f"{max(visitors.waits):.3f} s; failures {visitors.failures}\n")
    assert holder(place) != first
    assert visitors.failures == []
    assert gap < SLACK * GAP_SECONDS_MAXIMUM
    assert lecturer.process.poll() is None and listener.process.poll() is None
    listener.stop(signal.SIGINT)
    lecturer.stop(signal.SIGINT)
    place.verify(made["class"]["id"])
    events = place.events(made["class"]["id"])
    assert len([event for event in events if event["type"] == "relayStarted"]) == 2


def test_three_new_versions_one_after_the_other(place):
    seen = {holder(place)}
    with Visitors(place.url) as visitors:
        for _ in range(3):
            os.kill(holder(place), signal.SIGUSR2)
            wait_until(lambda: holder(place) not in seen, "the next process has the data folder")
            process = holder(place)
            wait_until(lambda: not [old for old in seen if is_running(old)], "the old process has ended")
            seen.add(process)
    assert visitors.failures == [] and len(seen) == 4


def test_the_page_says_so_and_comes_back_without_a_reload(place, lecture):
    made = place.create_class("网页里的重启", lecturerName="张华")
    with chromium.playwright() as running:
        desk, seats = chromium.launch(running, lecture), chromium.launch(running)
        zhang, wang = Person(desk, "张华"), Person(seats, "王晓明")
        zhang.enter(made["links"]["lecturer"])
        zhang.begin()
        wang.enter(made["links"]["participant"], "")
        wang.phase("live")
        assert match(wang.hears(5), lecture).heard
        for person in (zhang, wang):
            person.page.evaluate("""() => {
                window.liverelayStayed = true;
                window.liverelaySaid = [];
                new MutationObserver(() => {
                    const words = document.querySelector('.banners').innerText;
                    if (words) window.liverelaySaid.push(words);
                }).observe(document.querySelector('.banners'), {childList: true, subtree: true, characterData: true});
            }""")
        give_place(place)
        for person in (zhang, wang):
            person.until("() => window.liverelaySaid.some((words) => words.includes('服务器正在重启'))")
            person.page.wait_for_selector(".banners .banner[data-tone=live]", state="detached")
        wait_until(lambda: match(wang.hears(6), lecture).heard, "the lecture after the restart", 60)
        wang.say("重启以后")
        zhang.sees("重启以后")
        assert all(person.page.evaluate("() => window.liverelayStayed") for person in (zhang, wang))
        desk.close()
        seats.close()


@pytest.fixture
def called_by_link(tmp_path):
    """A server that was called by the name of a link, so that another program can lie there."""
    link = tmp_path / "liverelay"
    link.symlink_to(os.path.abspath(BINARY))
    program = Program("serve", "--data", tmp_path / "data", "--port", "0", "--json", binary=str(link))
    ready = program.wait_line(lambda line: line.startswith("{"))
    yield link, program, ready
    program.stop()


def replace(link, text: str):
    """Another program in the place of this one, by renaming."""
    other = link.with_suffix(".new")
    other.write_text(f"#!/bin/sh\n{text}\n")
    other.chmod(0o755)
    other.rename(link)


@pytest.mark.parametrize("text, words", [
    ("exit 3", "did not start"),
    ('pipe=${LIVERELAY_TAKEOVER#*:}; eval "printf P >&$pipe"; exit 3', "did not serve"),
    ('pipe=${LIVERELAY_TAKEOVER#*:}; eval "printf P >&$pipe"; kill -9 $$', "did not serve"),
], ids=["before it is prepared", "when it should serve", "killed when it should serve"])
def test_a_new_version_that_dies_leaves_the_old_one_going_on(called_by_link, text, words):
    link, program, ready = called_by_link
    url = ready.split('"url":"')[1].split('"')[0]
    replace(link, text)
    with Visitors(url, "/readyz") as visitors:
        program.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: words in program.err.decode(), words)
        answered = len(visitors.waits)
        wait_until(lambda: len(visitors.waits) > answered + 20, "visitors are answered")
    assert [failure for failure in visitors.failures if "503" not in failure] == []
    assert program.process.poll() is None
    assert program.stop() == 0


def test_a_second_server_on_the_same_folder_is_refused(place):
    with pytest.raises(Failed) as refused:
        run("serve", "--data", place.data, "--port", "0")
    assert refused.value.code == 1 and str(holder(place)) in refused.value.stderr
    for language, words in (("zh", "正被另一个程序使用"), ("en", "Another program works with the data folder")):
        with pytest.raises(Failed) as refused:
            run("serve", "--data", place.data, "--port", "0", "--lang", language)
        assert words in refused.value.stderr
    assert place.get("/readyz")[0] == 200


def says_restart(program: Program) -> bool:
    said = (program.out + program.err).decode(errors="replace")
    return "服务器正在重启" in said or "the relay stops and will be back" in said


def test_readiness_goes_first_and_then_everything_stops_in_time(tmp_path, output):
    server = Server(tmp_path / "data", "--drain-seconds", "2")
    made, lecturer, listener, ear = class_with_tone(server, tmp_path)
    began = time.monotonic()
    server.program.process.send_signal(signal.SIGTERM)
    wait_until(lambda: server.get("/readyz")[0] == 503, "readiness is off")
    assert b"draining" in server.get("/readyz")[2]
    assert server.get("/")[0] == 200 and server.get("/healthz")[0] == 200
    assert server.program.process.wait(timeout=20) == 0
    took = time.monotonic() - began
    assert 2 <= took < 2 + STOP_SECONDS_MAXIMUM
    ear.stop()
    for program in (listener, lecturer):
        wait_until(lambda: says_restart(program), "the terminal says why")
        program.stop(signal.SIGINT)
    server.verify(made["class"]["id"])
    for segment in (server.folder(made["class"]["id"]) / "audio").glob("**/*.opus"):
        done = subprocess.run(["opusinfo", str(segment)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0 and b"EOS" not in done.stdout, done.stdout.decode(errors="replace")
    assert "CONTINUATION MISUSE" not in server.program.err.decode()
    (output / "stop.txt").write_text(f"stopped {took - 2:.3f} s after two seconds of draining\n")


class Systemd:
    """What systemd does for a service with sockets: binds, passes them on, hears of it."""

    def __init__(self, folder):
        self.folder = folder
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(folder / "notify"))
        self.notices.settimeout(30)
        self.sockets = [self._listen(socket.AF_INET, "127.0.0.1", 0)]
        self.port = self.sockets[0].getsockname()[1]
        if socket.has_ipv6:
            self.sockets.append(self._listen(socket.AF_INET6, "::1", self.port))

    @staticmethod
    def _listen(family, host: str, port: int) -> socket.socket:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen(4_096)
        return listening

    def start(self) -> subprocess.Popen:
        copies = [os.dup(listening.fileno()) for listening in self.sockets]
        # A shell stands between: only it knows the number of the process, and it puts the descriptors in their places.
        places = " ".join(f"{3 + index}<&{copy}" for index, copy in enumerate(copies))
        process = subprocess.Popen(
            ["bash", "-c", f'export LISTEN_PID=$$; exec "$0" "$@" {places}', BINARY, "serve", "--data",
             str(self.folder / "data"), "--json"],
            pass_fds=copies, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**os.environ, "LISTEN_FDS": str(len(copies)), "LISTEN_FDNAMES": ":".join(["liverelay"] * len(copies)),
                 "NOTIFY_SOCKET": str(self.folder / "notify"), "WATCHDOG_USEC": "400000"})
        for copy in copies:
            os.close(copy)
        return process

    def hears(self, words: str) -> str:
        while True:
            notice = self.notices.recv(4_096).decode()
            if words in notice:
                return notice


def test_systemd_keeps_the_sockets_and_hears_of_the_service(tmp_path):
    systemd = Systemd(tmp_path)
    first = systemd.start()
    systemd.hears("READY=1")
    systemd.hears("WATCHDOG=1")
    systemd.hears("WATCHDOG=1")
    with Visitors(f"https://127.0.0.1:{systemd.port}") as visitors:
        wait_until(lambda: len(visitors.waits) > 10, "visitors come")
        first.terminate()
        systemd.hears("STOPPING=1")
        assert first.wait(timeout=20) == 0
        second = systemd.start()
        systemd.hears("READY=1")
        answered = len(visitors.waits)
        wait_until(lambda: len(visitors.waits) > answered + 20, "visitors are answered again")
        # And a reload: the same sockets, another main process.
        second.send_signal(signal.SIGUSR2)
        notice = systemd.hears("MAINPID=")
        third = int(notice.split("MAINPID=")[1].split()[0])
        assert second.wait(timeout=20) == 0 and is_running(third)
    if len(systemd.sockets) == 2:
        with Visitors(f"https://[::1]:{systemd.port}") as sixth:
            wait_until(lambda: len(sixth.waits) > 5, "visitors come over IPv6")
        assert sixth.failures == []
    os.kill(third, signal.SIGTERM)
    wait_until(lambda: not is_running(third), "the third process ends")
    assert visitors.failures == []


@pytest.mark.skipif(reason_not_to_run() is not None, reason=str(reason_not_to_run()))
def test_a_disk_that_does_not_answer_does_not_hold_the_goodbyes(tmp_path, output):
    with PowerCutDisk(tmp_path / "disk") as disk:
        # The classes alone: this disk knows no hard links, which keys are made with.
        (tmp_path / "data").mkdir()
        (disk.path / "classes").mkdir()
        (tmp_path / "data/classes").symlink_to(disk.path / "classes")
        server = Server(tmp_path / "data")
        made = server.create_class("磁盘不应答")
        guest = Program("join", made["links"]["lecturer"], "--insecure", "--silent", "--plain", stdin=subprocess.PIPE)
        wait_until(lambda: guest.out, "somebody is in class")
        stalled = time.monotonic()
        disk.stall(STALL_SECONDS)
        guest.write("写不下去的一行\n")
        server.program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: says_restart(guest), "the terminal says why")
        told = time.monotonic() - stalled
        wait_until(lambda: "before the disk had answered" in server.program.err.decode(), "the log says so", 20)
        logged = time.monotonic() - stalled
        # The system keeps a process until its last write has been answered.
        assert server.program.process.wait(timeout=STALL_SECONDS + 10) == 0
        ended = time.monotonic() - stalled
        guest.stop()
        (output / "stop-stalled.txt").write_text(
            f"disk stalls for {STALL_SECONDS} s: people told after {told:.2f} s, given up after {logged:.2f} s, "
            f"ended after {ended:.2f} s\n")
        assert told < SLACK * 2 and logged < STOP_SECONDS_MAXIMUM and ended < STALL_SECONDS + 2
        disk.heal()
        server.start()
        assert server.stop() == 0
        server.verify(made["class"]["id"])
