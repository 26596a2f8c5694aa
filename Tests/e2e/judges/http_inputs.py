"""Requests and answers for two readers to judge: by the rules, nearly so, and with bytes changed at random."""

from random import Random

METHODS = [b"GET"] * 6 + [b"HEAD", b"POST", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"BREW", b"get", b"CONNECT"]
TARGETS = [b"/"] * 4 + [
    b"/a/b?c=d&e", b"/a%20b", b"/%E8%AF%BE?q=%E6%9E%97+1", b"http://relay/x", b"http://other/x", b"*", b"/..", b"/%2e%2e/x",
    b"/a\\b", b"/%zz", b"/%ff", b"/a#b", b"/\xe8\xaf\xbe", b"a", b"/a//b", b"/?%FF", b"relay:443", b"/a b", b""]
VERSIONS = [b"HTTP/1.1"] * 9 + [b"HTTP/1.0"] * 3 + [b"HTTP/2.0", b"HTTP/1.2", b"http/1.1", b"HTTP/1.10", b"HTTP/1", b""]
ENDS = [b"\r\n"] * 40 + [b"\n", b"\r\r\n", b"\r", b"\r\n ", b"\r\n\t"]
BLANKS = [b" "] * 10 + [b"", b"\t", b"  ", b" \t "]
FIELDS = [
    (b"Host", [b"relay"] * 6 + [b"RELAY", b"relay:8443", b"a b", b"a/b", b"", b"[::1]:80", b"re_lay"]),
    (b"Content-Length", [b"3", b"0", b"3", b"3, 3", b"3, 4", b"+3", b"-3", b"003", b"0x3", b"", b"9" * 16, b"9" * 21, b"3 3"]),
    (b"Transfer-Encoding", [b"chunked", b"Chunked", b"gzip, chunked", b"identity", b"chunked, chunked", b"\x0bchunked"]),
    (b"Connection", [b"close", b"Close", b"keep-alive", b"keep-alive, Upgrade", b"x, close", b""]),
    (b"Expect", [b"100-continue", b"100-Continue", b"magic"]),
    (b"Upgrade", [b"websocket", b"h2c"]),
    (b"Accept", [b"*/*", b"text/html;q=0.5, */*"]),
    (b"X-Name", [b"a", b"", b"a\tb", "课".encode(), b"\xff\xfe", b"a\x01b", b"a\x7fb", b"a\x00b", b"a\x0bb", b'"q, r"', b"\xc2\x85"]),
    (b"X(y)", [b"a"]), (b"X Y", [b"a"]), (b"X\x80", [b"a"]), (b"", [b"a"]),
]
FIELD_WEIGHTS = [0.5, 3, 1, 4, 1, 1, 4, 6, 0.3, 0.3, 0.3, 0.3]
STATUSES = [b"200"] * 8 + [b"101"] * 2 + [b"100", b"103", b"204", b"304", b"403", b"99", b"1000", b"abc", b"000", b"999"]
REASONS = [b" OK"] * 6 + [b" ", b"", b" Not \xff", b" a\tb", b" a\x01", b"  x"]


def fields(random: Random, count: int, must: list[bytes]) -> bytes:
    chosen = random.choices(FIELDS, FIELD_WEIGHTS, k=count) + [field for field in FIELDS if field[0] in must]
    random.shuffle(chosen)
    lines = b""
    for name, values in chosen:
        if random.random() < 0.3:
            name = random.choice([name.lower(), name.upper()])
        colon = b":" if random.random() < 0.98 else random.choice([b" :", b"", b"\t:"])
        # Mostly the first, good values: too many faults at once hide each other.
        value = values[0] if random.random() < 0.6 else random.choice(values)
        lines += name + colon + random.choice(BLANKS) + value + random.choice([b""] * 9 + [b" ", b"\t"])
        lines += random.choice(ENDS) if random.random() < 0.1 else b"\r\n"
    return lines


def request(random: Random) -> bytes:
    first = random.random() < 0.85
    pick = (lambda values: values[0]) if first else random.choice
    line = pick(METHODS) if random.random() < 0.5 else random.choice(METHODS[:12])
    line += b" " + (pick(TARGETS) if first else random.choice(TARGETS)) + b" " + (
        random.choice(VERSIONS[:12]) if first else random.choice(VERSIONS))
    must = [b"Host"] if random.random() < 0.95 else []
    head = line + b"\r\n" + fields(random, random.choice([0, 0, 1, 1, 2, 3, 5]), must) + b"\r\n"
    leading = random.choice([b""] * 100 + [b"\r\n", b"\r\n\r\n", b"\n"])
    chunked = b"transfer-encoding" in head.lower() and random.random() < 0.5
    body = chunks(random) if chunked else b"abc" if b"content-length" in head.lower() else b""
    return leading + head + (body if random.random() < 0.9 else body[:-1])


def requests(random: Random) -> bytes:
    """One to three, one behind the other, and now and then changed."""
    data = b"".join(request(random) for _ in range(random.choice([1, 1, 1, 2, 3])))
    return changed(random, data) if random.random() < 0.3 else data


def chunks(random: Random) -> bytes:
    data = b""
    for _ in range(random.choice([0, 1, 2])):
        size = random.choice([b"3", b"03", b"3;a=b", b"3 ", b"0x3", b"+3", b"", b"G", b"3 ;a"]) if random.random() < 0.2 else b"3"
        data += size + b"\r\n" + b"abc" + random.choice([b"\r\n"] * 12 + [b"", b"\n", b"xx"])
    return data + random.choice([b"0\r\n\r\n"] * 6 + [b"", b"0\r\n", b"0\r\nT: x\r\n\r\n", b"0\r\nbad\r\n\r\n", b"0\n\n", b"00\r\n\r\n"])


def response(random: Random) -> bytes:
    version = random.choice([b"HTTP/1.1"] * 9 + [b"HTTP/1.0"] * 2 + [b"HTTP/2.0", b"http/1.1", b"HTTP/1.2"])
    status = STATUSES[0] if random.random() < 0.5 else random.choice(STATUSES)
    reason = REASONS[0] if random.random() < 0.7 else random.choice(REASONS)
    framing = random.choice([[b"Content-Length"], [b"Content-Length"], [b"Transfer-Encoding"], []])
    head = version + b" " + status + reason + b"\r\n"
    head += fields(random, random.choice([0, 0, 1, 2]), framing) + b"\r\n"
    return head + (chunks(random) if b"Transfer-Encoding" in framing else random.choice([b"abc", b"abc", b"ab", b"", b"abcdef"]))


def responses(random: Random) -> bytes:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" if random.random() < 0.1 else b""
    data = interim + response(random)
    return changed(random, data) if random.random() < 0.3 else data


def changed(random: Random, data: bytes) -> bytes:
    """One to three bytes changed, taken out, put in, doubled or cut off."""
    changes = bytearray(data)
    for _ in range(random.randint(1, 3)):
        if not changes:
            break
        at = random.randrange(len(changes))
        match random.randrange(5):
            case 0: changes[at] = random.choice(b"\r\n\t :,/\x00\x7f\x80\xff0aA%" + bytes([random.randrange(256)]))
            case 1: del changes[at:at + random.randint(1, 4)]
            case 2: changes[at:at] = bytes([random.randrange(256)])
            case 3: changes[at:at] = changes[at:at + random.randint(1, 8)]
            case _: del changes[at + 1:]
    return bytes(changes)
