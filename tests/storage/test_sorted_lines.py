"""Sorted lines are those that were given, in order, however few are held."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.storage import sorted_lines
from refmatte_engine.storage.sorted_lines import SortedLines

LINES = st.lists(st.binary(max_size=9).filter(lambda line: b"\n" not in line), max_size=40)


@given(LINES, st.integers(1, 9), st.integers(1, 9))
def test_lines_come_in_order_as_often_as_wanted(lines: list[bytes], held: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_lines, "HELD", held)
        patch.setattr(sorted_lines, "BLOCK", block)
        found = SortedLines()
        for number, line in enumerate(lines):
            found.add(line)
            if number % 7 == 0:
                assert list(found) == sorted(lines[: number + 1])
        assert list(found) == sorted(lines)
        assert found.distinct() == len(set(lines))


def test_nothing_is_left_in_a_folder_and_none_need_be_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorted_lines, "HELD", 2)
    for folder in (tmp_path, tmp_path / "none"):
        found = SortedLines(folder)
        for line in (b"c", b"a", b"b"):
            found.add(line)
        assert list(found) == [b"a", b"b", b"c"]
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="several lines"):
        found.add(b"a\nb")
