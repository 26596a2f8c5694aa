"""HTTP/1.1 to the letter of RFC 9110 and 9112, by bytes: each fault has its status, each question its answer."""

import gzip
import json
import subprocess

import pytest

from raw_http import Line, ask, get
from server import Server

WS = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: liverelay.v1\r\n")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("plain") / "data", "--tls", "off")
    yield running
    running.stop()


def request(line: str = "GET /version HTTP/1.1", fields: str = "Host: localhost\r\n", body: str = "") -> bytes:
    return f"{line}\r\n{fields}\r\n{body}".encode("latin-1")


LONG = "a" * 9_000
POST = "POST /api/v1/visit HTTP/1.1"
CHUNKED = "Host: localhost\r\nTransfer-Encoding: chunked\r\n"

REFUSED = {
    # RFC 9112 §2.2: lines end in CR LF and nothing else.
    "bare LF": (b"GET /version HTTP/1.1\nHost: localhost\n\n", 400),
    "bare LF after a field": (b"GET /version HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
    "bare CR": (b"GET /version HTTP/1.1\r\nHost: local\rhost\r\n\r\n", 400),
    "NUL": (b"GET /version HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
    "two empty lines first": (b"\r\n\r\nGET /version HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "blank before the first field": (b"GET /version HTTP/1.1\r\n X: y\r\nHost: localhost\r\n\r\n", 400),
    # §3: the request line.
    "two blanks": (request("GET  /version HTTP/1.1"), 400),
    "blank at the end": (request("GET /version HTTP/1.1 "), 400),
    "tab": (request("GET\t/version HTTP/1.1"), 400),
    "no version": (b"GET /version\r\nHost: localhost\r\n\r\n", 400),
    "small version": (request("GET /version http/1.1"), 400),
    "two digits": (request("GET /version HTTP/1.10"), 400),
    "HTTP/2 in plain": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /version HTTP/0.9\r\n\r\n", 505),
    "unknown method": (request("BREW /version HTTP/1.1"), 501),
    "small method": (request("get /version HTTP/1.1"), 501),
    "TRACE": (request("TRACE / HTTP/1.1"), 501),
    "CONNECT": (request("CONNECT localhost:80 HTTP/1.1"), 501),
    "long line": (request(f"GET /{LONG} HTTP/1.1"), 414),
    "fragment": (request("GET /version#x HTTP/1.1"), 400),
    "not ASCII": (request("GET /versi\xf6n HTTP/1.1"), 400),
    "no slash": (request("GET version HTTP/1.1"), 400),
    "star with GET": (request("GET * HTTP/1.1"), 400),
    "other scheme": (request("GET ftp://localhost/version HTTP/1.1"), 400),
    "user in the target": (request("GET http://me@localhost/version HTTP/1.1"), 400),
    "https without TLS": (request("GET https://localhost/version HTTP/1.1"), 421),
    "dot segment": (request("GET /assets/..%2f..%2fetc/passwd HTTP/1.1"), 400),
    "half an escape": (request("GET /%4 HTTP/1.1"), 400),
    # §3.2: Host.
    "no host": (request(fields=""), 400),
    "two hosts": (request(fields="Host: localhost\r\nHost: localhost\r\n"), 400),
    "empty host": (request(fields="Host:\r\n"), 400),
    "host list": (request(fields="Host: localhost, localhost\r\n"), 400),
    "host with a path": (request(fields="Host: localhost/x\r\n"), 400),
    "port too large": (request(fields="Host: localhost:65536\r\n"), 400),
    # §5: fields.
    "blank before the colon": (request(fields="Host : localhost\r\n"), 400),
    "folded": (request(fields="Host: localhost\r\nX: a\r\n b\r\n"), 400),
    "no colon": (request(fields="Host: localhost\r\nX\r\n"), 400),
    "empty name": (request(fields="Host: localhost\r\n: x\r\n"), 400),
    "65 fields": (request(fields="Host: localhost\r\n" + "X: y\r\n" * 64), 431),
    "17 KiB of fields": (request(fields="Host: localhost\r\n" + f"X: {'y' * 1_000}\r\n" * 17), 431),
    # §6: how long a body is.
    "length and coding": (request(POST, "Content-Length: 5\r\n" + CHUNKED, "0\r\n\r\n"), 400),
    "two lengths": (request(POST, "Host: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400),
    "length list": (request(POST, "Host: localhost\r\nContent-Length: 5, 5\r\n", "hello"), 400),
    "length with a sign": (request(POST, "Host: localhost\r\nContent-Length: +5\r\n", "hello"), 400),
    "length overflows": (request(POST, "Host: localhost\r\nContent-Length: 99999999999999999999\r\n"), 400),
    "coding in HTTP/1.0": (request("POST /api/v1/visit HTTP/1.0", CHUNKED, "0\r\n\r\n"), 400),
    "chunked not last": (request(POST, "Host: localhost\r\nTransfer-Encoding: chunked, gzip\r\n"), 400),
    "chunked twice": (request(POST, "Host: localhost\r\nTransfer-Encoding: chunked, chunked\r\n"), 400),
    "unknown coding": (request(POST, "Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n"), 501),
    "chunk with a sign": (request(POST, CHUNKED, "+5\r\nhello\r\n0\r\n\r\n"), 400),
    "chunk too short": (request(POST, CHUNKED, "4\r\nhello\r\n0\r\n\r\n"), 400),
    "chunk with bare LF": (request(POST, CHUNKED, "5\nhello\n0\n\n"), 400),
    "body too large": (request(POST, "Host: localhost\r\nContent-Length: 65537\r\n"), 413),
    "chunks too large": (request(POST, CHUNKED, "10001\r\n" + "a" * 0x10001), 413),
    # RFC 9110 §10.1.1.
    "unknown expectation": (request(POST, "Host: localhost\r\nExpect: tea\r\nContent-Length: 5\r\n"), 417),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_proper_request_is_refused_and_ends_the_connection(plain, case):
    data, status = REFUSED[case]
    with Line(plain.port) as line:
        line.send(data)
        answer = line.answer()
        assert answer.status == status
        assert answer["connection"] == "close" and answer["date"].endswith(" GMT")
        chinese, english = answer.body.decode().splitlines()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) and english.isascii(), "says what to do"
        assert line.is_over(), "nothing behind a broken request is looked at"


def test_nothing_smuggled_behind_a_refusal_is_answered(plain):
    with Line(plain.port) as line:
        line.send(request(POST, "Content-Length: 4\r\n" + CHUNKED, "0\r\n\r\n") + request("GET /healthz HTTP/1.1"))
        assert line.answer().status == 400
        assert line.is_over()


@pytest.mark.parametrize("data, status", [
    (request("GET /version HTTP/1.9"), 200), (b"\r\n" + request(), 200), (request(fields="Host: LOCALHOST:1\r\n"), 200),
    (request("GET http://localhost/version HTTP/1.1", "Host: anything\r\n"), 200),
    (request("GET http://localhost:80/version HTTP/1.1"), 200), (b"GET /version HTTP/1.0\r\n\r\n", 200),
    (request(fields="Host: localhost\r\nX: \xe9\r\n"), 200), (request(fields="Host: [::1]:9\r\n"), 200),
    (request("GET /version HTTP/1.0", "Expect: tea\r\n"), 200), (request(POST, CHUNKED, "0\r\n\r\n"), 415)],
    ids=["minor version", "one empty line", "capitals", "absolute form", "absolute with port", "HTTP/1.0", "opaque bytes",
         "IPv6", "expectation of HTTP/1.0", "chunks"])
def test_what_the_standard_allows_is_taken(plain, data, status):
    assert ask(plain.port, data).status == status


def test_many_requests_at_once_are_answered_in_order(plain):
    paths = ["/version", "/healthz", "/nothing", "/openapi.json"] * 25
    with Line(plain.port) as line:
        line.send(b"".join(request(f"GET {path} HTTP/1.1") for path in paths))
        statuses = [line.answer().status for _ in paths]
    assert statuses == [200, 200, 404, 200] * 25


def test_connections_are_kept_as_version_and_field_say(plain):
    with Line(plain.port) as line:
        for _ in range(3):
            line.send(request())
            assert line.answer()["connection"] is None
        line.send(request(fields="Host: localhost\r\nConnection: x, CLOSE\r\n"))
        assert line.answer()["connection"] == "close" and line.is_over()
    with Line(plain.port) as line:
        line.send(request("GET /version HTTP/1.0", "Connection: keep-alive\r\n"))
        assert line.answer()["connection"] == "keep-alive"
        line.send(request("GET /version HTTP/1.0", ""))
        assert line.answer()["connection"] == "close" and line.is_over()


@pytest.mark.parametrize("path", ["/", "/version", "/openapi.json", "/assets/css/base.css", "/nothing", "/api/v1/classes"])
def test_head_says_what_get_says(plain, path):
    with Line(plain.port) as line:
        line.send(request(f"GET {path} HTTP/1.1") + request(f"HEAD {path} HTTP/1.1"))
        full, head = line.answer(), line.answer("HEAD")
        assert head.status == full.status and not line.got
        fields = [[field for field in answer.fields if field[0] != "date"] for answer in (full, head)]
        assert fields[0] == fields[1]


def test_a_body_is_asked_for_only_when_it_will_be_read(plain):
    with Line(plain.port) as line:
        line.send(request(POST, "Host: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"))
        assert line.answer().status == 100
        line.send(b"{}" + request())
        assert line.answer().status == 415
        assert line.answer().status == 200
    refused = ask(plain.port, request(POST, "Host: localhost\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n"))
    assert refused.status == 413, "and no 100 before it"


def test_methods_have_their_list(plain):
    for path, allow in [("/", "GET, HEAD, OPTIONS"), ("/api/v1/classes", "GET, HEAD, POST, OPTIONS"),
                        ("/assets/css/base.css", "GET, HEAD, OPTIONS")]:
        refused = ask(plain.port, request(f"DELETE {path} HTTP/1.1"))
        assert refused.status == 405 and refused["allow"] == allow
        asked = ask(plain.port, request(f"OPTIONS {path} HTTP/1.1"))
        assert asked.status == 204 and asked["allow"] == allow and asked["content-length"] is None
    assert ask(plain.port, request("OPTIONS * HTTP/1.1")).status == 204


def test_an_asset_is_two_representations(plain):
    path = "/assets/js/pages/index.js"
    whole = get(plain.port, path)
    packed = get(plain.port, path, "localhost", "Accept-Encoding: br;q=1, gzip;q=0.5")
    assert gzip.decompress(packed.body) == whole.body and packed["etag"] != whole["etag"]
    assert whole["vary"] == packed["vary"] == "accept-encoding" and whole["content-encoding"] is None
    for weights in ["gzip;q=0", "identity, gzip;q=0.1", "*;q=0"]:
        assert get(plain.port, path, "localhost", f"Accept-Encoding: {weights}")["content-encoding"] is None
    known = get(plain.port, path, "localhost", f"If-None-Match: \"x\", W/{whole['etag']}")
    assert known.status == 304 and known["etag"] == whole["etag"] and known["vary"] == "accept-encoding"
    assert known["content-type"] is None and known.body == b""
    assert get(plain.port, path, "localhost", f"If-None-Match: {packed['etag']}").status == 200
    assert get(plain.port, path, "localhost", "If-Match: \"x\"").status == 412


def test_pages_are_asked_for_again_and_their_parts_are_not(plain):
    page = get(plain.port, "/")
    assert page["cache-control"] == "private, no-cache"
    assert get(plain.port, "/", "localhost", f"If-None-Match: {page['etag']}").status == 304
    parts = [piece.split('"')[0] for piece in page.body.decode().split('"/assets/')[1:]]
    assert parts and all(get(plain.port, f"/assets/{part}")["cache-control"].endswith("immutable") for part in parts)


def test_every_answer_guards_the_browser(plain):
    for path in ["/", "/wall", "/version", "/assets/css/base.css", "/nothing", "/api/v1/classes"]:
        answer = get(plain.port, path, "localhost", "Accept: text/html")
        policy = answer["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy, path
        assert answer["x-content-type-options"] == "nosniff" and answer["referrer-policy"] == "no-referrer"
        assert answer["strict-transport-security"] is None, "nobody is bound to a certificate that is not there"
    assert get(plain.port, "/")["permissions-policy"].startswith("microphone=(self)")


def test_names_that_lead_elsewhere_are_refused(plain):
    """The server listens on this machine only: a name of another house that leads here is a trick (DNS rebinding)."""
    for host in ["localhost", "LocalHost.", "a.localhost:8443", "127.0.0.1", "[::1]:1", "192.0.2.7"]:
        assert get(plain.port, "/", host).status == 200, host
    for path in ["/", "/version", "/assets/css/base.css", "/api/v1/classes"]:
        assert get(plain.port, path, "evil.example").status == 421, path
    assert get(plain.port, "/healthz", "evil.example").status == 200
    refused = ask(plain.port, f"GET /ws HTTP/1.1\r\nHost: evil.example\r\n{WS}\r\n".encode())
    assert refused.status == 421


def test_other_sites_are_refused_unless_they_are_allowed(tmp_path):
    server = Server(tmp_path / "data", "--tls", "off", "--host", "0.0.0.0", "--allowed-origin", "https://lms.example")

    def upgrade(origin: str, host: str = "any.name.school:8443"):
        return ask(server.port, f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n{WS}\r\n".encode()).status

    def visit(origin: str):
        body = json.dumps({"token": "x"})
        return ask(server.port, request(POST, f"Host: lan:8443\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n"
                                              f"Content-Length: {len(body)}\r\n", body)).status
    try:
        assert upgrade("http://any.name.school:8443") == 101, "a school calls its server as it likes"
        assert upgrade("https://any.name.school:8443") == 101, "TLS may have ended before us"
        assert upgrade("https://lms.example") == 101
        for origin in ["https://evil.example", "null", "http://any.name.school", "http://any.name.school:8443.evil.example",
                       "https://lms.example:444", "http://lms.example", "http://any.name.school:8443\r\nOrigin: https://evil.example"]:
            assert upgrade(origin) == 403, origin
        assert visit("https://lms.example") == visit("http://lan:8443") == 401
        assert visit("https://evil.example") == visit("null") == 403
    finally:
        server.stop()


def test_the_names_of_a_public_server_are_known(tmp_path):
    server = Server(tmp_path / "data", "--tls", "off", "--host", "0.0.0.0", "--public-url", "https://class.example",
                    "--allowed-host", "class.lan")
    try:
        statuses = {host: get(server.port, "/", host).status
                    for host in ["class.example", "class.lan", "10.0.0.7:8443", "localhost", "evil.example"]}
        assert statuses == {**dict.fromkeys(statuses, 200), "evil.example": 421}
        words = get(server.port, "/", "evil.example", "Accept: text/html").body.decode()
        assert "--allowed-host" in words
    finally:
        server.stop()


def test_https_of_an_own_certificate_binds_nobody_and_plain_http_is_led_there(server):
    answer = get(server.port, "/", "localhost", trust=server.trust)
    assert answer.status == 200 and answer["strict-transport-security"] is None
    assert ask(server.port, request("GET https://localhost/version HTTP/1.1"), trust=server.trust).status == 200
    moved = get(server.port, "/a?b=c", "localhost:1")
    assert moved.status == 308 and moved["location"] == "https://localhost:1/a?b=c"


def test_the_certificate_of_an_authority_binds_browsers_to_https(tmp_path):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority", "-days", "2")
    openssl("req", *curve, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem",
            "-days", "2")
    server = Server(tmp_path / "data", "--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    try:
        answer = get(server.port, "/", "localhost", trust=server.trust)
        assert answer["strict-transport-security"] == "max-age=15552000"
        assert get(server.port, "/", "localhost")["strict-transport-security"] is None, "not over plain HTTP (RFC 6797 §7.2)"
    finally:
        server.stop()
