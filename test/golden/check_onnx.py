"""Checks exported files by onnx and onnxruntime: test/golden/onnx.test.ts runs it. Usage: python check_onnx.py <folder>

The folder has cases.json, a list of {name, dtype, shape}, and of each case <name>.onnx and <name>.input (raw values of dtype
and shape). Prints a line of JSON per case: logits, metadata, inputs, how many nodes of each kind onnxruntime runs, and for a
file that takes photos the largest difference of its crop from Pillow's, in levels.
"""

import collections
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from PIL import Image

# smaller than the crop, as large, larger; odd margins; tall ones, whose height Pillow resizes first
SIZES = [(1, 1), (7, 1), (1, 7), (3, 2), (64, 63), (73, 73), (200, 74), (109, 81), (82, 110), (200, 75), (1000, 300), (500, 1), (20, 3000)]
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def open_session(model, optimized=None):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # without VNNI, sums of two products of uint8 and int8 would saturate at 16 bits
    options.add_session_config_entry("session.x64quantprecision", "1")
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def expected_crop(photo, size, short_side, mode):
    """torchvision's Resize and CenterCrop on a Pillow image."""
    height, width = photo.shape[:2]
    shorter = min(height, width)
    height, width = short_side * height // shorter, short_side * width // shorter
    left, top = round((width - size) / 2), round((height - size) / 2)
    resized = Image.fromarray(photo).resize((width, height), FILTERS[mode])
    return np.asarray(resized.crop((left, top, left + size, top + size)))


def largest_level(model, metadata):
    size, short_side = int(metadata["imageSize"]), int(metadata["shortSide"])
    with_crop = onnx.ModelProto()
    with_crop.CopyFrom(model)
    crop = onnx.helper.make_tensor_value_info("photo.crop", onnx.TensorProto.UINT8, [1, 3, size, size])
    with_crop.graph.output.append(crop)
    session = open_session(with_crop)
    rng = np.random.default_rng(0)
    largest = 0
    for shape in SIZES:
        photo = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
        (planes,) = session.run(["photo.crop"], {"photo": photo})
        expected = expected_crop(photo, size, short_side, metadata["interpolation"])
        difference = planes[0].transpose(1, 2, 0).astype(int) - expected.astype(int)
        largest = max(largest, int(np.abs(difference).max()))
    return largest


def check(folder, case):
    name = case["name"]
    model = onnx.load(folder / f"{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    with tempfile.TemporaryDirectory() as temporary:
        optimized = pathlib.Path(temporary, "optimized.onnx")
        session = open_session(model, optimized)
        nodes = onnx.load(optimized).graph.node
    (value,) = session.get_inputs()
    given = np.fromfile(folder / f"{name}.input", case["dtype"]).reshape(case["shape"])
    (logits,) = session.run(None, {value.name: given})
    metadata = session.get_modelmeta().custom_metadata_map
    return {
        "name": name,
        "logits": [float(logit) for logit in logits.flat],
        "metadata": metadata,
        "shapes": [one.shape for one in [*session.get_inputs(), *session.get_outputs()]],
        "nodes": collections.Counter(node.op_type for node in nodes),
        "largestLevel": largest_level(model, metadata) if metadata["input"] == "photo" else None,
    }


folder = pathlib.Path(sys.argv[1])
for case in json.loads((folder / "cases.json").read_text()):
    print(json.dumps(check(folder, case)), flush=True)
