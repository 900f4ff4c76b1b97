"""Golden logits of EfficientNets of other libraries, whose weights are a formula of their names.

Run with Python, torch, torchvision, timm, efficientnet_pytorch:  python test/golden/make_foreign_golden.py
Writes foreign.json.gz: for each model the names and the shapes of its state_dict, and its logits, computed in float64.
The other side is test/support/foreign-golden.ts.
"""
import gzip
import json
import pathlib

import efficientnet_pytorch
import timm
import torch
import torchvision

from efficientnet import EfficientNet, formula_images, formula_tensor, load_formula

FOLDER = pathlib.Path(__file__).parent
CLASSES = 100
SIZE = 64
ROWS = 2


class ConvolutionNames(torch.nn.Module):
    """NVIDIA's model as in its releases 20.12 and 21.03: stages counted from 1, squeeze and excite by convolutions."""

    def __init__(self):
        super().__init__()
        self.model = EfficientNet(classes=CLASSES)

    def state_dict(self):
        return {self.rename(k): v[:, :, None, None] if ".se." in k and v.ndim == 2 else v
                for k, v in self.model.state_dict().items()}

    @staticmethod
    def rename(name):
        first, *rest = name.split(".")
        return ".".join([f"layer{int(rest[0]) + 1}", *rest[1:]]) if first == "layers" else name

    def load_state_dict(self, state):
        own = self.model.state_dict()
        self.model.load_state_dict({k: state[self.rename(k)].reshape(v.shape) for k, v in own.items()})

    def forward(self, x):
        return self.model(x)


def lukemelas(name):
    return efficientnet_pytorch.EfficientNet.from_name(name, image_size=SIZE, num_classes=CLASSES)


# what the model is to be taken for: family, variant, epsilon, padding
CASES = {
    "efficientnet_b0 of timm": (timm.create_model("efficientnet_b0", num_classes=CLASSES), "timm", "b0", 1e-5, "torch"),
    "efficientnet_b4 of timm": (timm.create_model("efficientnet_b4", num_classes=CLASSES), "timm", "b4", 1e-5, "torch"),
    "tf_efficientnet_b0 of timm":
        (timm.create_model("tf_efficientnet_b0", num_classes=CLASSES), "timm", "b0", 1e-3, "same"),
    "efficientnet_b0 of torchvision":
        (torchvision.models.efficientnet_b0(num_classes=CLASSES), "torchvision", "b0", 1e-5, "torch"),
    "efficientnet_b5 of torchvision":
        (torchvision.models.efficientnet_b5(num_classes=CLASSES), "torchvision", "b5", 1e-3, "torch"),
    "efficientnet-b0 of efficientnet-pytorch":
        (lukemelas("efficientnet-b0"), "efficientnet-pytorch", "b0", 1e-3, "same"),
    "efficientnet-b0 of NVIDIA": (EfficientNet(classes=CLASSES), "NVIDIA", "b0", 1e-3, "torch"),
    "efficientnet-b0 of NVIDIA, 21.03": (ConvolutionNames(), "NVIDIA", "b0", 1e-3, "torch"),
}


def describe(name, model, family, variant, epsilon, padding):
    images = formula_images("images", ROWS, SIZE)
    load_formula(model)
    model.eval().double()
    with torch.no_grad():
        logits = model(images.double())
    print(f"{name}: logits {logits.std():.3g} around {logits.mean():.3g}")
    tensors = [[k, list(v.shape)] for k, v in model.state_dict().items()]
    return {"name": name, "family": family, "variant": variant, "epsilon": epsilon, "padding": padding,
            "size": SIZE, "rows": ROWS, "tensors": tensors,
            "logits": [float(f"{x:.8g}") for x in logits.flatten().tolist()]}


def main():
    cases = [describe(name, *case) for name, case in CASES.items()]
    text = json.dumps(cases, separators=(",", ":")).encode()
    (FOLDER / "foreign.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


main()
