"""Ranges that NVIDIA's pytorch_quantization finds, by its algorithm written anew with numpy in float64.

Run with Python and numpy:  python test/golden/make_calibration_golden.py
HistogramCalibrator (its branch torch_hist, the default): |x| into 2048 bins from 0 to the first batch's largest value; a later
batch with a larger one adds bins of the same width. `percentile` gives the lower edge of the bin where the share is reached, `mse`
the centre of the bin that makes the rounded centres' squared error least, of all bins (its own default leaves out the first 128).
Values are made by formula on both sides. Writes calibration.json.
"""
import json
import pathlib

import numpy as np

# seed, values of each batch (in all no multiple of 100: a share that is reached exactly is a matter of rounding), factors
CASES = {
    "same": (1, [4001, 3997, 4003], [1, 1, 1]),
    "growing": (7, [3001, 4993, 2003], [1, 2.5, 4]),
    "short": (3, [53], [1]),
    # positive alone, as sigmoids are
    "positive": (11, [6007, 5987], [1, 1]),
}


def values(seed, count, factor, positive):
    index = np.arange(count, dtype=np.uint64)
    bits = (index * 2654435761 + seed * 40503 * 65537) % 2**32
    x = bits.astype(np.float64) / 2**31 - 1
    cubed = x * x * x * factor
    return (np.abs(cubed) if positive else cubed).astype(np.float32)


def histogram(batches):
    counts, width = None, None
    for batch in batches:
        x = np.abs(batch).astype(np.float64)
        if counts is None:
            width, bins = x.max() / 2048, 2048
        else:
            bins = max(len(counts), int(np.ceil(x.max() / width)))
        new, edges = np.histogram(x, bins=bins, range=(0, bins * width))
        if counts is not None:
            new[: len(counts)] += counts
        counts = new
    return counts, edges


def of_percentile(counts, edges, percentile):
    cdf = np.cumsum(counts / counts.sum())
    return edges[np.searchsorted(cdf, percentile / 100)]


def of_least_error(counts, edges, levels, start_bin=0):
    centers = (edges[1:] + edges[:-1]) / 2
    errors = []
    for i in range(start_bin, len(centers)):
        scale = levels / centers[i]
        rounded = np.clip(np.round(centers * scale), -levels - 1, levels) / scale
        errors.append(((rounded - centers) ** 2 * counts).mean())
    return centers[start_bin + int(np.argmin(errors))]


def main():
    cases = {}
    for name, (seed, rows, factors) in CASES.items():
        positive = name == "positive"
        batches = [values(seed + i, n, f, positive) for i, (n, f) in enumerate(zip(rows, factors))]
        counts, edges = histogram(batches)
        cases[name] = {
            "seed": seed, "rows": rows, "factors": factors, "positive": positive,
            "bins": len(counts),
            "counts": [int(counts[i]) for i in (0, 1, 100, len(counts) - 1)],
            "percentile": {str(p): of_percentile(counts, edges, p) for p in (50, 99, 99.9, 99.99)},
            "mse": {str(levels): of_least_error(counts, edges, levels) for levels in (127, 15, 7)},
            "max": float(max(np.abs(batch).max() for batch in batches)),
        }
    path = pathlib.Path(__file__).with_name("calibration.json")
    path.write_text(json.dumps({"numpy": np.__version__, "cases": cases}, indent=1) + "\n")


main()
