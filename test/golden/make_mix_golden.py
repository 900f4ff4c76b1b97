"""Writes what torchvision and timm make of given draws, the golden values of test/golden/cut-and-erase.test.ts.

Run from the repository's root:
    python test/golden/make_mix_golden.py
Needs PyTorch 2.15.0, torchvision 0.29.2 and timm 1.0.31. Their own code runs: what it would draw is handed to it. Tensors stand
in it as digests.
"""

import contextlib
import gzip
import hashlib
import json
import math
import pathlib
import random

import numpy as np
import timm
import torch
import torchvision
from timm.data import mixup as timm_mixup
from torchvision.transforms import v2

PATH = pathlib.Path(__file__).parent / "mix.json.gz"
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
BATCHES, ROWS, CLASSES = 200, 4, 5
COLOUR = [0.25, -1.5, 2.0]
rng = random.Random(17)


@contextlib.contextmanager
def replaced(owner, name, function):
    """What draws, replaced for a while."""
    before = getattr(owner, name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        setattr(owner, name, before)


def drawn_cut(width, height):
    return {"lambda": round(rng.random() ** rng.choice([0.3, 1, 3]), 6), "x": rng.randrange(width), "y": rng.randrange(height)}


def torchvision_cut(width, height, cut):
    """The box and the share of torchvision's CutMix."""
    transform = v2.CutMix(num_classes=CLASSES)
    transform._dist = type("Given", (), {"sample": lambda _, __: torch.tensor([cut["lambda"]], dtype=torch.float64)})()
    centre = [cut["x"], cut["y"]]
    with replaced(torch, "randint", lambda *_, **__: torch.tensor([centre.pop(0)])):
        params = transform.make_params([torch.zeros(2, 3, height, width)])
    return transform, params


def timm_cut(width, height, cut):
    centre = [cut["y"], cut["x"]]
    with replaced(np.random, "randint", lambda *_, **__: centre.pop(0)):
        (top, bottom, left, right), share = timm_mixup.cutmix_bbox_and_lam((3, height, width), cut["lambda"])
    return [int(left), int(top), int(right - left), int(bottom - top)], float(share)


def corner_box(x1, y1, x2, y2):
    return [x1, y1, x2 - x1, y2 - y1]


def cuts():
    cases = []
    for _ in range(200):
        width, height = rng.randint(1, 40), rng.randint(1, 40)
        cut = drawn_cut(width, height)
        _, params = torchvision_cut(width, height, cut)
        timm_box, timm_share = timm_cut(width, height, cut)
        cases.append({
            "size": [width, height], **cut,
            "torchvision": corner_box(*params["box"]), "share": params["lam_adjusted"],
            "timm": timm_box, "timmShare": timm_share,
        })
    return cases


def drawn_erasing(width, height):
    """Attempts as RandomErasing takes them (torch draws them as float32), until one fits, and a corner."""
    scale, ratio = rng.choice([((0.02, 0.33), (0.3, 3.3)), ((0.0, 1.0), (0.05, 20.0))])
    attempts, size = [], None
    while len(attempts) < 10 and size is None:
        area = float(np.float32(rng.uniform(*scale)))
        log = float(np.float32(rng.uniform(*map(math.log, ratio))))
        attempts.append([area, log])
        shape = torch.exp(torch.tensor(log)).item()
        h, w = round(math.sqrt(width * height * area * shape)), round(math.sqrt(width * height * area / shape))
        size = (w, h) if h < height and w < width else None
    corner = [rng.randint(0, height - size[1]), rng.randint(0, width - size[0])] if size else []
    return scale, ratio, attempts, corner


def torchvision_erasing(width, height, value=0):
    scale, ratio, attempts, corner = drawn_erasing(width, height)
    transform = v2.RandomErasing(p=1, scale=scale, ratio=ratio, value=value)
    uniform = [number for attempt in attempts for number in attempt]
    with (
        replaced(torch, "randint", lambda *_, **__: torch.tensor([corner.pop(0)])),
        replaced(torch.Tensor, "uniform_", lambda self, *_: self.fill_(uniform.pop(0))),
    ):
        params = transform.make_params([torch.zeros(3, height, width)])
    assert not uniform and not corner, "all that was handed over was drawn"
    box = None if params["v"] is None else [params["j"], params["i"], params["w"], params["h"]]
    shapes = [[area, torch.exp(torch.tensor(log)).item()] for area, log in attempts]
    return transform, params, {"attempts": shapes, "box": box}


def erasings():
    cases = []
    for _ in range(200):
        width, height = rng.randint(1, 40), rng.randint(1, 40)
        cases.append({"size": [width, height], **torchvision_erasing(width, height)[2]})
    return cases


def image(seed, width, height):
    """Noise that the test makes as well."""
    x = np.arange(width * height * 3, dtype=np.uint32) + np.uint32(seed * 65536)
    x = x * np.uint32(0x9E3779B1)
    x ^= x >> np.uint32(15)
    x = x * np.uint32(0x85EBCA6B)
    return ((x >> np.uint32(13)) & np.uint32(255)).astype(np.uint8).reshape(height, width, 3)


def normalized(seed, width, height):
    """In float64, rounded once to float32, as millrace does it: torchvision's float32 is a unit in the last place off at times."""
    pixels = v2.functional.to_image(image(seed, width, height))
    values = v2.functional.normalize(v2.functional.to_dtype(pixels, torch.float64, scale=True), MEAN, STD)
    return torch.as_tensor(values).float()


def digest(tensor):
    return hashlib.sha256(np.ascontiguousarray(tensor.numpy()).tobytes()).hexdigest()[:16]


def digests(batch, targets=None):
    nhwc = batch.permute(0, 2, 3, 1)
    both = {"float32": digest(nhwc), "float16": digest(nhwc.half())}
    return both if targets is None else {**both, "targets": digest(targets)}


def in_pairs(batch, labels, cut, width, height):
    """Rows i and i XOR 1: in a batch of two, the row before (cyclically) is the other one."""
    transform, params = torchvision_cut(width, height, cut)
    mixed, targets = [], []
    for row in range(0, ROWS, 2):
        pair, own = batch[row:row + 2], labels[row:row + 2]
        mixed.append(transform.transform(pair, {**params, "labels": own, "batch_size": 2}))
        targets.append(transform.transform(own, {**params, "labels": own, "batch_size": 2}))
    return torch.cat(mixed), torch.cat(targets), params


def batch_case(index, kind):
    width, height = rng.randint(2, 32), rng.randint(2, 32)
    labels = [rng.randrange(CLASSES) for _ in range(ROWS)]
    case = {"size": [width, height], "labels": labels}
    batch = torch.stack([normalized(index * ROWS + row, width, height) for row in range(ROWS)])
    order = ["erase", "mix", "eraseAfter"] if kind == "both" else [kind]
    targets = None
    for step in order:
        if step == "mix":
            cut = drawn_cut(width, height)
            batch, targets, params = in_pairs(batch, torch.tensor(labels), cut, width, height)
            case["mix"] = {"lambda": params["lam_adjusted"], "box": corner_box(*params["box"])}
        else:
            boxes, rows = [], []
            value = COLOUR if index % 2 else 0
            for row in batch:
                transform, params, drawn = torchvision_erasing(width, height, value)
                rows.append(transform.transform(row, params))
                boxes.append(drawn["box"])
            batch = torch.stack(rows)
            case[step] = {"boxes": boxes, "fill": value or [0, 0, 0]}
    return {**case, **digests(batch, targets)}


def main():
    golden = {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "cuts": cuts(),
        "erasings": erasings(),
        "cutmix": [batch_case(index, "mix") for index in range(BATCHES)],
        "erase": [batch_case(BATCHES + index, "erase") for index in range(BATCHES)],
        "both": [batch_case(2 * BATCHES + index, "both") for index in range(50)],
    }
    # no time of day, so that the same values are the same file
    PATH.write_bytes(gzip.compress(json.dumps(golden, separators=(",", ":")).encode(), 9, mtime=0))


main()
