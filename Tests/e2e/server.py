"""The release binary as its users start it: in a folder of its own, on a port of its own, killed and started again."""

import json
import os
import signal
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

BINARY = os.environ.get("LIVERELAY_BINARY", ".build/release/liverelay")
PATIENCE = 30.0


class Failed(Exception):
    """A command ended with another exit code than expected."""

    def __init__(self, arguments, code, stdout, stderr):
        super().__init__(f"liverelay {' '.join(map(str, arguments))}: exit {code}\n{stdout[-2000:]}\n{stderr[-2000:]}")
        self.code, self.stdout, self.stderr = code, stdout, stderr


def run(*arguments, expect: int = 0, stdin: bytes | None = None, env: dict | None = None, seconds: float = PATIENCE):
    """Runs `liverelay` to its end; returns what it wrote to stdout as bytes, or fails where the exit code differs."""
    done = subprocess.run([BINARY, *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "NO_COLOR": "1", **(env or {})}, timeout=seconds,
                          **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))
    if done.returncode != expect:
        raise Failed(arguments, done.returncode, done.stdout.decode(errors="replace"),
                     done.stderr.decode(errors="replace"))
    return done


def processor_seconds(process: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until(condition, what: str, seconds: float = PATIENCE):
    """The value of the condition once it is true. What is waited for lies in other processes: so it is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"never happened: {what}")
        time.sleep(0.05)


class Program:
    """A command that goes on: its stdout gathers, its stderr too; `stop()` ends it. `prefix` is what runs it, such as
    `ip netns exec`."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, env: dict | None = None, binary: str = BINARY, prefix=()):
        self.arguments = arguments
        self.process = subprocess.Popen([*prefix, binary, *map(str, arguments)], stdin=stdin, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1", **(env or {})})
        self.out, self.err = bytearray(), bytearray()
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(pipe, gathered: bytearray):
        while piece := os.read(pipe.fileno(), 65_536):
            gathered.extend(piece)

    def lines(self) -> list[str]:
        return self.out.decode(errors="replace").split("\n")[:-1]

    def wait_line(self, test, seconds: float = PATIENCE) -> str:
        """The first line of stdout for which the test is true."""
        def look():
            for line in self.lines():
                if test(line):
                    return line
            if self.process.poll() is not None and not any(reader.is_alive() for reader in self.readers):
                raise Failed(self.arguments, self.process.returncode, self.out.decode(errors="replace"),
                             self.err.decode(errors="replace"))
            return None
        return wait_until(look, f"a line of liverelay {self.arguments[0]}\n{self.err.decode(errors='replace')[-1500:]}",
                          seconds)

    def write(self, text: str):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def stop(self, by: int = signal.SIGTERM, seconds: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for reader in self.readers:
            reader.join(timeout=5)
        return code


def talk(link: str, sound: Path, *options) -> Program:
    """Speaks a sound file into a class."""
    return Program("talk", sound, "--to", link, "--insecure", *options)


class Server:
    """A server with its data folder; `port` stays the same over restarts."""

    def __init__(self, data: Path, *options, env: dict | None = None, prefix=()):
        self.data, self.options, self.port, self.env, self.prefix = data, options, 0, env, prefix
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE
        self.start()

    def start(self):
        self.program = Program("serve", "--data", self.data, "--port", self.port, "--json", *self.options,
                               env=self.env, prefix=self.prefix)
        self.ready = json.loads(self.program.wait_line(lambda line: line.startswith("{")))
        self.url = self.ready["url"].rstrip("/")
        self.port = self.ready["port"]

    def kill(self):
        """As a power cut for the process: nothing is written any more."""
        self.program.stop(signal.SIGKILL)

    def stop(self) -> int:
        return self.program.stop()

    @property
    def socket(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"

    @property
    def key(self) -> str:
        return (self.data / "keys/administrator.key").read_text().strip()

    @property
    def access(self) -> list[str]:
        """What the administrator's commands need to find this server."""
        return ["--server", self.url, "--insecure", "--key-file", str(self.data / "keys/administrator.key")]

    def command(self, *arguments, expect: int = 0, stdin: bytes | None = None):
        """An administrator's command with `--json`; its objects, one for each line."""
        done = run(*arguments, *self.access, "--json", expect=expect, stdin=stdin)
        return [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith(("{", "["))]

    def get(self, path: str, token: str | None = None, accept: str = "application/json", data=None, method=None):
        """An HTTP answer as (status, headers, body); statuses are no errors here."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Accept", accept)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        if data is not None:
            request.data = data if isinstance(data, bytes) else json.dumps(data).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, context=self.trust, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def folder(self, class_id: str) -> Path:
        return self.data / "classes" / class_id

    def verify(self, class_id: str, expect: int = 0):
        """The judgement of `liverelay verify` on one class."""
        return run("verify", self.data, "--class", class_id, expect=expect).stdout.decode()

    def events(self, class_id: str) -> list[dict]:
        """The log of a class as it lies on disk, without its header."""
        lines = (self.folder(class_id) / "events.jsonl").read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines[1:]]

    # The HTTP interface with the administrator's key.

    def api(self, path: str, data=None, method: str | None = None, expect: int = 200, token: str | None = None):
        status, _, body = self.get("/api/v1" + path, token=token or self.key, data=data, method=method)
        if status != expect:
            raise AssertionError(f"{method or 'GET'} {path}: {status} instead of {expect}: {body[:500]!r}")
        return json.loads(body) if body else None

    def create_class(self, title: str, **fields) -> dict:
        """A class that begins about now; the answer's `class` and `links`."""
        plan = {"title": title, "kind": "smallInteractive", "plannedStart": int(time.time() * 1000),
                "plannedMinutes": 45, "timeZone": "Asia/Shanghai", **fields}
        return self.api("/classes", data=plan, method="POST", expect=201)

    def link(self, class_id: str, role: str, name: str, number: str | None = None) -> dict:
        body = {"role": role, "name": name, **({"number": number} if number else {})}
        return self.api(f"/classes/{class_id}/links", data=body, method="POST", expect=201)

    def import_roster(self, class_id: str, rows: list[tuple[str, str, str]]) -> dict:
        """Rows of 姓名, 工号, 单位."""
        text = "\ufeff姓名,工号,单位\r\n" + "".join(",".join(row) + "\r\n" for row in rows)
        return self.put_roster(class_id, text.encode())

    def put_roster(self, class_id: str, file: bytes) -> dict:
        """The bytes of a CSV file, in whatever coding it has."""
        request = urllib.request.Request(f"{self.url}/api/v1/classes/{class_id}/roster", method="PUT", data=file)
        request.add_header("Authorization", f"Bearer {self.key}")
        request.add_header("Content-Type", "text/csv")
        with urllib.request.urlopen(request, context=self.trust, timeout=PATIENCE) as answer:
            return json.loads(answer.read())
