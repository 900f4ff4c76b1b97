"""AutoAugment policy v0 as a table, with the magnitudes of NVIDIA's EfficientNet recipe.

25 pairs of operations; a pair is chosen uniformly, each of its operations fires with its own probability. Magnitudes are
levels 0..10 of a linear range. Written from the published table. What the operations do to pixels is in policy_*.py.
"""

import random

# (operation, probability, level)
SUB_POLICIES = [
    (("equalize", 0.8, 1), ("shear_y", 0.8, 4)),
    (("color", 0.4, 9), ("equalize", 0.6, 3)),
    (("color", 0.4, 1), ("rotate", 0.6, 8)),
    (("solarize", 0.8, 3), ("equalize", 0.4, 7)),
    (("solarize", 0.4, 2), ("solarize", 0.6, 2)),
    (("color", 0.2, 0), ("equalize", 0.8, 8)),
    (("equalize", 0.4, 8), ("solarize_add", 0.8, 3)),
    (("shear_x", 0.2, 9), ("rotate", 0.6, 8)),
    (("color", 0.6, 1), ("equalize", 1.0, 2)),
    (("invert", 0.4, 9), ("rotate", 0.6, 0)),
    (("equalize", 1.0, 9), ("shear_y", 0.6, 3)),
    (("color", 0.4, 7), ("equalize", 0.6, 0)),
    (("posterize", 0.4, 6), ("autocontrast", 0.4, 7)),
    (("solarize", 0.6, 8), ("color", 0.6, 9)),
    (("solarize", 0.2, 4), ("rotate", 0.8, 9)),
    (("rotate", 1.0, 7), ("translate_y", 0.8, 9)),
    (("shear_x", 0.0, 0), ("solarize", 0.8, 4)),
    (("shear_y", 0.8, 0), ("color", 0.6, 4)),
    (("color", 1.0, 0), ("rotate", 0.6, 2)),
    (("equalize", 0.8, 4), ("equalize", 0.0, 8)),
    (("equalize", 1.0, 4), ("autocontrast", 0.6, 2)),
    (("shear_y", 0.4, 7), ("solarize_add", 0.6, 7)),
    (("posterize", 0.8, 2), ("solarize", 0.6, 10)),
    (("solarize", 0.6, 8), ("equalize", 0.6, 1)),
    (("color", 0.8, 6), ("rotate", 0.4, 5)),
]

# Level -> what the operation is called with; operations that are not listed take nothing.
AMOUNTS = {
    "shear_x": lambda level: 0.03 * level,  # pixels along x a row
    "shear_y": lambda level: 0.03 * level,  # pixels along y a column
    "translate_y": lambda level: 25 * level,  # pixels, whatever the image's size, as in the recipe
    "rotate": lambda level: 3 * level,  # degrees
    "color": lambda level: 0.1 + 0.18 * level,  # saturation, 1 leaves the image unchanged
    "posterize": lambda level: round(0.4 * level),  # bits kept; 0 gives a black image
    "solarize": lambda level: 25.6 * level,  # values from here on are inverted
    "solarize_add": lambda level: 11 * level,  # added to values under 128
}

# Their amounts are negated for one image in two.
SIGNED = {"shear_x", "shear_y", "translate_y", "rotate"}

GREY = 128  # what warps put where the image has no pixel


def amount_of(name, level):
    return AMOUNTS[name](level) if name in AMOUNTS else None


class PolicyV0:
    """A transform: image -> image of the same size. operations: name -> function of (image, amount)."""

    def __init__(self, operations):
        self.operations = operations

    def __call__(self, image):
        for name, probability, level in random.choice(SUB_POLICIES):
            if random.random() < probability:
                image = self.operations[name](image, self.draw_amount(name, level))
        return image

    def draw_amount(self, name, level):
        amount = amount_of(name, level)
        return -amount if name in SIGNED and random.random() < 0.5 else amount
