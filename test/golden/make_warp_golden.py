"""Writes what torchvision makes of Pillow's images by affine and rotate at fixed values: what RandomAffine and
RandomRotation do once these are drawn. Vectors of test/golden/random-warps.test.ts.

Run from the repository's root, after make_kernel_golden.py (x86-64, Pillow 13.0.0, numpy, torchvision 0.29.2):
    python test/golden/make_warp_golden.py
"""

import itertools

from make_kernel_golden import case, make_images, write
from PIL import Image
from torchvision.transforms import InterpolationMode, functional

MODES = ["nearest", "bilinear", "bicubic"]
# degrees, translation, scale, shear
PARTS = [
    (0.0, (0, 0), 1.0, (0.0, 0.0)),
    (0.0, (7, -5), 1.0, (0.0, 0.0)),
    (90.0, (0, 0), 1.0, (0.0, 0.0)),
    (-90.0, (1, 2), 1.0, (0.0, 0.0)),
    (180.0, (0, 0), 1.0, (0.0, 0.0)),
    (0.0, (0, 0), 0.5, (0.0, 0.0)),
    (0.0, (0, 0), 1.2345678, (0.0, 0.0)),
    (0.0, (0, 0), 1.0, (11.234567, 0.0)),
    (0.0, (0, 0), 1.0, (0.0, -23.456789)),
    (17.123456, (0, 0), 1.0, (0.0, 0.0)),
    (-123.456789, (3, -4), 0.87654321, (7.891234, -5.678912)),
    (271.828182, (-9, 0), 1.6180339, (-31.415926, 14.142135)),
    (12.345678, (500, 0), 1.0, (0.0, 0.0)),
    (33.333333, (0, 1), 0.12345678, (60.0, 45.0)),
]
ANGLES = [0.0, 12.345678, -77.7777777, 90.0, 180.0, -270.0, 359.123456]


def affine(images):
    for name, mode, parts in itertools.product(["noise32", "wide"], MODES, PARTS):
        degrees, (x, y), scale, (shear_x, shear_y) = parts
        result = functional.affine(
            Image.fromarray(images[name]), degrees, [x, y], scale, [shear_x, shear_y], InterpolationMode(mode), [0, 0, 0]
        )
        drawn = {
            "degrees": degrees, "translateX": x, "translateY": y, "scale": scale,
            "shearX": shear_x, "shearY": shear_y, "interpolation": mode, "fill": (0, 0, 0),
        }  # fmt: skip
        yield case(name, f"functional.affine(image, *{parts}, {mode})", result, drawn=drawn)


def rotate(images):
    for name, mode, degrees in itertools.product(["noise32", "wide"], MODES, ANGLES):
        result = functional.rotate(Image.fromarray(images[name]), degrees, InterpolationMode(mode), fill=[9, 8, 7])
        drawn = {"degrees": degrees, "interpolation": mode, "fill": (9, 8, 7)}
        yield case(name, f"functional.rotate(image, {degrees}, {mode})", result, drawn=drawn)


if __name__ == "__main__":
    images = make_images()
    write("torchvision-affine", list(affine(images)))
    write("torchvision-rotate", list(rotate(images)))
