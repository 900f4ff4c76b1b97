"""Writes TIFF files of kinds that Pillow does not write, for the golden vectors."""

import struct

BYTE, SHORT, LONG, RATIONAL, LONG8 = 1, 3, 4, 5, 16
CODES = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "II", LONG8: "Q"}
REVERSED = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))


def tiff(segments, tags, *, endian="<", big=False, version=None):
    """`segments` are the strips or tiles as they are stored; `tags` a type and values by number."""
    pointer = "Q" if big else "I"
    start = 16 if big else 8
    offsets, body = [], b""
    for segment in segments:
        offsets.append(start + len(body))
        body += segment + b"\0" * (len(segment) % 2)
    is_tiled = 322 in tags
    tags = dict(tags)
    tags[324 if is_tiled else 273] = (LONG8 if big else LONG, offsets)
    tags[325 if is_tiled else 279] = (LONG8 if big else LONG, [len(segment) for segment in segments])
    size = struct.calcsize("<" + pointer)
    directory = start + len(body)
    values_at = directory + (8 if big else 2) + len(tags) * (4 + 2 * size) + size
    entries = values = b""
    for number, (kind, numbers) in sorted(tags.items()):
        packed = b"".join(struct.pack(endian + CODES[kind][:1], n) for n in numbers)
        count = len(numbers) // len(CODES[kind])
        entries += struct.pack(endian + "HH" + pointer, number, kind, count)
        if len(packed) <= size:
            entries += packed.ljust(size, b"\0")
        else:
            entries += struct.pack(endian + pointer, values_at + len(values))
            values += packed + b"\0" * (len(packed) % 2)
    order = b"II" if endian == "<" else b"MM"
    head = order + (struct.pack(endian + "HHHQ", 43, 8, 0, directory) if big else struct.pack(endian + "HI", 42, directory))
    if version:
        head = order + version + head[4:]
    count = struct.pack(endian + ("Q" if big else "H"), len(tags))
    return head + body + count + entries + b"\0" * size + values


def packed_rows(samples, bits, endian="<"):
    """Rows of samples [h, w] or [h, w, channels], each from a byte of its own on."""
    rows = samples.reshape(len(samples), -1)
    if bits >= 8:
        return rows.astype(f"{endian}u{bits // 8}").tobytes()
    digits = ["".join(f"{value:0{bits}b}" for value in row) for row in rows]
    return b"".join(bytes(int(row[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(row), 8)) for row in digits)


def tiff_of(samples, photometric, bits, *, more=None, encode=bytes, compression=1, endian="<", big=False, rows=None,
            tile=None, planar=False, version=None):
    """An image [h, w] or [h, w, channels] in strips of `rows` or in square tiles, each stored by `encode`."""
    height, width = samples.shape[:2]
    samples = samples.reshape(height, width, -1)
    channels = samples.shape[2]
    tags = {256: (SHORT, [width]), 257: (SHORT, [height]), 258: (SHORT, [bits] * channels),
            259: (SHORT, [compression]), 262: (SHORT, [photometric]), 277: (SHORT, [channels]),
            284: (SHORT, [2 if planar else 1])}
    segments = []
    for plane in (samples[..., [i]] for i in range(channels)) if planar else [samples]:
        if tile:
            tags |= {322: (SHORT, [tile]), 323: (SHORT, [tile])}
            grid = [(y, x) for y in range(0, height, tile) for x in range(0, width, tile)]
            parts = [padded(plane[y : y + tile, x : x + tile], tile) for y, x in grid]
        else:
            tags[278] = (SHORT, [rows or height])
            parts = [plane[y : y + (rows or height)] for y in range(0, height, rows or height)]
        segments += [encode(packed_rows(part, bits, endian)) for part in parts]
    return tiff(segments, tags | (more or {}), endian=endian, big=big, version=version)


def padded(part, side):
    import numpy as np

    whole = np.zeros((side, side, part.shape[2]), part.dtype)
    whole[: part.shape[0], : part.shape[1]] = part
    return whole
