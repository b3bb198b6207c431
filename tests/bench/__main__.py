"""Every benchmark, one after another: python -m tests.bench"""

from __future__ import annotations

import runpy
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage


def processor_s() -> float:
    """Seconds of processor time so far, of this process and those that it has started."""
    used = [getrusage(whose) for whose in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


benches = sorted(Path(__file__).parent.glob("bench_*.py"))
for number, file in enumerate(benches, 1):
    print(f"\n== {number} of {len(benches)}: {file.stem}", flush=True)
    begun, used = time.monotonic(), processor_s()
    runpy.run_module(f"tests.bench.{file.stem}", run_name="__main__")
    took = processor_s() - used
    print(f"done in {time.monotonic() - begun:.0f} s, {took:.0f} s of processor time", flush=True)
