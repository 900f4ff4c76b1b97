"""Writes small TFRecord files by TensorFlow and by TensorFlow Datasets, and what these read in them, for
test/golden/tfrecord.test.ts.

Run from the repository's root:
    python test/golden/make_tfrecord_golden.py
Needs tensorflow(-cpu) 2.21.0 and tensorflow-datasets 4.9.10. tfrecord.json holds the files, gzipped and in base64, and the
samples: the image's SHA-256, class and name of the file.
"""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import tempfile
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy
import tensorflow
import tensorflow_datasets

train = tensorflow.train
synsets = ["n01440764", "n01443537", "n01484850"]


def texts(*values):
    return train.Feature(bytes_list=train.BytesList(value=[value.encode() for value in values]))


def numbers(*values):
    return train.Feature(int64_list=train.Int64List(value=values))


def imagenet_example(i):
    """The features of Cloud TPU's script imagenet_to_gcs.py, whose classes count from 1."""
    features = {
        "image/height": numbers(375),
        "image/width": numbers(500),
        "image/colorspace": texts("RGB"),
        "image/channels": numbers(3),
        "image/class/label": numbers(i % 3 + 1),
        "image/class/synset": texts(synsets[i % 3]),
        "image/format": texts("JPEG"),
        "image/filename": texts(f"{synsets[i % 3]}_{i}.JPEG"),
        "image/object/bbox/xmin": train.Feature(float_list=train.FloatList(value=[0.1, 0.2])),
        "image/encoded": texts(f"image {i} " * (1 + 700 * (i % 2))),
    }
    return train.Example(features=train.Features(feature=features))


def write_imagenet(folder):
    for name, indices in [
        ("train/train-00000-of-00002", range(0, 5)),
        ("train/train-00001-of-00002", range(5, 9)),
        ("validation/validation-00000-of-00001", range(9, 12)),
    ]:
        (folder / name).parent.mkdir(exist_ok=True)
        with tensorflow.io.TFRecordWriter(str(folder / name)) as writer:
            for i in indices:
                writer.write(imagenet_example(i).SerializeToString())


def read_imagenet(folder, pattern):
    files = sorted(str(path) for path in folder.glob(pattern))
    for record in tensorflow.data.TFRecordDataset(files):
        feature = train.Example.FromString(record.numpy()).features.feature
        text = lambda name: feature[name].bytes_list.value[0]
        yield text("image/encoded"), text("image/class/synset").decode(), text("image/filename").decode()


class Tiny(tensorflow_datasets.core.GeneratorBasedBuilder):
    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def _info(self):
        features = tensorflow_datasets.features.FeaturesDict(
            {
                "image": tensorflow_datasets.features.Image(shape=(3, 4, 3), encoding_format="png"),
                "label": tensorflow_datasets.features.ClassLabel(names=["emu", "cat", "dog"]),
                "file_name": tensorflow_datasets.features.Text(),
            }
        )
        return tensorflow_datasets.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, _):
        return {"train": self._generate_examples(0, 8), "test": self._generate_examples(8, 12)}

    def _generate_examples(self, first, end):
        for i in range(first, end):
            image = numpy.full((3, 4, 3), 20 * i, numpy.uint8)
            # no emu in test
            yield i, {"image": image, "label": i % 3 if end == 8 else 1 + i % 2, "file_name": f"{i:03}.png"}


def write_tiny(folder):
    builder = Tiny(data_dir=str(folder))
    builder.download_and_prepare()
    decoders = {"image": tensorflow_datasets.decode.SkipDecoding()}
    for split in ["train", "test"]:
        config = tensorflow_datasets.ReadConfig(interleave_cycle_length=1)
        for example in builder.as_dataset(split=split, decoders=decoders, read_config=config):
            label = builder.info.features["label"].int2str(int(example["label"]))
            yield split, (example["image"].numpy(), label, example["file_name"].numpy().decode())


def files_in(folder):
    return {
        str(path.relative_to(folder)): base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "dataset_info.json"
    }


def sample(image, label, name):
    return [hashlib.sha256(image).hexdigest(), label, name]


def make(root):
    imagenet, tiny = root / "imagenet", root / "tfds"
    imagenet.mkdir()
    write_imagenet(imagenet)
    of_tiny = list(write_tiny(tiny))
    return {
        "tensorflow": version("tensorflow-cpu"),
        "tensorflow-datasets": version("tensorflow-datasets"),
        "imagenet": {
            "files": files_in(imagenet),
            "train": [sample(*one) for one in read_imagenet(imagenet, "train/*")],
            "val": [sample(*one) for one in read_imagenet(imagenet, "validation/*")],
        },
        "tfds": {
            "files": files_in(tiny / "tiny" / "1.0.0"),
            "train": [sample(*one) for split, one in of_tiny if split == "train"],
            "test": [sample(*one) for split, one in of_tiny if split == "test"],
        },
    }


with tempfile.TemporaryDirectory() as folder:
    golden = make(pathlib.Path(folder))
pathlib.Path("test/golden/tfrecord.json").write_text(json.dumps(golden, indent=1) + "\n")
