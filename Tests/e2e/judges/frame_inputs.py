"""Frames for two readers to judge: by the rules, nearly so, and with bytes changed at random."""

import struct
import zlib
from random import Random

from judges.http_inputs import changed

TEXTS = [b"", b"class", "课堂".encode(), "a😀b".encode(), b"x" * 125, b"x" * 126, "é".encode() * 100]
NOT_TEXTS = [b"\xff", b"a\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe8\xaf", b"ok\xf0\x9f\x98"]
CLOSES = [b"", b"\x03\xe8", b"\x03\xe9bye", b"\x0f\xa0" + "下课".encode(), b"\x03", b"\x03\xec", b"\x03\xed", b"\x03\xee",
          b"\x03\xf7", b"\x00\x00", b"\x07\xd0", b"\x0b\xb7", b"\x13\x88", b"\xff\xff", b"\x03\xe8\xff", b"\x03\xf6",
          b"\x03\xf2", b"\x03\xf3", b"\x0b\xb8" + b"r" * 123]


def frame(random: Random, opcode: int, payload: bytes, masked: bool, final: bool = True, reserved: int = 0) -> bytes:
    size = len(payload)
    masked = masked if random.random() < 0.995 else not masked
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    form = 7 if size < 126 else 16 if size < 65_536 else 64
    if random.random() < 0.01:
        # A longer form than needed.
        form = 16 if form == 7 else 64
    match form:
        case 7: head += bytes([bit | size])
        case 16: head += bytes([bit | 126]) + struct.pack(">H", size)
        case _: head += bytes([bit | 127]) + struct.pack(">Q", size)
    mask = random.randbytes(4) if masked else b""
    return head + mask + (bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload)) if masked else payload)


def control(random: Random, masked: bool) -> bytes:
    payload = random.randbytes(random.choice([0, 4, 125, 126 if random.random() < 0.05 else 8]))
    return frame(random, random.choice([9, 9, 10]), payload, masked, final=random.random() < 0.99,
                 reserved=random.choice([0] * 60 + [1, 2, 4]))


def message(random: Random, masked: bool, squeeze=None) -> bytes:
    """A message in one to four frames; `squeeze` compresses its payload."""
    opcode = random.choice([1, 1, 2])
    good = opcode == 2 or random.random() < 0.93
    payload = random.choice(TEXTS) * random.choice([1, 1, 3]) if good else random.choice(TEXTS[:4]) + random.choice(NOT_TEXTS)
    if opcode == 2:
        payload = random.randbytes(random.choice([0, 1, 60, 125, 126, 300]))
    reserved = random.choice([0] * 80 + [1, 2, 4])
    if squeeze is not None and random.random() < 0.8:
        payload, reserved = squeeze(payload), reserved | 4
    cuts = sorted(random.randint(0, len(payload)) for _ in range(random.choice([0, 0, 1, 3])))
    parts = [payload[start:end] for start, end in zip([0, *cuts], [*cuts, len(payload)])]
    data = b""
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        first = at == 0
        kind = (opcode if first else 0) if random.random() < 0.99 else random.randrange(16)
        again = reserved if first else random.choice([0] * 80 + [4])
        data += frame(random, kind, part, masked, final=last if random.random() < 0.99 else not last, reserved=again)
        if not last and random.random() < 0.3:
            data += control(random, masked)
    return data


def frames(random: Random, masked: bool, squeeze=None) -> bytes:
    data = b""
    for _ in range(random.choice([1, 1, 2, 4])):
        data += control(random, masked) if random.random() < 0.25 else message(random, masked, squeeze)
    if random.random() < 0.4:
        data += frame(random, 8, random.choice(CLOSES), masked)
        data += message(random, masked, None) if random.random() < 0.3 else b""
    return changed(random, data) if random.random() < 0.3 else data


class Squeezer:
    """Compresses the messages of one input as a peer may (RFC 7692 §7.2.1), and now and then as none should."""

    def __init__(self, random: Random, takeover: bool):
        self.random, self.takeover = random, takeover
        self.compressor = None

    def __call__(self, payload: bytes) -> bytes:
        if self.compressor is None or not self.takeover:
            level = self.random.choice([0, 1, 6, 9])
            self.compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
        data = b""
        for part in (payload[:len(payload) // 2], payload[len(payload) // 2:]):
            data += self.compressor.compress(part)
            if self.random.random() < 0.2:
                # A peer may flush wherever it likes.
                data += self.compressor.flush(zlib.Z_SYNC_FLUSH)
        data += self.compressor.flush(zlib.Z_SYNC_FLUSH)
        if self.random.random() < 0.05:
            return changed(self.random, data)
        return data[:-4]
