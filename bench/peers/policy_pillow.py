"""The operations of AutoAugment policy v0 on RGB images of Pillow, with the fill and interpolation of NVIDIA's recipe."""

from PIL import Image, ImageEnhance, ImageOps

import policy_v0

GREY = (policy_v0.GREY,) * 3


def warp(image, coefficients, resample):
    return image.transform(image.size, Image.Transform.AFFINE, coefficients, resample, fillcolor=GREY)


def rotate_degrees(image, degrees):
    """Rotates an RGBA copy, so that what lies outside is transparent, and puts it on grey."""
    rotated = image.convert("RGBA").rotate(degrees)
    return Image.composite(rotated, Image.new("RGBA", rotated.size, GREY + (255,)), rotated).convert("RGB")


def solarize_add_table(addition):
    return [min(255, value + addition) if value < 128 else value for value in range(256)] * 3


OPERATIONS = {
    "shear_x": lambda image, shear: warp(image, (1, shear, 0, 0, 1, 0), Image.Resampling.BICUBIC),
    "shear_y": lambda image, shear: warp(image, (1, 0, 0, shear, 1, 0), Image.Resampling.BICUBIC),
    "translate_y": lambda image, pixels: warp(image, (1, 0, 0, 0, 1, pixels), Image.Resampling.NEAREST),
    "rotate": rotate_degrees,
    "color": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "posterize": ImageOps.posterize,
    "solarize": ImageOps.solarize,
    "solarize_add": lambda image, addition: image.point(solarize_add_table(addition)),
    "autocontrast": lambda image, _: ImageOps.autocontrast(image),
    "equalize": lambda image, _: ImageOps.equalize(image),
    "invert": lambda image, _: ImageOps.invert(image),
}
