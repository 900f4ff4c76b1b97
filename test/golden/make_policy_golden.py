"""Writes what torchvision and timm give for the operators of their random policies: policies.json.gz.

Needs Pillow 13.0.0 on x86-64, torchvision 0.29.2 and timm 1.0.31 (other builds may round differently), and the images of
operators.bin. Usage, in this folder: python make_policy_golden.py

Every operator, magnitude and sign of a policy is applied to each of three images. Of every result there are the first
eight digits of its SHA-256.
"""

import gzip
import hashlib
import itertools
import json

import PIL
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.autoaugment import AutoAugment, AutoAugmentPolicy

PILLOW, TORCHVISION = PIL.__version__, torchvision.__version__.split("+")[0]
assert (PILLOW, TORCHVISION) == ("13.0.0", "0.29.2")

# noise, a smooth image, and one of few levels
IMAGES = (0, 4, 5)


def images():
    with open("operators.json") as file:
        places = json.load(file)["images"]
    with open("operators.bin", "rb") as file:
        data = file.read()
    for index in IMAGES:
        width, height, offset = (places[index][key] for key in ("width", "height", "offset"))
        yield Image.frombytes("RGB", (width, height), data[offset : offset + width * height * 3])


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()[:8]


def our_name(name):
    return name[0].lower() + name[1:]


# torchvision


def torchvision_digests(policy, bins):
    """Of each operator, for each image, bin and sign (+ before -), in this order."""
    space = policy._AUGMENTATION_SPACE
    return {our_name(name): list(digests_of(policy, name, *space[name], bins)) for name in space}


def digests_of(policy, name, magnitudes_of, is_signed, bins):
    for image in images():
        magnitudes = magnitudes_of(bins, image.height, image.width)
        values = [0.0] if magnitudes is None else [float(value) for value in magnitudes]
        for value, sign in itertools.product(values, (1, -1) if is_signed else (1,)):
            yield digest(
                policy._apply_image_or_video_transform(
                    image, name, sign * value, interpolation=InterpolationMode.NEAREST, fill=policy._fill
                )
            )


def sub_policies(policy):
    return [[[our_name(name), p, level or 0] for name, p, level in pair] for pair in AutoAugment(policy).policies]


def main():
    golden = {
        "versions": {"pillow": PILLOW, "torchvision": TORCHVISION},
        "images": IMAGES,
        "trivialAugment": torchvision_digests(v2.TrivialAugmentWide(), 31),
        "randAugment": torchvision_digests(v2.RandAugment(), 31),
        "subPolicies": {policy.value: sub_policies(policy) for policy in AutoAugmentPolicy},
    }
    with gzip.GzipFile("policies.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(golden).encode())


if __name__ == "__main__":
    main()
