"""wsproto reads the frames that our machine reads, and the places where the two may differ."""


from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, RsvBits

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

WE_REFUSE_PACKED = [
    Difference("compressed data that stops inside a block", "RFC 7692 §7.2.2: with its tail it is to be whole DEFLATE data; wsproto takes what came out",
               "broken compressed data", len),
    Difference("frame out of place in a compressed message", "RFC 6455 §5.4: 1002 for the frame; wsproto inflates it first and finds fault with that",
               "message inside a message|nothing to continue", len),
]

WSPROTO_REFUSES = [
    Difference("close code 1014", "registered with IANA (bad gateway); wsproto does not know it", "CLOSE with unknown reserved code", len),
    Difference("what stands behind a final block", "RFC 7692 §7.2.3.4: it does not end the message, nor the context; wsproto reads nothing behind it",
               "error in extension", len),
]


class Deflate(PerMessageDeflate):
    """wsproto's with two mistakes mended, so that the rest can be compared. wsproto 1.3.2 forgets at a control frame between
    the fragments of a compressed message that it is compressed (RFC 7692 §6.1 lets them stand there). And where a message
    holds no byte at all, as of peers who flush zlib twice (§7.2.3.6 wants one), it takes the tail for data."""

    _is_control = False
    _packed_bytes = 0

    def frame_inbound_header(self, proto, opcode, rsv, payload_length):
        self._is_control = opcode.iscontrol()
        if self._is_control:
            return CloseReason.PROTOCOL_ERROR if rsv.rsv1 else RsvBits(True, False, False)
        return super().frame_inbound_header(proto, opcode, rsv, payload_length)

    def frame_inbound_payload_data(self, proto, data):
        if self._is_control:
            return data
        self._packed_bytes += len(data)
        return super().frame_inbound_payload_data(proto, data)

    def frame_inbound_complete(self, proto, fin):
        if self._is_control:
            return None
        if fin and self._inbound_compressed and self._packed_bytes == 0:
            self._inbound_compressed = None
            return b""
        self._packed_bytes = 0 if fin else self._packed_bytes
        return super().frame_inbound_complete(proto, fin)


def extension(takeover: bool) -> PerMessageDeflate:
    deflate = Deflate()
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
