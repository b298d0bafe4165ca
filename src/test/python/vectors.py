"""Writes the test vectors of docs/protocol.md, from the document alone: it shares no code with the server.

Standard library only. Run it in the repository's root; the files under src/test/resources/wire must not change.
"""

import csv
import hashlib
import math
import os
import struct
import uuid

OUT = "src/test/resources/wire"
COLLECTOR = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
INSTANCE = uuid.UUID("ffeeddcc-bbaa-9988-7766-554433221100")
NOW = 1_795_219_200_000_000
U64 = (1 << 64) - 1


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def u8(n):
    return struct.pack(">B", n)


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def i64(n):
    return struct.pack(">q", n)


def uvarint(n):
    out = b""
    while n > 127:
        out += u8(n & 127 | 128)
        n >>= 7
    return out + u8(n)


def svarint(n):
    return uvarint((n << 1 ^ n >> 63) & U64)


def field(tag, value):
    return u8(tag) + u16(len(value)) + value


def text(tag, value):
    return field(tag, value.encode())


def frame(kind, payload):
    head = u32(len(payload)) + u8(kind) + u8(0) + u16(0)
    return head + payload + u32(crc32c(head + payload))


# --- schemas

TYPES = {"bool": 1, "int4": 2, "int8": 3, "float8": 4, "text": 5, "timestamptz": 6}
ROLES = {"key": 1, "counter": 2, "gauge": 3, "text": 4}


def schema(family, columns):
    listed = b"".join(u8(len(n)) + n.encode() + u8(TYPES[t]) + u8(ROLES[r]) for n, t, r in columns)
    return frame(7, text(1, family) + field(2, listed))


def fingerprint(family, columns):
    lines = family + "\n" + "".join(f"{n}:{TYPES[t]}:{ROLES[r]}\n" for n, t, r in columns)
    return hashlib.sha256(lines.encode()).digest()[:8]


FAMILY = "vector_family"
COLUMNS = [
    ("flag", "bool", "key"),
    ("small", "int4", "gauge"),
    ("big", "int8", "counter"),
    ("ratio", "float8", "gauge"),
    ("name", "text", "text"),
    ("since", "timestamptz", "gauge"),
]

# --- bodies: every encoding at least once, written out by hand

NO_NULLS, SOME_NULLS, ONLY_NULLS, SAME = 0, 1, 2, 3


def bitmap(nulls, rows):
    out = bytearray((rows + 7) // 8)
    for row in nulls:
        out[row // 8] |= 1 << row % 8
    return bytes(out)


def constant(n):
    return u8(1) + svarint(n)


def varints(ns):
    return u8(2) + b"".join(svarint(n) for n in ns)


def deltas(ns):
    return u8(3) + svarint(ns[0]) + b"".join(svarint(b - a) for a, b in zip(ns, ns[1:]))


def packed(ns, width):
    acc = 0
    for index, n in enumerate(ns):
        acc |= (n - min(ns)) << index * width
    return u8(4) + svarint(min(ns)) + u8(width) + acc.to_bytes((len(ns) * width + 7) // 8, "little")


def planes(bits):
    return b"".join(bytes(b >> 56 - 8 * plane & 255 for b in bits) for plane in range(8))


def bits(x):
    return struct.unpack(">Q", struct.pack(">d", x))[0]


def texts(values):
    raw = [v.encode() for v in values]
    return b"".join(uvarint(len(r)) for r in raw) + b"".join(raw)


def block(target, at, rows, follows, columns, family=fingerprint(FAMILY, COLUMNS)):
    name = target.encode()
    head = family + uvarint(len(name)) + name
    return head + i64(at) + uvarint(rows) + u8(follows) + b"".join(columns)


def body(*blocks):
    return u8(1) + uvarint(len(blocks)) + b"".join(blocks)


def sixteen():
    """16 rows: bool packed, int4 delta, int8 varint, float8 decimals, text in a dictionary, times constant."""
    flags = [row % 2 for row in range(16)]
    small = [1_000_000 + 1_000 * row + row % 3 for row in range(16)]
    big = [(-1) ** row * 7**row for row in range(16)]
    tenths = [5 * row for row in range(16)]
    names = ["a", "b", "é"]
    indexes = b"".join(uvarint(row % 3) for row in range(16))
    return block(
        "db-1",
        NOW,
        16,
        0,
        [
            u8(NO_NULLS) + packed(flags, 1),
            u8(NO_NULLS) + deltas(small),
            u8(NO_NULLS) + varints(big),
            u8(NO_NULLS) + u8(16) + u8(1) + deltas(tenths),
            u8(NO_NULLS) + u8(33) + uvarint(3) + texts(names) + indexes,
            u8(NO_NULLS) + constant(NOW),
        ],
    )


def following():
    """The same 16 rows later: unchanged, nulls, differences, float bits since, runs, only nulls."""
    return block(
        "db-1",
        NOW + 10_000_000,
        16,
        1,
        [
            u8(SAME),
            u8(SOME_NULLS) + bitmap([0, 9], 16) + u8(5) + constant(5),
            u8(NO_NULLS) + u8(5) + constant(1),
            u8(NO_NULLS) + u8(5) + planes([bits(0.0) ^ bits(9.25)] + [0] * 15),
            u8(NO_NULLS) + u8(34) + uvarint(2) + texts(["x", "y"]) + uvarint(9) + uvarint(0) + uvarint(7) + uvarint(1),
            u8(ONLY_NULLS),
        ],
    )


def three():
    """3 rows: constants, extremes, odd floats, distinct texts."""
    odd = [bits(float("inf")), bits(-0.0), bits(1 / 3)]
    return block(
        "ü" * 255,
        0,
        3,
        0,
        [
            u8(NO_NULLS) + constant(1),
            u8(NO_NULLS) + constant(-(2**31)),
            u8(NO_NULLS) + varints([2**63 - 1, -(2**63), 0]),
            u8(NO_NULLS) + u8(17) + planes(odd),
            u8(SOME_NULLS) + bitmap([1], 3) + u8(32) + texts(["", "漢字"]),
            u8(NO_NULLS) + constant(-210_866_803_200_000_000),
        ],
    )


def one():
    """1 row: a constant float and a constant text."""
    return block(
        "t",
        -1,
        1,
        0,
        [
            u8(ONLY_NULLS),
            u8(NO_NULLS) + constant(0),
            u8(NO_NULLS) + constant(-1),
            u8(NO_NULLS) + u8(1) + struct.pack(">d", 0.5),
            u8(NO_NULLS) + u8(1) + uvarint(3) + b"one",
            u8(ONLY_NULLS),
        ],
    )


def size(n):
    return abs(n).bit_length()


def modelled(c, ns, contexts):
    """MODELLED: the numbers, and the context of each."""
    odds, low, high, out, copied, copies = {}, 0, 0xFFFFFFFF, b"", 0, 0

    def code(key, bit):
        nonlocal low, high, out
        p, n = odds.get(key, (32768, 0))
        mid = low + ((high - low) * p >> 16)
        low, high = (low, mid) if bit else (mid + 1, high)
        while low >> 24 == high >> 24:
            out += u8(high >> 24)
            low, high = low << 8 & 0xFFFFFFFF, high << 8 & 0xFFFFFFFF | 0xFF
        p += (65535 * bit - p) * (65536 // (2 * n + 3)) >> 15
        odds[key] = (min(65503, max(32, p)), min(60, n + 1))

    for number, context in zip(ns, contexts):
        code((context, 0), int(number == 0))
        if number == 0:
            continue
        node = 1
        for level in range(5, -1, -1):
            bit = size(number) - 1 >> level & 1
            code((context, node), bit)
            node = 2 * node + bit
        code("sign", int(number < 0))
        rest = size(number) - 1
        node = 1
        for _ in range(min(2, rest)):
            rest -= 1
            bit = abs(number) >> rest & 1
            code(("first", size(number), node), bit)
            node = 2 + bit
        copied |= (abs(number) & (1 << rest) - 1) << copies
        copies += rest
    out += u8((low >> 24) + 1) if low else b""
    return u8(6) + u8(c) + uvarint(len(out)) + out + copied.to_bytes((copies + 7) // 8, "little")


def context(n):
    return (size(n) + 3) // 4


def modelled_block():
    """16 rows: modelled by nothing, by the number before, by another column; beside; nearly decimals, modelled by themselves."""
    flags = [row % 2 for row in range(16)]
    small = [row * row - 20 for row in range(16)]
    big = [(-1) ** row * 7**row for row in range(16)]
    tenths = [5 * row for row in range(16)]
    off = [3 if row == 7 else 0 for row in range(16)]
    since = [b + 9 + row % 3 for row, b in enumerate(big)]
    later = [s - b for s, b in zip(since, big)]
    return block(
        "db-1",
        NOW,
        16,
        0,
        [
            u8(NO_NULLS) + modelled(0, flags, [0] * 16),
            u8(NO_NULLS) + modelled(254, small, [0] + [context(n) for n in small]),
            u8(NO_NULLS) + modelled(2, big, [context(n) for n in flags]),
            u8(NO_NULLS) + u8(18) + u8(1) + u8(0) + modelled(1, tenths, [context(n) for n in big]) + modelled(0, off, [0] * 16),
            u8(NO_NULLS) + u8(1) + uvarint(1) + b"x",
            u8(NO_NULLS) + u8(7) + u8(3) + modelled(2, later, [context(500_000 * row) for row in range(16)]),
        ],
    )


MEANS = fingerprint("vector_means", [("calls", "int8", "counter"), ("total", "float8", "counter"),
                                    ("mean", "float8", "gauge"), ("at", "timestamptz", "gauge")])


def means_block():
    """16 rows: threes; decimals; their quotients, one off by a digit and where nothing was called 0.5; whole seconds."""
    calls = [row % 5 for row in range(16)]
    total = [7 * row * row for row in range(16)]
    digits = [math.floor(t / 1000 / (3 * c) * 1000 + 0.5) if c else 0 for t, c in zip(total, calls)]
    differences = [500 if c == 0 else int(row == 7) for row, c in enumerate(calls)]
    assert max(digits) > 100
    seconds = [NOW // 1_000_000] + [2 * row + 1 for row in range(15)]
    return block(
        "db-1",
        NOW,
        16,
        0,
        [
            u8(NO_NULLS) + u8(8) + uvarint(3) + modelled(0, calls, [0] * 16),
            u8(NO_NULLS) + u8(16) + u8(3) + u8(8) + uvarint(7) + varints([row * row for row in range(16)]),
            u8(NO_NULLS) + u8(18) + u8(3) + u8(254) + u8(1) + u8(2) + modelled(0, differences, [0] * 16) + constant(0),
            u8(NO_NULLS) + u8(7) + u8(254) + u8(8) + uvarint(1_000_000) + modelled(0, seconds, [0] * 16),
        ],
        MEANS,
    )


BODIES = {
    "empty": body(),
    "one": body(one()),
    "sixteen": body(sixteen()),
    "three": body(three()),
    "following": body(sixteen(), three(), following()),
}


def stored(data):
    """A zstd frame (RFC 8878) of one raw block: single segment, four bytes of content size, no checksum."""
    head = struct.pack("<I", 0xFD2FB528) + u8(0xA0) + struct.pack("<I", len(data))
    return head + struct.pack("<I", len(data) << 3 | 1)[:3] + data


# --- frames


def header(epoch, sequence, covers_from, data, losses=()):
    out = field(1, u32(epoch)) + field(2, i64(sequence)) + field(3, i64(covers_from))
    out += field(4, hashlib.sha256(data).digest()) + field(5, u32(len(data)))
    listed = b""
    for family, reason, rows, first, last in losses:
        listed += u8(len(family)) + family.encode() + u8(reason) + i64(rows) + i64(first) + i64(last)
    return out + (field(6, listed) if losses else b"")


def batch(head, data):
    return frame(8, u32(len(head)) + head + stored(data))


def names(*listed):
    return b"".join(u8(len(n.encode())) + n.encode() for n in listed)


LOSSES = [("pg_locks", 1, 12, NOW - 2, NOW - 1), ("", 2, 0, 0, 0)]
FRAMES = {
    "register": frame(1, text(1, "a secret of enough") + text(2, "höst-1") + text(3, "4.0.0")),
    "registered": frame(2, field(1, COLLECTOR.bytes) + text(2, "tok.en.1") + text(3, "refresh") + field(4, i64(3_600_000))),
    "hello": frame(
        3,
        text(1, "tok.en.1")
        + text(2, "agent/4.0.0")
        + field(3, INSTANCE.bytes)
        + field(4, b"\x03one\x03two")
        + field(5, i64(NOW)),
    ),
    "token": frame(4, field(1, COLLECTOR.bytes) + text(2, "refresh")),
    "certify": frame(18, text(1, "tok.en.1") + text(2, "refresh") + text(3, "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n")),
    "certified": frame(19, text(1, "-----BEGIN CERTIFICATE-----\nMIIC\n") + field(2, i64(2_592_000_000))),
    "token granted": frame(5, text(1, "tok.en.2") + text(2, "refresh 2") + field(3, i64(60_000))),
    "welcome": frame(
        6,
        field(1, INSTANCE.bytes)
        + field(2, u32(3))
        + field(3, i64(2**40))
        + field(4, u32(32))
        + field(5, u32(1 << 23))
        + field(6, u32(1 << 26))
        + field(7, i64(30_000))
        + field(8, i64(NOW)),
    ),
    "schema": schema(FAMILY, COLUMNS),
    "batch": batch(header(1, 5, 5, BODIES["one"]), BODIES["one"]),
    "loss only": batch(header(2**31 - 1, 2**63 - 1, 2**63 - 4, BODIES["empty"], LOSSES), BODIES["empty"]),
    "ack": frame(9, field(1, u32(1)) + field(2, i64(5)) + field(3, u32(32))),
    "nack gap": frame(
        10,
        field(1, u32(1))
        + field(2, i64(7))
        + field(3, u8(8))
        + field(4, u8(0))
        + field(5, i64(250))
        + field(6, i64(5))
        + text(7, "expected 5"),
    ),
    "nack settled": frame(
        10,
        field(1, u32(1))
        + field(2, i64(5))
        + field(3, u8(32))
        + field(4, u8(2))
        + field(5, i64(0))
        + field(6, i64(6))
        + text(7, ""),
    ),
    "throttle": frame(11, field(1, u32(0)) + field(2, i64(1_500))),
    "ping": frame(12, field(1, i64(-1))),
    "pong": frame(13, field(1, i64(2**62))),
    "go away": frame(14, field(1, u8(19)) + field(2, u8(0)) + field(3, i64(5_000)) + text(4, "rolling restart")),
    "config request": frame(
        15, text(1, "base@3-0a1b2c3d") + text(2, "") + text(3, "") + field(4, names("env=prod", "owner=O'Brien \"DBA\""))
    ),
    "config refused": frame(15, text(1, "") + text(2, "base@4-ffffffff") + text(3, "batch.rows-max = 0") + field(4, b"")),
    "config": frame(16, text(1, "base@4-ffffffff") + text(2, '{"skip":["é"]}')),
    "config unchanged": frame(16, text(1, "base@3-0a1b2c3d")),
    "config changed": frame(17, field(1, i64(2_500))),
}

# What another version may send, and what must be read all the same.
LENIENT = {
    "ping": frame(12, field(200, b"later") + field(1, i64(-1)) + field(200, b"") + field(31, b"")),
    "ack": frame(0x80, b"from a later version") + frame(9, field(3, u32(32)) + field(2, i64(5)) + field(1, u32(1))),
}

# What must be refused.
REFUSED = {
    "field twice": frame(12, field(1, i64(1)) + field(1, i64(1))),
    "field missing": frame(12, b""),
    "field short": frame(12, field(1, u32(1))),
    "field cut": frame(12, field(1, i64(1))[:-1]),
    "unknown type": frame(18, b""),
    "type zero": frame(0, b""),
    "control characters": frame(14, field(1, u8(19)) + field(2, u8(0)) + field(3, i64(0)) + text(4, "a\nb")),
    "not utf-8": frame(4, field(1, COLLECTOR.bytes) + field(2, b"\xc3")),
    "wrong kind of fault": frame(14, field(1, u8(19)) + field(2, u8(1)) + field(3, i64(0)) + text(4, "")),
    "fault zero": frame(14, field(1, u8(0)) + field(2, u8(0)) + field(3, i64(0)) + text(4, "")),
    "negative retry": frame(11, field(1, u32(0)) + field(2, i64(-1))),
    "window beyond 31 bits": frame(11, field(1, u32(2**31)) + field(2, i64(0))),
    "name of 256 bytes": frame(1, text(1, "s" * 16) + text(2, "n" * 256) + text(3, "")),
    "secret of 4097 bytes": frame(1, text(1, "s" * 4097) + text(2, "n") + text(3, "")),
    "covers from zero": batch(header(1, 5, 0, b""), b""),
    "covers beyond": batch(header(1, 5, 6, b""), b""),
    "epoch zero": batch(header(0, 5, 5, b""), b""),
    "header longer than frame": frame(8, u32(1000) + header(1, 5, 5, b"")),
    "no header": frame(8, b"\0\0\0"),
    "loss reason zero": batch(header(1, 5, 5, b"", [("f", 0, 0, 0, 0)]), b""),
    "loss of bad family": batch(header(1, 5, 5, b"", [("F", 1, 0, 0, 0)]), b""),
    "column twice": schema(FAMILY, COLUMNS + COLUMNS[:1]),
    "reserved column": schema(FAMILY, [("time", "int8", "key")]),
    "no columns": schema(FAMILY, []),
    "257 columns": schema(FAMILY, [(f"c{n}", "int8", "key") for n in range(257)]),
    "bad family": schema("Bad Family", COLUMNS),
    "label twice": frame(15, text(1, "") + text(2, "") + text(3, "") + field(4, names("a=b", "a=b"))),
    "33 labels": frame(15, text(1, "") + text(2, "") + text(3, "") + field(4, names(*(f"k{n}=v" for n in range(33))))),
    "tag of 129 bytes": frame(16, text(1, "t" * 129)),
    "configuration of 64001 bytes": frame(16, text(1, "t") + text(2, "x" * 64_001)),
    "configuration with a line feed": frame(16, text(1, "t") + text(2, "{\n}")),
    "changed within a negative time": frame(17, field(1, i64(-1))),
    "flags": (lambda f: f[:5] + b"\1" + f[6:-4] + u32(crc32c(f[:5] + b"\1" + f[6:-4])))(frame(12, field(1, i64(1)))),
}


def write(name, rows):
    with open(os.path.join(OUT, name), "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


write("frames.csv", [["name", "hex"]] + [[n, f.hex()] for n, f in FRAMES.items()])
write("lenient.csv", [["same as", "hex"]] + [[n, f.hex()] for n, f in LENIENT.items()])
write("refused.csv", [["why", "hex"]] + [[n, f.hex()] for n, f in REFUSED.items()])
write(
    "bodies.csv",
    [["name", "uncompressed", "sha256", "zstd"]]
    + [[n, b.hex(), hashlib.sha256(b).hexdigest(), stored(b).hex()] for n, b in BODIES.items()],
)
MODELLED = body(modelled_block(), means_block())
write("modelled.csv", [["name", "uncompressed"], ["modelled", MODELLED.hex()]])
