"""One training step of CLIPMat at 512 px: seconds, memory, parameters. `--device cuda` on a GPU.

python -m tests.bench.bench_step tiny b16 l14
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import torch

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers.network import Target

TEXT = "the red mug to the left of the brown teddy bear"
STEPS = 3


def measure(name: str, size: int, device: str) -> str:
    """One preset with random weights, batch 1: the fastest of a few steps."""
    torch.manual_seed(0)
    config = PRESETS[name].model_copy(update={"pretrained": None, "size": size})
    with torch.device(device):  # where random weights are soon made
        model = ClipMat(config).train()
    optimizer = torch.optim.AdamW(model.parameters())
    image, alpha = (
        torch.rand(2, 3, size, size)[:1].to(device),
        torch.rand(1, 1, size, size).to(device),
    )
    trimap = torch.randint(0, 3, (1, size, size)).to(device)
    tokens = model.reader.tokens([TEXT], "expression").to(device)
    seconds = []
    for _ in range(STEPS):
        begun = time.perf_counter()
        # Batch norm needs two values a channel, which the maps give; a batch of one is enough.
        found = model.losses(model(image, tokens), Target(image, alpha, trimap), {})
        total = torch.stack(list(found.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begun)
    if device == "cuda":
        memory = torch.cuda.max_memory_allocated()
    else:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"{name}\t{count / 1e6:.1f} M\t{min(seconds):.2f} s\t{memory / 2**30:.1f} GiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=["tiny", "b16", "l14"])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(measure(options.presets[0], options.size, options.device))
        return
    where = torch.cuda.get_device_name() if options.device == "cuda" else "CPU"
    print(f"{options.size} px, batch 1, fp32, {where}, {torch.get_num_threads()} threads")
    for name in options.presets:  # a process each, since memory is counted by its peak
        command = [sys.executable, "-m", "tests.bench.bench_step", name, "--alone"]
        command += ["--size", str(options.size), "--device", options.device]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    main()
