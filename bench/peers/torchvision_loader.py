"""The peer of bench/main.ts: a torchvision DataLoader over a folder of JPEG files, as a process of its own.

Prints JSON lines: versions; when the first batch has arrived; what that batch is; a line a measured epoch, after one
warm-up epoch. Decode, random-resized crop to 224x224, horizontal flip, AutoAugment.
"""

import time

STARTED = time.perf_counter()

import argparse
import json
import platform

import numpy
import PIL
import torch
import torchvision
from torchvision import transforms

from nvidia_policy import PolicyV0

INTERPOLATIONS = {
    "bilinear": transforms.InterpolationMode.BILINEAR,
    "bicubic": transforms.InterpolationMode.BICUBIC,
}
POLICIES = {
    "none": lambda: [],
    "imagenet": lambda: [transforms.AutoAugment(transforms.AutoAugmentPolicy.IMAGENET)],
    "v0": lambda: [PolicyV0()],
}
NORMALIZATION = [
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder of class folders of images")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1, help="measured epochs, after one for warm-up")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--policy", choices=POLICIES, default="v0")
    parser.add_argument("--interpolation", choices=INTERPOLATIONS, default="bilinear")
    parser.add_argument("--collate", choices=["uint8", "normalized"], default="uint8")
    return parser.parse_args()


def collate_uint8(samples):
    """u8 [n, 3, h, w] with channels last in memory: the rows are copied as Pillow holds them, nothing else is done."""
    width, height = samples[0][0].size
    shape = (len(samples), 3, height, width)
    images = torch.empty(shape, dtype=torch.uint8, memory_format=torch.channels_last)
    rows = images.permute(0, 2, 3, 1).numpy()
    for row, (image, _label) in enumerate(samples):
        rows[row] = numpy.asarray(image)
    return images, torch.tensor([label for _image, label in samples])


def make_loader(arguments):
    steps = [
        transforms.RandomResizedCrop(arguments.size, interpolation=INTERPOLATIONS[arguments.interpolation]),
        transforms.RandomHorizontalFlip(),
        *POLICIES[arguments.policy](),
        *(NORMALIZATION if arguments.collate == "normalized" else []),
    ]
    dataset = torchvision.datasets.ImageFolder(arguments.folder, transform=transforms.Compose(steps))
    # threads of a worker: DataLoader itself calls torch.set_num_threads(1) in each
    return torch.utils.data.DataLoader(
        dataset,
        batch_size=arguments.batch_size,
        shuffle=True,
        num_workers=arguments.workers,
        persistent_workers=arguments.workers > 0,
        collate_fn=collate_uint8 if arguments.collate == "uint8" else None,
    )


def report(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)


def report_first_batch(images):
    report("first-batch", seconds=round(time.perf_counter() - STARTED, 3))
    report(
        "batch",
        shape=list(images.shape),
        dtype=str(images.dtype).removeprefix("torch."),
        mean=round(images.double().mean().item(), 4),
    )


def run_epoch(loader, is_first):
    """Number of images. An epoch's time is that of whole epochs back to back: the loader's restart counts."""
    count = 0
    for images, _labels in loader:
        if is_first and count == 0:
            report_first_batch(images)
        count += len(images)
    return count


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    report(
        "versions",
        python=platform.python_version(),
        torch=torch.__version__,
        torchvision=torchvision.__version__,
        pillow=PIL.__version__,
    )
    loader = make_loader(arguments)
    run_epoch(loader, is_first=True)
    for epoch in range(1, arguments.epochs + 1):
        start = time.perf_counter()
        count = run_epoch(loader, is_first=False)
        seconds = time.perf_counter() - start
        report(
            "epoch",
            epoch=epoch,
            images=count,
            seconds=round(seconds, 4),
            imagesPerSecond=round(count / seconds, 1),
        )


if __name__ == "__main__":
    main()
