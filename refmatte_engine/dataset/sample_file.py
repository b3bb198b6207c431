"""samples.jsonl: the samples of a split, a line each, read when they are wanted."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from refmatte_engine.errors import InputError
from refmatte_engine.records import Sample, from_json, is_plain
from refmatte_engine.storage import json_file

NAME = "samples.jsonl"
PLAIN_NAMES = "letters, digits, - and _"
BLOCK = 1 << 20  # bytes that are looked through at once


def place(number: object) -> int:
    """The number of an item, from 0. TypeError for what is no whole number; IndexError for one
    below 0: nothing is counted from an end, which not all have."""
    try:
        found = operator.index(number)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"items go by whole numbers from 0, not by {number!r}") from None
    if found < 0:
        raise IndexError(f"items go by numbers from 0, not by {found}")
    return found


class SampleFile:
    """The samples of `split` in the file at `path`. What is read is never kept; only where each
    line begins, once a sample is asked for by its number."""

    def __init__(self, path: Path, split: str) -> None:
        self.path, self.split = path, split
        self._begins: NDArray[np.int64] | None = None

    def lines(self) -> Iterator[bytes]:
        """The lines as they are. InputError if the file cannot be read."""
        try:
            with self.path.open("rb") as lines:
                yield from lines
        except OSError as error:
            raise self._unreadable(error) from None

    def parsed(self, line: bytes, number: int) -> Sample:
        """The sample in line `number`, from 0. InputError names file and line of one that is no
        record of this split."""
        where = f"{self.path}:{number + 1}"
        try:
            sample = from_json(Sample, json.loads(line.decode(json_file.TEXT)))
        except RecursionError:
            raise InputError(where, "is not a sample record: it is nested too deeply") from None
        except (ValueError, ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(where, f"is not a sample record: {reason}") from None
        check(sample, self.split, where)
        return sample

    def __getitem__(self, number: int) -> Sample:
        """Sample `number`, from 0. IndexError if there is none; InputError as `parsed` has it."""
        number, begins = place(number), self._found()
        if number >= len(begins):
            raise IndexError(number)
        try:
            with self.path.open("rb") as lines:
                lines.seek(int(begins[number]))
                return self.parsed(lines.readline(), number)
        except OSError as error:
            raise self._unreadable(error) from None

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> NDArray[np.int64]:
        """Where each line begins."""
        if self._begins is None:
            found, at, last = [np.zeros(1, np.int64)], 0, b"\n"
            try:
                with self.path.open("rb") as file:
                    while block := file.read(BLOCK):
                        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
                        found.append(ends + (at + 1))
                        at, last = at + len(block), block[-1:]
            except OSError as error:
                raise self._unreadable(error) from None
            begins = np.concatenate(found)
            self._begins = begins[:-1] if last == b"\n" else begins
        return self._begins

    def _unreadable(self, error: OSError) -> InputError:
        return InputError(self.path, f"cannot be read: {error.strerror or error}")


def check(sample: Sample, split: str, where: str) -> None:
    """InputError if a record of `split` is invalid: names unfit for a path, or texts about entities
    that do not exist."""
    for name in (sample.name, *filter(None, (sample.twin, sample.siblings))):
        if not is_plain(name):
            raise InputError(where, f"{name!r} is not an image name", allowed=PLAIN_NAMES)
    if sample.split != split:
        raise InputError(where, f"says split {sample.split!r}", allowed=repr(split))
    indices = [entity.index for entity in sample.entities]
    if indices != list(range(1, len(indices) + 1)):
        raise InputError(where, f"has entities {indices}", allowed="1, 2, 3 … in this order")
    meant = {referent for said in sample.expressions for referent in said.referents}
    if nobody := meant - set(indices):
        raise InputError(where, f"has a text that means entity {min(nobody)}, which does not exist")
