"""Writes small LMDBs as Caffe's convert_imageset does, for test/golden/caffe.test.ts.

Run from the repository's root:
    python test/golden/make_caffe_golden.py
Needs lmdb 1.7.5 (LMDB 0.9.33) and protobuf 7.36.2. caffe.json holds the data.mdb files, gzipped and in base64, and the SHA-256
of what lmdb reads in them: key, SHA-256 of the data, label.
"""

import base64
import gzip
import hashlib
import json
import pathlib
import tempfile

import lmdb
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def datum_class():
    """The message of caffe.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    message = file.message_type.add(name="Datum")
    kinds = descriptor_pb2.FieldDescriptorProto
    fields = [("channels", kinds.TYPE_INT32), ("height", kinds.TYPE_INT32), ("width", kinds.TYPE_INT32)]
    fields += [("data", kinds.TYPE_BYTES), ("label", kinds.TYPE_INT32), ("float_data", kinds.TYPE_FLOAT)]
    fields += [("encoded", kinds.TYPE_BOOL)]
    for number, (name, kind) in enumerate(fields, 1):
        label = kinds.LABEL_REPEATED if name == "float_data" else kinds.LABEL_OPTIONAL
        message.field.add(name=name, number=number, type=kind, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.Datum"))


Datum = datum_class()


def encoded(i):
    """Some so long that LMDB puts them on pages of their own."""
    return Datum(data=f"image {i} ".encode() * (1 + 900 * (i % 2)), label=i % 3, encoded=True)


def raw(i, channels):
    """Pixels counted through, 4 x 3."""
    data = bytes((at + 10 * i) % 256 for at in range(channels * 12))
    return Datum(channels=channels, height=3, width=4, data=data, label=i % 3, encoded=False)


def written(folder, values, commit=1000):
    environment = lmdb.open(str(folder), map_size=1 << 24)
    for first in range(0, len(values), commit):
        with environment.begin(write=True) as transaction:
            for key, datum in values[first : first + commit]:
                transaction.put(key.encode(), datum.SerializeToString())
    with environment.begin() as transaction:
        samples = "".join(read(*entry) for entry in transaction.cursor())
    environment.close()
    packed = gzip.compress((folder / "data.mdb").read_bytes(), mtime=0)
    return {"file": base64.b64encode(packed).decode(), "samples": hashlib.sha256(samples.encode()).hexdigest()}


def read(key, value):
    datum = Datum.FromString(value)
    return f"{key.decode()} {hashlib.sha256(datum.data).hexdigest()} {datum.label}\n"


def make(root):
    named = lambda i: f"{i:08}_{['emu', 'cat', 'dog'][i % 3]}/{i}.jpg"
    sets = {
        "encoded": [(named(i), encoded(i)) for i in range(8)],
        # two levels of pages, written in any order and in several transactions
        "many": [(f"{i * 37 % 600:08}_{'x' * 9}{i * 37 % 600}", raw(i * 37 % 600, 1)) for i in range(600)],
        "colour": [(f"{i:05}", raw(i, 3)) for i in range(5)],
        "planes": [("0", raw(0, 2))],
        "floats": [("0", Datum(channels=1, height=1, width=2, float_data=[0.5, 1], label=0))],
        "unlabelled": [("0", Datum(data=b"image", encoded=True))],
        "empty": [],
    }
    return {name: written(root / name, values, 250) for name, values in sets.items()}


with tempfile.TemporaryDirectory() as folder:
    golden = make(pathlib.Path(folder))
pathlib.Path("test/golden/caffe.json").write_text(json.dumps(golden, indent=1) + "\n")
