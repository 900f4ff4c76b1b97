"""Writes small files of arrays by NumPy, for test/golden/npz.test.ts: as MedMNIST's and Keras's are, packed and not.

Run from the repository's root:
    python test/golden/make_npz_golden.py
Needs numpy 2.4.6. npz.json holds the files in base64.
"""

import base64
import io
import json

import numpy


def images(count, *sizes):
    """Bytes counted through, each image from a number of its own on."""
    pixels = numpy.arange(numpy.prod(sizes)).reshape(sizes)
    return numpy.stack([(pixels + 10 * i) % 256 for i in range(count)]).astype(numpy.uint8)


def classes(count, dtype):
    return (numpy.arange(count) % 3).astype(dtype)


def written(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()


medmnist = {
    "train_images": images(6, 4, 5, 3),
    "train_labels": classes(6, numpy.uint8)[:, None],
    "val_images": images(4, 4, 5, 3) + 1,
    "val_labels": classes(4, numpy.uint8)[:, None],
    "test_images": images(5, 4, 5, 3) + 2,
    "test_labels": classes(5, numpy.uint8)[:, None],
}
keras = {
    "x_train": images(6, 4, 5),
    "y_train": classes(6, numpy.int64),
    "x_test": images(4, 4, 5)[..., None] + 1,
    "y_test": classes(4, numpy.int16),
}
several = numpy.array([[0, 1, 1], [0, 0, 0], [1, 0, 0], [1, 1, 1]])
one_hot = numpy.eye(3)[[2, 0, 1, 0]]
chest = {
    "train_images": images(4, 2, 2),
    "train_labels": several.astype(numpy.uint8),
    "val_images": images(4, 2, 2) + 1,
    # in which no image has several, by chance
    "val_labels": one_hot.astype(numpy.uint8),
}
good = {"images": images(4, 2, 2), "labels": classes(4, numpy.int32)}
golden = {
    "numpy": numpy.__version__,
    "medmnist": written(numpy.savez_compressed, **medmnist),
    "medmnist-stored": written(numpy.savez, **medmnist),
    "keras": written(numpy.savez, **keras),
    "good": written(numpy.savez, **good),
    "objects": written(numpy.savez, **{**good, "images": numpy.array([images(1, 2, 2), None], dtype=object)}),
    "floats": written(numpy.savez, **{**good, "images": images(4, 2, 2).astype(numpy.float32)}),
    "wide": written(numpy.savez, **{**good, "images": images(4, 2, 2).astype(numpy.uint16)}),
    "fortran": written(numpy.savez, **{**good, "images": numpy.asfortranarray(images(4, 2, 2))}),
    "planes": written(numpy.savez, **{**good, "images": images(4, 3, 2, 2)}),
    "chest": written(numpy.savez_compressed, **chest),
    "one-hot": written(numpy.savez, x_train=images(4, 2, 2), y_train=one_hot, x_test=images(4, 2, 2),
                       y_test=one_hot.astype(numpy.float32)[::-1]),
    "truths": written(numpy.savez, **{**good, "labels": several > 0}),
    "soft labels": written(numpy.savez, **{**good, "labels": (one_hot * 0.875 + 0.0625).astype(numpy.float32)}),
    "other columns": written(numpy.savez, **{**good, "labels": several * 3}),
    "a float each": written(numpy.savez, **{**good, "labels": classes(4, numpy.float32)}),
    "volumes": written(numpy.savez, **{**good, "labels": numpy.zeros((4, 2, 2), numpy.uint8)}),
    "few": written(numpy.savez, **{**good, "labels": classes(3, numpy.uint8)}),
    "negative": written(numpy.savez, **{**good, "labels": -classes(4, numpy.int64)}),
    "swapped": written(numpy.savez, **{**good, "labels": classes(4, ">i8")}),
    "other": written(numpy.savez, data=images(4, 2, 2), target=classes(4, numpy.uint8)),
    "alone": written(numpy.savez, images=images(4, 2, 2)),
}
with open("test/golden/npz.json", "w") as file:
    file.write(json.dumps(golden, indent=1) + "\n")
