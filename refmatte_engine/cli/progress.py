"""How the command line shows that long work goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from refmatte_engine.errors import Stopped

EVERY_S = 10  # between plain lines


class Bar:
    """A progress bar on a terminal; a plain line every ten seconds on a pipe."""

    def __init__(self, what: str, unit: str) -> None:
        self.what, self.unit = what, unit
        self.bar: object | None = None
        self.begun = self.told = time.monotonic()
        self.first = self.last = 0
        self.is_drawn = sys.stderr is not None and sys.stderr.isatty()  # None: started without

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
                disable=not self.is_drawn,
                leave=False,
            )
        bar = self.bar
        if done < self.last or not done:  # work, or another piece of it, begins now
            self.first, self.begun = done, time.monotonic()
            self.told = self.begun
            bar.reset(total)  # type: ignore[attr-defined]
        self.last = done
        bar.total = total  # type: ignore[attr-defined]
        bar.update(done - bar.n)  # type: ignore[attr-defined]
        bar.set_postfix_str(note, refresh=False)  # type: ignore[attr-defined]
        now = time.monotonic()
        if not self.is_drawn and now - self.told > EVERY_S and done < total:
            self.told = now
            pace = paced(done - self.first, now - self.begun, total - done)
            parts = (f"{self.what}: {done}/{total} {self.unit}s", pace, note)
            print(", ".join(filter(None, parts)), file=sys.stderr)

    def say(self, line: str) -> None:
        """A line above the bar."""
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()  # type: ignore[attr-defined]


def paced(done: int, seconds: float, left: int) -> str:
    """How fast it goes and how long it will take; empty while nothing is done.

    >>> paced(30, 10, 60), paced(1, 12, 2), paced(0, 11, 3)
    ('3.0/s, 20 s left', '12 s each, 24 s left', '')
    """
    if not done:
        return ""
    pace = f"{done / seconds:.1f}/s" if done > seconds else f"{seconds / done:.0f} s each"
    return f"{pace}, {left * seconds / done:.0f} s left"


@contextmanager
def resumable(kept: str) -> Iterator[None]:
    """Says after Ctrl-C or SIGTERM what is kept, and that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Stopped(stop, f"{kept} are kept: run the same command again to resume") from None
