"""TrivialAugment, wide, on u8 [h, w, 3] tensors of TensorFlow, which has none of its own, as a graph.

The operations and their 31 magnitudes are those of torchvision.transforms.v2.TrivialAugmentWide. One branch of 14 runs.
Warps are bilinear and fill with black.
"""

import numpy
import tensorflow as tf

from policy_tf import autocontrast, blend, color, equalize, grey_of, rotate, to_uint8, warp

BINS = 31
WARP = {"interpolation": "BILINEAR", "fill": 0}


def brightness(image, factor):
    return to_uint8(factor * tf.cast(image, tf.float32))


def contrast(image, factor):
    return blend(tf.round(tf.reduce_mean(grey_of(image))), image, factor)


def sharpness(image, factor):
    """Against a 3x3 smooth; the outermost pixels stay."""
    weights = tf.constant([[1, 1, 1], [1, 5, 1], [1, 1, 1]], tf.float32) / 13
    filters = tf.tile(weights[:, :, tf.newaxis, tf.newaxis], [1, 1, 3, 1])
    values = tf.cast(image, tf.float32)[tf.newaxis]
    smooth = tf.round(tf.nn.depthwise_conv2d(values, filters, [1, 1, 1, 1], "VALID"))[0]
    inner = blend(smooth, image[1:-1, 1:-1], factor)
    rows = tf.concat([image[1:-1, :1], inner, image[1:-1, -1:]], axis=1)
    return tf.concat([image[:1], rows, image[-1:]], axis=0)


def keep_bits(image, mask):
    return tf.bitwise.bitwise_and(image, tf.cast(mask, tf.uint8))


def invert_from(image, threshold):
    inverted = tf.cast(image >= tf.cast(threshold, tf.uint8), tf.uint8) * 255
    return tf.bitwise.bitwise_xor(image, inverted)


def span(last):
    return numpy.linspace(0, last, BINS, dtype=numpy.float32)


BITS = numpy.round(8 - numpy.arange(BINS) / ((BINS - 1) / 6))
# (operation, what it is called with for each bin, whether of either sign); factors are 1 and a magnitude more or less
OPERATIONS = [
    (lambda image, _: image, span(0), False),
    (lambda image, shear: warp(image, (1, shear, shear / 2, 0, 1, 0), **WARP), span(0.99), True),
    (lambda image, shear: warp(image, (1, 0, 0, shear, 1, shear / 2), **WARP), span(0.99), True),
    (lambda image, pixels: warp(image, (1, 0, pixels, 0, 1, 0), **WARP), numpy.trunc(span(32)), True),
    (lambda image, pixels: warp(image, (1, 0, 0, 0, 1, pixels), **WARP), numpy.trunc(span(32)), True),
    (lambda image, degrees: rotate(image, degrees, **WARP), span(135), True),
    (lambda image, change: brightness(image, 1 + change), span(0.99), True),
    (lambda image, change: color(image, 1 + change), span(0.99), True),
    (lambda image, change: contrast(image, 1 + change), span(0.99), True),
    (lambda image, change: sharpness(image, 1 + change), span(0.99), True),
    (keep_bits, 256 - 2 ** (8 - BITS), False),
    (invert_from, numpy.ceil(255 - span(255)), False),
    (lambda image, _: autocontrast(image), span(0), False),
    (lambda image, _: equalize(image), span(0), False),
]


def trivial_augment(image):
    """u8 [h, w, 3] -> u8 [h, w, 3]."""
    magnitude_bin = tf.random.uniform([], 0, BINS, tf.int32)
    sign = tf.where(tf.random.uniform([]) < 0.5, -1.0, 1.0)
    branches = [lambda of=of: apply(image, of, magnitude_bin, sign) for of in OPERATIONS]
    return tf.switch_case(tf.random.uniform([], 0, len(OPERATIONS), tf.int32), branches)


def apply(image, of, magnitude_bin, sign):
    operation, amounts, is_signed = of
    amount = tf.constant(amounts, tf.float32)[magnitude_bin]
    return operation(image, sign * amount if is_signed else amount)
