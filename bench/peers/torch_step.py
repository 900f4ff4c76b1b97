"""Training steps of an EfficientNet in PyTorch: forward, backward, SGD.

For each line on stdin, a number of steps, it prints a JSON line with the times of each; ../step/torch-steps.ts reads them.
"""

import argparse
import json
import pathlib
import sys
import time

import torch
from torch.nn import functional

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "test" / "golden"))
from efficientnet import EfficientNet  # noqa: E402

SCALING = {"nano": (0.25, 0.25), "b0": (1.0, 1.0)}
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", choices=list(SCALING), default="nano")
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--format", choices=list(FORMATS), default="contiguous")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    return parser.parse_args()


def make_step(options):
    """The model, and a function that takes one step on a batch of random images."""
    torch.manual_seed(7)
    model = EfficientNet(*SCALING[options.variant], classes=options.classes)
    images = torch.randn(options.rows, 3, options.resolution, options.resolution)
    labels = torch.randint(0, options.classes, (options.rows,))
    memory_format = FORMATS[options.format]
    model, images = model.to(memory_format=memory_format), images.contiguous(memory_format=memory_format)
    named = list(model.named_parameters())
    groups = [
        {"params": [parameter for name, parameter in named if "bn" in name], "weight_decay": 0},
        {"params": [parameter for name, parameter in named if "bn" not in name], "weight_decay": 1e-4},
    ]
    optimizer = torch.optim.SGD(groups, lr=options.learning_rate, momentum=0.9)

    def step():
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images), labels, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, step


def timed(step):
    processor, start = time.process_time(), time.perf_counter()
    step()
    return {
        "milliseconds": 1000 * (time.perf_counter() - start),
        "processorMs": 1000 * (time.process_time() - processor),
    }


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    model, step = make_step(options)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(json.dumps({"parameters": parameters, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps([timed(step) for _ in range(int(line))]), flush=True)


if __name__ == "__main__":
    main()
