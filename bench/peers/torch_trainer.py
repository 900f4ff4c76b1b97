"""Training steps of an EfficientNet in PyTorch on a GPU: channels_last, RMSprop, in float32, TF32 or AMP (float16).

Prints one JSON line: the milliseconds of a step, a number for each round, or why there are none. ../trainer/torch-trainer.ts
reads it.
"""

import argparse
import json
import pathlib
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", choices=["b0", "b4"], default="b0")
    parser.add_argument("--resolution", type=int, default=224)
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--precision", choices=["float32", "tf32", "amp"], default="amp")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4, help="of a round")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    return parser.parse_args()


def make_step(torch, options):
    """The model, and a function that takes one step on a batch of random images that lies on the device."""
    from torch.nn import functional

    sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "test" / "golden"))
    from efficientnet import EfficientNet

    is_mixed, device = options.precision == "amp", options.device
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
    torch.manual_seed(7)
    scaling = {"b0": (1.0, 1.0), "b4": (1.4, 1.8)}[options.variant]
    model = EfficientNet(*scaling).to(device, memory_format=torch.channels_last)
    images = torch.randn(options.rows, 3, options.resolution, options.resolution, device=device)
    images = images.to(torch.float16 if is_mixed else torch.float32, memory_format=torch.channels_last)
    labels = torch.randint(0, 1000, (options.rows,), device=device)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=0.01, momentum=0.9, weight_decay=1e-5)
    scaler = torch.amp.GradScaler(device, init_scale=128, growth_interval=100, enabled=is_mixed)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, dtype=torch.float16, enabled=is_mixed):
            loss = functional.cross_entropy(model(images), labels, label_smoothing=0.1)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss

    return model, step


def measure(torch, options):
    model, step = make_step(torch, options)
    wait = torch.cuda.synchronize if options.device == "cuda" else lambda: None
    for _ in range(2):
        step()
    milliseconds = []
    for _ in range(options.rounds):
        wait()
        start = time.perf_counter()
        for _ in range(options.steps):
            loss = step()
        wait()
        milliseconds.append(1000 * (time.perf_counter() - start) / options.steps)
    return {
        "milliseconds": milliseconds,
        "loss": loss.item(),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "peakBytes": torch.cuda.max_memory_allocated() if options.device == "cuda" else 0,
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if options.device == "cuda" else "the CPU",
    }


def result_of(options):
    try:
        import torch
    except ImportError as error:
        return {"missing": str(error)}
    if options.device == "cuda" and not torch.cuda.is_available():
        return {"missing": f"torch {torch.__version__} finds no CUDA device"}
    try:
        return measure(torch, options)
    except torch.OutOfMemoryError as error:
        return {"missing": str(error).splitlines()[0]}


if __name__ == "__main__":
    print(json.dumps(result_of(parse_arguments())))
