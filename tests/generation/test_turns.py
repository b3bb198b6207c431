"""Items shared out: each is one process's, none is left out, and any number of them goes on."""

from __future__ import annotations

from itertools import chain, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine import Turns
from refmatte_engine.errors import InputError

worlds = st.integers(1, 7)


@given(worlds, worlds, st.integers(0, 50), st.integers(0, 9), st.integers(0, 60))
def test_another_number_of_processes_goes_on(
    world: int, later: int, first: int, steps: int, more: int
) -> None:
    """After any number of steps: what was used, then what is left, are all items in a row."""
    count = world * steps + more
    begun = [Turns(rank, world, first=first, count=count) for rank in range(world)]
    used = [list(islice(turns, steps)) for turns in begun]  # a loader may have read further
    for turns in begun:
        turns.used(steps)
    states = [turns.state_dict() for turns in begun]
    assert all(state == states[0] for state in states)
    resumed = [Turns(rank, later, first=first, count=count) for rank in range(later)]
    for turns in resumed:
        turns.load_state_dict(states[0])
    left = [list(turns) for turns in resumed]
    assert [len(turns) for turns in resumed] == [more // later] * later == list(map(len, left))
    taken = sorted(chain(*used, *left))
    assert taken == list(range(first, first + world * steps + more // later * later))


def test_without_a_count_there_is_no_end() -> None:
    assert list(islice(Turns(1, 3), 4)) == [1, 4, 7, 10]
    with pytest.raises(TypeError):
        len(Turns())


@pytest.mark.parametrize("state", [{}, {"next": -1}, {"next": "1"}, {"next": True}, None])
def test_a_state_that_says_no_place_is_refused(state: dict[str, int]) -> None:
    with pytest.raises(InputError, match="says no place"):
        Turns().load_state_dict(state)


@pytest.mark.parametrize(("rank", "world"), [(2, 2), (-1, 2), (0, 0)])
def test_a_rank_that_there_is_not_is_refused(rank: int, world: int) -> None:
    with pytest.raises(InputError, match="rank"):
        Turns(rank, world)
