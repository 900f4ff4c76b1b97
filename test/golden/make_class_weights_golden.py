"""Golden values of the cross-entropy with weights of classes: PyTorch's CrossEntropyLoss(weight) and its gradient, in float64.

Run with Python, torch and scikit-learn:  python test/golden/make_class_weights_golden.py
Writes class-weights.json. Per case: labels, partners and shares of rows, smoothing, weights, logits; the mean over rows of the loss
and its gradient, of targets given as probabilities; where rows are not mixed also PyTorch's mean of hard labels, which it divides by
the weights of the rows' labels, not by their number. Beside them scikit-learn's balanced weights of some labels.
"""
import json
import pathlib

import numpy as np
import sklearn
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

CLASSES, ROWS = 5, 6
CASES = {
    "hard": dict(smoothing=0.0, mixed=False, weights=[1, 2, 0.5, 4, 0.25]),
    "smoothed": dict(smoothing=0.1, mixed=False, weights=[1, 2, 0.5, 4, 0.25]),
    "mixed": dict(smoothing=0.0, mixed=True, weights=[3, 1, 0, 1, 2]),
    "mixed and smoothed": dict(smoothing=0.2, mixed=True, weights=[0.1, 10, 1, 1, 3]),
}
LABELS = [0, 0, 0, 0, 0, 0, 1, 3, 3, 3]


def make(case, seed):
    rng = np.random.default_rng(seed)
    logits = torch.tensor(np.round(rng.normal(0, 2, (ROWS, CLASSES)) * 64) / 64, requires_grad=True)
    labels = torch.tensor(rng.integers(0, CLASSES, ROWS))
    partners = torch.tensor(rng.integers(0, CLASSES, ROWS))
    shares = torch.tensor(np.round(rng.random(ROWS) * 64) / 64 if case["mixed"] else np.ones(ROWS))
    weight = torch.tensor(case["weights"], dtype=torch.float64)
    smoothing = case["smoothing"]
    targets = shares[:, None] * F.one_hot(labels, CLASSES) + (1 - shares[:, None]) * F.one_hot(partners, CLASSES)
    loss = F.cross_entropy(logits, targets, weight=weight, label_smoothing=smoothing)
    loss.backward()
    mean = F.cross_entropy(logits.detach(), labels, weight=weight, label_smoothing=smoothing)
    return case | {
        "logits": logits.tolist(), "labels": labels.tolist(), "partners": partners.tolist(), "shares": shares.tolist(),
        "loss": float(loss.detach()), "gradient": logits.grad.tolist(), "hard": None if case["mixed"] else float(mean),
    }


def main():
    classes = np.unique(LABELS)
    golden = {
        "torch": torch.__version__, "sklearn": sklearn.__version__,
        "cases": {name: make(case, seed) for seed, (name, case) in enumerate(CASES.items())},
        "balanced": {
            "labels": LABELS, "classes": classes.tolist(),
            "weights": compute_class_weight("balanced", classes=classes, y=LABELS).tolist(),
        },
    }
    (pathlib.Path(__file__).parent / "class-weights.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
