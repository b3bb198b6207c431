"""On which backgrounds things stand, where that is known better of some than of others."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.records import Background, GroundFrom
from refmatte_engine.scene.standing import RANKS, best

known = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(get_args(GroundFrom))))


@given(known)
def test_of_each_pack_the_best_known_are_used_and_never_none(
    found: list[tuple[str, GroundFrom]],
) -> None:
    places = [
        Background(str(i), pack, "", "train", (9, 9), str(i), ground_from=ground)
        for i, (pack, ground) in enumerate(found)
    ]
    used = best(places)
    assert bool(used) == bool(places)
    for pack in "ab":
        mine = [RANKS[p.ground_from] for p in places if p.pack == pack]
        taken = [RANKS[p.ground_from] for p in used if p.pack == pack]
        # All of those of which as much is known; of refused ones none beside others.
        wanted = [rank for rank in mine if rank == min(mine)]
        only_refused = all(p.ground_from == "refused" for p in places)
        assert taken == (wanted if wanted[:1] != [RANKS["refused"]] or only_refused else [])
