"""Writes one table of images as many Parquet files, each laid out in another way: parquet.json.gz.

Needs Pillow 13.0.0, pyarrow 26.0.1, datasets 5.2.0. Usage, in this folder: python make_parquet_golden.py
"""

import base64
import gzip
import hashlib
import io
import json
import os
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, Image, Value
from PIL import Image as Pillow

ROWS = 18
CLASSES = ["cat", "dog, or wolf", "émeu"]
CHUNKS = {"min_chunk_size": 65536, "max_chunk_size": 131072, "norm_level": 0}
FILLER = 245_000_000


def png(row):
    """Small ones, and each sixth of 90 KB that Snappy packs well: rows begin and end in many of its fragments."""
    width, height, level = (200, 150, 0) if row % 6 == 2 else (8 + row, 7, 9)
    file = io.BytesIO()
    image = Pillow.new("RGB", (width, height), (row * 8, 255 - row * 5, row * 31 % 256))
    image.putpixel((0, 0), (row, 0, 0))
    image.save(file, "PNG", compress_level=level)
    return file.getvalue()


IMAGES = [png(row) for row in range(ROWS)]
LABELS = [row // 6 for row in range(ROWS)]
PATHS = [f"{label}/{row:03}.png" for row, label in enumerate(LABELS)]
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FEATURES = {"image": {"_type": "Image"}, "label": {"names": CLASSES, "_type": "ClassLabel"}}
METADATA = {"huggingface": json.dumps({"info": {"features": FEATURES}})}


def table(images=IMAGES, labels=LABELS, paths=PATHS, label_type=pa.int64(), metadata=METADATA, image="image", **more):
    rows = [data and {"bytes": data, "path": path} for data, path in zip(images, paths)]
    columns = {image: pa.array(rows, type=STRUCT), "label": pa.array(labels, type=label_type), **more}
    return pa.table(columns).replace_schema_metadata(metadata)


def written(rows, **options):
    file = io.BytesIO()
    pq.write_table(rows, file, **options)
    return file.getvalue()


def required():
    fields = [pa.field("bytes", pa.binary(), nullable=False), pa.field("path", pa.string(), nullable=False)]
    image = pa.StructArray.from_arrays([pa.array(IMAGES), pa.array(PATHS)], fields=fields)
    schema = pa.schema([pa.field("image", image.type, nullable=False), pa.field("label", pa.int32(), nullable=False)])
    return pa.table([image, pa.array(LABELS, type=pa.int32())], schema=schema.with_metadata(METADATA))


def of_datasets():
    rows = {"image": [{"bytes": data, "path": path} for data, path in zip(IMAGES, PATHS)], "label": LABELS}
    features = Features({"image": Image(), "label": ClassLabel(names=CLASSES)})
    file = io.BytesIO()
    Dataset.from_dict(rows, features=features).to_parquet(file)
    return file.getvalue()


def far():
    """A file of more than 2^32 bytes, most of them zeros of a column that nobody asks for: its other blocks, by offset."""
    rows = table(zeros=pa.array([b""] * ROWS, pa.large_binary()))
    options = {"compression": "none", "use_dictionary": ["label"], "write_statistics": False}
    with tempfile.NamedTemporaryFile() as file:
        rows = rows.select(["zeros", "image", "label"])
        with pq.ParquetWriter(file.name, rows.schema, **options) as writer:
            for row in range(ROWS):
                filled = rows.slice(row, 1).set_column(0, "zeros", pa.array([bytes(FILLER)], pa.large_binary()))
                writer.write_table(filled.replace_schema_metadata(METADATA))
        size = os.stat(file.name).st_size
        return {"size": size, "blocks": {at: block for at, block in blocks_of(file) if any(block)}}


def blocks_of(file, length=4096):
    for at in range(0, os.stat(file.name).st_size, 1 << 24):
        file.seek(at)
        piece = file.read(1 << 24)
        if any(piece):
            yield from ((at + i, piece[i : i + length]) for i in range(0, len(piece), length))


def layouts():
    """All of the same rows."""
    yield "groups of 5", written(table(), row_group_size=5)
    yield "page index", written(
        table(), row_group_size=14, use_content_defined_chunking=CHUNKS, write_page_index=True
    )
    yield "images plain", written(
        table(),
        compression={"image.bytes": "none", "image.path": "snappy", "label": "snappy"},
        use_dictionary=["label", "image.path"],
        write_page_checksum=True,
    )
    yield "version 2", written(table(), data_page_version="2.0", data_page_size=1 << 17, write_page_checksum=True)
    yield "version 2, plain", written(table(), data_page_version="2.0", use_dictionary=False, row_group_size=7)
    yield "dictionary that is given up", written(table(), dictionary_pagesize_limit=4096, write_batch_size=4)
    yield "not compressed", written(table(), compression="none")
    yield "required", written(required())
    for codec in ("zstd", "gzip", "brotli"):
        yield codec, written(table(), compression=codec, row_group_size=8)
    yield "by datasets", of_datasets()


def others():
    gaps = [None if row in (3, 9) else data for row, data in enumerate(IMAGES)]
    yield "gaps", written(table(images=gaps, labels=[None if row == 4 else n for row, n in enumerate(LABELS)]))
    yield "gaps, version 2", written(
        table(images=gaps, labels=[None if row == 4 else n for row, n in enumerate(LABELS)]),
        data_page_version="2.0",
        use_dictionary=False,
    )
    yield "texts", written(table(labels=[CLASSES[n] for n in LABELS], label_type=pa.string(), metadata=None))
    yield "numbers", written(table(metadata=None, image="img"))
    yield "no paths", written(table(paths=[None] * ROWS))
    yield "paths twice", written(table(paths=[f"{row // 2}.png" for row in range(ROWS)]))
    yield "two labels", written(table(coarse=pa.array([n % 2 for n in LABELS], type=pa.int16())))
    yield "two images", written(table(mask=table()["image"], image="photo"))
    yield "no label", written(table().drop_columns("label"))
    yield "class 3", written(table(labels=[3 if row == 7 else n for row, n in enumerate(LABELS)]))
    yield "class 3 without names", written(table(labels=[n + 1 for n in LABELS], metadata=None))
    yield "secret", written(table(labels=[-1] * ROWS))
    yield "other names", written(
        table(metadata={"huggingface": METADATA["huggingface"].replace("cat", "lynx")})
    )
    yield "first half", written(table().slice(0, 9), row_group_size=5)
    yield "second half", written(table().slice(9), row_group_size=5)
    yield "empty", written(table().slice(0, 0))
    yield "binary", written(pa.table({"image": pa.array(IMAGES), "label": LABELS}))
    yield "lists", written(pa.table({"image": pa.array([[data] for data in IMAGES]), "label": LABELS}))
    only_paths = pa.array([{"bytes": None, "path": path} for path in PATHS], type=STRUCT)
    yield "paths alone", written(table().set_column(0, "image", only_paths))
    names = ["" if row == 5 else CLASSES[n] for row, n in enumerate(LABELS)]
    yield "a class without a name", written(table(labels=names, label_type=pa.string(), metadata=None))
    yield "lz4", written(table(), compression="lz4")
    yield "deltas", written(
        table(), use_dictionary=False, column_encoding={"image.bytes": "DELTA_LENGTH_BYTE_ARRAY"}
    )


def text_of(data):
    return base64.b64encode(data).decode()


def main():
    samples = [
        {"key": path, "label": label, "length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, label, data in zip(PATHS, LABELS, IMAGES)
    ]
    golden = {"classes": CLASSES, "samples": samples, "images": [text_of(data) for data in IMAGES]}
    for name, files in (("layouts", layouts()), ("others", others())):
        golden[name] = {file: text_of(data) for file, data in files}
    far_file = far()
    golden["far"] = far_file | {"blocks": [[at, text_of(data)] for at, data in far_file["blocks"].items()]}
    with open("parquet.json.gz", "wb") as file:
        file.write(gzip.compress(json.dumps(golden).encode(), mtime=0))


if __name__ == "__main__":
    main()
