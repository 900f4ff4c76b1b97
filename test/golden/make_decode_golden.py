"""Writes small image files and what Pillow decodes them to, the golden vectors of test/golden/decode.test.ts.

Run from the repository's root:
    python test/golden/make_decode_golden.py
Needs Pillow 13.0.0 (with its own libjpeg-turbo, libwebp and libavif) and numpy. decode.bin.gz holds, case after case,
the file and then the pixels of `convert("RGB")`; decode.json their sizes.
"""

import gzip
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

assert PIL.__version__ == "13.0.0"
FOLDER = pathlib.Path(__file__).parent
ORIENTATION = 0x112
rng = np.random.default_rng(11)


def smooth(width, height):
    small = rng.integers(0, 256, (max(2, height // 5), max(2, width // 5), 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def saved(image, format, **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def case(name, file, pixels=None, **more):
    """`apply` in `more` asks for EXIF orientation; `tolerance` is the largest difference, where there is one."""
    image = Image.open(io.BytesIO(file))
    if more.get("apply"):
        image = ImageOps.exif_transpose(image)
    rgb = image.convert("RGB")
    pixels = rgb.tobytes() if pixels is None else pixels
    return {"name": name, "width": rgb.width, "height": rgb.height, "bytes": len(file), **more}, file + pixels


def jpegs():
    for width, height in [(37, 29), (16, 16), (17, 9), (1, 1), (3, 40)]:
        image = smooth(width, height)
        for subsampling in ["4:4:4", "4:2:2", "4:2:0"]:
            file = saved(image, "JPEG", quality=92, subsampling=subsampling)
            yield case(f"jpeg {subsampling} {width} x {height}", file)
        yield case(f"jpeg gray {width} x {height}", saved(image.convert("L"), "JPEG", quality=92))
    image = smooth(37, 29)
    yield case("jpeg progressive", saved(image, "JPEG", progressive=True, quality=90))
    yield case("jpeg progressive gray", saved(image.convert("L"), "JPEG", progressive=True))
    yield case("jpeg of RGB without YCbCr", saved(image, "JPEG", keep_rgb=True))
    yield case("jpeg with restart markers", saved(image, "JPEG", restart_marker_blocks=1))
    yield case("jpeg with optimised tables", saved(image, "JPEG", optimize=True, quality=30))


def cmyk():
    inks = Image.fromarray(rng.integers(0, 256, (13, 19, 4), dtype=np.uint8), "CMYK")
    file = saved(inks, "JPEG", quality=95)
    yield case("jpeg CMYK", file)
    start = file.index(b"\xff\xee")
    end = start + 2 + int.from_bytes(file[start + 2 : start + 4], "big")
    yield case("jpeg CMYK without an Adobe segment", file[:start] + file[end:])


def oriented():
    image = smooth(19, 11)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        file = saved(image, "JPEG", exif=exif, quality=92)
        yield case(f"jpeg orientation {orientation}, applied", file, apply=True)
        if orientation == 6:
            yield case("jpeg orientation 6, ignored", file)
            yield case("png orientation 6, applied", saved(image, "PNG", exif=exif), apply=True)
            yield case("webp orientation 6, applied", saved(image, "WEBP", exif=exif, lossless=True), apply=True)
            yield case("tiff orientation 6, applied", saved(image, "TIFF", exif=exif), apply=True)
            # AVIF has a property of its own for it, which is always followed
            yield case("avif turned, applied", saved(image.convert("L"), "AVIF", exif=exif), apply=True)


def png16(color_type, samples):
    """A PNG of 16 bits a sample; Pillow writes none of RGB."""
    height, width = samples.shape[:2]

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def others():
    image = smooth(23, 14)
    alpha = image.copy()
    alpha.putalpha(Image.fromarray(rng.integers(0, 256, (14, 23), dtype=np.uint8)))
    palette = image.quantize(17)
    yield case("png", saved(image, "PNG"))
    yield case("png with alpha", saved(alpha, "PNG"))
    yield case("png gray with alpha", saved(image.convert("LA"), "PNG"))
    yield case("png palette with transparency", saved(palette, "PNG", transparency=3))
    yield case("png of 1 bit", saved(image.convert("1"), "PNG"))
    deep = rng.integers(0, 65536, (7, 9, 3))
    yield case("png of 16 bits", png16(2, deep))
    # Pillow clips gray of 16 bits to 0..255, which leaves white; here its upper 8 bits are taken as of colours
    gray = rng.integers(0, 65536, (7, 9))
    upper = np.repeat(gray[..., None] >> 8, 3, -1).astype(np.uint8).tobytes()
    yield case("png gray of 16 bits", png16(0, gray), upper)
    yield case("gif", saved(image, "GIF"))
    yield case("gif of two frames", saved(image, "GIF", save_all=True, append_images=[smooth(23, 14)]))
    yield case("tiff", saved(image, "TIFF"))
    yield case("tiff compressed", saved(image, "TIFF", compression="tiff_lzw"))
    yield case("webp", saved(image, "WEBP", quality=80))
    yield case("webp lossless with alpha", saved(alpha, "WEBP", lossless=True, exact=True))
    yield case("avif 4:4:4", saved(image, "AVIF", subsampling="4:4:4"), tolerance=1)
    yield case("avif gray", saved(image.convert("L"), "AVIF"))
    # what is decoded here repeats halved chroma, Pillow's interpolates it: noise is the worst case
    noise = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    yield case("avif 4:2:0 of noise", saved(noise, "AVIF", subsampling="4:2:0"), tolerance=73)
    # Pillow gives transparent pixels the colour of their palette entry; here they are black
    transparent = np.asarray(palette)[..., None] == 3
    opaque = np.asarray(palette.convert("RGB"))
    black = np.where(transparent, 0, opaque).astype(np.uint8).tobytes()
    yield case("gif with transparency", saved(palette, "GIF", transparency=3), black)


def write(name, entries):
    content = b"".join(data for _, data in entries)
    header = json.dumps({"pillow": PIL.__version__, "sha256": hashlib.sha256(content).hexdigest()})
    lines = ",\n".join("  " + json.dumps(entry) for entry, _ in entries)
    (FOLDER / f"{name}.json").write_text(header[:-1] + f', "cases": [\n{lines}\n]}}\n')
    (FOLDER / f"{name}.bin.gz").write_bytes(gzip.compress(content, 9, mtime=0))


def main():
    write("decode", [*jpegs(), *cmyk(), *oriented(), *others()])


if __name__ == "__main__":
    main()
