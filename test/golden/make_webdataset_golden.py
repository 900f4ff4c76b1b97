"""Writes small shards as WebDataset does, and what it reads in them, for test/golden/webdataset.test.ts.

Run from the repository's root:
    python test/golden/make_webdataset_golden.py
Needs webdataset 1.0.2. webdataset.json holds the shards, gzipped and in base64, and the samples: key, fields and texts.
"""

import base64
import gzip
import json
import pathlib
import tempfile
from importlib.metadata import version

import webdataset

names = ["emu", "cat", "dog"]


def sample(i):
    key = f"part.v1/{i // 4}/{i:04d}"
    label = {"cls": i % 3} if i % 2 == 0 else {}
    texts = {"txt": names[i % 3], "json": {"is": {"kind": names[i % 3], "number": i % 3}}}
    return {"__key__": key, "jpg": f"image {i}".encode(), "seg.png": f"mask {i}".encode(), **label, **texts}


def texts_of(read):
    fields = {name: value.decode() for name, value in read.items() if not name.startswith("__")}
    return {"key": read["__key__"], "fields": fields}


def make(folder):
    with webdataset.ShardWriter(f"{folder}/s-%06d.tar", maxcount=4, verbose=0) as writer:
        for i in range(11):
            writer.write(sample(i))
    pattern = "s-{000000..000002}.tar"
    read = webdataset.WebDataset(f"{folder}/{pattern}", shardshuffle=False)
    shards = {
        path.name: base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()
        for path in sorted(pathlib.Path(folder).glob("*.tar"))
    }
    samples = [texts_of(one) for one in read]
    return {"webdataset": version("webdataset"), "pattern": pattern, "shards": shards, "samples": samples}


with tempfile.TemporaryDirectory() as folder:
    golden = make(folder)
pathlib.Path("test/golden/webdataset.json").write_text(json.dumps(golden, indent=1) + "\n")
