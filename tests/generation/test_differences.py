"""Differences between two files are told by their places, and not too many of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.generation import differences
from refmatte_engine.generation.differences import SHOWN, Compared, MergedLabels
from refmatte_engine.storage.files import digest, jsonl

PLACE = Path("samples.jsonl")


def told(lines: list[bytes | None], samples: list[Any], step: int) -> list[str]:
    recorded = [None if sample is None else {"sample": sample} for sample in samples]
    pairs, compared = list(zip(lines, recorded, strict=True)), Compared(PLACE)
    pieces = (pairs[i : i + step] for i in range(0, len(pairs), step))
    return [line for piece in pieces for line in compared.differences(piece)]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 20))
def test_each_line_that_differs_is_told_up_to_some(same: list[bool], step: int) -> None:
    samples = [{"index": number} for number in range(len(same))]
    lines: list[bytes | None] = [
        jsonl([sample if is_same else {"index": -1}])
        for sample, is_same in zip(samples, same, strict=True)
    ]
    found = told(lines, samples, step)
    wrong = [number for number, is_same in enumerate(same, 1) if not is_same]
    expected = [f"{PLACE}:{n}: index differs from the shard's receipt" for n in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        expected.append(f"{PLACE}:{wrong[SHOWN]}: and more lines differ from the shards' receipts")
    assert found == expected


def test_a_line_too_many_and_one_too_few() -> None:
    assert told([None, b"{}\n"], [{}, None], 2) == [
        f"{PLACE}:1: is missing",
        f"{PLACE}:2: is in no shard's receipt",
    ]


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=4))
def test_a_label_file_entry_by_entry_is_the_whole(entries: dict[str, int]) -> None:
    merged = MergedLabels()
    lines = [f"{json.dumps(stem)}: {value}".encode() for stem, value in entries.items()]
    for line in lines:
        merged.add(line)
    whole = b"{\n" + b",\n".join(lines) + b"\n}\n" if lines else b"{}\n"
    assert merged.digest() == digest(whole)
    assert list(differences.wrong_labels(PLACE, whole, entries)) == [
        f"{PLACE}: was changed after it was written (it says the same)"
    ]
