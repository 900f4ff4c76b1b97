"""Writes what Pillow makes of small images, the golden vectors of test/golden/kernels.test.ts.

Run from the repository's root on x86-64 (other builds may fuse multiply and add):
    python test/golden/make_kernel_golden.py
Needs Pillow 13.0.0 and numpy. Each family becomes kernels/<family>.json (versions, calls) and .bin.gz (pixels, one
case after the other); kernels/images holds the inputs.
"""

import gzip
import hashlib
import json
import pathlib
import platform

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

FOLDER = pathlib.Path(__file__).parent / "kernels"
FACTORS = [0.0, 1.0, -0.5, 4.0, 0.1, 0.37, 1.18, 1.36, 1.72, 1.9]
TINY = ["single", "wide", "tall", "square3", "line"]


def noise(rng, width, height):
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(rng, width, height):
    small = Image.fromarray(noise(rng, max(2, width // 9), max(2, height // 9)))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def gradient(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x + y) % 256], -1).astype(np.uint8)


def ramp(pairs):
    """One row of 256: channel c runs through the levels low..high of pairs[c]."""
    channels = [np.clip(np.arange(256), low, high) for low, high in pairs]
    return np.stack(channels, -1).astype(np.uint8)[None]


def hues():
    """The 1,530 colours of full saturation and value."""
    up, down = np.arange(255), np.arange(255, 0, -1)
    low, high = np.zeros(255), np.full(255, 255)
    sixths = [(high, up, low), (down, high, low), (low, high, up), (low, down, high), (up, low, high), (high, low, down)]
    colours = np.concatenate([np.stack(channels, -1) for channels in sixths])
    return colours.astype(np.uint8).reshape(30, 51, 3)


def make_images():
    rng = np.random.default_rng(7)
    images = {
        "noise": noise(rng, 61, 47),
        "noise32": noise(rng, 32, 32),
        "smooth": smooth(rng, 64, 48),
        "smooth31": smooth(rng, 31, 23),
        "levels": rng.integers(60, 146, (29, 37, 3)).astype(np.uint8),
        "constant": np.full((9, 16, 3), (7, 130, 251), dtype=np.uint8),
        "halfWhite": np.where(rng.random((23, 31, 1)) < 0.5, noise(rng, 31, 23), 255).astype(np.uint8),
        "gradient": gradient(61, 47),
        "single": noise(rng, 1, 1),
        "wide": noise(rng, 5, 2),
        "tall": noise(rng, 2, 7),
        "square3": noise(rng, 3, 3),
        "line": noise(rng, 1, 9),
    }
    for i in range(40):
        lows = rng.integers(0, 250, 3)
        images[f"ramp{i}"] = ramp([(low, rng.integers(low + 1, 256)) for low in lows])
    # all three ranges make white 254 in Pillow's float64
    images["rampExceptions"] = ramp(white_exceptions()[:3])
    images["hues"] = hues()
    return {name: np.ascontiguousarray(image) for name, image in images.items()}


def white_exceptions():
    pairs = [(low, high) for low in range(256) for high in range(low + 1, 256)]
    return [(low, high) for low, high in pairs if int(high * (255.0 / (high - low)) + -low * (255.0 / (high - low))) == 254]


def case(image, call, result, **parameters):
    return {"image": image, **parameters, "call": call}, np.asarray(result)


def enhance(images, operator, names):
    for name in names + TINY:
        for factor in FACTORS:
            result = getattr(ImageEnhance, operator)(Image.fromarray(images[name])).enhance(factor)
            yield case(name, f"ImageEnhance.{operator}(image).enhance({factor})", result, factor=factor)


def saturation(images):
    yield from enhance(images, "Color", ["noise32", "smooth31"])


def hue(images):
    """As torchvision's adjust_hue does it."""
    for name in ["noise32", "smooth31", "hues"] + TINY:
        for shift in [0, 1, 38, 127, 162, 255]:
            h, s, v = Image.fromarray(images[name]).convert("HSV").split()
            turned = Image.fromarray(np.asarray(h) + np.uint8(shift))
            call = f"HSV with {shift} added to H"
            yield case(name, call, Image.merge("HSV", (turned, s, v)).convert("RGB"), shift=shift)


def gaussian_blur(images):
    for name in ["noise32", "smooth31", "halfWhite"] + TINY:
        for sigma in [0.05, 0.4, 0.7, 1.0, 1.37, 2.0, 5.5, 40.0]:
            result = Image.fromarray(images[name]).filter(ImageFilter.GaussianBlur(sigma))
            yield case(name, f"image.filter(ImageFilter.GaussianBlur({sigma}))", result, sigma=sigma)


def brightness(images):
    yield from enhance(images, "Brightness", ["noise32"])


def sharpen(images):
    yield from enhance(images, "Sharpness", ["noise32", "smooth31", "constant"])


def contrast(images):
    yield from enhance(images, "Contrast", ["noise32", "halfWhite", "constant"])


def statistics(images, operator, names):
    for name in names:
        yield case(name, f"ImageOps.{operator}(image)", getattr(ImageOps, operator)(Image.fromarray(images[name])))


PLAIN = ["noise", "smooth", "levels", "constant", "halfWhite", "gradient"]


def equalize(images):
    yield from statistics(images, "equalize", PLAIN + TINY)


def auto_contrast(images):
    ramps = [name for name in images if name.startswith("ramp")]
    yield from statistics(images, "autocontrast", PLAIN + TINY + ramps)


def rotate(images, resample, names):
    for name in names:
        for degrees in [0, 1e-9, 0.3, 15.0, -24.0, 45.0, 90, 180, 270, -90, 360, -360, 123.4]:
            fill = (128, 128, 128) if degrees in (90, 45.0) else (11, 22, 233)
            result = Image.fromarray(images[name]).rotate(degrees, getattr(Image.Resampling, resample), fillcolor=fill)
            call = f"image.rotate({degrees}, Resampling.{resample}, fillcolor={fill})"
            yield case(name, call, result, rotation=degrees, fill=fill)


def transform(images, resample, name, matrices):
    size = images[name].shape[1::-1]
    for matrix in matrices:
        fill = (128, 128, 128)
        result = Image.fromarray(images[name]).transform(
            size, Image.Transform.AFFINE, matrix, getattr(Image.Resampling, resample), fillcolor=fill
        )
        call = f"image.transform(image.size, Transform.AFFINE, {matrix}, Resampling.{resample}, fillcolor={fill})"
        yield case(name, call, result, matrix=matrix, fill=fill)


def shears():
    for shear in [0.0, 0.3, -0.3, 0.1, 1e-7]:
        yield [1.0, shear, 0.0, 0.0, 1.0, 0.0]
        yield [1.0, 0.0, 0.0, shear, 1.0, 0.0]


GENERAL = [
    [1.3, 0.4, -7.5, -0.2, 0.8, 5.25],
    [-0.7, 0.9, 20.1, 1.1, 0.6, -9.9],
    [0.05, 0.02, 3.0, 0.01, 0.03, 4.0],
    [3.1, -2.0, 0.0, 2.0, 2.9, -30.0],
]
# no multiples of a short decimal: hardly any pixel's exact value is whole
ODD = [
    [1.0, 0.1234567, 0.0, 0.0, 1.0, 0.0],
    [1.0, 0.0, 0.0, -0.3456789, 1.0, 0.0],
    [1.2345678, 0.4321987, -7.5432198, -0.2109876, 0.8765431, 5.2567891],
]
TRANSLATIONS = [7.0, -7.0, 0.5, -0.5, 0.4999999999999999, 12.25, 60.0, 61.0, -250.0, 1e6]
SCALES = [0.4, 1 / 3, 2.5, -1.0, 0.0, 1.0000001, -0.8]


def axis_aligned():
    for distance in TRANSLATIONS:
        yield [1.0, 0.0, distance, 0.0, 1.0, 0.0]
        yield [1.0, 0.0, 0.0, 0.0, 1.0, distance]
    for scale in SCALES:
        yield [scale, 0.0, 3.3 if scale > 0 else 31.0, 0.0, 1.0, 0.0]
        yield [1.0, 0.0, 0.0, 0.0, scale, 0.0 if scale > 0 else 23.0]
    yield [0.4, 0.0, 0.2, 0.0, 1.6, -3.2]


def affine_nearest(images):
    yield from rotate(images, "NEAREST", ["noise32", "smooth31"] + TINY)
    yield from transform(images, "NEAREST", "noise", GENERAL[:2])
    yield from transform(images, "NEAREST", "noise32", [*shears(), *GENERAL])
    yield from transform(images, "NEAREST", "halfWhite", axis_aligned())


def affine_bilinear(images):
    yield from rotate(images, "BILINEAR", ["noise32"] + TINY)
    yield from transform(images, "BILINEAR", "gradient", GENERAL[:2])
    yield from transform(images, "BILINEAR", "noise", ODD)
    yield from transform(images, "BILINEAR", "noise32", [*shears(), *GENERAL])
    yield from transform(images, "BILINEAR", "smooth31", [*shears(), *axis_aligned()])


def affine_bicubic(images):
    yield from rotate(images, "BICUBIC", ["noise32"] + TINY)
    yield from transform(images, "BICUBIC", "gradient", GENERAL[:2])
    yield from transform(images, "BICUBIC", "noise32", [*shears(), *GENERAL])
    yield from transform(images, "BICUBIC", "smooth31", [*shears(), *axis_aligned()])


FAMILIES = {
    "affine-nearest": affine_nearest,
    "affine-bilinear": affine_bilinear,
    "affine-bicubic": affine_bicubic,
    "equalize": equalize,
    "auto-contrast": auto_contrast,
    "contrast": contrast,
    "brightness": brightness,
    "saturation": saturation,
    "sharpen": sharpen,
    "hue": hue,
    "gaussian-blur": gaussian_blur,
}


def write(name, entries):
    pixels = b"".join(image.tobytes() for _, image in entries)
    header = {
        "pillow": PIL.__version__,
        "numpy": np.__version__,
        "machine": platform.machine(),
        "sha256": hashlib.sha256(pixels).hexdigest(),
    }
    lines = ",\n".join("  " + json.dumps(entry) for entry, _ in entries)
    text = json.dumps(header)[:-1] + f', "entries": [\n{lines}\n]}}\n'
    (FOLDER / f"{name}.json").write_text(text)
    (FOLDER / f"{name}.bin.gz").write_bytes(gzip.compress(pixels, 9, mtime=0))


def main():
    FOLDER.mkdir(exist_ok=True)
    images = make_images()
    write("images", [({"name": n, "width": i.shape[1], "height": i.shape[0]}, i) for n, i in images.items()])
    for name, family in FAMILIES.items():
        write(name, list(family(images)))


if __name__ == "__main__":
    main()
