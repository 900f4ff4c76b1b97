"""Writes small files of MATLAB's by SciPy, for test/golden/mat.test.ts: meta.mat as in ImageNet's devkit, and others.

Run from the repository's root:
    python test/golden/make_mat_golden.py
Needs numpy 2.4.6 and scipy 1.17.1. mat.json holds the files in base64.
"""

import base64
import io
import json
import struct
import zlib

import numpy
import scipy
from scipy.io import savemat

# id, WNID, words, children: leaves come first, and not in the order of their WNIDs
SYNSETS = [
    (1, "n02119789", "kit fox, Vulpes macrotis", []),
    (2, "n01440764", "tench, Tinca tinca", []),
    (3, "n04264628", "space bar, é", []),
    (4, "n00001740", "entity", [1, 5]),
    (5, "n00004475", "organism, being", [2, 3]),
]
FIELDS = [
    ("ILSVRC2012_ID", "O"),
    ("WNID", "O"),
    ("words", "O"),
    ("gloss", "O"),
    ("num_children", "O"),
    ("children", "O"),
    ("wordnet_height", "O"),
    ("num_train_images", "O"),
]


def synsets():
    """A struct array of n x 1, with doubles and integers as the devkit has them."""
    rows = numpy.empty((len(SYNSETS), 1), dtype=FIELDS)
    for at, (number, wnid, words, children) in enumerate(SYNSETS):
        rows[at, 0] = (
            numpy.float64(number),
            wnid,
            words,
            f"gloss of {words}",
            numpy.uint8(len(children)),
            numpy.array([children], dtype=numpy.uint16),
            numpy.float64(0),
            numpy.int16(1300),
        )
    return rows


def written(arrays, **options):
    file = io.BytesIO()
    savemat(file, arrays, **options)
    return file.getvalue()


ARRAYS = {
    **{name: numpy.array([[1, 2, 3], [4, 5, 100]], dtype=name) for name in
       ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]},
    "negative": numpy.array([[-1, -128]], dtype=numpy.int8),
    "complex": numpy.array([[1 + 2j, 3 - 4j]]),
    "rows": numpy.array(["abc", "def"]),
    "greek": "αβ😀",
    "nothing": "",
    "empty": numpy.zeros((0, 3)),
    "cells": numpy.array([["a", 1.0]], dtype=object),
    "nested": {"inner": {"value": 7.0, "name": "seven"}},
}


def big_endian():
    """SciPy writes the machine's order of bytes alone: the other one by hand, a double and a text."""

    def element(kind, data):
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    def matrix(flags, sizes, name, content):
        parts = element(6, struct.pack(">II", flags, 0)) + element(5, struct.pack(f">{len(sizes)}i", *sizes))
        return element(14, parts + element(1, name) + content)

    numbers = matrix(6, [1, 2], b"numbers", element(4, struct.pack(">2H", 513, 7)))
    small = struct.pack(">HH", 4, 4) + struct.pack(">2H", ord("o"), ord("k"))
    text = matrix(4, [1, 2], b"text", small)
    head = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + struct.pack(">H", 0x0100) + b"MI"
    packed = zlib.compress(text)
    return head + numbers + struct.pack(">II", 15, len(packed)) + packed


golden = {
    "meta": written({"synsets": synsets()}, do_compression=True),
    "meta-stored": written({"synsets": synsets()}),
    "arrays": written(ARRAYS, do_compression=True),
    "big-endian": big_endian(),
    "version 4": written({"a": numpy.array([[1.0, 2.0]])}, format="4"),
    "other": written({"a": numpy.array([[1.0, 2.0]])}),
}
with open("test/golden/mat.json", "w") as file:
    texts = {name: base64.b64encode(content).decode() for name, content in golden.items()}
    file.write(json.dumps({"scipy": scipy.__version__, **texts}, indent=1) + "\n")
