"""Writes small TIFF, BMP, PNM, GIF and AVIF files and what Pillow decodes them to, for test/golden/formats.test.ts.

Run from the repository's root:
    python test/golden/make_formats_golden.py
Needs Pillow 13.0.0, numpy and imagecodecs 2026.3.6. The files are those of make_decode_golden.py: formats.bin.gz and
formats.json.
"""

import struct
import zlib

import imagecodecs
import numpy as np
from make_decode_golden import case, saved, smooth, write
from PIL import Image
from tiff_writer import RATIONAL, REVERSED, SHORT, packed_rows, tiff, tiff_of

rng = np.random.default_rng(12)
WIDTH, HEIGHT = 13, 9


def noise(channels=1, bits=8, height=HEIGHT, width=WIDTH):
    shape = (height, width) if channels == 1 else (height, width, channels)
    return rng.integers(0, 1 << bits, shape)


def upper_of_gray(samples, invert=False):
    """Pillow clips gray of 16 bits to 0..255; here its upper 8 bits are taken, and white is the smallest if so said."""
    upper = samples >> 8
    return np.repeat((255 - upper if invert else upper)[..., None], 3, -1).astype(np.uint8).tobytes()


CODECS = {
    "uncompressed": (1, bytes),
    "PackBits": (32773, imagecodecs.packbits_encode),
    "LZW": (5, imagecodecs.lzw_encode),
    "Deflate": (8, zlib.compress),
}


def tiff_kinds():
    """Name, samples, photometric interpretation, bits, more tags."""
    for bits in [1, 2, 4, 8]:
        yield f"gray of {bits}", noise(1, bits), 1, bits, {}
        yield f"min-is-white of {bits}", noise(1, bits), 0, bits, {}
        yield f"palette of {bits}", noise(1, bits), 3, bits, {320: (SHORT, noise(1, 16, 1, 3 << bits)[0].tolist())}
    yield "RGB", noise(3), 2, 8, {}
    yield "RGB of 16", noise(3, 16), 2, 16, {}
    yield "RGB and alpha", noise(4), 2, 8, {338: (SHORT, [2])}
    yield "premultiplied RGB", noise(4), 2, 8, {338: (SHORT, [1])}
    yield "premultiplied RGB of 16", noise(4, 16), 2, 16, {338: (SHORT, [1])}
    yield "CMYK", noise(4), 5, 8, {}
    yield "CMYK of 16", noise(4, 16), 5, 16, {}
    yield "YCbCr", noise(3), 6, 8, {530: (SHORT, [1, 1])}


def tiffs():
    for kind, samples, photometric, bits, tags in tiff_kinds():
        for codec, (compression, encode) in CODECS.items():
            file = tiff_of(samples, photometric, bits, more=tags, compression=compression, encode=encode)
            yield case(f"tiff {kind}, {codec}", file)
        more = {"compression": 5, "encode": imagecodecs.lzw_encode}
        yield case(f"tiff {kind}, in tiles", tiff_of(samples, photometric, bits, more=tags, tile=16, **more))
        yield case(f"tiff {kind}, strips of 4 rows", tiff_of(samples, photometric, bits, more=tags, rows=4, **more))
        yield case(f"tiff {kind}, big-endian", tiff_of(samples, photometric, bits, more=tags, endian=">", **more))
        yield case(f"tiff {kind}, BigTIFF", tiff_of(samples, photometric, bits, more=tags, big=True, **more))
        for orientation in [3, 6]:
            file = tiff_of(samples, photometric, bits, more=tags | {274: (SHORT, [orientation])}, **more)
            yield case(f"tiff {kind}, orientation {orientation}", file)


def deep_tiffs():
    gray = noise(1, 16)
    for endian in "<>":
        yield case(f"tiff gray of 16, {endian}", tiff_of(gray, 1, 16, endian=endian), upper_of_gray(gray))
    yield case("tiff min-is-white of 16", tiff_of(gray, 0, 16), upper_of_gray(gray, invert=True))
    signed = {339: (SHORT, [2])}
    yield case("tiff signed gray of 16, clipped", tiff_of(gray, 1, 16, more=signed))
    yield case("tiff signed gray of 32, clipped", tiff_of(noise(1, 9) - 100 & 0xFFFFFFFF, 1, 32, more=signed))
    floats = (rng.random((HEIGHT, WIDTH)) * 400 - 50).astype("<f4").view("<u4")
    yield case("tiff gray of floats, clipped", tiff_of(floats, 1, 32, more={339: (SHORT, [3])}))


def odd_tiffs():
    samples = noise(3)
    for orientation in range(1, 9):
        yield case(f"tiff orientation {orientation}", tiff_of(samples, 2, 8, more={274: (SHORT, [orientation])}))
    for orientation in [0, 9]:
        file = tiff_of(samples, 2, 8, more={274: (SHORT, [orientation])})
        yield case(f"tiff orientation {orientation}, which is none", file)
    yield case("tiff, separate planes", tiff_of(samples, 2, 8, planar=True))
    yield case("tiff CMYK, separate planes", tiff_of(noise(4), 5, 8, planar=True))
    yield case("tiff CMYK and more", tiff_of(noise(5), 5, 8, more={338: (SHORT, [0])}))
    yield case("tiff with the version's bytes swapped", tiff_of(samples, 2, 8, version=b"\0*"))
    yield case("tiff with the version's bytes swapped, big-endian", tiff_of(samples, 2, 8, version=b"*\0", endian=">"))
    ranges = {529: (RATIONAL, [299, 1000, 587, 1000, 114, 1000]), 530: (SHORT, [1, 1]),
              532: (RATIONAL, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1])}
    file = tiff_of(noise(3), 6, 8, more=ranges, compression=8, encode=zlib.compress)
    yield case("tiff YCbCr that names the usual range", file)
    bits = noise(1, 1)
    reverse = lambda data: data.translate(REVERSED)
    yield case("tiff of reversed bits", tiff_of(bits, 1, 1, more={266: (SHORT, [2])}, encode=reverse))
    few = noise(1, 16, 1, 3 << 3)[0].tolist()
    yield case("tiff of fewer colours than samples", tiff_of(noise(1, 4), 3, 4, more={320: (SHORT, few)}))
    for across, down in [(2, 1), (2, 2), (4, 2)]:
        yield case(f"tiff YCbCr {across} x {down}", subsampled(across, down))


def subsampled(across, down):
    """Blocks of `across` x `down` lumas, then two chromas."""
    width, height = 4 * across, 4 * down
    blocks = rng.integers(0, 256, (16, across * down + 2), dtype=np.uint8)
    tags = {256: (SHORT, [width]), 257: (SHORT, [height]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [5]),
            262: (SHORT, [6]), 274: (SHORT, [6]), 277: (SHORT, [3]), 278: (SHORT, [height]), 530: (SHORT, [across, down])}
    return tiff([imagecodecs.lzw_encode(blocks.tobytes())], tags)


def tiffs_of_pillow():
    image = smooth(WIDTH, HEIGHT)
    for compression in ["group3", "group4", "tiff_ccitt"]:
        for orientation in [1, 8]:
            file = saved(image.convert("1"), "TIFF", compression=compression, tiffinfo={274: orientation})
            yield case(f"tiff {compression}, orientation {orientation}", file)
    for mode in ["L", "RGB", "YCbCr", "CMYK"]:
        file = saved(image.convert(mode), "TIFF", compression="jpeg", tiffinfo={274: 5})
        yield case(f"tiff JPEG of {mode}, orientation 5", file)
    file = saved(image, "TIFF", save_all=True, append_images=[smooth(5, 4)], compression="tiff_lzw")
    yield case("tiff of two pages", file)


def bmp(samples, bits, *, header=40, compression=0, colours=0, palette=b"", masks=b"", top_down=False, data=None):
    height, width = samples.shape[:2]
    rows = [row.tobytes() if bits == 24 else packed_rows(row[None], bits) for row in samples]
    data = b"".join(row + b"\0" * (-len(row) % 4) for row in rows) if data is None else data
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        sign = -1 if top_down else 1
        info = struct.pack("<IiiHHIIiiII", header, width, sign * height, 1, bits, compression, len(data), 0, 0, colours, 0)
        info += masks + b"\0" * max(0, header - 40 - len(masks))
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + palette + data


def bmp_palette(colours, size=4):
    return b"".join(rng.bytes(3) + b"\0" * (size - 3) for _ in range(colours))


def bmps():
    for bits in [1, 4, 8, 16, 24, 32]:
        samples = noise(3).astype(np.uint8) if bits == 24 else noise(1, bits)
        for header in [12, 40, 108]:
            palette = bmp_palette(1 << bits, 3 if header == 12 else 4) if bits <= 8 else b""
            yield case(f"bmp of {bits} bits, header of {header}", bmp(samples, bits, header=header, palette=palette))
        palette = bmp_palette(1 << bits) if bits <= 8 else b""
        yield case(f"bmp of {bits} bits, top-down", bmp(samples, bits, palette=palette, top_down=True))
    yield case("bmp of 5 colours", bmp(noise(1, 8), 8, palette=bmp_palette(5), colours=5))
    for bits, masks in [(16, (0xF800, 0x7E0, 0x1F)), (16, (0x7C00, 0x3E0, 0x1F)), (32, (0xFF000000, 0xFF0000, 0xFF00)),
                        (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)), (32, (0, 0, 0, 0))]:
        packed = struct.pack(f"<{len(masks)}I", *masks)
        header = 40 if len(masks) == 3 else 124
        file = bmp(noise(1, bits), bits, header=header, compression=3, masks=packed)
        yield case(f"bmp of masks {' '.join(map(hex, masks))}", file)
    for bits in [8, 4]:
        for i in range(4):
            samples, data = noise(1, bits), b"".join(run_lengths(bits) for _ in range(HEIGHT)) + b"\0\1"
            file = bmp(samples, bits, compression=1 if bits == 8 else 2, palette=bmp_palette(1 << bits), data=data)
            yield case(f"bmp of run lengths, {bits} bits, {i}", file)


def run_lengths(bits):
    """A row: a run, samples as they are, a skip, a run that would lead over its end."""
    literal = 5 * bits // 8 + (1 if bits == 4 else 0)
    skip = bytes([0, 2, 1, 0]) if rng.random() < 0.5 else b""
    return bytes([3, rng.integers(256)]) + b"\0\5" + rng.bytes(literal) + b"\0" * (literal % 2) + skip + bytes([99, 7]) + b"\0\0"


def pnms():
    bits = noise(1, 1)
    size = b"%d %d" % (WIDTH, HEIGHT)
    yield case("pnm P4", b"P4\n" + size + b"\n" + packed_rows(bits, 1))
    yield case("pnm P1", b"P1\n# bits\n" + size + b"\n" + b"".join(b"%d" % bit for bit in bits.flat))
    for largest in [1, 6, 100, 255, 300, 65535]:
        samples = rng.integers(0, largest + 1, (HEIGHT, WIDTH, 3))
        digits = b" ".join(b"%d" % value for value in samples.flat)
        binary = samples.astype("u1" if largest < 256 else ">u2").tobytes()
        head = size + b"\n%d\n" % largest
        yield case(f"pnm P6, 0..{largest}", b"P6\n" + head + binary)
        yield case(f"pnm P3, 0..{largest}", b"P3\n" + head + digits)
        if largest < 256:
            gray = samples[..., 0]
            yield case(f"pnm P5, 0..{largest}", b"P5\n" + head + gray.astype("u1").tobytes())
            yield case(f"pnm P2, 0..{largest}", b"P2\n" + head + b"\n# c\n".join(b"%d" % value for value in gray.flat))
    gray = noise(1, 16)
    yield case("pnm P5 of 16", b"P5 " + size + b" 65535 " + gray.astype(">u2").tobytes(), upper_of_gray(gray))


def gif(screen, frame, *, colours="global", interlaced=False, bits=3, before=b""):
    """Only a code for every colour and, before the code length grows, one that clears."""
    left, top, width, height = frame
    palette = rng.bytes(3 << bits)
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80 | bits - 1 if colours == "global" else 0, 0, 0)
    pixels = rng.integers(0, 1 << bits, width * height)
    clear = 1 << bits
    codes = [code for i, pixel in enumerate(pixels) for code in ([clear] if i % 4 == 0 else []) + [int(pixel)]]
    stream = sum(code << i * (bits + 1) for i, code in enumerate(codes + [clear + 1]))
    data = stream.to_bytes((len(codes) + 1) * (bits + 1) // 8 + 1, "little")
    blocks = b"".join(bytes([len(part)]) + part for part in (data[i : i + 200] for i in range(0, len(data), 200)))
    flags = (0x80 | bits - 1 if colours == "local" else 0) | (0x40 if interlaced else 0)
    image = b"," + struct.pack("<HHHHB", left, top, width, height, flags)
    return (head + (palette if colours == "global" else b"") + before + image + (palette if colours == "local" else b"")
            + bytes([bits]) + blocks + b"\0;")


def gifs():
    for screen in [(20, 15), (0, 0), (5, 4), (0, 15), (20, 0)]:
        for frame in [(0, 0, 20, 15), (3, 4, 9, 7), (15, 12, 9, 7), (0, 0, 1, 1)]:
            yield case(f"gif frame {frame} on a screen of {screen}", gif(screen, frame))
    for colours in ["local", "none"]:
        yield case(f"gif with colours: {colours}", gif((9, 7), (1, 1, 6, 5), colours=colours))
    for height in [1, 2, 3, 4, 5, 9]:
        yield case(f"gif interlaced, {height} rows", gif((5, height), (0, 0, 5, height), interlaced=True))
    comment = b"\x21\xfe\x03abc\x02de\0"
    yield case("gif with a comment", gif((9, 7), (1, 1, 6, 5), before=comment))
    yield case("gif of Pillow", saved(smooth(60, 50), "GIF"))
    flat = Image.fromarray(np.arange(6000, dtype=np.uint8).reshape(60, 100) // 64 * 40)
    yield case("gif of long runs", saved(flat, "GIF"))


def limited(file):
    """The same AVIF with the flag of full range taken away."""
    at = file.index(b"colrnclx") + 14
    return file[:at] + b"\0" + file[at + 1 :]


def avifs():
    """`tolerance`: libheif rounds more than once; it repeats halved chroma, where libavif interpolates it."""
    colours = noise(3, 8, 24, 32).astype(np.uint8)
    # a limited range has no room for the extremes of the full one that the encoder is given
    muted = 100 + colours / 5
    for bits in [10, 12]:

        def encoded(levels, form="444", transfer=None):
            deep = (levels * ((1 << bits) - 1.0) / 255).astype(np.uint16)
            return imagecodecs.avif_encode(deep, 90, bitspersample=bits, pixelformat=form, transfer=transfer)

        yield case(f"avif of {bits} bits", encoded(colours), tolerance=3)
        yield case(f"avif of {bits} bits, PQ", encoded(colours, transfer=16), tolerance=3)
        yield case(f"avif of {bits} bits, 4:2:0", encoded(colours, "420"), tolerance=73)
        yield case(f"avif of {bits} bits, limited", limited(encoded(muted)), tolerance=3)
    image = Image.fromarray(colours)
    yield case("avif limited", saved(image, "AVIF", subsampling="4:4:4", range="limited"), tolerance=3)
    yield case("avif gray, limited", saved(image.convert("L"), "AVIF", range="limited"))
    transparent = image.convert("LA")
    transparent.putalpha(Image.fromarray(colours[..., 0]))
    yield case("avif gray with alpha, limited", saved(transparent, "AVIF", range="limited"), tolerance=3)


def main():
    makers = [tiffs, deep_tiffs, odd_tiffs, tiffs_of_pillow, bmps, pnms, gifs, avifs]
    write("formats", [entry for maker in makers for entry in maker()])


if __name__ == "__main__":
    main()
