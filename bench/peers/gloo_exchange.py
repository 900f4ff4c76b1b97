"""Sums over two processes by torch.distributed's gloo, which PyTorch trains with on CPUs.

Prints a JSON line with the milliseconds of each; ../ranks/contestants.ts reads it.
"""

import argparse
import json
import multiprocessing
import tempfile
import time

WARM_UP = 2


def exchange(rank, store, floats, runs):
    import torch
    import torch.distributed as distributed

    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    milliseconds = []
    for run in range(WARM_UP + runs):
        vector = torch.full((floats,), float(rank + 1))
        distributed.barrier()
        start = time.perf_counter()
        distributed.all_reduce(vector)
        if run >= WARM_UP:
            milliseconds.append(1e3 * (time.perf_counter() - start))
    is_right = bool((vector == 3).all())
    if rank == 0:
        name = f"gloo, PyTorch {torch.__version__}"
        print(json.dumps({"name": name, "milliseconds": milliseconds, "isRight": is_right}), flush=True)
    distributed.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floats", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        arguments = (f"{folder}/store", options.floats, options.runs)
        processes = [multiprocessing.Process(target=exchange, args=(rank, *arguments)) for rank in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()


if __name__ == "__main__":
    main()
