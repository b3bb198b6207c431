"""What was worked out lately, kept for when it is asked again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

MOST = 64

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The latest few values of something that depends on its key alone."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Value] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made unless it is kept."""
        value = self._values.get(key)
        if value is None:  # another thread may make it, too, or clear all meanwhile
            value = make()
            if len(self._values) >= MOST:
                self._values.clear()
            self._values[key] = value
        return value
