"""Small files of torch.save: what it writes for which tensors, and what must not be read.

Run with Python, torch and safetensors:  python test/golden/make_torch_golden.py
Writes the files of test/golden/torch. None of them does anything but print, whoever loads it.
"""
import pathlib
import zipfile
from collections import OrderedDict

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "torch"


def tensors():
    g = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=g)
    shared = draw(4, 6)
    return OrderedDict({
        "matrix.weight": draw(3, 5),
        "parameter.weight": torch.nn.Parameter(draw(2, 3)),
        "channels_last.weight": draw(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "transposed.weight": draw(3, 2).t(),
        "part.weight": shared[1:3, 2:5],
        "whole.weight": shared,
        "scalar": draw(1)[0],
        "empty": torch.zeros(0, 3),
        "half.weight": draw(3, 3).half(),
        "bfloat16.weight": draw(3, 3).bfloat16(),
        "double.weight": draw(3).double(),
        "bn.num_batches_tracked": torch.tensor(7),
    })


def same_tensors(state):
    """What a reader gets: float32, row by row, no integers."""
    return {k: v.detach().float().contiguous().clone() for k, v in state.items() if v.is_floating_point()}


class Runs:
    """Asks whoever unpickles it to call a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def main():
    FOLDER.mkdir(exist_ok=True)
    save = lambda value, name, **options: torch.save(value, FOLDER / name, **options)
    state = tensors()
    save(state, "state-dict.pth")
    save(dict(state), "protocol-4.pth", pickle_protocol=4)
    save_file(same_tensors(state), FOLDER / "state-dict.safetensors")

    parallel = {f"module.{k}": v for k, v in state.items()}
    average = {k: v * 2 for k, v in parallel.items()}
    optimizer = {"state": {0: {"momentum_buffer": torch.ones(3)}}, "param_groups": [{"lr": 0.1, "params": [0], "nesterov": False}]}
    save({"epoch": 300, "best_prec1": 77.5, "state_dict": parallel, "optimizer": optimizer, "state_dict_ema": average},
         "nested.pth")

    expanded = torch.ones(1).expand(1000, 1000)
    save({"expanded.weight": expanded}, "expanded.pth")
    save(state, "legacy.pth", _use_new_zipfile_serialization=False)
    save(torch.nn.Linear(2, 2), "whole-model.pth")
    import os
    save({"a.weight": torch.ones(2), "x": Runs(os.system, "echo evil")}, "evil-system.pth")
    save({"state_dict": {"a.weight": torch.ones(2)}, "optimizer": [{"x": Runs(eval, "print('evil')")}]}, "evil-nested.pth",
         pickle_protocol=4)
    with zipfile.ZipFile(FOLDER / "state-dict.pth") as stored, \
            zipfile.ZipFile(FOLDER / "compressed.pth", "w", zipfile.ZIP_DEFLATED) as compressed:
        for name in stored.namelist():
            compressed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), stored.read(name), zipfile.ZIP_DEFLATED)


main()
