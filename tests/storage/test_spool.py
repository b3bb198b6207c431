"""A sequence on disk is the sequence that it holds."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.storage import spool
from refmatte_engine.storage.spool import Spool

COUNTS = st.sampled_from((0, 1, spool.BLOCK - 1, spool.BLOCK, 2 * spool.BLOCK, 200))


@given(count=COUNTS, start=st.integers(-210, 210), step=st.integers(1, 70))
def test_it_is_what_it_holds(count: int, start: int, step: int) -> None:
    values = [(n, f"text {n}") for n in range(count)]
    held = Spool(iter(values))
    assert len(held) == count
    assert list(held) == list(held) == values
    assert list(held[start::step]) == values[start::step]
    assert held == values
    assert held == pickle.loads(pickle.dumps(held))
    assert held != values[1:] or not values
    for number in {0, -1, count // 2, count - 1} if values else ():
        assert held[number] == values[number]
    two = zip(held, held, strict=True)  # two who read at once
    assert all(one == other for one, other in two)
    held.append((count, "more"))
    assert held[-1] == (count, "more")


def test_what_is_read_is_not_held() -> None:
    held = Spool(bytearray(1000) for _ in range(1000))
    assert len(held._held) < spool.BLOCK
    assert held != 7
