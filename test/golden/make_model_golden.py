"""Golden logits of EfficientNets in PyTorch, and checkpoints that go from PyTorch to millrace and back.

Run with Python, torch, torchvision, Pillow, numpy and safetensors:  python test/golden/make_model_golden.py
Writes model.bin (logits computed in float64, stored as float32, little-endian), model.json, classify.png and
checkpoint-of-pytorch.safetensors, and reads checkpoint-of-millrace.safetensors, which UPDATE_CHECKPOINT=1 with
test/golden/checkpoint.test.ts writes.

With the path of a checkpoint of millrace it prints that checkpoint's logits for the formula's images instead:
  python test/golden/make_model_golden.py runs/<time>/checkpoint.safetensors
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from torchvision import transforms as T

from efficientnet import EfficientNet, formula_images, load_formula, uniform

FOLDER = pathlib.Path(__file__).parent
SCALES = {"b0": (1.0, 1.0), "b4": (1.4, 1.8), "nano": (0.25, 0.25)}
# variant, size and rows of the images
CASES = [("b0", 224, 1), ("b4", 64, 2), ("widese-b0", 64, 2), ("widese-b4", 64, 2)]
TINY = dict(width=0.125, depth=0.25, classes=3)
TINY_SIZE, TINY_ROWS = 32, 4


def logits_of(model, images):
    with torch.no_grad():
        return model.eval()(images)


def make_variant(variant, **options):
    width, depth = SCALES[variant.removeprefix("widese-")]
    return EfficientNet(**({"width": width, "depth": depth, "wide": variant.startswith("widese-")} | options))


def load_checkpoint(path):
    """The model of a checkpoint of millrace, by PyTorch's strict loading."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    options = json.loads(metadata["model"])
    given = {k: options[k] for k in ("width", "depth") if k in options}
    model = make_variant(options.get("variant", "b0"), classes=len(json.loads(metadata["classes"])), **given)
    state = {k: v for k, v in load_file(path).items() if not k.startswith("optimizer.")}
    model.load_state_dict(state, strict=True)
    return model, int(metadata["imageSize"])


def train_tiny():
    """A model that has been trained a little, as DataParallel names its tensors."""
    model = torch.nn.DataParallel(load_formula(EfficientNet(**TINY)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    images = formula_images("images", TINY_ROWS, TINY_SIZE)
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(model(images), torch.tensor([0, 1, 2, 0])).backward()
        optimizer.step()
    return model


def make_photo():
    """60 x 48 pixels of slopes and noise."""
    y, x, c = np.meshgrid(np.arange(48), np.arange(60), np.arange(3), indexing="ij")
    noise = 60 * uniform("photo", 48 * 60 * 3).reshape(48, 60, 3)
    return Image.fromarray(((5 * x + (10.5 - 4.5 * c) * y + noise) % 256).astype(np.uint8))


def classify(model, photo):
    """Probabilities by the recipe's evaluation transform."""
    normalize = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    resize = T.Resize(224 + 32, T.InterpolationMode.BICUBIC)
    image = T.Compose([resize, T.CenterCrop(224), T.ToTensor(), normalize])(photo)
    return torch.softmax(logits_of(model, image[None]), 1).ravel().tolist()


def main():
    cases, logits = [], []
    for variant, size, rows in CASES:
        model = load_formula(make_variant(variant))
        images = formula_images("images", rows, size)
        values = logits_of(model, images)
        exact = logits_of(model.double(), images.double())
        rounding = float((values - exact).abs().max() / exact.std())
        print(f"{variant} at {size}: float32 is within {rounding:.1e} of float64, in standard deviations of the logits")
        cases.append({"variant": variant, "size": size, "rows": rows})
        logits.append(exact.numpy().ravel())
    np.concatenate(logits).astype("<f4").tofile(FOLDER / "model.bin")

    trained = train_tiny()
    save_file(trained.state_dict(), FOLDER / "checkpoint-of-pytorch.safetensors")
    images = formula_images("images", TINY_ROWS, TINY_SIZE)
    ours = FOLDER / "checkpoint-of-millrace.safetensors"
    read = load_checkpoint(ours)[0]
    photo = make_photo()
    photo.save(FOLDER / "classify.png")
    golden = {
        "torch": torch.__version__,
        "cases": cases,
        "tiny": TINY | {"size": TINY_SIZE, "rows": TINY_ROWS},
        "pytorch": logits_of(trained, images).ravel().tolist(),
        "millrace": {
            "sha256": hashlib.sha256(ours.read_bytes()).hexdigest(),
            "logits": logits_of(read, images).ravel().tolist(),
            "probabilities": classify(read, photo),
        },
    }
    (FOLDER / "model.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        model, size = load_checkpoint(sys.argv[1])
        print(json.dumps(logits_of(model, formula_images("images", TINY_ROWS, size)).tolist()))
