"""The template grammar: what it expands to, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.language import grammar
from refmatte_engine.language.grammar import Condition, Entry, Slot, Syntax, expand, parse


def texts(**rules: str | list[str]) -> list[str]:
    found = {
        name: tuple(
            Entry(parse(way), 1.0, f"{name}.{i}") for i, way in enumerate([ways] if isinstance(
                ways, str) else ways, 1)
        )
        for name, ways in rules.items()
    }  # fmt: skip
    return [
        "".join(p if isinstance(p, str) else f"<{p.name}{p.form and ':' + p.form}>" for p in
                pattern.pieces)
        for pattern in expand("start", found)
    ]  # fmt: skip


def test_alternatives_and_options() -> None:
    assert [t.split() for t in texts(start="a (b | c)")] == [["a", "b"], ["a", "c"]]
    assert texts(start="the [old] man") == ["the old man", "the  man"]
    assert texts(start="({a}|[x ]y)") == ["<a>", "x y", "y"]


def test_rules_pass_their_form_on() -> None:
    assert texts(start="in {np:dat}", np="{the} {noun} {color:bare}") == [
        "in <the:dat> <noun:dat> <color:bare>"
    ]


def test_agreement_groups() -> None:
    rules = {
        "start": (Entry(parse("{the} {noun} in {clothes}"), 1, "start.1"),),
        "clothes": (Entry(parse("{the} {garment}"), 1, "clothes.1"),),
    }
    the, noun, other, garment = expand("start", rules)[0].slots
    assert the.group == noun.group
    assert other.group == garment.group != noun.group


def test_weights_and_conditions_multiply_and_add_up() -> None:
    only = (Condition("is", "person.n.01"),)
    rules = {
        "start": (Entry(parse("{np} here"), 2, "start.1"),),
        "np": (Entry(parse("a (b | c)"), 3, "np.1", only),),
    }
    found = expand("start", rules)
    assert [p.weight for p in found] == [3, 3]
    assert {p.path for p in found} == {"start.1>np.1"}
    assert all(p.when == only for p in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("the [old man", "is never closed"),
        ("the (old | young", "is never closed"),
        ("the old] man", "is never opened"),
        ("old | young", "outside"),
        ("(old)", "only one alternative"),
        ("(old | )", "an empty alternative"),
        ("{} man", "an empty {}"),
        ("{noun", "is not a slot"),
        ("{Noun!}", "is not a slot"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    with pytest.raises(Syntax, match=problem):
        parse(text)


def test_endless_rules_are_refused() -> None:
    with pytest.raises(Syntax, match="contains itself"):
        texts(start="{np}", np="{start}")
    with pytest.raises(Syntax, match="more than"):
        texts(start="[a] " * 20)


@given(st.text(alphabet="ab {}[]()|:_", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        nodes = parse(text)
    except Syntax:
        return
    expanded = grammar.expand("start", {"start": (Entry(nodes, 1, "start.1"),)})
    assert all(isinstance(piece, (str, Slot)) for p in expanded for piece in p.pieces)
