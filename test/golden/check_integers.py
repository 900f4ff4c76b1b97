"""Runs a QDQ file of operators natively, for test/contract/onnxruntime-integers.test.ts.

Usage: check_integers.py FOLDER, which holds model.onnx, values.bin and manifest.json: the file's inputs and expected outputs, one
after the other in values.bin. Prints as JSON how many values differ, of how many, by kind of operator; the operators that
onnxruntime made of the file; and its version.
"""

import collections
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

folder = pathlib.Path(sys.argv[1])
manifest = json.loads((folder / "manifest.json").read_text())
values = (folder / "values.bin").read_bytes()


def read(entry):
    dtype = numpy.dtype(entry["type"])
    count = int(numpy.prod(entry["shape"]))
    return numpy.frombuffer(values, dtype, count, entry["offset"]).reshape(entry["shape"])


options = onnxruntime.SessionOptions()
# without VNNI, sums of two products of uint8 and int8 would saturate at 16 bits
options.add_session_config_entry("session.x64quantprecision", "1")
options.log_severity_level = 3
optimized = str(folder / "optimized.onnx")
options.optimized_model_filepath = optimized
session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
feeds = {entry["name"]: read(entry) for entry in manifest["inputs"]}
outputs = session.run([entry["name"] for entry in manifest["expected"]], feeds)
differences = collections.defaultdict(lambda: [0, 0])
for entry, output in zip(manifest["expected"], outputs):
    count = differences[entry["kind"]]
    count[0] += int((output != read(entry)).sum())
    count[1] += output.size
operators = collections.Counter(node.op_type for node in onnx.load(optimized).graph.node)
print(json.dumps({"differences": differences, "operators": operators}))
