"""Writes what torchvision gives for the operators on colours, blur and noise: colours.json.

Needs Pillow 13.0.0 on x86-64, torchvision 0.29.2 and PyTorch (other builds may round differently). Usage, in this folder:
python make_colour_golden.py

A case is a call and the SHA-256 of its pixels; the images are those of make_golden.py, by index.
"""

import hashlib
import itertools
import json
import platform
from statistics import NormalDist
from unittest import mock

import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision import transforms
from torchvision.transforms import functional
from torchvision.transforms.v2.functional import gaussian_noise

PILLOW, TORCHVISION = PIL.__version__, torchvision.__version__.split("+")[0]
assert (PILLOW, TORCHVISION) == ("13.0.0", "0.29.2")


def read_images():
    with open("operators.json") as file:
        entries = json.load(file)["images"]
    with open("operators.bin", "rb") as file:
        data = file.read()
    for entry in entries:
        size = entry["width"], entry["height"]
        yield Image.frombytes("RGB", size, data[entry["offset"] : entry["offset"] + 3 * size[0] * size[1]])


def cases(image):
    for factor in (0, 0.1, -0.1, 0.25, -0.37, 0.5, -0.5, 0.003):
        yield "hue", [{"factor": factor}], functional.adjust_hue(image, factor)
    yield "grayscale", [], functional.to_grayscale(image, 3)
    for sigma in (0, 0.1, 0.55, 1, 1.7, 2, 9.5):
        options = {"sigma": [sigma, sigma]}
        yield "gaussianBlur", [options], image.filter(ImageFilter.GaussianBlur(sigma))
    for probability in (0, 1):
        always = {"probability": probability}
        yield "randomGrayscale", [always], transforms.RandomGrayscale(probability)(image)
        yield "randomInvert", [always], transforms.RandomInvert(probability)(image)
        yield "randomEqualize", [always], transforms.RandomEqualize(probability)(image)
        yield "randomAutoContrast", [always], transforms.RandomAutocontrast(probability)(image)
        yield "randomSolarize", [{"threshold": 77, **always}], transforms.RandomSolarize(77, probability)(image)
        yield "randomPosterize", [{"bits": 3, **always}], transforms.RandomPosterize(3, probability)(image)
        sharper = transforms.RandomAdjustSharpness(1.7, probability)(image)
        yield "randomAdjustSharpness", [{"factor": 1.7, **always}], sharper


ADJUST = {
    "brightness": functional.adjust_brightness, "contrast": functional.adjust_contrast,
    "color": functional.adjust_saturation, "hue": functional.adjust_hue,
}  # fmt: skip
FACTORS = {"brightness": 1.37, "contrast": 0.63, "color": 1.21, "hue": -0.083}


def jitters(image):
    """As ColorJitter.forward: every order, and some with factors left out."""
    for order in [*itertools.permutations(ADJUST), ("hue", "contrast"), ("brightness",), ()]:
        result = image
        for operator in order:
            result = ADJUST[operator](result, FACTORS[operator])
        yield [{"operator": operator, "factor": FACTORS[operator]} for operator in order], result


def noises():
    """All normal values of the table in order, each with its level, on black and on white."""
    normal = NormalDist()
    values = torch.tensor([normal.inv_cdf((i + 0.5) / 65536) for i in range(65536)], dtype=torch.float64).float()
    for (mean, sigma), base in itertools.product([(0, 0.1), (0, 0.02), (0.1, 0.37), (-0.25, 1), (0.5, 0)], [0, 255]):
        image = torch.full((65536,), base, dtype=torch.uint8)
        with mock.patch("torch.randn_like", lambda *_, **__: values):
            result = gaussian_noise(image, mean, sigma)
        yield {"mean": mean, "sigma": sigma, "base": base, "sha256": digest(result.numpy().tobytes())}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def main():
    images = list(read_images())
    golden = {
        "versions": {"pillow": PILLOW, "torchvision": TORCHVISION, "machine": platform.machine()},
        "cases": [
            {"image": index, "operator": operator, "arguments": arguments, "sha256": digest(result.tobytes())}
            for index, image in enumerate(images)
            for operator, arguments, result in cases(image)
        ],
        "jitters": [
            {"image": index, "adjustments": adjustments, "sha256": digest(result.tobytes())}
            for index in (0, 3, 4)
            for adjustments, result in jitters(images[index])
        ],
        "noises": list(noises()),
    }
    text = json.dumps(golden).replace('{"image"', '\n{"image"').replace('{"mean"', '\n{"mean"')
    with open("colours.json", "w") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
