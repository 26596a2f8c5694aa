"""wsproto reads the frames that our machine reads, and the places where the two may differ."""


from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.extensions import PerMessageDeflate

from judges.h11_judge import Difference, named

PADDING = bytes.fromhex("898000000000") * 4
"""Completes whatever header an input breaks off in: wsproto judges a header when it is whole, we at the byte that breaks
it."""

WE_REFUSE = [
    Difference("message or frame beyond our bound", "RFC 6455 §10.4: bounds of our own", "(frame|message) too big|too many fragments", len),
]

WE_REFUSE_SOONER = [
    Difference("first half of a surrogate", "RFC 3629 §4: ED A0 can become no character; CPython's decoder waits for the third byte",
               "text is not UTF-8", len),
]

WSPROTO_REFUSES = [
    Difference("close code 1014", "registered with IANA (bad gateway); wsproto does not know it", "CLOSE with unknown reserved code", len),
]


def extension(takeover: bool) -> PerMessageDeflate:
    deflate = PerMessageDeflate()
    deflate.finalize("permessage-deflate" + ("" if takeover else "; client_no_context_takeover; server_no_context_takeover"))
    return deflate


def read(data: bytes, role: str, deflate: PerMessageDeflate | None = None) -> tuple[list, int | None, str]:
    """What wsproto reads: messages, pings and the close frame in order, then its refusal's code and phrase."""
    connection = Connection(
        ConnectionType.SERVER if role == "server" else ConnectionType.CLIENT, [deflate] if deflate else [])
    items: list = []
    parts: list = []
    connection.receive_data(data)
    for event in connection.events():
        if isinstance(event, (TextMessage, BytesMessage)):
            parts.append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
            if event.message_finished:
                items.append(["text" if isinstance(event, TextMessage) else "binary", b"".join(parts).hex()])
                parts = []
        elif isinstance(event, Ping):
            items.append(["ping", bytes(event.payload).hex()])
        elif isinstance(event, CloseConnection):
            # A refusal leaves the state as it was; the peer's close frame does not.
            if connection.state.name == "OPEN":
                return items, int(event.code), str(event.reason)
            items.append(["close", int(event.code), event.reason or ""])
    return items, None, ""
