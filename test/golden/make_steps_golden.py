"""Golden runs of ten optimisation steps in PyTorch: the recipe's RMSprop, SGD, Nesterov, and gradient accumulation.

Run with Python, torch and numpy:  python test/golden/make_steps_golden.py
Weights and batches are made by formula on both sides. Writes steps.json: settings, losses, and what became of each tensor;
and the same runs in float64 in steps-float64.json, from the same float32 weights and images, with all digits.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

from efficientnet import EfficientNet, formula_images, load_formula
from make_trainer_golden import summary

CLASSES, SIZE, ROWS, STEPS = 5, 33, 8, 10
MODEL = dict(width=0.125, depth=0.25, classes=CLASSES)
RMSPROP = dict(optimizer="rmsprop", momentum=0.9, rmspropAlpha=0.9, rmspropEpsilon=0.01, weightDecay=0.02,
               labelSmoothing=0.1, learningRate=0.004)
SGD = RMSPROP | dict(optimizer="sgd", learningRate=0.05)
RUNS = {
    "RMSprop": RMSPROP | dict(microSteps=1),
    "RMSprop of two micro-steps": RMSPROP | dict(microSteps=2),
    "SGD": SGD | dict(microSteps=1),
    "SGD with Nesterov": SGD | dict(nesterov=True, microSteps=1),
    "SGD without label smoothing": SGD | dict(labelSmoothing=0.0, microSteps=1),
}


def make_batch(index):
    """Images, labels, labels of the partners and the weight of a row's own label."""
    images = formula_images(f"batch {index}", ROWS, SIZE)
    labels = torch.tensor([(index + row) % CLASSES for row in range(ROWS)])
    partners = torch.tensor([(2 * index + 3 * row) % CLASSES for row in range(ROWS)])
    return images, labels, partners, 1 - 0.05 * (index % 10)


def make_optimizer(model, s):
    """Batch norm's tensors are not decayed: all whose name contains bn."""
    named = list(model.named_parameters())
    groups = [
        {"params": [p for n, p in named if "bn" in n], "weight_decay": 0.0},
        {"params": [p for n, p in named if "bn" not in n], "weight_decay": s["weightDecay"]},
    ]
    if s["optimizer"] == "sgd":
        return torch.optim.SGD(groups, lr=s["learningRate"], momentum=s["momentum"], nesterov=s.get("nesterov", False))
    return torch.optim.RMSprop(groups, lr=s["learningRate"], alpha=s["rmspropAlpha"], eps=s["rmspropEpsilon"],
                               momentum=s["momentum"])


def run(s, dtype):
    model = load_formula(EfficientNet(**MODEL)).to(dtype)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    optimizer = make_optimizer(model, s)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        for micro in range(s["microSteps"]):
            images, labels, partners, weight = make_batch(step * s["microSteps"] + micro)
            one_hot = F.one_hot(labels, CLASSES).to(dtype)
            targets = weight * one_hot + (1 - weight) * F.one_hot(partners, CLASSES).to(dtype)
            loss = F.cross_entropy(model(images.to(dtype)), targets, label_smoothing=s["labelSmoothing"])
            (loss / s["microSteps"]).backward()
            losses.append(float(loss.detach()))
        optimizer.step()
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    changes = {k: summary(v.double() - initial[k].double()) for k, v in state.items()}
    return {"settings": s, "losses": losses, "changes": changes}


def compare(name, single, exact):
    losses = single["losses"]
    in_losses = max(abs(a - b) for a, b in zip(losses, exact["losses"]))
    in_norms = max(abs(a[0] - exact["changes"][k][0]) / a[0] for k, a in single["changes"].items() if a[0] > 1e-5)
    print(f"{name}: losses {losses[0]:.3f} to {losses[-1]:.3f}; float32 differs from float64 by {in_losses:.1e} "
          f"in losses and {in_norms:.1e} of a tensor's change in its norm")


def write(name, runs):
    golden = {"torch": torch.__version__, "model": MODEL, "size": SIZE, "rows": ROWS, "steps": STEPS, "runs": runs}
    (pathlib.Path(__file__).parent / name).write_text(json.dumps(golden) + "\n")


def main():
    single = {name: run(settings, torch.float32) for name, settings in RUNS.items()}
    exact = {name: run(settings, torch.float64) for name, settings in RUNS.items()}
    for name in RUNS:
        compare(name, single[name], exact[name])
    write("steps.json", single)
    write("steps-float64.json", exact)


if __name__ == "__main__":
    main()
