"""Differences between what two files of a dataset say of the same, each told by its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from refmatte_engine.errors import RefMatteError
from refmatte_engine.storage.files import jsonl

SHOWN = 20  # differences between two files that are told


class Compared:
    """samples.jsonl, compared with what the receipts say, line by line."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_unreadable = path, False
        self._number = self._told = 0

    def readable(self, lines: Iterator[bytes], found: list[str]) -> Iterator[bytes]:
        """The lines, as far as they can be read; why no further goes to `found`."""
        try:
            yield from lines
        except RefMatteError as error:
            self.is_unreadable = True
            found.append(str(error))

    def differences(
        self, pairs: Iterable[tuple[bytes | None, dict[str, Any] | None]]
    ) -> Iterator[str]:
        """Where the next lines are not what the receipts say, at most SHOWN times."""
        for line, recorded in pairs:
            self._number += 1
            sample = recorded and recorded["sample"]
            if self.is_unreadable or (sample is not None and line == jsonl([sample])):
                continue
            self._told += 1
            where = f"{self.path}:{self._number}"
            if self._told > SHOWN:
                if self._told == SHOWN + 1:
                    yield f"{where}: and more lines differ from the shards' receipts"
                continue
            if line is None or sample is None:
                which = "is missing" if line is None else "is in no shard's receipt"
                yield f"{where}: {which}"
                continue
            try:
                key = _first_difference(json.loads(line), sample)
            except (ValueError, RecursionError):
                key = "the line"
            yield f"{where}: {key or 'its form'} differs from the shard's receipt"


def _first_difference(one: Any, other: Any, key: str = "") -> str:
    """The dotted key of the first value in which two JSON values differ, or ""."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(name, one.get(name), other.get(name)) for name in {**one, **other}]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return "" if one == other else key or "everything"
    for name, a, b in pairs:
        if a != b:
            return _first_difference(a, b, f"{key}.{name}" if key else name)
    return ""


def wrong_labels(path: Path, data: bytes, expected: dict[str, Any]) -> Iterator[str]:
    """Where a label file is not what the samples say."""
    try:
        labels = json.loads(data)
    except (ValueError, RecursionError):
        labels = None
    if not isinstance(labels, dict):
        yield f"{path}: is not a label file"
        return
    different = [stem for stem in {**expected, **labels} if expected.get(stem) != labels.get(stem)]
    for stem in different[:SHOWN]:
        key = _first_difference(labels.get(stem), expected.get(stem))
        if stem not in labels or stem not in expected:
            key = "is missing" if stem not in labels else "is in no sample"
        yield f"{path}: {stem}: {key}: differs from the sample it describes"
    if len(different) > SHOWN:
        yield f"{path}: and {len(different) - SHOWN} more entries differ from their samples"
    if not different:
        yield f"{path}: was changed after it was written (it says the same)"


class MergedLabels:
    """The digest of a label file that is put together entry by entry."""

    def __init__(self) -> None:
        self._hash, self._is_empty = hashlib.sha256(), True

    def add(self, entry: bytes) -> None:
        """One more entry, as `label_lines` gives it."""
        self._hash.update((b"{\n" if self._is_empty else b",\n") + entry)
        self._is_empty = False

    def digest(self) -> str:
        """SHA-256 in hex of the whole file."""
        whole = self._hash.copy()
        whole.update(b"{}\n" if self._is_empty else b"\n}\n")
        return whole.hexdigest()


def unlike(path: Path, told: dict[str, Any], meant: dict[str, Any], by: str) -> Iterator[str]:
    """The keys of a manifest whose values are not what something else says."""
    for key in sorted(told.keys() | meant.keys()):
        if told.get(key) != meant.get(key):
            yield f"{path}: {key}: {_short(told.get(key))}, but {by} {_short(meant.get(key))}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
