"""Writes rows of several classes as Parquet files in many layouts: parquet-lists.json.

Needs pyarrow 26.0.1 and datasets 5.2.0. Usage, in this folder: python make_parquet_lists_golden.py
"""

import base64
import io
import json
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, Image, List

CLASSES = ["cat", "dog", "emu"]
LABELS = [[2, 0], [1], [], [0, 1, 2], None, [2], [1, 0], [0]]
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
ROWS = [{"bytes": f"the image {row}".encode(), "path": f"{row}.png"} for row in range(len(LABELS))]
NAMES = [None if row is None else [CLASSES[label] for label in row] for row in LABELS]


def table(labels, label_type, **more):
    return pa.table({"image": pa.array(ROWS, type=STRUCT), "labels": pa.array(labels, type=label_type), **more})


def written(rows, **options):
    file = io.BytesIO()
    pq.write_table(rows, file, **options)
    return file.getvalue()


def by_datasets():
    """As `datasets` writes a list of ClassLabel."""
    features = Features({"image": Image(), "labels": List(ClassLabel(names=CLASSES))})
    rows = Dataset.from_dict({"image": ROWS, "labels": LABELS}, features=features)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        rows.to_parquet(file.name)
        return open(file.name, "rb").read()


def required():
    """No list and no element may be null."""
    labels = [row or [] for row in LABELS]
    element = pa.field("element", pa.int32(), nullable=False)
    schema = pa.schema([pa.field("image", STRUCT), pa.field("labels", pa.list_(element), nullable=False)])
    return pa.table([pa.array(ROWS, type=STRUCT), pa.array(labels, type=pa.list_(element))], schema=schema)


NULLS = [[2, None, 0], [1], [], [0, 1, 2], None, [2], [1, 0], [0]]
FILES = {
    "datasets, list of ClassLabel": by_datasets(),
    "int64": written(table(LABELS, pa.list_(pa.int64())), compression="snappy"),
    "int32, no nulls": written(required(), compression="none", use_dictionary=False),
    "nulls in lists": written(table(NULLS, pa.list_(pa.int64())), use_dictionary=False),
    "texts": written(table(NAMES, pa.list_(pa.string()))),
    "large lists of texts, zstd": written(table(NAMES, pa.large_list(pa.string())), compression="zstd"),
    "pages of version 2": written(table(LABELS, pa.list_(pa.int64())), data_page_version="2.0"),
    "row groups of 3, small pages": written(table(LABELS, pa.list_(pa.int64())), row_group_size=3, data_page_size=1,
                                            write_batch_size=1),
}
TWICE = written(table([[0, 0]] + LABELS[1:], pa.list_(pa.int64())))


def encoded(data):
    return base64.b64encode(data).decode()


with open("parquet-lists.json", "w") as file:
    golden = {"classes": CLASSES, "labels": [sorted(row or []) for row in LABELS], "twice": encoded(TWICE),
              "files": {name: encoded(data) for name, data in FILES.items()}}
    file.write(json.dumps(golden) + "\n")
