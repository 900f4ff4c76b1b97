"""Golden vectors of the trainer: a small EfficientNet in PyTorch, its gradients and three steps of two optimisers.

Run with Python, torch and numpy:  python test/golden/make_trainer_golden.py
Writes trainer.bin (float32, little-endian) and trainer.json (names, shapes and offsets, settings, versions).
"""
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CLASSES, RESOLUTION, ROWS = 5, 37, 8
SETTINGS = dict(momentum=0.9, weightDecay=0.01, rmspropAlpha=0.9, rmspropEpsilon=0.01, labelSmoothing=0.1)
LEARNING_RATE, LAMBDA, STEPS = 0.01, 0.7, 3


class Unit(nn.Module):
    def __init__(self, i, o, k=1, s=1, groups=1, act=True):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, (k - 1) // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(o, eps=1e-3, momentum=0.01)
        self.act = act

    def forward(self, x):
        x = self.bn(self.conv(x))
        return F.silu(x) if self.act else x


class SqueezeExcite(nn.Module):
    def __init__(self, hidden, squeezed):
        super().__init__()
        self.squeeze = nn.Linear(hidden, squeezed)
        self.expand = nn.Linear(squeezed, hidden)

    def forward(self, x):
        s = self.expand(F.silu(self.squeeze(x.mean((2, 3)))))
        return x * torch.sigmoid(s)[:, :, None, None]


class Block(nn.Module):
    def __init__(self, i, o, k, s, expansion):
        super().__init__()
        hidden = i * expansion
        self.expand = Unit(i, hidden) if expansion != 1 else None
        self.depsep = Unit(hidden, hidden, k, s, groups=hidden)
        self.se = SqueezeExcite(hidden, max(1, int(0.25 * i)))
        self.proj = Unit(hidden, o, act=False)
        self.residual = s == 1 and i == o

    def forward(self, x):
        y = self.expand(x) if self.expand else x
        y = self.proj(self.se(self.depsep(y)))
        return x + y if self.residual else y


def channels(c, width):
    wanted = c * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class EfficientNet(nn.Module):
    """A narrow B0 of ten blocks, with every kind of layer that B0 has."""

    STAGES = [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3),
              (5, 2, 6, 192, 4), (3, 1, 6, 320, 1)]

    def __init__(self, width=0.125, depth=0.5):
        super().__init__()
        c = channels(32, width)
        self.stem = Unit(3, c, 3, 2)
        self.layers = nn.ModuleList()
        for k, s, e, o, n in self.STAGES:
            o = channels(o, width)
            stage = nn.ModuleDict()
            for b in range(math.ceil(n * depth)):
                stage[f"block{b}"] = Block(c, o, k, s if b == 0 else 1, e)
                c = o
            self.layers.append(stage)
        last = channels(1280, width)
        self.features = Unit(c, last)
        self.classifier = nn.ModuleDict({"fc": nn.Linear(last, CLASSES)})

    def forward(self, x):
        x = self.stem(x)
        for stage in self.layers:
            for block in stage.values():
                x = block(x)
        return self.classifier["fc"](self.features(x).mean((2, 3)))


def make_model():
    torch.manual_seed(7)
    model = EfficientNet()
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
