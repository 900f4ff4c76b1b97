"""Times exported files (--input tensor) in onnxruntime, one thread, batch 1: medians of runs that take turns.

Usage: python bench/onnx_speed.py float32.onnx int8.onnx ... (packages: .ci/install-onnx)
"""

import statistics
import sys
import time

import numpy as np
import onnxruntime

ROUNDS = 150


def open_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


sessions = {path: open_session(path) for path in sys.argv[1:]}
size = next(iter(sessions.values())).get_inputs()[0].shape[-1]
images = np.random.default_rng(0).standard_normal((1, 3, size, size), dtype=np.float32)
times = {path: [] for path in sessions}
for _ in range(ROUNDS):
    for path, session in sessions.items():
        start = time.perf_counter()
        session.run(None, {"tensor": images})
        times[path].append(1000 * (time.perf_counter() - start))
medians = {path: statistics.median(one) for path, one in times.items()}
first = next(iter(medians.values()))
print(f"onnxruntime {onnxruntime.__version__}, one thread, batch 1, {size} x {size} pixels, medians of {ROUNDS}")
for path, median in medians.items():
    print(f"{median:8.2f} ms  {first / median:5.2f} x  {path}")
