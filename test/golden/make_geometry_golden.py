"""Writes what Pillow, torchvision and timm make of small images in geometry, the golden values of geometry.test.ts.

Run in this folder on x86-64: python make_geometry_golden.py
Needs Pillow 13.0.0, torchvision 0.29.2, timm 1.0.31 and numpy. The images are those of operators.bin.
"""

import gzip
import hashlib
import itertools
import json

import numpy as np
import PIL
import timm
import torchvision
from PIL import Image, ImageOps
from timm.data.transforms_factory import transforms_imagenet_eval
from torchvision.transforms import functional

VERSIONS = {
    "pillow": PIL.__version__,
    "torchvision": torchvision.__version__.split("+")[0],
    "timm": timm.__version__,
}
assert VERSIONS == {"pillow": "13.0.0", "torchvision": "0.29.2", "timm": "1.0.31"}

FILTERS = {name: Image.Resampling[name.upper()] for name in ("nearest", "box", "hamming", "lanczos")}
MODES = ("constant", "edge", "reflect", "symmetric")
FILL = [10, 20, 30]


def read_images():
    with open("operators.json") as file, open("operators.bin", "rb") as blob:
        data = blob.read()
        for record in json.load(file)["images"]:
            width, height, offset = record["width"], record["height"], record["offset"]
            pixels = np.frombuffer(data, np.uint8, width * height * 3, offset)
            yield Image.fromarray(pixels.reshape(height, width, 3))


def flips(image):
    yield "verticalFlip", [], ImageOps.flip(image)
    yield "randomVerticalFlip", [{"probability": 1}], functional.vflip(image)


def resized(image):
    for name, size in itertools.product(FILTERS, ((1, 1), (3, 5), (16, 16), (97, 31), (128, 200))):
        options = {"width": size[0], "height": size[1], "interpolation": name}
        yield "resize", [options], image.resize(size, FILTERS[name])
    for name, side in itertools.product(FILTERS, (1, 7, 50)):
        mode = functional.InterpolationMode(name)
        yield "resize", [{"shortSide": side, "interpolation": name}], functional.resize(image, [side], mode)
    # areas that never fit: the whole image, in which nothing is drawn
    for name in FILTERS:
        options = {"scale": [1, 1], "ratio": [0.01, 100], "interpolation": name}
        mode = functional.InterpolationMode(name)
        if min(image.size) > 1 and image.width == image.height:
            expected = functional.resized_crop(image, 0, 0, image.height, image.width, [9, 9], mode)
            yield "randomResizedCrop", [9, {**options, "ratio": [1, 1]}], expected


def padded(image):
    for mode, sides in itertools.product(MODES, ((4, 4, 4, 4), (0, 3, 5, 0), (70, 1, 130, 2), (1, 90, 2, 200))):
        expected = functional.pad(image, sides, tuple(FILL), mode)
        names = dict(zip(("left", "top", "right", "bottom"), sides, strict=True))
        options = {"all": 4} if len(set(sides)) == 1 else names
        yield "pad", [{**options, "mode": mode, "fill": FILL}], expected


def cropped(image):
    for size in (1, 2, 3, 30, 31, 47, 61, 62, 100, 301):
        yield "centerCrop", [size, {"fill": [0, 0, 0]}], functional.center_crop(image, [size])


def evaluated(image):
    """timm's steps up to the pixels."""
    for mode, share, name in itertools.product(
        ("center", "squash", "border"), (None, 0.95, 1.0), ("bilinear", "bicubic")
    ):
        steps = transforms_imagenet_eval(40, crop_pct=share, crop_mode=mode, interpolation=name, use_prefetcher=True)
        array = np.ascontiguousarray(steps(image).permute(1, 2, 0).numpy())
        options = {"cropMode": mode, "interpolation": name, "imageSize": 40}
        yield "evaluationSteps", [{**options, "cropPct": share or 0.875}], Image.fromarray(array)


def random_crops(images):
    """The image that a crop at (left, top) of the image gives, below 0 where it was padded."""
    rng = np.random.default_rng(7)
    for (index, image), mode, needed in itertools.product(enumerate(images), MODES, (False, True)):
        for padding, size in ((4, 12), (9, 33), (0, 70)):
            whole = functional.pad(image, padding, tuple(FILL), mode)
            lacking = [max(0, size - side) for side in whole.size]
            if any(lacking) and not needed:
                continue
            for axis in (0, 1):
                by = [0, 0]
                by[axis] = lacking[axis]
                if lacking[axis]:
                    whole = functional.pad(whole, by, tuple(FILL), mode)
            left, top = (int(rng.integers(0, side - size + 1)) for side in whole.size)
            drawn = {
                "left": left - padding - lacking[0],
                "top": top - padding - lacking[1],
                **{"width": size, "height": size, "padding": padding, "paddingMode": mode, "fill": FILL},
            }
            yield {"image": index, "drawn": drawn, **expected(functional.crop(whole, top, left, size, size))}


def expected(image):
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    return {"width": image.width, "height": image.height, "sha256": digest}


def cases(images):
    for index, image in enumerate(images):
        for make in (flips, resized, padded, cropped, evaluated):
            for operator, arguments, result in make(image):
                yield {"image": index, "operator": operator, "arguments": arguments, **expected(result)}


def main():
    images = list(read_images())
    golden = {"versions": VERSIONS, "cases": list(cases(images)), "randomCrops": list(random_crops(images))}
    with gzip.GzipFile("geometry.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(golden).encode())


if __name__ == "__main__":
    main()
