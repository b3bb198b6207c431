"""How the command line shows that long work goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from refmatte_engine.errors import Stopped


class Bar:
    """A progress bar on a terminal; a plain line every ten seconds on a pipe."""

    def __init__(self, what: str, unit: str) -> None:
        self.what, self.unit = what, unit
        self.bar: object | None = None
        self.begun = self.told = time.monotonic()
        self.first = self.last = 0

    def __enter__(self) -> Bar:
        return self

    def update(self, done: int, total: int, note: str = "") -> None:
        if self.bar is None:
            from tqdm import tqdm

            self.first = done
            self.bar = tqdm(
                total=total,
                initial=done,
                desc=self.what,
                unit=self.unit,
                disable=not sys.stderr.isatty(),
                leave=False,
            )
        bar = self.bar
        if done < self.last:  # another piece of work of the same kind has begun
            self.first, self.begun = done, time.monotonic()
            self.told = self.begun
            bar.reset(total)  # type: ignore[attr-defined]
        self.last = done
        bar.total = total  # type: ignore[attr-defined]
        bar.update(done - bar.n)  # type: ignore[attr-defined]
        bar.set_postfix_str(note, refresh=False)  # type: ignore[attr-defined]
        now = time.monotonic()
        if not sys.stderr.isatty() and now - self.told > 10 and done < total:
            self.told = now
            rate = (done - self.first) / (now - self.begun)
            left = f", {(total - done) / rate:.0f} s left" if rate else ""
            line = (
                f"{self.what}: {done}/{total} {self.unit}s, {rate:.1f}/s{left}{note and ', '}{note}"
            )
            print(line, file=sys.stderr)

    def say(self, line: str) -> None:
        """A line above the bar."""
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()  # type: ignore[attr-defined]


@contextmanager
def resumable(kept: str) -> Iterator[None]:
    """Says after Ctrl-C or SIGTERM what is kept, and that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Stopped(stop, f"{kept} are kept: run the same command again to resume") from None
