"""The verdicts on a picture: the same as of each word by itself, whoever asked before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.records import Entity
from refmatte_engine.semantics import relations, verdicts
from tests.semantics.test_relations import scenes
from tests.support import cast


@given(scenes, st.randoms())
def test_what_is_known_is_what_each_word_says(entities: tuple[Entity, ...], dice) -> None:  # type: ignore[no-untyped-def]
    shapes = relations.shapes(entities, cast.CANVAS_HW)
    known = verdicts.Verdicts(shapes)
    asked = [*relations.POSITIONS, *relations.RELATIONS]
    dice.shuffle(asked)
    for name in asked:
        if name in relations.POSITIONS:
            said = known.position(name)
            others = [[b for b in shapes if b is not a] for a in shapes]
            truth = [relations.POSITIONS[name](a, o) for a, o in zip(shapes, others, strict=True)]
            assert (list(said.verdicts), said.sure, said.possible) == (truth, *_sets(truth))
        else:
            for b, of_b in zip(shapes, known.relation(name), strict=True):
                holds = relations.RELATIONS[name]
                truth = [verdicts.NO if a is b else holds(a, b) for a in shapes]
                assert (list(of_b.verdicts), of_b.sure, of_b.possible) == (truth, *_sets(truth))
    for name, amid in relations.AMID.items():
        truth = [verdicts.NO, verdicts.NO, *(amid(a, shapes[0], shapes[1]) for a in shapes[2:])]
        assert list(known.amid(name, 0, 1).verdicts) == truth
    for order in relations.ORDERS:
        assert known.ahead(order, 0, 1) == relations.ahead(order, shapes[0], shapes[1])


def test_between_lists_plain_relations_with_margins() -> None:
    entities = (
        cast.entity(1, "mug", (100, 300, 500, 700)),
        cast.entity(2, "cat", (600, 320, 1000, 720)),
    )
    found = {(r.subject, r.predicate, r.object): r.margin for r in verdicts.relate(
        entities, cast.CANVAS_HW)}  # fmt: skip
    assert found[1, "left_of", 2] > 0
    assert (2, "left_of", 1) not in found
    assert all(margin > 0 for margin in found.values())


def _sets(truth: list[relations.Verdict]) -> tuple[int, int]:
    sure = sum(1 << i for i, verdict in enumerate(truth) if verdict.margin > 0)
    return sure, sum(1 << i for i, v in enumerate(truth) if v.margin > 0 or v.possible)
