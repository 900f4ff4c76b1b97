"""AutoAugment policy v0 with Pillow operations, with the magnitudes of NVIDIA's EfficientNet recipe.

25 pairs of operations; a pair is chosen uniformly, each of its operations fires with its own probability. Magnitudes are
levels 0..10 of a linear range. Written from the published table; the warps fill with mid grey.
"""

import random

from PIL import Image, ImageEnhance, ImageOps

GREY = (128, 128, 128)


def signed(value):
    return value if random.random() < 0.5 else -value


def affine(coefficients, resample):
    def apply(image):
        return image.transform(image.size, Image.Transform.AFFINE, coefficients, resample, fillcolor=GREY)

    return apply


def shear_x(level):
    return lambda image: affine((1, signed(0.03 * level), 0, 0, 1, 0), Image.Resampling.BICUBIC)(image)


def shear_y(level):
    return lambda image: affine((1, 0, 0, signed(0.03 * level), 1, 0), Image.Resampling.BICUBIC)(image)


def translate_y(level):
    """Up to 250 px whatever the image's size, as in the recipe."""
    return lambda image: affine((1, 0, 0, 0, 1, signed(25 * level)), Image.Resampling.NEAREST)(image)


def rotate_degrees(image, degrees):
    """Rotates an RGBA copy, so that what lies outside is transparent, and puts it on grey."""
    rotated = image.convert("RGBA").rotate(degrees)
    return Image.composite(rotated, Image.new("RGBA", rotated.size, GREY + (255,)), rotated).convert("RGB")


def rotate(level):
    return lambda image: rotate_degrees(image, signed(3 * level))


def color(level):
    return lambda image: ImageEnhance.Color(image).enhance(0.1 + 0.18 * level)


def posterize(level):
    """Bits kept; Pillow takes 0 bits and gives a black image."""
    return lambda image: ImageOps.posterize(image, round(0.4 * level))


def solarize(level):
    return lambda image: ImageOps.solarize(image, 25.6 * level)


def solarize_add_table(addition):
    return [min(255, value + addition) if value < 128 else value for value in range(256)] * 3


def solarize_add(level):
    table = solarize_add_table(11 * level)
    return lambda image: image.point(table)


def autocontrast(_level):
    return ImageOps.autocontrast


def equalize(_level):
    return ImageOps.equalize


def invert(_level):
    return ImageOps.invert


POLICY_V0 = [
    ((equalize, 0.8, 1), (shear_y, 0.8, 4)),
    ((color, 0.4, 9), (equalize, 0.6, 3)),
    ((color, 0.4, 1), (rotate, 0.6, 8)),
    ((solarize, 0.8, 3), (equalize, 0.4, 7)),
    ((solarize, 0.4, 2), (solarize, 0.6, 2)),
    ((color, 0.2, 0), (equalize, 0.8, 8)),
    ((equalize, 0.4, 8), (solarize_add, 0.8, 3)),
    ((shear_x, 0.2, 9), (rotate, 0.6, 8)),
    ((color, 0.6, 1), (equalize, 1.0, 2)),
    ((invert, 0.4, 9), (rotate, 0.6, 0)),
    ((equalize, 1.0, 9), (shear_y, 0.6, 3)),
    ((color, 0.4, 7), (equalize, 0.6, 0)),
    ((posterize, 0.4, 6), (autocontrast, 0.4, 7)),
    ((solarize, 0.6, 8), (color, 0.6, 9)),
    ((solarize, 0.2, 4), (rotate, 0.8, 9)),
    ((rotate, 1.0, 7), (translate_y, 0.8, 9)),
    ((shear_x, 0.0, 0), (solarize, 0.8, 4)),
    ((shear_y, 0.8, 0), (color, 0.6, 4)),
    ((color, 1.0, 0), (rotate, 0.6, 2)),
    ((equalize, 0.8, 4), (equalize, 0.0, 8)),
    ((equalize, 1.0, 4), (autocontrast, 0.6, 2)),
    ((shear_y, 0.4, 7), (solarize_add, 0.6, 7)),
    ((posterize, 0.8, 2), (solarize, 0.6, 10)),
    ((solarize, 0.6, 8), (equalize, 0.6, 1)),
    ((color, 0.8, 6), (rotate, 0.4, 5)),
]


class PolicyV0:
    """A transform: RGB image -> RGB image of the same size."""

    def __init__(self):
        self.pairs = [[(make(level), probability) for make, probability, level in pair] for pair in POLICY_V0]

    def __call__(self, image):
        for apply, probability in random.choice(self.pairs):
            if random.random() < probability:
                image = apply(image)
        return image
