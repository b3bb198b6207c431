"""A draft as clauses: the same whether or not it is proved, and in the order that grounds it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.language import programs
from refmatte_engine.language.drafts import Drafter
from refmatte_engine.records import COMBINED
from tests.semantics.test_ground import languages, templates
from tests.support import cast


@languages
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_a_proof_changes_nothing_that_is_claimed(name: str, seed: int) -> None:
    dice = random.Random(seed)
    drafter = Drafter(cast.scene(dice), cast.CANVAS_HW, templates(name), dice)
    for kind in ("absolute", "relative", COMBINED):
        claim = drafter.draft(0, kind)
        if claim is None:
            continue
        program = programs.program(claim.draft)
        assert programs.proved(claim.draft, {}, ()) == program
        order = [programs.LAST[clause.op] for clause in program]
        assert order == sorted(order)
        proof = [((place,), 0.5, place == 0) for place in range(len(program))]
        found = programs.proved(claim.draft, {}, proof)
        assert [(c.left_after, c.margin, c.necessary) for c in found] == proof
