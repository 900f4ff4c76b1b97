"""Milliseconds of each Pillow operation on one 224x224 photograph crop, one thread, as one JSON line.

The operations are taken in turn, run after run, so that a slow moment of the machine falls on all of them.
"""

import argparse
import io
import json
import pathlib
import platform
import statistics
import time

import numpy
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from policy_pillow import rotate_degrees, solarize_add_table, warp

SIZE = (224, 224)
CROP = (60, 40, 420, 340)
MEAN = numpy.array((0.485, 0.456, 0.406), numpy.float32)
STD = numpy.array((0.229, 0.224, 0.225), numpy.float32)
SCALE = 1 / (255 * STD)
OFFSET = MEAN / STD


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", help="JPEG file of 500x375, or a folder in which the first such file is taken")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--warmup", type=int, default=20)
    return parser.parse_args()


def find_image(path):
    path = pathlib.Path(path)
    return path if path.is_file() else sorted(path.rglob("*.jpg"))[0]


def normalize(image, dtype):
    return (numpy.asarray(image).astype(numpy.float32) * SCALE - OFFSET).astype(dtype)


def turn_hue(image, shift):
    """As torchvision's adjust_hue turns it."""
    hue, saturation, value = image.convert("HSV").split()
    turned = Image.fromarray(numpy.asarray(hue) + numpy.uint8(shift))
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def operations(encoded):
    """Name of our operator -> the same work in Pillow. Draws are fixed: parameters of middling strength."""
    photograph = Image.open(io.BytesIO(encoded)).convert("RGB")
    image = photograph.resize(SIZE, Image.Resampling.BILINEAR, box=CROP)
    table = solarize_add_table(33)
    bilinear, bicubic = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC
    return {
        "decode": lambda: Image.open(io.BytesIO(encoded)).convert("RGB"),
        "resizedCropBilinear": lambda: photograph.crop(CROP).resize(SIZE, bilinear),
        "resizedCropBicubic": lambda: photograph.crop(CROP).resize(SIZE, bicubic),
        "horizontalFlip": lambda: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "shearX": lambda: warp(image, (1, 0.21, 0, 0, 1, 0), bicubic),
        "shearY": lambda: warp(image, (1, 0, 0, 0.12, 1, 0), bicubic),
        "translateX": lambda: warp(image, (1, 0, 50, 0, 1, 0), Image.Resampling.NEAREST),
        "translateY": lambda: warp(image, (1, 0, 0, 0, 1, 50), Image.Resampling.NEAREST),
        "rotate": lambda: rotate_degrees(image, 21),
        "rotateBilinear": lambda: image.rotate(21, bilinear, fillcolor=(128, 128, 128)),
        "rotateBicubic": lambda: image.rotate(21, bicubic, fillcolor=(128, 128, 128)),
        "color": lambda: ImageEnhance.Color(image).enhance(1.72),
        "contrast": lambda: ImageEnhance.Contrast(image).enhance(1.72),
        "brightness": lambda: ImageEnhance.Brightness(image).enhance(1.72),
        "sharpness": lambda: ImageEnhance.Sharpness(image).enhance(1.72),
        "posterize": lambda: ImageOps.posterize(image, 2),
        "solarize": lambda: ImageOps.solarize(image, 76.8),
        "solarizeAdd": lambda: image.point(table),
        "autoContrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "invert": lambda: ImageOps.invert(image),
        "hue": lambda: turn_hue(image, 25),
        "gaussianBlur": lambda: image.filter(ImageFilter.GaussianBlur(2)),
        "normalizeFloat32": lambda: normalize(image, numpy.float32),
        "normalizeFloat16": lambda: normalize(image, numpy.float16),
    }


def measure(work, runs, warmup):
    """Milliseconds of every run of every operation."""
    times = {name: [] for name in work}
    for run in range(warmup + runs):
        for name, operation in work.items():
            start = time.perf_counter_ns()
            operation()
            elapsed = time.perf_counter_ns() - start
            if run >= warmup:
                times[name].append(elapsed / 1e6)
    return times


def main():
    arguments = parse_arguments()
    encoded = find_image(arguments.image).read_bytes()
    times = measure(operations(encoded), arguments.runs, arguments.warmup)
    result = {
        "event": "kernels",
        "python": platform.python_version(),
        "pillow": PIL.__version__,
        "numpy": numpy.__version__,
        "runs": arguments.runs,
        "milliseconds": {name: round(statistics.median(values), 4) for name, values in times.items()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
