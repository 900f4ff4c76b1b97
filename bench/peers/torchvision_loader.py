"""A torchvision DataLoader over a folder of image files: decode, random-resized crop, horizontal flip, AutoAugment.

Three ways, all in use:
  pillow-uint8    Pillow images, u8 batches: nothing is normalised in the workers
  pillow-float32  Pillow images, normalised float32 batches
  tensor-float32  u8 tensors from torchvision's own decoders, normalised float32 batches
"""

import numpy
import PIL
import torch
import torchvision
from torchvision.transforms import v2

from loader_protocol import MEAN, STD, argument_parser, measure
from policy_v0 import PolicyV0

INTERPOLATIONS = {"bilinear": v2.InterpolationMode.BILINEAR, "bicubic": v2.InterpolationMode.BICUBIC}
WAYS = ["pillow-uint8", "pillow-float32", "tensor-float32"]


def parse_arguments():
    parser = argument_parser(__doc__)
    parser.add_argument("--way", choices=WAYS, default="pillow-float32")
    return parser.parse_args()


def make_policy(policy, interpolation, way):
    if policy == "none":
        return []
    if policy == "ta_wide":
        return [v2.TrivialAugmentWide(interpolation=interpolation)]
    if policy == "imagenet":
        return [v2.AutoAugment(v2.AutoAugmentPolicy.IMAGENET)]
    if way == "tensor-float32":
        from policy_tensors import OPERATIONS
    else:
        from policy_pillow import OPERATIONS
    return [PolicyV0(OPERATIONS)]


def make_transform(arguments):
    """The classic transforms for Pillow, as most scripts use them; v2's for tensors, as its documentation advises."""
    interpolation = INTERPOLATIONS[arguments.interpolation]
    policy = make_policy(arguments.policy, interpolation, arguments.way)
    if arguments.way == "tensor-float32":
        return v2.Compose(
            [
                v2.RandomResizedCrop(arguments.size, interpolation=interpolation, antialias=True),
                v2.RandomHorizontalFlip(),
                *policy,
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(mean=MEAN, std=STD),
            ]
        )
    classic = torchvision.transforms
    normalize = [classic.ToTensor(), classic.Normalize(mean=MEAN, std=STD)]
    return classic.Compose(
        [
            classic.RandomResizedCrop(arguments.size, interpolation=interpolation),
            classic.RandomHorizontalFlip(),
            *policy,
            *(normalize if arguments.way == "pillow-float32" else []),
        ]
    )


def read_tensor(path):
    """u8 [3, h, w], channels last in memory."""
    return torchvision.io.decode_image(path, mode=torchvision.io.ImageReadMode.RGB)


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
    reading = {"loader": read_tensor} if arguments.way == "tensor-float32" else {}
    dataset = torchvision.datasets.ImageFolder(arguments.folder, transform=make_transform(arguments), **reading)
    # threads of a worker: DataLoader itself calls torch.set_num_threads(1) in each
    return torch.utils.data.DataLoader(
        dataset,
        batch_size=arguments.batch_size,
        shuffle=True,
        num_workers=arguments.workers,
        persistent_workers=arguments.workers > 0,
        collate_fn=collate_uint8 if arguments.way == "pillow-uint8" else None,
    )


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    loader = make_loader(arguments)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
    measure(arguments.epochs, versions, lambda: (images for images, _labels in loader))


if __name__ == "__main__":
    main()
