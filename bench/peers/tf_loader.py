"""A tf.data pipeline over a folder of image files, after Google's input pipeline of EfficientNet.

Sampled box, decode of that box only (JPEG), resize without antialiasing, flip, AutoAugment or TrivialAugment, normalisation
to float32.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it greets on stderr otherwise

import tensorflow as tf

from loader_protocol import MEAN, STD, argument_parser, measure
from policy_tf import policy_v0
from trivial_augment_tf import trivial_augment

POLICIES = {"v0": policy_v0, "ta_wide": trivial_augment}

SCALE = [1 / (255 * std) for std in STD]
OFFSET = [mean / std for mean, std in zip(MEAN, STD)]


def parse_arguments():
    arguments = argument_parser(__doc__).parse_args()
    if arguments.policy == "imagenet":
        raise SystemExit("tf_loader.py: only the policies v0, ta_wide and none are written for TensorFlow")
    return arguments


def sample_box(shape):
    """Upper left corner and size of a random-resized crop, as (top, left, height, width)."""
    begin, size, _boxes = tf.image.sample_distorted_bounding_box(
        shape,
        bounding_boxes=tf.zeros([1, 0, 4]),
        min_object_covered=0.0,
        aspect_ratio_range=(3 / 4, 4 / 3),
        area_range=(0.08, 1.0),
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )
    return tf.concat([begin[:2], size[:2]], axis=0)


def decode_crop_of_jpeg(encoded):
    box = sample_box(tf.io.extract_jpeg_shape(encoded))
    return tf.io.decode_and_crop_jpeg(encoded, box, channels=3, dct_method="INTEGER_FAST")


def decode_crop_of_png(encoded):
    image = tf.io.decode_png(encoded, channels=3)
    top, left, height, width = tf.unstack(sample_box(tf.shape(image)))
    return image[top : top + height, left : left + width]


def make_sample(arguments, decode_crop):
    augment = POLICIES.get(arguments.policy)
    size = (arguments.size, arguments.size)

    def sample(path, label):
        image = tf.image.resize(decode_crop(tf.io.read_file(path)), size, method=arguments.interpolation)
        image = tf.image.random_flip_left_right(image)
        if augment is not None:
            image = tf.cast(augment(tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)), tf.float32)
        image = tf.ensure_shape(image, (*size, 3))
        return image * SCALE - OFFSET, label

    return sample


def list_files(folder):
    """Paths and labels, in the order of names."""
    classes = sorted(entry for entry in pathlib.Path(folder).iterdir() if entry.is_dir())
    files = [(str(file), label) for label, entry in enumerate(classes) for file in sorted(entry.iterdir())]
    return [list(column) for column in zip(*files)]


def make_dataset(arguments, paths, labels):
    """All epochs as one stream, so that nothing stops between them."""
    decode_crop = decode_crop_of_png if paths[0].endswith(".png") else decode_crop_of_jpeg
    dataset = tf.data.Dataset.from_tensor_slices((paths, labels))
    dataset = dataset.shuffle(len(paths), seed=arguments.seed).repeat(1 + arguments.epochs)
    dataset = dataset.map(make_sample(arguments, decode_crop), num_parallel_calls=arguments.workers)
    dataset = dataset.batch(arguments.batch_size, drop_remainder=True).prefetch(2)
    options = tf.data.Options()
    options.threading.private_threadpool_size = arguments.workers
    options.threading.max_intra_op_parallelism = 1
    return dataset.with_options(options)


def main():
    arguments = parse_arguments()
    tf.random.set_seed(arguments.seed)
    tf.config.threading.set_intra_op_parallelism_threads(arguments.workers)
    paths, labels = list_files(arguments.folder)
    batches = iter(make_dataset(arguments, paths, labels))
    epoch = lambda: (next(batches)[0] for _ in range(len(paths) // arguments.batch_size))
    measure(arguments.epochs, {"tensorflow": tf.__version__}, epoch, lambda images: images.numpy())


if __name__ == "__main__":
    main()
