"""Golden runs of the binary cross-entropy in PyTorch, of rows of several labels and of one, and average precisions of scikit-learn.

Run with Python, torch, numpy and scikit-learn:  python test/golden/make_bce_golden.py
Weights, batches and labels are made by formula on both sides. Writes bce.json: per run the settings, the losses of four steps and
what became of each tensor; and cases of scores and labels with the average precision of each class and their mean.
"""
import json
import pathlib

import numpy as np
import sklearn
import torch
from sklearn.metrics import average_precision_score
from torch.nn import functional as F

from efficientnet import EfficientNet, formula_images, load_formula
from make_steps_golden import CLASSES, MODEL, ROWS, SGD, SIZE, make_optimizer
from make_trainer_golden import summary

STEPS = 4
RUNS = {
    "several labels": SGD | dict(labels="several", labelSmoothing=0.0),
    "several labels, smoothed": SGD | dict(labels="several", labelSmoothing=0.1),
    "one label": SGD | dict(labels="one", labelSmoothing=0.1),
}
CASES = [dict(rows=40, classes=3, levels=1000), dict(rows=60, classes=4, levels=5), dict(rows=12, classes=5, levels=3)]


def labels_of(index, row):
    """None, one or several classes."""
    return [c for c in range(CLASSES) if (3 * index + 5 * row + c * c + c * row) % 3 == 0 and row % 4 < 3]


def make_targets(index, smoothing, kind):
    """Of rows that are mixed with row XOR 1."""
    own = torch.zeros(ROWS, CLASSES, dtype=torch.float64)
    for row in range(ROWS):
        own[row, labels_of(index, row) if kind == "several" else [(index + row) % CLASSES]] = 1
    weight = 1 - 0.05 * (index % 10)
    mixed = weight * own + (1 - weight) * own[[row ^ 1 for row in range(ROWS)]]
    # of one label as timm's mixup_target and BinaryCrossEntropy, of several towards a half
    return (1 - smoothing) * mixed + smoothing / (2 if kind == "several" else CLASSES)


def run(s):
    model = load_formula(EfficientNet(**MODEL))
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    optimizer = make_optimizer(model, s)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        targets = make_targets(step, s["labelSmoothing"], s["labels"]).float()
        loss = F.binary_cross_entropy_with_logits(model(formula_images(f"batch {step}", ROWS, SIZE)), targets)
        loss.backward()
        losses.append(float(loss.detach()))
        optimizer.step()
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    changes = {k: summary(v.double() - initial[k].double()) for k, v in state.items()}
    return {"settings": s, "losses": losses, "changes": changes}


def average_precisions(case, seed):
    """Few levels make equal scores. The last class has no positive, and counts nowhere."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, case["levels"], (case["rows"], case["classes"])) / 8 - 3
    truth = rng.random((case["rows"], case["classes"])) < np.linspace(0.6, 0, case["classes"])
    truth[0, :-1] = True
    each = [float(average_precision_score(truth[:, c], scores[:, c])) if truth[:, c].any() else None
            for c in range(case["classes"])]
    return {"scores": scores.tolist(), "labels": [np.flatnonzero(row).tolist() for row in truth], "each": each,
            "mean": float(np.mean([one for one in each if one is not None]))}


def main():
    golden = {
        "torch": torch.__version__, "sklearn": sklearn.__version__, "steps": STEPS,
        "runs": {name: run(settings) for name, settings in RUNS.items()},
        "averagePrecision": [average_precisions(case, seed) for seed, case in enumerate(CASES)],
    }
    (pathlib.Path(__file__).parent / "bce.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
