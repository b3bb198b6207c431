"""What is said where a model's work does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from refmatte_engine.errors import RefMatteError


@contextmanager
def enough_for(device: object, *lower: str) -> Iterator[None]:
    """RefMatteError with what may be lowered, what helps most first, where memory runs out."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        # torch's is a RuntimeError; on the CPU a plain one, told by what it says.
        if not isinstance(error, MemoryError) and "allocate" not in str(error):
            raise
        todo = "; or ".join(lower)
        raise RefMatteError(device, "has too little memory", todo=todo) from None
