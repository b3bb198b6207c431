"""Processes that were started together, by torchrun or `accelerate launch`, each of which does a
share of the work. One that was started alone does all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from refmatte_engine.errors import RefMatteError

T = TypeVar("T")
PATIENCE = timedelta(days=30)  # with the slowest of them


@dataclass(frozen=True, slots=True)
class Place:
    """Process `rank` of `world`."""

    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that speaks for all."""
        return self.rank == 0


def started() -> Place:
    """The place of this process, as who started it says."""
    return Place(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


@contextmanager
def joined() -> Iterator[Place]:
    """The place of this process, which can hear of the others meanwhile (`gathered`)."""
    place = started()
    if place.world == 1:
        yield place
        return
    from torch import distributed

    distributed.init_process_group("gloo", timeout=PATIENCE)  # what they tell is small
    try:
        yield place
    finally:
        distributed.destroy_process_group()


def gathered(own: T) -> list[T]:
    """What each of the processes has, in their order; waits for all. RefMatteError if one is
    gone."""
    if started().world == 1:
        return [own]
    from torch import distributed

    found: list[T] = [own] * distributed.get_world_size()
    try:
        distributed.all_gather_object(found, own)
    except RuntimeError:
        raise RefMatteError("another process", "has ended, so this one ends") from None
    return found
