"""Writes small AVIF files and what Pillow decodes them to, the golden vectors of test/golden/avif.test.ts.

Run from the repository's root:
    python test/golden/make_avif_golden.py
Needs Pillow 13.0.0 (with its own libavif) and numpy. Pillow writes no files that are cut (`clap`): the property is added
to what it wrote.
"""

import base64
import io
import json
import pathlib
import struct

import numpy as np
import PIL
from PIL import Image, ImageOps

assert PIL.__version__ == "13.0.0"
FOLDER = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 19, 11
CONTAINERS = ("meta", "iprp", "ipco", "moov", "trak", "mdia", "minf", "stbl")
rng = np.random.default_rng(12)


def smooth(mode="RGB"):
    small = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    if mode == "RGBA":
        alpha = np.tile(np.linspace(85, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
        image.putalpha(Image.fromarray(alpha))
    return image


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, "AVIF", quality=80, subsampling="4:4:4", **options)
    return stream.getvalue()


def boxes(file, at=0, end=None, parents=()):
    """Every box as (its parents and itself), each (type, start, length)."""
    end = len(file) if end is None else end
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", file, at)
        path = (*parents, (kind.decode("latin1"), at, length))
        yield path
        if path[-1][0] in CONTAINERS:
            yield from boxes(file, at + (12 if path[-1][0] == "meta" else 8), at + length, path)
        at += length


def find(file, kind):
    return next(path for path in boxes(file) if path[-1][0] == kind)


def inserted(file, at, data, parents):
    """Bytes inside boxes, which grow; the items after them move (their places are 32-bit, in version 0 of `iloc`)."""
    file = bytearray(file)
    for _, start, length in parents:
        struct.pack_into(">I", file, start, length + len(data))
    file[at:at] = data
    place = find(bytes(file), "iloc")[-1][1]
    (items,) = struct.unpack_from(">H", file, place + 14)
    for item in range(items):
        # an item: number, reference, count of extents (1), place, length
        extent = place + 16 + item * 14 + 6
        (offset,) = struct.unpack_from(">I", file, extent)
        struct.pack_into(">I", file, extent, offset + len(data))
    return bytes(file)


def cut(file, width, height):
    """The same file whose primary image, the first item, is to be cut to the middle."""
    values = struct.pack(">8I", width, 1, height, 1, 0, 1, 0, 1)
    parents = find(file, "ipco")
    number = 1 + sum(1 for path in boxes(file) if len(path) > 1 and path[-2][0] == "ipco")
    clap = struct.pack(">I4s", 8 + len(values), b"clap") + values
    file = inserted(file, parents[-1][1] + parents[-1][2], clap, parents)
    parents = find(file, "ipma")
    count = parents[-1][1] + 18
    used = file[count]
    file = file[:count] + bytes([used + 1]) + file[count + 1 :]
    return inserted(file, count + 1 + used, bytes([0x80 | number]), parents)


def case(name, file, tolerance=1, apply=False):
    image = Image.open(io.BytesIO(file))
    rgb = (ImageOps.exif_transpose(image) if apply else image).convert("RGB")
    entry = {"name": name, "width": rgb.width, "height": rgb.height, "tolerance": tolerance}
    return {**entry, "file": encoded(file), "pixels": encoded(rgb.tobytes())}


encoded = lambda data: base64.b64encode(data).decode()


def cases():
    still = saved(smooth())
    yield case("a still image", still)
    yield case("a cut image", cut(still, 8, 6))
    yield case("a cut image with odd sides", cut(still, 7, 5))
    exif = Image.Exif()
    exif[0x112] = 6
    yield case("a cut and turned image", cut(saved(smooth(), exif=exif), 8, 6), apply=True)
    sequence = {"save_all": True, "append_images": [smooth(), smooth()]}
    yield case("the first of a sequence", saved(smooth(), **sequence))
    translucent = {"save_all": True, "append_images": [smooth("RGBA")]}
    yield case("the first of a sequence with alpha", saved(smooth("RGBA"), **translucent))
    # a level of the stored colour is up to 255 / 85 of the colour
    yield case("colours multiplied by alpha", saved(smooth("RGBA"), alpha_premultiplied=True), tolerance=4)
    yield case("colours with alpha", saved(smooth("RGBA")))


lines = ",\n".join("  " + json.dumps(entry) for entry in cases())
(FOLDER / "avif.json").write_text(f'{{"pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n')
