"""Golden runs of a few optimisation steps in PyTorch with values and weights rounded by its own fake_quantize.

Run with Python, torch and numpy:  python test/golden/make_quant_golden.py
Weights and batches are made by formula on both sides, and so are the ranges of weights. Computes in float64; what is rounded is
float32 for a moment, as fake_quantize takes it. Writes quant-float64.json: places, ranges of points, losses, changes of tensors.
"""
import json
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

from efficientnet import EfficientNet, load_formula
from make_steps_golden import CLASSES, MODEL, ROWS, SIZE, RMSPROP, SGD, make_batch, make_optimizer
from make_trainer_golden import summary

STEPS = 3
# less than all, so that some values and weights lie beyond their ranges
POINT_SHARE, WEIGHT_SHARE = 0.7, 0.8
RUNS = {
    "TensorRT's places": dict(placement="tensorrt", levels=127, settings=RMSPROP | dict(microSteps=1)),
    "onnxruntime's places": dict(placement="onnxruntime", levels=127, settings=SGD | dict(microSteps=1)),
    "onnxruntime's places, few levels, two micro-steps": dict(placement="onnxruntime", levels=7,
                                                             settings=SGD | dict(microSteps=2)),
}
INNER = ("normalized", "affine")


class Rounded(torch.autograd.Function):
    """PyTorch's fake_quantize of float32 and its gradient's mask; the gradient itself stays float64."""

    @staticmethod
    def forward(ctx, x, quantize):
        rounded, mask = quantize(x.float())
        ctx.save_for_backward(mask)
        return rounded.to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (mask,) = ctx.saved_tensors
        return gradient * mask, None


class Quantizer:
    """Rounds values at points and weights; without ranges it learns them."""

    def __init__(self, model, placement, levels):
        self.placement, self.levels, self.points = placement, levels, None
        self.seen = {}
        self.weights = {}
        for name, w in model.named_parameters():
            if w.ndim > 1:
                largest = w.detach().abs().reshape(w.shape[0], -1).max(1).values.double() * WEIGHT_SHARE
                self.weights[name] = largest.float()

    def point(self, x, name, is_output=False):
        """`is_output`: a place of onnxruntime alone."""
        if is_output and self.placement == "tensorrt":
            return x
        if self.points is None:
            self.seen[name] = float(np.float32(POINT_SHARE * float(x.detach().abs().max())))
            return x
        scale = np.float32(self.points[name]) / np.float32(self.levels)
        return Rounded.apply(x, lambda y: torch.ops.aten.fake_quantize_per_tensor_affine_cachemask(
            y, float(scale), 0, -self.levels, self.levels))

    def weight(self, w, name):
        if self.points is None:
            return w
        scales = self.weights[name] / torch.tensor(self.levels, dtype=torch.float32)
        zeros = torch.zeros(len(scales), dtype=torch.int32)
        return Rounded.apply(w, lambda v: torch.ops.aten.fake_quantize_per_channel_affine_cachemask(
            v, scales, zeros, 0, -self.levels, self.levels))


def unit(q, m, name, x, is_input=True):
    c = m.conv
    x = F.conv2d(x, q.weight(c.weight, f"{name}.conv.weight"), None, c.stride, c.padding, 1, c.groups)
    x = m.bn(x)
    # a projection without a sum is the next layer's input
    x = q.point(x, f"{name}.normalized", m.act or not is_input)
    return q.point(F.silu(x), f"{name}.activated") if m.act else x


def linear(q, m, name, x):
    return F.linear(x, q.weight(m.weight, f"{name}.weight"), m.bias)


def block(q, m, name, x):
    y = unit(q, m.expand, f"{name}.expand", x) if m.expand else x
    y = unit(q, m.depsep, f"{name}.depsep", y)
    s = q.point(y.mean((2, 3)), f"{name}.pooled")
    s = q.point(linear(q, m.se.squeeze, f"{name}.se.squeeze", s), f"{name}.se.squeeze.affine", True)
    s = q.point(F.silu(s), f"{name}.se.squeeze.activated")
    s = q.point(linear(q, m.se.expand, f"{name}.se.expand", s), f"{name}.se.expand.affine", True)
    s = q.point(torch.sigmoid(s), f"{name}.se.expand.factors")
    y = q.point(y * s[:, :, None, None], f"{name}.scaled")
    y = unit(q, m.proj, f"{name}.proj", y, not m.residual)
    return q.point(x + y, f"{name}.sum") if m.residual else y


def forward(q, model, x):
    x = unit(q, model.stem, "stem", q.point(x, "images"))
    for i, stage in enumerate(model.layers):
        for key, m in stage.items():
            x = block(q, m, f"layers.{i}.{key}", x)
    x = q.point(unit(q, model.features, "features", x).mean((2, 3)), "pooled")
    return linear(q, model.classifier["fc"], "classifier.fc", x)


def run(placement, levels, settings):
    model = load_formula(EfficientNet(**MODEL)).double()
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    q = Quantizer(model, placement, levels)
    forward(q, model, make_batch(0)[0].double())
    model.load_state_dict(initial)
    q.points = q.seen
    optimizer = make_optimizer(model, settings)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        for micro in range(settings["microSteps"]):
            images, labels, partners, weight = make_batch(step * settings["microSteps"] + micro)
            one_hot = F.one_hot(labels, CLASSES).double()
            targets = weight * one_hot + (1 - weight) * F.one_hot(partners, CLASSES).double()
            logits = forward(q, model, images.double())
            loss = F.cross_entropy(logits, targets, label_smoothing=settings["labelSmoothing"])
            (loss / settings["microSteps"]).backward()
            losses.append(float(loss.detach()))
        optimizer.step()
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    changes = {k: summary(v - initial[k]) for k, v in state.items()}
    print(f"{placement}, {levels} levels: losses {losses[0]:.3f} to {losses[-1]:.3f}")
    return dict(placement=placement, levels=levels, settings=settings, points=q.points, losses=losses, changes=changes)


runs = {name: run(**r) for name, r in RUNS.items()}
golden = dict(torch=torch.__version__, model=MODEL, size=SIZE, rows=ROWS, steps=STEPS, weightShare=WEIGHT_SHARE, runs=runs)
path = pathlib.Path(__file__).parent / "quant-float64.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
