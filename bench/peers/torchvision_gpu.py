"""The augmentation of training images that lie decoded in a GPU's memory, as torchvision v2 and kornia do it.

Random-resized crop, horizontal flip, AutoAugment (ImageNet's policy), normalisation to float16, MixUp of the batch. Each way
is timed in turn; results are JSON lines.
"""

import argparse
import json
import pathlib
import platform
import time

import torch
import torchvision
from torchvision.transforms import v2

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
MIXUP_ALPHA = 0.2
CLASSES = 1000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder of class folders of JPEG files of one size")
    parser.add_argument("--device", default="cuda", help="cuda, or cpu to try the program")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--interpolation", choices=["bilinear", "bicubic"], default="bilinear")
    parser.add_argument("--seconds", type=float, default=5, help="of measuring each way, after a warm-up")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def report(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)


def read_images(folder, count, device):
    """u8 [n, 3, h, w]; files are taken again where there are fewer."""
    files = sorted(pathlib.Path(folder).rglob("*.jpg"))
    chosen = [files[index % len(files)] for index in range(count)]
    images = [torchvision.io.decode_image(str(file), mode=torchvision.io.ImageReadMode.RGB) for file in chosen]
    return torch.stack(images).to(device)


def make_transforms(arguments):
    """For one image or for a batch, of which all images are then drawn alike."""
    return v2.Compose(
        [
            v2.RandomResizedCrop(
                arguments.size,
                interpolation=v2.InterpolationMode[arguments.interpolation.upper()],
                antialias=True,
            ),
            v2.RandomHorizontalFlip(),
            v2.AutoAugment(v2.AutoAugmentPolicy.IMAGENET),
            v2.ToDtype(torch.float16, scale=True),
            v2.Normalize(mean=MEAN, std=STD),
        ]
    )


def torchvision_ways(arguments, labels):
    transforms = make_transforms(arguments)
    mixup = v2.MixUp(alpha=MIXUP_ALPHA, num_classes=CLASSES)

    def per_batch(images):
        return mixup(transforms(images), labels)[0]

    def per_sample(images):
        return mixup(torch.stack([transforms(image) for image in images]), labels)[0]

    return {"torchvision v2, per sample": per_sample, "torchvision v2, one draw a batch": per_batch}


def kornia_ways(arguments, labels):
    """kornia draws crop, flip and MixUp for each image, AutoAugment's pair of operations for the batch."""
    import kornia
    from kornia import augmentation
    from kornia.augmentation.auto import AutoAugment

    size = (arguments.size, arguments.size)
    transforms = torch.nn.Sequential(
        augmentation.RandomResizedCrop(size, resample=arguments.interpolation, cropping_mode="resample"),
        augmentation.RandomHorizontalFlip(),
        AutoAugment("imagenet"),
        augmentation.Normalize(mean=torch.tensor(MEAN), std=torch.tensor(STD)),
    )
    mixup = augmentation.RandomMixUpV2(p=1.0, data_keys=["input", "class"])

    def augment(images):
        return mixup(transforms(images.float() / 255), labels)[0].half()

    return {f"kornia {kornia.__version__}, one pair of operations a batch": augment}


def measure(augment, images, seconds):
    """Images a second, with the device waited for at both ends."""
    synchronize = torch.cuda.synchronize if images.is_cuda else lambda: None
    for _ in range(2):
        batch = augment(images)
    synchronize()
    start = time.perf_counter()
    batches = 0
    while batches == 0 or time.perf_counter() - start < seconds:
        batch = augment(images)
        batches += 1
    synchronize()
    elapsed = time.perf_counter() - start
    values = {"imagesPerSecond": batches * len(images) / elapsed, "msPerBatch": 1000 * elapsed / batches}
    return {**values, "dtype": str(batch.dtype), "shape": list(batch.shape), "mean": batch.float().mean().item()}


def measure_all(name, make_ways, images, seconds):
    try:
        ways = make_ways()
    except ImportError as error:
        report("missing", name=name, reason=f"not installed ({error})")
        return
    for way, augment in ways.items():
        report("way", name=way, **measure(augment, images, seconds))


def main():
    arguments = parse_arguments()
    device = torch.device(arguments.device)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    report("versions", python=platform.python_version(), **versions)
    if device.type == "cuda" and not torch.cuda.is_available():
        report("missing", name="torchvision v2", reason="no CUDA")
        return
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor()
    report("device", name=name or arguments.device)
    torch.manual_seed(arguments.seed)
    images = read_images(arguments.folder, arguments.batch_size, device)
    labels = torch.randint(CLASSES, (len(images),), device=device)
    measure_all("torchvision v2", lambda: torchvision_ways(arguments, labels), images, arguments.seconds)
    measure_all("kornia", lambda: kornia_ways(arguments, labels), images, arguments.seconds)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
