"""What the loaders written in Python share: their options, and the JSON lines that ../loader-process.ts reads."""

import argparse
import json
import platform
import time

import numpy

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def argument_parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder of class folders of images")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1, help="measured epochs, after one for warm-up")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--policy", choices=["v0", "imagenet", "ta_wide", "none"], default="v0")
    parser.add_argument("--interpolation", choices=["bilinear", "bicubic"], default="bilinear")
    return parser


def report(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)


def measure(epochs, versions, start_epoch, to_array=numpy.asarray):
    """Reports one warm-up epoch and the measured ones. start_epoch: () -> an iterator over an epoch's batches of images.

    An epoch's time is that of whole epochs back to back: a loader's restart counts. to_array makes NumPy's array of a batch;
    it is called in the warm-up only.
    """
    report("versions", python=platform.python_version(), **versions)
    warm_up(start_epoch(), to_array)
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        images = sum(len(batch) for batch in start_epoch())
        seconds = time.perf_counter() - start
        report("epoch", epoch=epoch, images=images, seconds=seconds, imagesPerSecond=images / seconds)
    time.sleep(0.5)  # the processor times of this process and its workers are read when the last line has arrived


def warm_up(batches, to_array):
    means = []
    for index, batch in enumerate(batches):
        if index == 0:
            report("first-batch")
        array = to_array(batch)
        means.append(normalized_mean(array))
    report("batch", shape=array.shape, dtype=array.dtype.name, mean=float(numpy.mean(means)))


def normalized_mean(array):
    """Mean of a batch's elements; u8 pixels are counted as what normalising would make of them.

    Of one pixel in 64: were it slow, the loader would work ahead meanwhile and begin the measured epochs with full queues.
    """
    channels_last = array if array.shape[-1] == 3 else numpy.moveaxis(array, 1, -1)
    mean = channels_last[:, 4::8, 4::8].mean(axis=(0, 1, 2), dtype=numpy.float64)
    return ((mean / 255 - MEAN) / STD if array.dtype == numpy.uint8 else mean).mean()
