"""Writes what Pillow and torchvision give for every operator: operators.json and operators.bin.

Needs Pillow 13.0.0 on x86-64 and torchvision 0.29.2 (other builds may round differently). Usage, in this folder:
python make_golden.py

operators.bin holds the input images, then the expected bytes of inexact cases; of all others operators.json has the
SHA-256. A case is the call that gives it: the operator's name and its arguments in TypeScript.
"""

import hashlib
import itertools
import json
import platform

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageEnhance, ImageOps
from torchvision.transforms import functional
from torchvision.transforms.autoaugment import AutoAugment, _apply_op
from torchvision.transforms.transforms import RandomResizedCrop

PILLOW, TORCHVISION = PIL.__version__, torchvision.__version__.split("+")[0]
assert (PILLOW, TORCHVISION) == ("13.0.0", "0.29.2")

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "nearest": Image.NEAREST}
GREY = (128, 128, 128)
blob = bytearray()


def make_images():
    rng = np.random.default_rng(20240607)

    def noise(w, h):
        return rng.integers(0, 256, (h, w, 3), dtype=np.uint8)

    def smooth(w, h):
        small = Image.fromarray(noise(max(2, w // 9), max(2, h // 9)))
        return np.asarray(small.resize((w, h), Image.BICUBIC))

    def narrow(w, h):
        return rng.integers((60, 90, 200), (110, 91, 256), (h, w, 3)).astype(np.uint8)

    made = [noise(61, 47), noise(5, 2), noise(1, 1), noise(2, 3), smooth(64, 64), narrow(33, 128), smooth(300, 4)]
    return [Image.fromarray(np.ascontiguousarray(array)) for array in made]


# Operators: what the named call gives for an image.


def warp(matrix):
    def apply(image, interpolation, fill):
        return image.transform(image.size, Image.AFFINE, matrix, FILTERS[interpolation], fillcolor=tuple(fill))

    return apply


def solarize_add(image, amount):
    return image.point([min(255, v + amount) if v < 128 else v for v in range(256)] * 3)


def cases_of_tables(image):
    for bits in range(1, 9):
        yield "posterize", [{"bits": bits}], ImageOps.posterize(image, bits)
    for threshold in (0, 51.2, 76.8, 102.4, 128, 204.8, 255, 256):
        yield "solarize", [{"threshold": threshold}], ImageOps.solarize(image, threshold)
    for amount in (0, 33, 77, 110, 255):
        yield "solarizeAdd", [{"amount": amount}], solarize_add(image, amount)
    yield "invert", [], ImageOps.invert(image)
    yield "autoContrast", [], ImageOps.autocontrast(image)
    yield "equalize", [], ImageOps.equalize(image)


def cases_of_enhancement(image):
    for name, factor in itertools.product(
        ("color", "contrast", "brightness", "sharpness"),
        (0, 0.1, 0.28, 0.5, 0.82, 1, 1.18, 1.36, 1.72, 1.9, 3.3, 10),
    ):
        yield name, [{"factor": factor}], getattr(ImageEnhance, name.capitalize())(image).enhance(factor)


def cases_of_warps(image):
    matrices = {
        "shearX": lambda v: (1, v, 0, 0, 1, 0),
        "shearY": lambda v: (1, 0, 0, v, 1, 0),
        "translateX": lambda v: (1, 0, -v, 0, 1, 0),
        "translateY": lambda v: (1, 0, 0, 0, 1, -v),
    }
    values = {"shear": (0, 0.12, -0.3, 0.09, 0.5, -2), "pixels": (0, 3, -7, 0.5, -2.25, 225, -16384)}
    other = {"interpolation": "bicubic", "fill": [10, 20, 30]}
    for name, matrix in matrices.items():
        key = "shear" if name.startswith("shear") else "pixels"
        for value in values[key]:
            yield name, [{key: value}], warp(matrix(value))(image, "nearest", GREY)
        for value in values[key][:5]:
            yield name, [{key: value, **other}], warp(matrix(value))(image, **other)
    for degrees in (0, 6, 15, -21, 24, 27, 30, 45, 90, -90, 123.456, 180, 270, 360, -360):
        yield "rotate", [{"degrees": degrees}], rotated(image, degrees)
    for degrees in (0, 30, -21, 90, 180):
        turned = image.rotate(degrees, Image.BICUBIC, fillcolor=tuple(other["fill"]))
        yield "rotate", [{"degrees": degrees, **other}], turned


def rotated(image, degrees):
    """The recipe turns an RGBA copy and lays it on grey: that is the same as filling with grey."""
    turned = image.convert("RGBA").rotate(degrees)
    composed = Image.composite(turned, Image.new("RGBA", image.size, (128,) * 4), turned).convert("RGB")
    assert composed.tobytes() == image.rotate(degrees, fillcolor=GREY).tobytes()
    return composed


def cases_of_resampling(image):
    yield "horizontalFlip", [], ImageOps.mirror(image)
    for name, size in itertools.product(("bilinear", "bicubic"), ((1, 1), (3, 5), (16, 16), (97, 31), (128, 200))):
        options = {"width": size[0], "height": size[1], "interpolation": name}
        yield "resize", [options], image.resize(size, FILTERS[name])
    for name, side in itertools.product(("bilinear", "bicubic"), (1, 7, 50)):
        mode = functional.InterpolationMode(name)
        yield "resize", [{"shortSide": side, "interpolation": name}], functional.resize(image, [side], mode)
    for left, top, width, height in ((0, 0, 1, 1), (1, 0, 3, 2), (7, 5, 20, 11), (28, 1, 33, 46)):
        if left + width <= image.width and top + height <= image.height:
            box = {"left": left, "top": top, "width": width, "height": height}
            yield "crop", [box], functional.crop(image, top, left, height, width)
    for size in (1, 2, 3, 4, 30, 31, 32, 47):
        if size <= min(image.size):
            yield "centerCrop", [size], functional.center_crop(image, [size])
    # areas that never fit: torchvision's centred fallback, in which nothing is drawn
    for ratio, size in (([3 / 4, 4 / 3], 16), ([0.5, 0.6], 5), ([1.7, 1.9], 9)):
        scale = [1.0, 1.0]
        top, left, height, width = fallback_box(image, scale, ratio)
        if height > 0 and width > 0:
            expected = functional.resized_crop(image, top, left, height, width, [size, size])
            yield "randomResizedCrop", [size, {"scale": scale, "ratio": ratio}], expected


def fallback_box(image, scale, ratio):
    shapes = {RandomResizedCrop.get_params(image, scale, ratio) for _ in range(40)}
    return shapes.pop() if len(shapes) == 1 else (0, 0, 0, 0)


MAKERS = (cases_of_tables, cases_of_enhancement, cases_of_warps, cases_of_resampling)


def is_inexact(arguments):
    return bool(arguments) and isinstance(arguments[0], dict) and arguments[0].get("fill") == [10, 20, 30]


def store(data):
    blob.extend(data)
    return len(blob) - len(data)


def expected(image, as_bytes=False):
    data = image.tobytes()
    record = {"width": image.width, "height": image.height}
    return {**record, "offset": store(data)} if as_bytes else {**record, "sha256": hashlib.sha256(data).hexdigest()}


def operator_cases(images):
    for index, image in enumerate(images):
        for make in MAKERS:
            for operator, arguments, result in make(image):
                # bytes only of smaller images: they take the room
                if not is_inexact(arguments) or image.width * image.height <= 61 * 47:
                    outcome = expected(result, is_inexact(arguments))
                    yield {"image": index, "operator": operator, "arguments": arguments, **outcome}


# AutoAugment.

NAMES = {
    "shearX": "ShearX", "shearY": "ShearY", "translateX": "TranslateX", "translateY": "TranslateY", "rotate": "Rotate",
    "brightness": "Brightness", "color": "Color", "contrast": "Contrast", "sharpness": "Sharpness",
    "posterize": "Posterize", "solarize": "Solarize", "autoContrast": "AutoContrast", "equalize": "Equalize",
    "invert": "Invert",
}  # fmt: skip


def v0_magnitudes():
    """Ranges of NVIDIA's policy, evaluated as its code does."""
    factor = np.linspace(0.1, 1.9, 11)
    ranges = {
        "shearX": np.linspace(0, 0.3, 11), "shearY": np.linspace(0, 0.3, 11),
        "translateX": np.linspace(0, 250, 11), "translateY": np.linspace(0, 250, 11),
        "rotate": np.linspace(0, 30, 11),
        "color": factor, "contrast": factor, "sharpness": factor, "brightness": factor,
        "posterize": np.round(np.linspace(0, 4, 11), 0).astype(int),
        "solarize": np.linspace(0, 256, 11), "solarizeAdd": np.linspace(0, 110, 11),
    }  # fmt: skip
    return {name: values.tolist() for name, values in ranges.items()}


def imagenet_magnitudes(image):
    space = AutoAugment()._augmentation_space(10, (image.height, image.width))
    return {name: space[other][0].tolist() for name, other in NAMES.items() if space[other][0].ndim > 0}


def imagenet_sub_policies():
    names = {other: name for name, other in NAMES.items()}
    return [[[names[op], p, level or 0] for op, p, level in pair] for pair in AutoAugment().policies]


def imagenet_cases(images):
    """Every operator of torchvision's space at every bin and sign."""
    policy = AutoAugment()
    for index, (operator, name) in itertools.product((0, 3, 4), NAMES.items()):
        image = images[index]
        magnitudes, is_signed = policy._augmentation_space(10, (image.height, image.width))[name]
        for level, sign in itertools.product(range(magnitudes.numel()), (1, -1) if is_signed else (1,)):
            magnitude = sign * float(magnitudes.reshape(-1)[level])
            result = _apply_op(image, name, magnitude, functional.InterpolationMode.NEAREST, None)
            yield {"image": index, "operator": operator, "level": level, "sign": sign, **expected(result)}


def normalized(image):
    """torchvision's ToTensor and Normalize with ImageNet's constants, as float16."""
    tensor = functional.normalize(functional.to_tensor(image), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]).half()
    layouts = {"nchw": tensor, "nhwc": tensor.permute(1, 2, 0)}
    digest = {name: value.contiguous().numpy().tobytes() for name, value in layouts.items()}
    return {name: hashlib.sha256(data).hexdigest() for name, data in digest.items()}


def main():
    torch.manual_seed(0)
    images = make_images()
    golden = {
        "versions": {"pillow": PILLOW, "torchvision": TORCHVISION, "machine": platform.machine()},
        "images": [{"width": i.width, "height": i.height, "offset": store(i.tobytes())} for i in images],
        "cases": list(operator_cases(images)),
        "normalize": [{"image": index, **normalized(image)} for index, image in enumerate(images)],
        "v0": {"magnitudes": v0_magnitudes()},
        "imagenet": {
            "subPolicies": imagenet_sub_policies(),
            "magnitudes": [{"image": index, **imagenet_magnitudes(images[index])} for index in (0, 3, 4)],
            "cases": list(imagenet_cases(images)),
        },
    }
    with open("operators.json", "w") as file:
        file.write(json_lines(golden))
    with open("operators.bin", "wb") as file:
        file.write(blob)


def json_lines(golden):
    """One line a case, so that a change shows as a line."""
    text = json.dumps(golden)
    return text.replace('{"image"', '\n{"image"') + "\n"


if __name__ == "__main__":
    main()
