"""Seams that every process of a trial has: a disk that is full after so many files, a clock that
goes back."""

from __future__ import annotations

import errno
import itertools
import os
import time
from pathlib import Path
from typing import Any

if at := os.environ.get("CHAOS_WRITES"):
    written, really_open = itertools.count(), Path.open

    def opened(path: Path, mode: str = "r", *words: Any, **more: Any) -> Any:
        is_ours = "chaos" in str(path) and "cache" not in str(path)
        if (
            is_ours
            and set(mode) & set("wax+")
            and path.name != ".lock"
            and next(written) >= int(at)
        ):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return really_open(path, mode, *words, **more)

    Path.open = opened  # type: ignore[method-assign]

if os.environ.get("CHAOS_CLOCK"):
    asked, clock, clock_ns = itertools.count(), time.time, time.time_ns
    time.time = lambda: clock() - 100 * next(asked)
    time.time_ns = lambda: clock_ns() - 100_000_000_000 * next(asked)
