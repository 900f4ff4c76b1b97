"""Writes small JPEGs of kinds that our packages cannot make, for test/unit/transcode-jpeg.test.ts.

Run from the repository's root:
    python test/golden/make_transcode_golden.py
Needs Pillow 13.0.0. transcode.json holds the files in base64, by name.
"""

import base64
import io
import json
import pathlib
import random

import PIL
from PIL import Image


def noise(mode, width, height):
    values = random.Random(7)
    channels = len(mode)
    return Image.frombytes(mode, (width, height), values.randbytes(width * height * channels))


def jpeg(mode, **options):
    file = io.BytesIO()
    noise(mode, 53, 38).save(file, "jpeg", quality=70, **options)
    return base64.b64encode(file.getvalue()).decode()


files = {
    "restart marker every 3 MCUs, across rows": jpeg("RGB", restart_marker_blocks=3),
    "restart marker every row, 4:4:4": jpeg("RGB", restart_marker_rows=1, subsampling="4:4:4"),
    "restart marker every 3 MCUs, progressive": jpeg("RGB", restart_marker_blocks=3, progressive=True),
    "restart marker every 2 MCUs, progressive, 4:2:2": jpeg(
        "RGB", restart_marker_blocks=2, progressive=True, subsampling="4:2:2"
    ),
    "RGB without conversion": jpeg("RGB", keep_rgb=True),
    "CMYK": jpeg("CMYK"),
}
golden = {"pillow": PIL.__version__, "files": files}
pathlib.Path(__file__).with_name("transcode.json").write_text(json.dumps(golden, indent=1) + "\n")
