"""h11 reads what our parsers read, and the places where the two may differ.

A difference has a name, the phrase of whoever refuses, and a test of the input that shows the cause; without it, a
disagreement is a finding.
"""

import re
from dataclasses import dataclass
from typing import Callable

import h11


@dataclass(frozen=True)
class Difference:
    name: str
    why: str
    phrase: str
    """Of ours where we refuse, of h11's where it does; a regular expression for the whole of it."""
    shows: Callable[[bytes], object]


def found(pattern: bytes) -> Callable[[bytes], object]:
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return compiled.search


END_OF_HEAD = b"\r\n\r\n"
"""Ends whatever head an input breaks off in: h11 judges a head when it is whole, we each line at its end."""
REQUEST_LINE = rb"(?:^|\n)[!-~]+ "

WE_REFUSE = [
    Difference("bare line feed", "RFC 9112 §2.2: a reader MAY take it for a line's end; we do not, as a proxy may read it otherwise",
               "bare line feed", found(rb"(?<!\r)\n")),
    Difference("folded line", "RFC 9112 §5.2: a server MUST refuse it or put a blank in its place; we refuse",
               "malformed field name", found(rb"\n[ \t]")),
    Difference("control character in a field", "RFC 9110 §5.5: invalid and dangerous; a reader MUST refuse or replace CR, LF and NUL, we refuse all",
               "control character in a field", found(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")),
    Difference("length as a list, twice, or of many digits", "RFC 9112 §6.3: a list of equal lengths MAY be taken; we refuse",
               "malformed length", found(rb"content-length:.*(,|content-length:)|content-length:\s*\d{16,20}\s")),
    Difference("length beside a coding", "RFC 9112 §6.1: an attempt at smuggling; a server MAY refuse, h11 lets the coding win",
               "transfer coding( beside a length)?", found(rb"transfer-encoding:.*content-length:|content-length:.*transfer-encoding:")),
    Difference("coding in HTTP/1.0", "RFC 9112 §6.1: the framing is faulty",
               "transfer coding( beside a length)?", found(rb"HTTP/1\.0\r?\n.*transfer-encoding:")),
    Difference("coding that is not chunked alone", "RFC 9112 §6.3: chunked comes last and once; §6.1: 501 for others",
               "the last transfer coding is not chunked|unknown transfer coding", found(rb"transfer-encoding:")),
    Difference("extension or size of a chunk", "RFC 9112 §7.1.1: a size is hexadecimal digits, extensions have a form and a bound",
               "malformed chunk (size|extension)", found(rb"\n[0-9a-f]+[^\r\n]*\r\n|\n[0-9a-f]{9,20}[;\r]")),
    Difference("unknown method", "RFC 9110 §9.1: 501 for a method that is not known", "unknown method", found(REQUEST_LINE)),
    Difference("unknown version", "RFC 9110 §15.6.6: 505 for a major version that is not spoken", "unknown version",
               found(rb" HTTP/(?!1\.\d\s)")),
    Difference("malformed target", "RFC 9112 §3.2: the target has one of four forms", "malformed target", found(REQUEST_LINE)),
    Difference("escape that is none", "RFC 3986 §2.1: two hexadecimal digits follow a percent sign", "malformed percent escape", found(rb"%")),
    Difference("path that is not UTF-8", "paths are text here", "path is not UTF-8", found(rb"%[89a-f]")),
    Difference("query that is not UTF-8", "queries are text here", "query is not UTF-8", found(rb"%[89a-f]")),
    Difference("dot segment", "RFC 3986 §5.2.4: a client has removed them; what is left leads out of the root",
               "dot segment in the path", found(rb"\.|%2e")),
    Difference("control character or backslash in the path", "no file of ours is named so; others read it as a slash",
               "control character or backslash in the path", found(rb"\\|%[0157]")),
    Difference("target of another host", "RFC 9110 §7.4: 421 for an origin that is not served", "target of another host", found(rb"https?://")),
    Difference("malformed host", "RFC 9110 §7.2: 400 for a Host with an invalid value",
               "Host is (missing|doubled or malformed)|malformed host in the target",
               found(rb"\nhost:|https?://| HTTP/1\.[2-9]\r")),  # h11 asks for one in 1.1 alone
    Difference("unknown expectation", "RFC 9110 §10.1.1: 417 for one that is not known", "unknown expectation", found(rb"expect:")),
    Difference("status out of range", "RFC 9110 §15: a status is 100 to 599; others are invalid", "malformed status line",
               found(rb"HTTP/1\.[01] (0\d\d|[6-9]\d\d)\b")),
    Difference("101 in HTTP/1.0", "RFC 9110 §15.2: there are no interim answers in HTTP/1.0; h11 lets its 101 switch", "101 in HTTP/1.0",
               found(rb"HTTP/1\.0 101")),
    Difference("control character in a reason", "RFC 9112 §4: a reason is text; h11 lets all but NUL and line ends pass", "malformed status line",
               found(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")),
    Difference("version of an answer", "RFC 9112 §2.3: HTTP/1.x is spoken here", "malformed status line", found(rb"HTTP/(?!1\.[01] )\d\.\d ")),
    Difference("line end inside a chunk", "RFC 9112 §7.1: blanks behind a size are no part of it", "malformed chunk",
               found(rb"\n[0-9a-f]+(;[^\n]*)?[ \t]+\r\n|\n[0-9a-f]{9,20}[;\r]")),
    Difference("answer too big", "a client's own bound", "answer too big", found(rb"content-length:|[0-9a-f]{6,}")),
    Difference("head too long", "RFC 9112 §3, RFC 6585 §5: bounds of our own", "(start line too long|head too long|too many fields)", len),
]

H11_REFUSES = [
    Difference("blank before an extension of a chunk", "RFC 9112 §7.1.1: a reader MUST take it out; h11 refuses it",
               "(?s)illegal chunk header.*", found(rb"\n[0-9a-f]+[ \t]+;")),
    Difference("empty line first", "RFC 9112 §2.2: one at least SHOULD be ignored", "no (request|response) line received", found(rb"\r\n")),
    Difference("refused at its first byte", "h11 does not wait for the line's end", "illegal request line", len),
    # Also before an answer, where the RFC says nothing of it; a server that sends one there misleads nobody.
]

H11_REFUSES_BODILESS = [
    Difference("length or coding of an answer without a body", "RFC 9112 §6.3: such an answer ends with its head, whatever its fields say",
               "bad Content-Length|conflicting Content-Length headers|Only Transfer-Encoding: chunked is supported|multiple Transfer-Encoding headers",
               len),
]


def named(differences: list[Difference], phrase: str, data: bytes) -> str | None:
    for difference in differences:
        if re.fullmatch(difference.phrase, phrase) and difference.shows(data):
            return difference.name
    return None


def text(value: bytes) -> str:
    """As ours: what is no UTF-8 keeps its bytes."""
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return bytes(value).decode("latin-1")


def head_of(event) -> list[list[str]]:
    return [[text(name), text(value)] for name, value in event.headers]


def requests(data: bytes) -> tuple[list, str | None, bool]:
    """What h11 reads: heads and bodies in order, the phrase of its refusal, and whether it goes on reading."""
    connection = h11.Connection(h11.SERVER)
    if data:
        # Nothing at all would mean the end of the stream.
        connection.receive_data(data)
    items: list = []
    body = b""
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                return items, None, True
            if type(event) is h11.Request:
                body = b""
                version = min(text(event.http_version), "1.1")  # a higher one is read as the highest known
                items.append(["head", text(event.method), text(event.target), version, head_of(event)])
            elif type(event) is h11.Data:
                body += bytes(event.data)
            elif type(event) is h11.EndOfMessage:
                items.append(["complete", body.hex()])
                if connection.our_state is h11.SEND_RESPONSE:
                    connection.send(h11.Response(status_code=400, headers=[("content-length", "0")]))
                    connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return items, None, False
                connection.start_next_cycle()
            else:
                return items, None, False
    except h11.RemoteProtocolError as error:
        return items, str(error), True


def response(data: bytes, method: str) -> tuple[list, str | None]:
    """What h11 reads of one answer up to the end of the stream: a switch, or a head with its body."""
    connection = h11.Connection(h11.CLIENT)
    upgrade = [("host", "relay"), ("upgrade", "websocket"), ("connection", "upgrade")]
    connection.send(h11.Request(method=method, target="/", headers=upgrade))
    connection.send(h11.EndOfMessage())
    head, body = None, b""
    ended = not data
    connection.receive_data(data)
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if ended:
                    return [], "stream ended"
                ended = True
                connection.receive_data(b"")
            elif type(event) is h11.InformationalResponse and event.status_code == 101:
                return [["switched", 101, head_of(event), connection.trailing_data[0].hex()]], None
            elif type(event) is h11.Response:
                head = event
            elif type(event) is h11.Data:
                body += bytes(event.data)
            elif type(event) is h11.EndOfMessage:
                return [["complete", head.status_code, head_of(head), body.hex()]], None
            elif type(event) is h11.ConnectionClosed:
                return [], "stream ended"
    except h11.RemoteProtocolError as error:
        return [], str(error)
