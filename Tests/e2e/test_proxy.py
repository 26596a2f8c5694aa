"""Behind a proxy: who is believed, and what nginx and HAProxy say with their usual settings."""

import asyncio
import contextlib
import json
import secrets
import shutil
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from liverelay_client import Classroom

from raw_http import Line, ask, get
from server import Server, wait_until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def introduction(source: str, command: int = 0x21, more: bytes = b"") -> bytes:
    """A PROXY header of version 2."""
    if ":" in source:
        rest = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "::1") + b"\0\1\0\2"
        family = 0x21
    else:
        rest, family = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + b"\0\1\0\2", 0x11
    return SIGNATURE + bytes([command, family]) + struct.pack("!H", len(rest + more)) + rest + more


USED_UP = 75
"""More wrong codes at once than an address may try."""
FEW = 5
"""Enough that one who has used up his tries is refused some, whatever he gets again meanwhile."""


def is_limited(port: int, count: int, *fields: str, **options) -> bool:
    """Whether somebody who tries so many wrong codes at once is refused some. `{}` in a field stands for a number."""
    def status(number: int) -> int:
        return get(port, f"/api/v1/codes/{secrets.randbelow(900_000_000) + 100_000_000}", "localhost",
                   *(field.format(number) for field in fields), **options).status
    with ThreadPoolExecutor(count) as pool:
        statuses = set(pool.map(status, range(count)))
    assert statuses <= {404, 429}, statuses
    return 429 in statuses


def test_the_word_of_strangers_is_not_believed(tmp_path):
    server = Server(tmp_path / "data", "--tls", "off")
    try:
        assert is_limited(server.port, USED_UP, "X-Forwarded-For: 203.0.113.{0}", "Forwarded: for=203.0.113.{0}"), \
            "another address in each request helps nobody"
        answer = get(server.port, "/version", "localhost", "X-Forwarded-Host: evil/x", "X-Forwarded-Proto: gopher")
        assert answer.status == 200, "not even read"
    finally:
        server.stop()


def test_trusted_proxies_name_the_client(tmp_path):
    server = Server(
        tmp_path / "data", "--tls", "off", "--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.0.0.0/8")
    try:
        assert is_limited(server.port, USED_UP, "X-Forwarded-For: 203.0.113.1")
        assert not is_limited(server.port, FEW, "X-Forwarded-For: 203.0.113.2"), "the neighbour is not the offender"
        assert is_limited(server.port, FEW, "X-Forwarded-For: 198.51.100.9, 203.0.113.1, 10.0.0.5"), "nor can he hide behind lies"
        assert is_limited(server.port, FEW, "X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 203.0.113.1")
        assert not is_limited(server.port, FEW, "Forwarded: for=203.0.113.1"), "only what the proxies write is read"
        assert get(server.port, "/version", "localhost", "X-Forwarded-Proto: gopher").status == 400
        links = create(server, "X-Forwarded-Proto: https", "X-Forwarded-Host: class.localhost")
        assert links["participant"].startswith("https://class.localhost/j/")
        assert create(server)["participant"].startswith(f"http://localhost:{server.port}/j/")
        assert get(server.port, "/", "localhost", "X-Forwarded-Host: evil.example").status == 421
    finally:
        server.stop()


def test_forwarded_is_read_where_the_proxies_write_it(tmp_path):
    server = Server(tmp_path / "data", "--tls", "off", "--trusted-proxy", "127.0.0.1", "--proxy-fields", "forwarded")
    try:
        assert is_limited(server.port, USED_UP, 'Forwarded: for="[2001:db8::1]:4711";proto=https')
        assert is_limited(server.port, FEW, 'Forwarded: for=192.0.2.1, for="[2001:db8::ffff]"'), "a /64 is one"
        assert not is_limited(server.port, FEW, 'Forwarded: for="[2001:db8:0:1::1]"')
        assert get(server.port, "/version", "localhost", 'Forwarded: for="1.2.3.4, for=203.0.113.2').status == 400
        links = create(server, "Forwarded: for=192.0.2.1;proto=https;host=\"class.localhost:8443\"")
        assert links["lecturer"].startswith("https://class.localhost:8443/j/")
    finally:
        server.stop()


def create(server, *fields: str) -> dict:
    """The links of a new class, as one gets them who comes by a proxy."""
    plan = json.dumps({"title": "代理后面", "kind": "smallInteractive", "plannedStart": 1_795_395_600_000, "plannedMinutes": 45})
    lines = "".join(f"{field}\r\n" for field in fields)
    answer = ask(server.port, f"POST /api/v1/classes HTTP/1.1\r\nHost: localhost:{server.port}\r\n{lines}Authorization: Bearer "
                              f"{server.key}\r\nContent-Type: application/json\r\nContent-Length: {len(plan.encode())}\r\n\r\n"
                              f"{plan}".encode())
    assert answer.status == 201, answer.body
    return json.loads(answer.body)["links"]


def test_a_proxy_header_comes_before_tls(tmp_path):
    server = Server(tmp_path / "data", "--trusted-proxy", "127.0.0.1", "--proxy-protocol")
    try:
        trust = server.trust
        assert is_limited(server.port, USED_UP, before=introduction("203.0.113.1"), trust=trust)
        assert not is_limited(server.port, FEW, before=introduction("203.0.113.2"), trust=trust)
        assert not is_limited(server.port, FEW, before=introduction("2001:db8::1", more=b"\x04\0\2xy"), trust=trust)
        local = introduction("203.0.113.1", command=0x20)
        assert not is_limited(server.port, FEW, before=local, trust=trust), "LOCAL is the proxy itself"
        for refused in [b"PROXY TCP4 203.0.113.1 127.0.0.1 1 2\r\n", SIGNATURE + b"\x11\x11\0\x0c" + b"\0" * 12,
                        SIGNATURE + b"\x21\x31\0\0", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]:
            with Line(server.port) as line:
                line.send(refused)
                assert line.is_over(), refused
        if socket.has_ipv6:
            with contextlib.suppress(OSError):
                assert get(server.port, "/healthz", "localhost", trust=trust, address="::1").status == 200
    finally:
        server.stop()


# The programs that schools use, with the settings of docs/operating.md.


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(program: str, arguments, port: int):
    path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        pytest.skip(f"{program} is not installed")
    process = subprocess.Popen([path, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        def answers():
            assert process.poll() is None, process.stderr.read().decode()
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), timeout=1).close() or True
        wait_until(answers, f"{program} listens")
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{server};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https;
            proxy_request_buffering {buffering};
            proxy_read_timeout 120s;
        }}
    }}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
}}
"""


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_class_behind_nginx(tmp_path, buffering):
    server = Server(tmp_path / "data", "--tls", "off", "--trusted-proxy", "127.0.0.1")
    port = free_port()
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, port=port, server=server.port, buffering=buffering))
    try:
        with running("nginx", ["-p", tmp_path, "-c", tmp_path / "nginx.conf"], port):
            assert is_limited(port, USED_UP, "X-Forwarded-For: 203.0.113.{}", source="127.0.0.2"), "a lie helps nobody"
            assert not is_limited(port, FEW, source="127.0.0.3"), "nor is the neighbour the offender"
            made = server.create_class("代理后面", lecturerName="张华")
            asyncio.run(take_part(f"ws://127.0.0.1:{port}/ws", made["links"]["lecturer"].split("#t=")[1]))
            roster = "姓名,工号,单位\r\n王晓明,0012,一中\r\n".encode()
            chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(roster), roster)
            answer = ask(port, f"PUT /api/v1/classes/{made['class']['id']}/roster HTTP/1.1\r\nHost: localhost\r\n"
                               f"Authorization: Bearer {server.key}\r\nContent-Type: text/csv\r\n"
                               f"Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
            assert answer.status == 200 and json.loads(answer.body)["imported"] == 1
            page = get(port, "/", "localhost", "Accept-Encoding: gzip")
            assert get(port, "/", "localhost", f"If-None-Match: {page['etag']}").status == 304
    finally:
        server.stop()


async def take_part(address: str, token: str):
    zhang = Classroom(address, token=token)
    staying = asyncio.create_task(zhang.stay())
    await zhang.until(lambda it: it.is_in)
    assert (await zhang.ask("postChat", text="听得见"))["type"] == "accepted"
    staying.cancel()


HAPROXY = """
global
    maxconn 256
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend door
    bind 127.0.0.1:{port}
    default_backend relay
backend relay
    server one 127.0.0.1:{server} {header}
"""


@pytest.mark.parametrize("header, works", [("send-proxy-v2", True), ("send-proxy", False)])
def test_a_class_behind_haproxy(tmp_path, header, works):
    server = Server(tmp_path / "data", "--trusted-proxy", "127.0.0.1", "--proxy-protocol", "--public-url", "https://localhost")
    port = free_port()
    (tmp_path / "haproxy.cfg").write_text(HAPROXY.format(port=port, server=server.port, header=header))
    try:
        with running("haproxy", ["-db", "-f", tmp_path / "haproxy.cfg"], port):
            if works:
                assert get(port, "/version", "localhost", trust=server.trust).status == 200
            else:
                with Line(port) as line:
                    line.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    assert line.is_over(), "version 1 is refused"
    finally:
        server.stop()
