"""Writes the seeds of the fuzzers: python3 Tests/WebSocketCoreTests/Fuzz/make_seeds.py

Each begins with a byte of choices (see the target's `check`) and two that say where to cut.
"""

import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "inputs/seeds"
MASK = bytes.fromhex("37fa213d")
CUTS = b"\x07\x03"


def http(*lines: str, body: bytes = b"") -> bytes:
    return "".join(line + "\r\n" for line in (*lines, "")).encode() + body


def frame(opcode: int, payload: bytes = b"", final: bool = True, mask: bytes = b"", reserved: int = 0) -> bytes:
    size = len(payload)
    masked = 0x80 if mask else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    if size < 126:
        head += bytes([masked | size])
    elif size < 65536:
        head += bytes([masked | 126]) + struct.pack(">H", size)
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", size)
    if mask:
        payload = bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload))
    return head + mask + payload


def packed(data: bytes, level: int = 6, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
    """Without the end that a flush always has (RFC 7692 §7.2.1)."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    data = deflate.compress(data) + deflate.flush(flush)
    return data[:-4] if flush == zlib.Z_SYNC_FLUSH else data


def write(target: str, seeds: dict[str, tuple[int, bytes]]):
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, (choices, data) in seeds.items():
        (folder / name).write_bytes(bytes([choices]) + CUTS + data)


HANDSHAKE = ("Host: relay:8443", "Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: liverelay.v1, other",
             "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Origin: https://relay:8443")

REQUESTS = {
    "get": http("GET / HTTP/1.1", "Host: relay"),
    "handshake": http("GET /socket?class=1 HTTP/1.1", *HANDSHAKE),
    "post": http("POST /api/v1/classes HTTP/1.1", "Host: relay", "Content-Length: 5", body=b"hello"),
    "pipelined": http("GET /a HTTP/1.1", "Host: a") + http("HEAD /b HTTP/1.1", "Host: a", "Connection: close"),
    "body-then-next": http("PUT /a HTTP/1.1", "Host: a", "Content-Length: 3", body=b"abc") + http(
        "GET / HTTP/1.0"),
    "escapes": http("GET /a%20b/%E8%AF%BE?x=1%2B+2&y&z=%E6%9E%97 HTTP/1.1", "Host: a"),
    "range": http("GET /sound HTTP/1.1", "Host: a", "Range: bytes=0-99", 'If-Range: "1"'),
    "suffix": http("GET /sound HTTP/1.1", "Host: a", "Range: bytes=-5", "Accept-Encoding: gzip;q=0.5, *;q=0"),
    "conditional": http("GET /a HTTP/1.1", "Host: a", 'If-None-Match: W/"a", "b", *',
                        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"),
    "absolute": http("GET http://relay/x?y HTTP/1.1", "Host: relay"),
    "asterisk": http("OPTIONS * HTTP/1.1", "Host: a"),
    "expect": http("POST / HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 2", body=b"ok"),
    "chunked": http("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", body=b"2\r\nok\r\n0\r\n\r\n"),
    "smuggled": http("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Transfer-Encoding: chunked"),
    "forwarded": http("GET / HTTP/1.1", "Host: a", 'Forwarded: for="[2001:db8::1]:80";proto=https, for=10.0.0.1',
                      "X-Forwarded-For: 203.0.113.7, 10.0.0.1", "X-Forwarded-Proto: https"),
    "dots": http("GET /a/%2e%2e/b HTTP/1.1", "Host: a"),
    "folded": http("GET / HTTP/1.1", "Host: a", "X: y", " z"),
    "bare-line-feed": b"GET / HTTP/1.1\nHost: a\n\n",
    "empty-line-first": b"\r\n" + http("GET / HTTP/1.1", "Host: a"),
    "too-long": http("GET /" + "a" * 200 + " HTTP/1.1", "Host: a"),
    "too-many": http("GET / HTTP/1.1", "Host: a", *[f"X{number}: y" for number in range(9)]),
}

SWITCH = http("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: liverelay.v1")

RESPONSES = {
    "switch": (0, SWITCH + frame(1, b"hello")),
    "switch-compressed": (0, SWITCH[:-2] + http(
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=12")),
    "length": (0, http("HTTP/1.1 200 OK", "Content-Length: 5", body=b"hello")),
    "head": (1, http("HTTP/1.1 200 OK", "Content-Length: 5")),
    "chunked": (0, http("HTTP/1.1 200 OK", "Transfer-Encoding: chunked",
                        body=b"5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")),
    "open": (0, http("HTTP/1.0 200 OK", body=b"until the end")),
    "interim": (0, http("HTTP/1.1 100 Continue") + http("HTTP/1.1 204 No Content")),
    "unmodified": (0, http("HTTP/1.1 304 Not Modified", "Content-Length: 5")),
    "refused": (0, http("HTTP/1.1 403 ", "Content-Length: 0")),
    "no-reason": (0, http("HTTP/1.1 200", "Content-Length: 0")),
    "too-big": (0, http("HTTP/1.1 200 OK", "Content-Length: 301")),
    "cut-off": (0, http("HTTP/1.1 200 OK", "Content-Length: 5", body=b"hel")),
}


def frames(mask: bytes) -> dict[str, bytes]:
    return {
        "text": frame(1, "课 class".encode(), mask=mask),
        "binary": frame(2, bytes(range(130)), mask=mask),
        "fragments": frame(1, "课".encode()[:2], False, mask) + frame(9, b"beat", mask=mask)
        + frame(0, "课".encode()[2:], mask=mask),
        "many-fragments": frame(2, b"a", False, mask) + frame(0, b"", False, mask) * 3 + frame(0, b"b", mask=mask),
        "ping": frame(9, b"12345678", mask=mask) + frame(10, struct.pack(">Q", 20_000), mask=mask),
        "close": frame(8, b"\x03\xe8bye", mask=mask) + frame(1, b"late", mask=mask),
        "close-empty": frame(8, mask=mask),
        "close-bad": frame(8, b"\x03\xed", mask=mask),
        "not-text": frame(1, b"ab\xc0\x80", mask=mask),
        "cut-text": frame(1, b"\xe8\xaf", mask=mask),
        "too-big": frame(2, bytes(400), False, mask) + frame(0, bytes(300), mask=mask),
        "long-form": frame(2, bytes(65_536), mask=mask)[:14],
        "inside-message": frame(1, b"a", False, mask) + frame(1, b"b", mask=mask),
        "nothing-to-continue": frame(0, b"a", mask=mask),
        "reserved": frame(1, b"a", mask=mask, reserved=4),
        "unmasked": frame(1, b"a", mask=b"" if mask else MASK),
    }


write("request", {name: (0, data) for name, data in REQUESTS.items()})
write("response", RESPONSES)
# A mask of zeros lets a fuzzer change the text as it will.
write("frames", {f"server-{name}": (2 if name == "ping" else 0, data) for name, data in frames(bytes(4)).items()})
write("frames", {f"masked-{name}": (0, data) for name, data in list(frames(MASK).items())[:4]})
write("frames", {f"client-{name}": (3 if name == "ping" else 1, data) for name, data in frames(b"").items()})
write("frames", {"server-closing": (4, frames(bytes(4))["ping"] + frames(bytes(4))["close"])})
write("close", {
    "empty": (0, b""), "one-byte": (0, b"\x03"), "normal": (0, b"\x03\xe8"), "reason": (0, b"\x0f\xa0" + "下课".encode()),
    "never-sent": (0, b"\x03\xee"), "unregistered": (0, b"\x07\xd0"), "not-text": (0, b"\x03\xe8\xed\xa0\x80"),
    "full": (0, b"\x0b\xb8" + b"a" * 123), "cut-character": (0, b"\x0b\xb8" + b"a" * 121 + "课".encode()[:2]),
    "private": (0, b"\x13\x87x"),
})
write("text", {
    "ascii": (0, b"the quick brown fox jumps"), "chinese": (0, "课堂开始了".encode()), "four": (0, "😀a𝄞".encode()),
    "overlong": (0, b"a\xc0\xaf"), "overlong-three": (0, b"\xe0\x9f\xbf"), "surrogate": (0, b"\xed\xa0\x80"),
    "beyond": (0, b"\xf4\x90\x80\x80"), "cut": (0, b"ab\xf0\x9f\x98"), "lone": (0, b"\x80"),
    "after-block": (0, b"12345678\xe8\xaf\xbe12345678"), "first-and-last": (0, b"\x00\x7f\xc2\x80\xdf\xbf\xef\xbf\xbf"),
})


TEXT = "课堂上的文字，一句话说两遍：课堂上的文字。".encode()
write("inflater", {
    "empty": (0, b"\x00"), "nothing": (0, b""), "text": (2, packed(TEXT)), "stored": (2, packed(TEXT, 0)), "context": (3, packed(TEXT)),
    "two": (19, packed(TEXT) * 2), "final-block": (0, packed(b"hello", flush=zlib.Z_FINISH)),
    "behind-the-final": (0, packed(b"hello", flush=zlib.Z_FINISH) + packed(b"more")), "many-small-blocks": (0, packed(b"", 1) * 3 + b"\x00"),
    "bomb": (0, packed(bytes(100_000))), "just-fits": (2, packed(b"a" * 3_000)), "one-too-many": (2, packed(b"a" * 3_001)),
    "not-text": (2, packed(b"ab\xc0\x80")), "not-text-and-too-big": (2, packed(b"\xff" + b"a" * 4_000)),
    "broken": (0, packed(TEXT)[:10] + b"\xff\xff\xff"), "reserved-block": (0, b"\x07"), "far-back": (0, b"\x62\x00\xff"),
})
COMPRESSED = {
    "text": frame(1, packed(TEXT), reserved=4), "binary": frame(2, packed(bytes(500)), reserved=4),
    "fragments": frame(1, packed(TEXT)[:9], False, reserved=4) + frame(9, b"beat") + frame(0, packed(TEXT)[9:]),
    "mixed": frame(1, packed(TEXT), reserved=4) + frame(1, TEXT) + frame(1, packed(TEXT), reserved=4),
    "continuation": frame(1, packed(TEXT), False, reserved=4) + frame(0, b"", reserved=4), "control": frame(9, b"", reserved=4),
    "bomb": frame(2, packed(bytes(2_000)), reserved=4), "empty": frame(1, b"\x00", reserved=4) + frame(1, b"", reserved=4),
}
write("frames", {f"compressed-{name}": (9, data) for name, data in COMPRESSED.items()})
write("frames", {f"context-{name}": (25, data) for name, data in COMPRESSED.items()})
write("extensions", {name: (choices, text.encode()) for name, (choices, text) in {
    "usual": (0, "permessage-deflate; client_max_window_bits"), "plain": (7, "permessage-deflate"),
    "all": (3, "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
               "client_max_window_bits=12"),
    "quoted": (5, 'permessage-deflate; server_max_window_bits="9"; client_max_window_bits="1\\5"'),
    "several": (4, "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=7, permessage-deflate"),
    "fields": (6, "permessage-deflate; server_max_window_bits=8\nfoo; bar"), "doubled": (4, "permessage-deflate; client_max_window_bits; client_max_window_bits=9"),
    "out-of-range": (4, "permessage-deflate; client_max_window_bits=16"), "huge": (4, "permessage-deflate; server_max_window_bits=99999999999999999999"),
    "zero": (4, "permessage-deflate; server_max_window_bits=08"), "empty": (4, ""), "commas": (4, ", ,permessage-deflate ,"),
    "unended": (4, 'permessage-deflate; a="b'), "valueless": (4, "permessage-deflate; server_max_window_bits"),
}.items()})
write("chunks", {name: (choices, data) for name, (choices, data) in {
    "usual": (0, b"5\r\nhello\r\n0\r\n\r\n"), "two": (0, b"2\r\nab\r\n00A\r\n0123456789\r\n0\r\n\r\nGET /"),
    "extensions": (0, b'1;a=b;c="d" \r\nx\r\n1 \t;e\r\ny\r\n0;last\r\n\r\n'), "trailer": (0, b"1\r\na\r\n0\r\nA: b\r\nC:\td\r\n\r\n"),
    "huge": (0, b"ffffffff\r\nabc"), "nine-digits": (0, b"000000001\r\na\r\n0\r\n\r\n"), "signed": (0, b"+1\r\na\r\n0\r\n\r\n"),
    "bare-line-feed": (0, b"1\na\r\n0\r\n\r\n"), "no-digits": (0, b";a\r\n"), "unended": (0, b"3\r\nab"), "wrong-end": (0, b"1\r\nabc\r\n"),
    "long-line": (0, b"1;" + b"a" * 260 + b"\r\na\r\n"), "line-just-fits": (0, b"1;" + b"a" * 252 + b"\r\na\r\n0\r\n\r\n"),
    "many-extensions": (0xE0, b"1;" + b"a" * 250 + b"\r\nb\r\n"), "many-chunks": (0xE0, b"1\r\na\r\n"),
    "many-fields": (0, b"0\r\n" + b"A: b\r\n" * 5 + b"\r\n"), "long-trailer": (0, b"0\r\nA: " + b"b" * 200 + b"\r\n\r\n"),
    "folded-trailer": (0, b"0\r\nA: b\r\n c\r\n\r\n"), "trailer-without-colon": (0, b"0\r\nA\r\n\r\n"),
}.items()})
write("forwarded", {name: (choices, http(*lines)[:-2]) for name, (choices, lines) in {
    "usual": (0, ["X-Forwarded-For: 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto: https", "X-Forwarded-Host: b:8443"]),
    "own-word": (2, ["X-Forwarded-For: 198.51.100.1, 192.0.2.1:4711"]), "lines": (0, ["X-Forwarded-For: ::1", "X-Forwarded-For: [2001:db8::7]:80"]),
    "chain": (0, ["X-Forwarded-For: 1.2.3.4" + ", 10.0.0.3" * 3, "X-Forwarded-Proto: https, http, ws"]), "unknown": (0, ["X-Forwarded-For: unknown, _x"]),
    "mapped": (0, ["X-Forwarded-For: ::ffff:1.2.3.4"]), "zone": (0, ["X-Forwarded-For: fe80::1%eth0"]), "zeros": (0, ["X-Forwarded-For: 01.2.3.4, 1.2.3"]),
    "swallowed-comma": (2, ["X-Forwarded-For: 192.0.2.1%\u0600"]), "marked-comma": (2, ["X-Forwarded-For: 192.0.2.1,\u0301"]),
    "kelvin": (0, ["X-Forwarded-Proto: http\u017f", "Transfer-Encoding: chun\u212aed"]), "malformed-host": (0, ["X-Forwarded-Host: a/b"]),
    "forwarded": (1, ['Forwarded: for="[2001:db8::17]:4711";proto=https;host="b:8443"; by=10.0.0.1']),
    "forwarded-chain": (1, ["Forwarded: for=203.0.113.9;proto=https, for=10.0.0.2;proto=http", "Forwarded: For=10.0.0.3"]),
    "forwarded-own-word": (3, ["Forwarded: for=192.0.2.1"]), "unended": (3, ['Forwarded: for="192.0.2.1']), "escaped": (1, ['Forwarded: for="1\\92.0.2.1\\""']),
    "empty-pairs": (1, ["Forwarded: ;;for=192.0.2.1 ; , ,;"]), "hidden": (1, ["Forwarded: for=_x, for=unknown;proto=https"]),
    "doubled": (1, ["Forwarded: for=1.2.3.4;FOR=1.2.3.5"]), "malformed": (1, ["Forwarded: for = 1"]), "bare-port": (1, ["Forwarded: for=1.2.3.4:80, for=[::1]:_x"]),
}.items()})
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V4, V6 = bytes([203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x34, 0x20, 0xFB]), bytes(range(36))
write("proxy", {name: (choices, data) for name, (choices, data) in {
    "tcp4": (0, b"\x21\x11\0\x0c" + V4 + b"GET /"), "tcp6": (0, b"\x21\x21\0\x24" + V6), "local": (0, b"\x20\0\0\0\x16\3"),
    "local-with-more": (0, b"\x20\x11\0\x0c" + V4), "without-family": (0, b"\x21\0\0\3abc"), "additions": (0, b"\x21\x11\0\x13" + V4 + b"\4\0\4abcdx"),
    "udp": (0, b"\x21\x12\0\x0c" + V4), "unix": (0, b"\x21\x31\0\xd8" + bytes(216)), "version-1": (1, b"PROXY TCP4 203.0.113.7 10.0.0.1 4660 8443\r\n"),
    "too-short": (0, b"\x21\x11\0\x0b" + V4), "too-long": (0, b"\x21\x11\x10\x01" + V4), "just-fits": (0, b"\x21\x11\x03\x00" + V4 + bytes(756)),
    "other-command": (0, b"\x22\x11\0\x0c" + V4), "other-version": (0, b"\x11\x11\0\x0c" + V4), "whole": (1, SIGNATURE + b"\x21\x11\0\x0c" + V4),
    "signature-cut": (1, SIGNATURE[:7]), "signature-wrong": (1, SIGNATURE[:11] + b"\r\x21\x11"), "tls": (1, b"\x16\x03\x01\x02\0\1\0\1\xfc\3\3"),
}.items()})
