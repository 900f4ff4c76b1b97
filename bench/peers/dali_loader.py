"""NVIDIA DALI on the CPU: fused decode and random crop, resize, AutoAugment or TrivialAugment, mirror with normalisation."""

import nvidia.dali
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.auto_aug import auto_augment, trivial_augment

from loader_protocol import MEAN, STD, argument_parser, measure

INTERPOLATIONS = {"bilinear": types.INTERP_LINEAR, "bicubic": types.INTERP_CUBIC}
OUTPUTS = {"float32": types.FLOAT, "float16": types.FLOAT16}
# Its image_net policy is v0 with up to 250 px of translation, its reduced_image_net what torchvision calls IMAGENET.
POLICIES = {"v0": "image_net", "imagenet": "reduced_image_net"}


def parse_arguments():
    parser = argument_parser(__doc__)
    parser.add_argument("--output", choices=OUTPUTS, default="float32")
    return parser.parse_args()


@pipeline_def(enable_conditionals=True)
def image_pipeline(arguments):
    files, _labels = fn.readers.file(file_root=arguments.folder, random_shuffle=True, name="files")
    images = fn.decoders.image_random_crop(
        files,
        device="cpu",
        random_area=[0.08, 1.0],
        random_aspect_ratio=[3 / 4, 4 / 3],
        num_attempts=10,
        use_fast_idct=True,
        adjust_orientation=False,
    )
    size = [arguments.size, arguments.size]
    images = fn.resize(images, size=size, interp_type=INTERPOLATIONS[arguments.interpolation], antialias=True)
    if arguments.policy in POLICIES:
        images = auto_augment.auto_augment(images, POLICIES[arguments.policy])
    if arguments.policy == "ta_wide":
        images = trivial_augment.trivial_augment_wide(images, fill_value=0)
    return fn.crop_mirror_normalize(
        images,
        dtype=OUTPUTS[arguments.output],
        output_layout="HWC",
        mirror=fn.random.coin_flip(probability=0.5),
        mean=[255 * value for value in MEAN],
        std=[255 * value for value in STD],
    )


def make_pipeline(arguments):
    return image_pipeline(
        arguments,
        batch_size=arguments.batch_size,
        num_threads=arguments.workers,
        device_id=None,
        seed=arguments.seed,
        prefetch_queue_depth=2,
    )


def epoch_of(pipeline, batches):
    """Batches as DALI holds them, not copied. The reader goes on from epoch to epoch without a stop."""
    for _ in range(batches):
        (images,) = pipeline.run()
        yield images


def main():
    arguments = parse_arguments()
    pipeline = make_pipeline(arguments)
    pipeline.build()
    batches = pipeline.epoch_size("files") // arguments.batch_size
    versions = {"dali": nvidia.dali.__version__}
    measure(arguments.epochs, versions, lambda: epoch_of(pipeline, batches), lambda images: images.as_array())


if __name__ == "__main__":
    main()
