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
import statistics

import PIL
import timm
import torchvision
from PIL import Image
from timm.data import auto_augment as timm_augment
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.autoaugment import AutoAugment, AutoAugmentPolicy

PILLOW, TORCHVISION, TIMM = PIL.__version__, torchvision.__version__.split("+")[0], timm.__version__
assert (PILLOW, TORCHVISION, TIMM) == ("13.0.0", "0.29.2", "1.0.31")

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


def torchvision_digests(policy, bins, names=None, mode=InterpolationMode.NEAREST):
    """Of each operator, for each image, bin and sign (+ before -), in this order."""
    space = policy._AUGMENTATION_SPACE
    return {our_name(name): list(digests_of(policy, name, *space[name], bins, mode)) for name in names or space}


def digests_of(policy, name, magnitudes_of, is_signed, bins, mode):
    for image in images():
        magnitudes = magnitudes_of(bins, image.height, image.width)
        values = [0.0] if magnitudes is None else [float(value) for value in magnitudes]
        for value, sign in itertools.product(values, (1, -1) if is_signed else (1,)):
            yield digest(
                policy._apply_image_or_video_transform(
                    image, name, sign * value, interpolation=mode, fill=policy._fill
                )
            )


def sub_policies(policy):
    return [[[our_name(name), p, level or 0] for name, p, level in pair] for pair in AutoAugment(policy).policies]


# timm

# its own clamp has been applied: levels up to mmax
LEVELS = (0, 0.37, 1, 2.5, 2.7, 4, 5, 6.33, 7, 9, 9.999, 10, 13, 20)
FILL = (124, 116, 104)


def with_sign(sign, function, *arguments, **named):
    """timm negates a value where random.random() is above 1/2."""
    draw = timm_augment.random.random
    timm_augment.random.random = lambda: 0.0 if sign == 1 else 1.0
    try:
        return function(*arguments, **named)
    finally:
        timm_augment.random.random = draw


def timm_case(name, level, sign):
    """The first argument at a level, and the results for the images, where this Pillow accepts it."""
    to_arguments = timm_augment.LEVEL_TO_ARG[name]
    values = () if to_arguments is None else with_sign(sign, to_arguments, level, {})
    case = {"level": level, "sign": sign, "value": values[0] if values else None}
    try:
        apply = timm_augment.NAME_TO_OP[name]
        results = [apply(image, *values, fillcolor=FILL, resample=Image.NEAREST) for image in images()]
    except ValueError:
        return case
    return {**case, "digests": [digest(image) for image in results]}


def timm_cases():
    names = [name for name in timm_augment.NAME_TO_OP if name not in ("GaussianBlurRand", "TranslateX", "TranslateY")]
    for name in [*names, "TranslateXRel", "TranslateYRel"]:
        yield name, [timm_case(name, level, sign) for level, sign in itertools.product(LEVELS, (1, -1))]


def timm_policies():
    """Every policy's operators, with their probabilities and levels."""
    return {
        name: [[[op.name, op.prob, op.magnitude] for op in ops] for ops in timm_augment.auto_augment_policy(name)]
        for name in ("original", "originalr", "v0r", "3a")
    }


CONFIGS = (
    "rand",
    "rand-m9-mstd0.5-inc1",
    "rand-m9-n3-mstd0.5",
    "rand-mstd1-tweights",
    "rand-m7-mstd101-mmax20-p1-inc1",
    "rand-inc0-m15-n4-p0.25",
    "rand-n4-tweights-inc0",
    "rand-m9-t3a",
    "rand-m5-n14-t3aw",
)


def timm_config(text):
    """What timm makes of a text; a deviation of infinity is told as null."""
    transform = timm_augment.rand_augment_transform(text, {"translate_const": 100, "img_mean": FILL})
    op = transform.ops[0]
    return {
        "text": text,
        "choices": [each.name for each in transform.ops],
        "weights": None if transform.choice_weights is None else list(transform.choice_weights),
        "layers": transform.num_layers,
        "probability": op.prob,
        "magnitude": op.magnitude,
        "deviation": None if op.magnitude_std == float("inf") else op.magnitude_std,
        "highest": op.magnitude_max or 10,
    }


LEVEL_DRAWS = 200_000
# magnitude, deviation, highest
LEVELS_DRAWN = ((9, 0.5, 10), (9, 1, 10), (5, 2, 10), (15, 3, 20), (8, None, 10))


def timm_levels(magnitude, deviation, highest):
    """Of many levels that timm draws: their mean, deviation and shares at both ends."""
    levels = []
    timm_augment.LEVEL_TO_ARG["Probe"] = lambda level, _: levels.append(level) or ()
    timm_augment.NAME_TO_OP["Probe"] = lambda *_, **__: None
    named = {"magnitude_std": float("inf") if deviation is None else deviation, "magnitude_max": highest}
    probe = timm_augment.AugmentOp("Probe", prob=1, magnitude=magnitude, hparams=named)
    for _ in range(LEVEL_DRAWS):
        probe(None)
    shares = [sum(level == end for level in levels) / LEVEL_DRAWS for end in (0, highest)]
    given = {"magnitude": magnitude, "deviation": deviation, "highest": highest}
    return {**given, "mean": statistics.fmean(levels), "spread": statistics.pstdev(levels), "ends": shares}


def main():
    timm_augment.random.seed(1)
    golden = {
        "versions": {"pillow": PILLOW, "torchvision": TORCHVISION, "timm": TIMM},
        "images": IMAGES,
        "trivialAugment": torchvision_digests(v2.TrivialAugmentWide(), 31),
        "randAugment": torchvision_digests(v2.RandAugment(), 31),
        "bilinearShears": {
            our_name(policy.__name__.removesuffix("Wide")): torchvision_digests(
                policy(), 31, ("ShearX", "ShearY"), InterpolationMode.BILINEAR
            )
            for policy in (v2.TrivialAugmentWide, v2.RandAugment)
        },
        "subPolicies": {policy.value: sub_policies(policy) for policy in AutoAugmentPolicy},
        "timm": {
            "cases": dict(timm_cases()),
            "policies": timm_policies(),
            "configs": [timm_config(text) for text in CONFIGS],
            "levels": [timm_levels(*each) for each in LEVELS_DRAWN],
        },
    }
    with gzip.GzipFile("policies.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(golden).encode())


if __name__ == "__main__":
    main()
