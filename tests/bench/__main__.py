"""Every benchmark, one after another: python -m tests.bench"""

from __future__ import annotations

import runpy
from pathlib import Path

for file in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(f"\n== {file.stem}")
    runpy.run_module(f"tests.bench.{file.stem}", run_name="__main__")
