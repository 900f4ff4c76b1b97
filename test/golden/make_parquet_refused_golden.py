"""Writes Parquet files that are sound, and that nothing can be trained on as they are: parquet-refused.json.

Needs pyarrow 26.0.1 with its encryption. Usage, in this folder: python make_parquet_refused_golden.py
"""

import base64
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
IMAGES = pa.array([{"bytes": f"the image {row}".encode(), "path": f"{row}.png"} for row in range(4)], type=STRUCT)
LABELS = pa.array([0, 1, 2, 1])
MANY = 100_000


def written(columns, names=("image", "label"), **options):
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(list(columns), names=list(names)), file, **options)
    return file.getvalue()


def named(classes):
    features = {"label": {"names": classes, "_type": "ClassLabel"}}
    table = pa.table({"image": IMAGES, "label": LABELS})
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}), file)
    return file.getvalue()


class Keys(pe.KmsClient):
    def __init__(self, _):
        pe.KmsClient.__init__(self)

    def wrap_key(self, key, _):
        return base64.b64encode(key)

    def unwrap_key(self, key, _):
        return base64.b64decode(key)


def encrypted():
    """The class alone: what says where the columns are can be read."""
    settings = pe.EncryptionConfiguration(footer_key="footer", column_keys={"key": ["label"]}, plaintext_footer=True)
    properties = pe.CryptoFactory(lambda _: Keys(_)).file_encryption_properties(pe.KmsConnectionConfig(), settings)
    return written([IMAGES, LABELS], encryption_properties=properties)


def repeated(value, count):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array([value]))


FILES = {
    "paths": written([pa.array([f"cat/{row}.png" for row in range(4)]), LABELS]),
    "encrypted class": encrypted(),
    "two classes": written([IMAGES, LABELS, pa.array([0] * 4)], ["image", "label", "label"]),
    "two images": written([IMAGES, LABELS, IMAGES], ["image", "label", "image"]),
    "many rows": written([repeated(b"an image", MANY), repeated("cat", MANY)], compression="zstd"),
    "names a,b and c": named(["a,b", "c", "d"]),
    "names a and b,c": named(["a", "b,c", "d"]),
}

with open("parquet-refused.json", "w") as file:
    golden = {name: base64.b64encode(data).decode() for name, data in FILES.items()}
    file.write(json.dumps(golden) + "\n")
    print({name: len(data) for name, data in FILES.items()})
