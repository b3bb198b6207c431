"""What is kept is what was made, and is not made again while it is kept."""

from __future__ import annotations

from functools import partial

from refmatte_engine.scene.kept import MOST, Kept


def test_a_value_is_made_once_while_it_is_kept() -> None:
    kept: Kept[int] = Kept()
    made: list[int] = []

    def value(key: int) -> int:
        made.append(key)
        return key * key

    keys = [*range(MOST), *range(MOST)]
    assert [kept.get(key, partial(value, key)) for key in keys] == [k * k for k in keys]
    assert made == [*range(MOST)]
    assert kept.get(MOST, lambda: value(MOST)) == MOST * MOST
    assert kept.get(0, lambda: value(0)) == 0
    assert made == [*range(MOST + 1), 0]  # no more than so many are kept
