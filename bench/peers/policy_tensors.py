"""The operations of AutoAugment policy v0 on u8 [3, h, w] tensors, from torchvision's own functions for tensors.

Shears are bilinear: its affine() on tensors has no bicubic.
"""

import math

import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from policy_v0 import GREY

FILL = [float(GREY)] * 3
UPPER_LEFT = [0.0, 0.0]


def shear(image, angles):
    return functional.affine(
        image,
        angle=0.0,
        translate=[0, 0],
        scale=1.0,
        shear=[math.degrees(math.atan(tangent)) for tangent in angles],
        interpolation=InterpolationMode.BILINEAR,
        fill=FILL,
        center=UPPER_LEFT,
    )


def translate_y(image, pixels):
    return functional.affine(image, angle=0.0, translate=[0, -pixels], scale=1.0, shear=[0.0, 0.0], fill=FILL)


def solarize(image, threshold):
    return image if threshold > 255 else functional.solarize(image, threshold)


def solarize_add(image, addition):
    return torch.where(image < 128, image + addition, image)  # 127 + 110 fits u8


OPERATIONS = {
    "shear_x": lambda image, tangent: shear(image, (tangent, 0.0)),
    "shear_y": lambda image, tangent: shear(image, (0.0, tangent)),
    "translate_y": translate_y,
    "rotate": lambda image, degrees: functional.rotate(image, degrees, fill=FILL),
    "color": functional.adjust_saturation,
    "posterize": functional.posterize,
    "solarize": solarize,
    "solarize_add": solarize_add,
    "autocontrast": lambda image, _: functional.autocontrast(image),
    "equalize": lambda image, _: functional.equalize(image),
    "invert": lambda image, _: functional.invert(image),
}
