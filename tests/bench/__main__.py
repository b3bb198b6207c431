"""Every benchmark, one after another: python -m tests.bench"""

from __future__ import annotations

import runpy
import time
from pathlib import Path

benches = sorted(Path(__file__).parent.glob("bench_*.py"))
for number, file in enumerate(benches, 1):
    print(f"\n== {number} of {len(benches)}: {file.stem}", flush=True)
    begun = time.monotonic()
    runpy.run_module(f"tests.bench.{file.stem}", run_name="__main__")
    print(f"done in {time.monotonic() - begun:.0f} s", flush=True)
