"""Writes a source of very many samples whose images are a few bytes, for bench/listing.ts: only listing looks at it.

Needs numpy, pyarrow 26.0.1, google-crc32c. Usage: python make_listings.py KIND COUNT FOLDER
"""

import json
import os
import struct
import sys

CLASSES = 1000
IMAGE = b"0123456789"
SHARDS = 10


def class_of(number, count):
    return number * CLASSES // count


def key_of(number, count):
    return f"class-{class_of(number, count):03}/{number:08}.jpg"


def in_random_order(count):
    """Each number once: a step that shares no factor with 10^n or 2^n."""
    return (number * 7_368_787 % count for number in range(count))


def write_list(folder, count, name, numbers, line, head=""):
    os.makedirs(f"{folder}/class-000", exist_ok=True)
    with open(f"{folder}/{key_of(0, count)}", "wb") as file:
        file.write(IMAGE)
    with open(f"{folder}/{name}", "w") as file:
        file.write(head)
        file.writelines(line(key_of(number, count), class_of(number, count)) for number in numbers)


def write_text(folder, count):
    write_list(folder, count, "list.txt", range(count), lambda key, label: f"{key} {label}\n")


def write_csv(folder, count):
    line = lambda key, label: f"{key},class-{label:03}\n"
    write_list(folder, count, "train.csv", in_random_order(count), line, "path,label\n")


def write_jsonl(folder, count):
    line = lambda key, label: json.dumps({"file_name": key, "label": f"class-{label:03}"}) + "\n"
    write_list(folder, count, "train.jsonl", range(count), line)


def write_folder(folder, count):
    for label in range(CLASSES):
        os.makedirs(f"{folder}/class-{label:03}")
    for number in range(count):
        os.close(os.open(f"{folder}/{key_of(number, count)}", os.O_CREAT))


def shards_of(folder, count, name):
    """Opened files, each with the numbers that belong into it."""
    for shard in range(SHARDS):
        with open(f"{folder}/{name.format(shard)}", "wb") as file:
            yield file, range(shard * count // SHARDS, (shard + 1) * count // SHARDS)


def tar_member(name, data):
    head = bytearray(512)
    head[: len(name)] = name.encode()
    head[100:124] = b"0000644\0" + 2 * b"0000000\0"
    head[124:148] = b"%011o\0%011o\0" % (len(data), 0)
    head[148:157] = 8 * b" " + b"0"
    head[257:265] = b"ustar\00000"
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + data.ljust(512, b"\0")


def write_tar(folder, count):
    for file, numbers in shards_of(folder, count, "train-{:03}.tar"):
        for number in numbers:
            key = key_of(number, count)
            file.write(tar_member(key, IMAGE))
            file.write(tar_member(key.replace(".jpg", ".cls"), b"%d" % class_of(number, count)))
        file.write(bytes(1024))


def write_tfrecord(folder, count):
    from make_sources import record

    for file, numbers in shards_of(folder, count, "train-{:05}-of-00010"):
        for number in numbers:
            file.write(record(IMAGE, class_of(number, count), key_of(number, count)))


def write_parquet(folder, count):
    import pyarrow as pa
    import pyarrow.parquet as pq

    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    schema = pa.schema([("image", image), ("label", pa.int64())])
    with pq.ParquetWriter(f"{folder}/train.parquet", schema, compression="none") as file:
        for start in range(0, count, 1_000_000):
            numbers = range(start, min(start + 1_000_000, count))
            rows = [{"bytes": b"%09d" % number, "path": key_of(number, count)} for number in numbers]
            labels = [class_of(number, count) for number in numbers]
            file.write_table(pa.table({"image": rows, "label": labels}, schema=schema))


def write_npz(folder, count):
    import numpy as np

    labels = np.arange(count) * CLASSES // count
    np.savez(f"{folder}/images.npz", images=np.zeros((count, 1, 1), np.uint8), labels=labels)


def write_cifar(folder, count):
    """All of class 0, and black: a file with holes."""
    with open(f"{folder}/data_batch_1.bin", "wb") as file:
        file.truncate(count * 3073)


if __name__ == "__main__":
    kind, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    os.makedirs(folder)
    globals()[f"write_{kind}"](folder, count)
