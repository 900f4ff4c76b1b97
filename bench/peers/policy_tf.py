"""AutoAugment policy v0 and its operations on u8 [h, w, 3] tensors of TensorFlow, as a graph.

Written from what the operations are to do (policy_v0.py), with TensorFlow's own operations. One branch of 25 runs; the
warps take the nearest pixel, as in Google's EfficientNet.
"""

import math

import tensorflow as tf

from policy_v0 import GREY, SIGNED, SUB_POLICIES, amount_of


def warp(image, transform, interpolation="NEAREST", fill=GREY):
    """transform: a0, a1, a2, b0, b1, b2; the pixel at x, y comes from a0 x + a1 y + a2, b0 x + b1 y + b2."""
    batch = tf.raw_ops.ImageProjectiveTransformV3(
        images=image[tf.newaxis],
        transforms=tf.stack([*(tf.cast(value, tf.float32) for value in transform), 0.0, 0.0])[tf.newaxis],
        output_shape=tf.shape(image)[:2],
        fill_value=float(fill),
        interpolation=interpolation,
        fill_mode="CONSTANT",
    )
    return batch[0]


def rotate(image, degrees, **how):
    """About the centre."""
    radians = degrees * (math.pi / 180)
    cosine, sine = tf.cos(radians), tf.sin(radians)
    height, width = tf.unstack(tf.cast(tf.shape(image)[:2] - 1, tf.float32) / 2)
    left = width - cosine * width + sine * height
    top = height - sine * width - cosine * height
    return warp(image, (cosine, -sine, left, sine, cosine, top), **how)


def to_uint8(values):
    return tf.cast(tf.clip_by_value(values, 0.0, 255.0), tf.uint8)


def blend(other, image, factor):
    """The other image for factor 0, the image for 1, and further on beyond."""
    return to_uint8(other + factor * (tf.cast(image, tf.float32) - other))


def grey_of(image):
    return tf.cast(tf.image.rgb_to_grayscale(image), tf.float32)


def color(image, factor):
    return blend(grey_of(image), image, factor)


def posterize(image, bits):
    return tf.bitwise.bitwise_and(image, tf.constant(256 - (1 << (8 - bits)), tf.uint8))


def solarize(image, threshold):
    """Arithmetic in place of tf.where, which takes three times as long."""
    if threshold > 255:
        return image
    inverted = tf.cast(image >= math.ceil(threshold), tf.uint8) * 255
    return tf.bitwise.bitwise_xor(image, inverted)


def solarize_add(image, addition):
    return image + tf.cast(image < 128, tf.uint8) * addition  # 127 + 110 fits u8


def autocontrast(image):
    """Stretches each channel from its lowest and highest value to 0..255."""
    values = tf.cast(image, tf.float32)
    low, high = tf.reduce_min(values, axis=(0, 1)), tf.reduce_max(values, axis=(0, 1))
    stretched = to_uint8((values - low) * 255.0 / tf.maximum(high - low, 1.0))
    return tf.where(high > low, stretched, image)


def equalize(image):
    return tf.stack([equalize_channel(image[:, :, channel]) for channel in range(3)], axis=-1)


def equalize_channel(channel):
    """Pillow's rule: a table from the running sum of the histogram, in steps of a 255th of the pixels but the last value's."""
    histogram = tf.math.bincount(tf.reshape(tf.cast(channel, tf.int32), [-1]), minlength=256)
    occupied = tf.boolean_mask(histogram, histogram > 0)
    step = (tf.reduce_sum(occupied) - occupied[-1]) // 255
    table = (tf.cumsum(histogram, exclusive=True) + step // 2) // tf.maximum(step, 1)
    equalized = tf.gather(tf.cast(tf.minimum(table, 255), tf.uint8), tf.cast(channel, tf.int32))
    return tf.cond(step > 0, lambda: equalized, lambda: channel)


OPERATIONS = {
    "shear_x": lambda image, shear: warp(image, (1, shear, 0, 0, 1, 0)),
    "shear_y": lambda image, shear: warp(image, (1, 0, 0, shear, 1, 0)),
    "translate_y": lambda image, pixels: warp(image, (1, 0, 0, 0, 1, pixels)),
    "rotate": rotate,
    "color": color,
    "posterize": posterize,
    "solarize": solarize,
    "solarize_add": solarize_add,
    "autocontrast": lambda image, _: autocontrast(image),
    "equalize": lambda image, _: equalize(image),
    "invert": lambda image, _: 255 - image,
}


def policy_v0(image):
    """u8 [h, w, 3] -> u8 [h, w, 3]."""
    branches = [lambda pair=pair: apply_pair(image, pair) for pair in SUB_POLICIES]
    return tf.switch_case(tf.random.uniform([], 0, len(SUB_POLICIES), tf.int32), branches)


def apply_pair(image, pair):
    for name, probability, level in pair:
        fires = tf.random.uniform([]) < probability
        image = tf.cond(fires, lambda image=image: apply(image, name, level), lambda image=image: image)
    return image


def apply(image, name, level):
    amount = amount_of(name, level)
    if name in SIGNED:
        amount = float(amount) * tf.where(tf.random.uniform([]) < 0.5, -1.0, 1.0)
    return OPERATIONS[name](image, amount)
