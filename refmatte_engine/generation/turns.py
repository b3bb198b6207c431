"""Turns: which items of an endless stream each of several processes takes, and where all stand."""

from __future__ import annotations

from collections.abc import Iterator

from refmatte_engine.errors import InputError


class Turns:
    """The numbers of the items that process `rank` of `world` takes, in order: every `world`-th
    from `first` on, and of `count` items in all (None: without an end) as many as every other
    process. It is a sampler for torch's DataLoader, whose workers then have nothing to agree on.

    `used` counts what has been worked through, so that what a loader has read ahead is not lost:
    `state_dict` says where all processes stand, whatever the number of workers, and
    `load_state_dict` takes it up, also in another number of processes.
    """

    def __init__(
        self, rank: int = 0, world: int = 1, *, first: int = 0, count: int | None = None
    ) -> None:
        if not 0 <= rank < world:
            raise InputError("rank", f"{rank} is none of {world}", allowed=f"0 to {world - 1}")
        if first < 0 or (count is not None and count < 0):
            raise InputError("first, count", "are below 0", allowed="0 and more")
        self.rank, self.world, self.next = rank, world, first
        self.end = None if count is None else first + count

    def __iter__(self) -> Iterator[int]:
        """The numbers from where `used` stands."""
        number, left = self.next + self.rank, len(self) if self.end is not None else None
        while left is None or left > 0:
            yield number
            number += self.world
            left = None if left is None else left - 1

    def __len__(self) -> int:
        """How many of `count` are left for this process. TypeError without a count."""
        if self.end is None:
            raise TypeError("turns without a count have no end")
        return max(0, self.end - self.next) // self.world

    def used(self, items: int) -> None:
        """So many more items have been worked through here; and in every other process, as all
        take their steps together."""
        self.next += items * self.world

    def state_dict(self) -> dict[str, int]:
        """Where all processes stand: the number of the first item that nobody has used."""
        return {"next": self.next}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Goes on where another stood. InputError if it says no place."""
        place = state.get("next") if isinstance(state, dict) else None
        if not isinstance(place, int) or isinstance(place, bool) or place < 0:
            raise InputError("the state", f"{state!r} says no place", allowed="{'next': 0 or more}")
        self.next = place
