"""Golden vectors of the trainer: a small EfficientNet in PyTorch, its gradients and three steps of two optimisers.

Run with Python, torch and numpy:  python test/golden/make_trainer_golden.py
Writes trainer.bin (float32, little-endian) and trainer.json (names, shapes and offsets, settings, versions).
"""
import json
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

from efficientnet import EfficientNet

CLASSES, RESOLUTION, ROWS = 5, 37, 8
SETTINGS = dict(momentum=0.9, weightDecay=0.01, rmspropAlpha=0.9, rmspropEpsilon=0.01, labelSmoothing=0.1)
LEARNING_RATE, LAMBDA, STEPS = 0.01, 0.7, 3


def make_model():
    torch.manual_seed(7)
    model = EfficientNet(width=0.125, depth=0.5, classes=CLASSES)  # narrow, with every kind of layer that B0 has
    with torch.no_grad():  # off their neutral values, so that each of them matters
        for name, p in model.named_parameters():
            if ".bn." in name:
                p.add_(0.2 * torch.randn_like(p))
    return model


def state_of(model):
    return {k: v.clone() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def make_loss(model, images, labels, partners):
    one_hot = F.one_hot(labels, CLASSES).float()
    targets = LAMBDA * one_hot + (1 - LAMBDA) * F.one_hot(partners, CLASSES).float()
    return F.cross_entropy(model(images), targets, label_smoothing=SETTINGS["labelSmoothing"])


def summary(tensor):
    """Two numbers that pin a tensor: its norm, and its product with cos(0), cos(1), ..."""
    flat = tensor.detach().double().flatten()
    return [float(flat.norm()), float(flat @ torch.cos(torch.arange(len(flat), dtype=torch.float64)))]


def make_optimizer(kind, model):
    named = list(model.named_parameters())
    groups = [
        {"params": [p for n, p in named if "bn" in n], "weight_decay": 0},
        {"params": [p for n, p in named if "bn" not in n], "weight_decay": SETTINGS["weightDecay"]},
    ]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=SETTINGS["momentum"])
    return torch.optim.RMSprop(groups, lr=LEARNING_RATE / 10, alpha=SETTINGS["rmspropAlpha"],
                               eps=SETTINGS["rmspropEpsilon"], momentum=SETTINGS["momentum"])


def main():
    torch.manual_seed(11)
    images = torch.randn(ROWS, 3, RESOLUTION, RESOLUTION)
    labels = torch.randint(0, CLASSES, (ROWS,))
    partners = torch.randint(0, CLASSES, (ROWS,))
    tensors = {"images": images.permute(0, 2, 3, 1).contiguous()}

    model = make_model()
    initial = state_of(model)
    tensors |= {f"initial/{k}": v for k, v in initial.items()}
    loss = make_loss(model, images, labels, partners)
    loss.backward()
    tensors["loss"] = loss.detach().reshape(1)
    gradients = {n: summary(p.grad) for n, p in model.named_parameters()}
    changes = {}

    for kind in ("sgd", "rmsprop"):
        model = make_model()
        optimizer = make_optimizer(kind, model)
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = make_loss(model, images, labels, partners)
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        tensors[f"{kind}/losses"] = torch.tensor(losses)
        changes[kind] = {k: summary(v.double() - initial[k].double()) for k, v in state_of(model).items()}
        model.eval()
        with torch.no_grad():
            losses = F.cross_entropy(model(images), labels, reduction="sum")
        tensors[f"{kind}/evaluationLoss"] = losses.reshape(1)

    folder = pathlib.Path(__file__).parent
    entries, offset = {}, 0
    with open(folder / "trainer.bin", "wb") as file:
        for name, tensor in tensors.items():
            data = np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4")
            entries[name] = {"shape": list(data.shape), "offset": offset}
            file.write(data.tobytes())
            offset += data.nbytes
    golden = {
        "torch": torch.__version__,
        "settings": SETTINGS,
        "learningRates": {"sgd": LEARNING_RATE, "rmsprop": LEARNING_RATE / 10},
        "lambda": LAMBDA,
        "steps": STEPS,
        "labels": labels.tolist(),
        "partnerLabels": partners.tolist(),
        "gradients": gradients,
        "changes": changes,
        "tensors": entries,
    }
    (folder / "trainer.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
