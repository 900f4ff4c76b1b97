"""Writes 2,000 images of 20 classes in every kind of source that keeps their bytes, for one digest of all.

Needs Pillow 13.0.0, numpy, pyarrow 26.0.1, google-crc32c. Usage: python make_sources.py FOLDER
Then: for path in FOLDER/*; do millrace inspect "$path" --json; done
"""

import csv
import io
import json
import os
import struct
import sys
import tarfile

import google_crc32c
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

COUNT, CLASSES = 2000, 20
CHUNKS = {"min_chunk_size": 262144, "max_chunk_size": 1048576, "norm_level": 0}
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def jpeg(number):
    """Noise on a gradient, 15 to 60 KB: it hardly packs, as photographs."""
    random = np.random.default_rng(number)
    side = 128 + number % 97
    ramp = np.linspace(0, 160, side)[:, None, None] + random.integers(0, 96, (side, side, 3))
    file = io.BytesIO()
    Image.fromarray(ramp.astype(np.uint8)).save(file, "JPEG", quality=92)
    return file.getvalue()


def name_of(label):
    return f"class-{label:02}"


LABELS = [number * CLASSES // COUNT for number in range(COUNT)]
KEYS = [f"{name_of(label)}/{number:05}.jpg" for number, label in enumerate(LABELS)]


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def tar_of(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in members:
            add(tar, name, data)
    return file.getvalue()


def masked(data):
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    return varint(number * 8 + 2) + varint(len(content)) + content


def example(features):
    entries = b"".join(field(1, field(1, key.encode()) + field(2, value)) for key, value in features.items())
    return field(1, entries)


def record(image, label, key):
    data = example(
        {
            "image/encoded": field(1, field(1, image)),
            "image/class/label": field(3, field(1, varint(label))),
            "image/filename": field(1, field(1, key.encode())),
        }
    )
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def write_lists(root):
    for name, delimiter in (("list.csv", ","), ("list.tsv", "\t")):
        with open(f"{root}/folder/{name}", "w", newline="") as file:
            rows = csv.writer(file, delimiter=delimiter)
            rows.writerow(["path", "label"])
            rows.writerows((key, name_of(label)) for key, label in zip(KEYS, LABELS))
    with open(f"{root}/folder/list.jsonl", "w") as file:
        for key, label in zip(KEYS, LABELS):
            file.write(json.dumps({"file_name": key, "label": name_of(label)}) + "\n")
    with open(f"{root}/folder/list.txt", "w") as file:
        file.writelines(f"{key} {label}\n" for key, label in zip(KEYS, LABELS))


def write_parquet(root, images):
    features = {"image": {"_type": "Image"}, "label": {"names": [name_of(n) for n in range(CLASSES)], "_type": "ClassLabel"}}
    rows = [{"bytes": data, "path": key} for data, key in zip(images, KEYS)]
    table = pa.table({"image": pa.array(rows, type=STRUCT), "label": pa.array(LABELS, type=pa.int64())})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    plain = {"image.bytes": "none", "image.path": "snappy", "label": "snappy"}
    modern = {"use_content_defined_chunking": CHUNKS, "write_page_index": True}
    layouts = {
        "groups-of-100": {"row_group_size": 100},
        "chunks": modern,
        "chunks-plain": modern | {"compression": plain, "use_dictionary": ["label", "image.path"]},
        "one-group": {"row_group_size": COUNT},
        "none": {"compression": "none", "row_group_size": 100},
        "version-2": {"data_page_version": "2.0", "row_group_size": 100},
        "zstd": {"compression": "zstd", "row_group_size": 100},
    }
    for name, options in layouts.items():
        pq.write_table(table, f"{root}/{name}.parquet", **options)


def main(root):
    images = [jpeg(number) for number in range(COUNT)]
    for key, image in zip(KEYS, images):
        write(f"{root}/folder/{key}", image)
    write_lists(root)
    pairs = [
        pair
        for key, label, image in zip(KEYS, LABELS, images)
        for pair in ((key, image), (key.replace(".jpg", ".cls"), name_of(label).encode()))
    ]
    write(f"{root}/shard.tar", tar_of(pairs))
    tars = [
        (f"{name_of(label)}.tar", tar_of((key[9:], image) for key, own, image in zip(KEYS, LABELS, images) if own == label))
        for label in range(CLASSES)
    ]
    write(f"{root}/tar-of-tars.tar", tar_of(tars))
    write(f"{root}/a.tfrecord", b"".join(map(record, images, LABELS, KEYS)))
    write_parquet(root, images)


if __name__ == "__main__":
    main(sys.argv[1])
