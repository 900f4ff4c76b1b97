"""The yardstick of mixed precision: one step's gradients in float64, and how far PyTorch's own float16 autocast is from them.

Run with Python, torch and numpy:  python test/golden/make_amp_golden.py
Weights and images are made by formula on both sides; images are rounded to float16, as a data backend gives them. Writes
amp.json (settings, losses, errors of autocast, norms) and amp.bin.gz (the gradients, float32, little-endian).

Gradients of the tiny net are stored whole. B0 has 5.3 million: a tensor is stored as a sketch of `size` sums, sum s of the
elements s, s + size, s + 2 size, ... with signs by formula. A sketch is linear, and its squared norm is the tensor's on average,
so the difference of two sketches tells the norm of the difference, here within 1 % of all tensors together; every element counts.

Memory is contiguous (NCHW): autocast then gives the same bits for any number of threads. channels_last does not, and it is
further from float64 on the tiny net (1.8e-2) and as far on B0: this is the harder yardstick of the two.
"""
import gzip
import json
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

from efficientnet import EfficientNet, formula_images, formula_tensor, load_formula
from make_trainer_golden import summary

ROWS, LAMBDA, LABEL_SMOOTHING, LOSS_SCALE = 8, 0.7, 0.1, 128
CASES = {
    "tiny": dict(model=dict(width=0.125, depth=0.5, classes=5), size=37, whole=True),
    "b0": dict(model=dict(width=1, depth=1, classes=1000), size=64, whole=False),
}
# sums of a sketch: some for any tensor, and more to share by the squares of the norms; 40,000 in all at most
SUMS_OF_EACH, SUMS_BY_NORM = 100, 20_000
# a bias that the next batch norm takes out again has no gradient; others' norms are 0.01 and more, these about 1e-16
ZERO = 1e-9


def make_labels(classes):
    labels = torch.tensor([(7 * row + 1) % classes for row in range(ROWS)])
    partners = torch.tensor([(3 * row + 2) % classes for row in range(ROWS)])
    return labels, partners


def run_step(case, precision):
    """Loss and gradients; precision is float64, float32 or autocast."""
    classes = case["model"]["classes"]
    dtype = torch.float64 if precision == "float64" else torch.float32
    model = load_formula(EfficientNet(**case["model"])).to(dtype)
    images = formula_images("images", ROWS, case["size"]).half().to(dtype)
    labels, partners = make_labels(classes)
    targets = LAMBDA * F.one_hot(labels, classes).to(dtype) + (1 - LAMBDA) * F.one_hot(partners, classes).to(dtype)
    with torch.autocast("cpu", dtype=torch.float16, enabled=precision == "autocast"):
        logits = model(images)
    loss = F.cross_entropy(logits.to(dtype), targets, label_smoothing=LABEL_SMOOTHING)
    (loss * LOSS_SCALE).backward()
    gradients = {name: p.grad.double() / LOSS_SCALE for name, p in model.named_parameters()}
    assert all(bool(g.isfinite().all()) for g in gradients.values())
    return float(loss.detach()), gradients


def sketch(name, tensor, size):
    """`size` sums of the tensor's elements with signs by formula; the tensor itself where size is its length."""
    values = tensor.flatten().numpy()
    if size == len(values):
        return values
    signs = np.where(formula_tensor(f"signs of {name}", (len(values), 1)).numpy().ravel() < 0, -1, 1)
    return np.bincount(np.arange(len(values)) % size, weights=signs * values, minlength=size)


def sketch_sizes(case, gradients):
    if case["whole"]:
        return {name: g.numel() for name, g in gradients.items()}
    total = sum(float(g.norm()) ** 2 for g in gradients.values())
    shares = {name: float(g.norm()) ** 2 / total for name, g in gradients.items()}
    return {name: min(g.numel(), SUMS_OF_EACH + int(SUMS_BY_NORM * shares[name])) for name, g in gradients.items()}


def errors_of(actual, expected, sizes):
    """The difference's norm, divided by the expected gradients': of all together, the median and the worst tensor."""
    exact = {name: g for name, g in expected.items() if float(g.norm()) > ZERO}
    norms = np.array([float(g.norm()) for g in exact.values()])
    distances = np.array([np.linalg.norm(sketch(name, actual[name] - g, sizes[name])) for name, g in exact.items()])
    all_norm = np.linalg.norm(norms)
    relative = np.sort(distances / norms)
    return {
        "all": float(np.linalg.norm(distances) / all_norm),
        "median": float(relative[len(relative) // 2]),
        "worst": float(relative[-1]),
        # what stands in tensors that are zero by theory
        "zero": float(np.linalg.norm([float(actual[name].norm()) for name in expected if name not in exact]) / all_norm),
    }


def make_case(name, case):
    loss, expected = run_step(case, "float64")
    sizes = sketch_sizes(case, expected)
    in_full = {tensor: g.numel() for tensor, g in expected.items()}
    autocast_loss, actual = run_step(case, "autocast")
    autocast = {"loss": autocast_loss} | errors_of(actual, expected, sizes)
    print(name, "autocast:", autocast, "counted in full:", errors_of(actual, expected, in_full))
    print(name, "float32:", errors_of(run_step(case, "float32")[1], expected, in_full))
    exact = {tensor: g for tensor, g in expected.items() if float(g.norm()) > ZERO}
    labels, partners = make_labels(case["model"]["classes"])
    described = {
        "name": name,
        "model": case["model"],
        "size": case["size"],
        "rows": ROWS,
        "labels": labels.tolist(),
        "partnerLabels": partners.tolist(),
        "lambda": LAMBDA,
        "labelSmoothing": LABEL_SMOOTHING,
        "lossScale": LOSS_SCALE,
        "loss": loss,
        "autocast": autocast,
        "tensors": [{"name": tensor, "shape": list(g.shape), "size": sizes[tensor], "summary": summary(g)}
                    for tensor, g in exact.items()],
        "zero": [tensor for tensor in expected if tensor not in exact],
    }
    return described, [sketch(tensor, g, sizes[tensor]) for tensor, g in exact.items()]


def main():
    made = [make_case(name, case) for name, case in CASES.items()]
    folder = pathlib.Path(__file__).parent
    golden = {"torch": torch.__version__, "cases": [described for described, _ in made]}
    (folder / "amp.json").write_text(json.dumps(golden) + "\n")
    values = np.concatenate([sums for _, sketches in made for sums in sketches]).astype("<f4")
    (folder / "amp.bin.gz").write_bytes(gzip.compress(values.tobytes(), mtime=0))


if __name__ == "__main__":
    main()
