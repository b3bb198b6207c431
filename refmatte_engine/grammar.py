"""The small grammar of templates: text, {slots}, (alternatives | …) and [optional parts].

Templates are expanded once, when they are loaded, into flat patterns: text and slots in a row.
Nothing in a template is ever executed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

MOST = 4000  # patterns that one kind of expression may expand to


class Slot(NamedTuple):
    """`{name:form}`. `group` numbers the rule it stands in: what agrees has the same number."""

    name: str
    form: str = ""
    group: int = 0


Piece = str | Slot


class Condition(NamedTuple):
    """Something that must be true of the entity: `name` is "is" (a kind) or an attribute."""

    name: str
    value: str
    negated: bool = False


class Pattern(NamedTuple):
    """One way to say something. `path` names the alternatives it was made from."""

    pieces: tuple[Piece, ...]
    weight: float = 1.0
    path: str = ""
    when: tuple[Condition, ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Slot))


class Syntax(ValueError):
    """What is wrong with a template's text; the caller knows the file and line."""


Node = str | Slot | tuple[str, list[list["Node"]]]

_TOKEN = re.compile(r"\{\s*([a-z_0-9]*)\s*(?::\s*([a-z_]+)\s*)?\}|([\[\](){}|])|([^\[\](){}|]+)")


def parse(text: str) -> list[Node]:
    """The text as a tree. Syntax says what is wrong and where in the text."""
    tokens = list(_TOKEN.finditer(text))
    nodes, at = _sequence(text, tokens, 0, "")
    if at < len(tokens):
        raise Syntax(f"{tokens[at].group()!r} has no beginning in {text!r}")
    return nodes


def _sequence(
    text: str, tokens: Sequence[re.Match[str]], at: int, inside: str
) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    while at < len(tokens):
        name, form, mark, literal = tokens[at].groups()
        if literal is not None:
            nodes.append(literal)
        elif mark is None:
            if not name:
                raise Syntax(f"an empty {{}} in {text!r}; name a slot or a rule")
            nodes.append(Slot(name, form or ""))
        elif mark in "[(":
            close = {"[": "]", "(": ")"}[mark]
            choices: list[list[Node]] = []
            while True:
                choice, at = _sequence(text, tokens, at + 1, close)
                choices.append(choice)
                if at >= len(tokens):
                    raise Syntax(f"{mark!r} is never closed in {text!r}")
                if tokens[at].group() == close:
                    break
            if mark == "(" and len(choices) == 1:
                raise Syntax(f"only one alternative between ( and ) in {text!r}; use | or [ ]")
            if any(not "".join(str(n) for n in choice).strip() for choice in choices):
                raise Syntax(f"an empty alternative in {text!r}; use [ ] for what may be left out")
            nodes.append(("[" if mark == "[" else "(", choices))
        elif mark == "|" and not inside:
            raise Syntax(f"| stands outside of ( ) in {text!r}")
        elif mark in "{}":
            raise Syntax(
                f"{mark!r} is no slot in {text!r}; slots look like {{name}} or {{name:form}}"
            )
        else:
            return nodes, at
        at += 1
    return nodes, at


class Entry(NamedTuple):
    """One alternative of a rule, parsed."""

    nodes: list[Node]
    weight: float
    label: str
    when: tuple[Condition, ...] = ()


Rules = dict[str, tuple[Entry, ...]]


def expand(rule: str, rules: Rules) -> tuple[Pattern, ...]:
    """All patterns of a rule. Syntax if it contains itself or has more than `MOST`."""
    groups = itertools.count(1)
    found = [
        pattern
        for entry in rules[rule]
        for pattern in _entry(entry, rules, (rule,), "", groups.__next__)
    ]
    return tuple(_tidy(pattern) for pattern in found)


def _entry(
    entry: Entry, rules: Rules, above: tuple[str, ...], form: str, new_group: Callable[[], int]
) -> Iterator[Pattern]:
    group = new_group()
    for way in _expand(entry.nodes, rules, above, form, group, new_group):
        weight, path = way.weight * entry.weight, entry.label + way.path
        yield Pattern(way.pieces, weight, path, entry.when + way.when)


def _expand(
    nodes: list[Node], rules: Rules, above: tuple[str, ...], form: str, group: int,
    new_group: Callable[[], int],
) -> list[Pattern]:  # fmt: skip
    found = [Pattern(())]
    for node in nodes:
        ways: list[Pattern]
        if isinstance(node, str):
            ways = [Pattern((node,))]
        elif isinstance(node, Slot) and node.name in rules:
            if node.name in above:
                raise Syntax(f"the rule {node.name!r} contains itself")
            inner, case = (*above, node.name), node.form or form
            ways = [
                pattern._replace(path=f">{pattern.path}")
                for entry in rules[node.name]
                for pattern in _entry(entry, rules, inner, case, new_group)
            ]
        elif isinstance(node, Slot):
            ways = [Pattern((Slot(node.name, node.form or form, group),))]
        else:
            mark, choices = node
            ways = [
                way._replace(weight=way.weight / len(choices))
                for choice in choices
                for way in _expand(choice, rules, above, form, group, new_group)
            ]
            if mark == "[":
                ways.append(Pattern(()))
        if len(found) * len(ways) > MOST:
            raise Syntax(f"more than {MOST} ways to say it; use fewer optional parts")
        found = [
            Pattern(a.pieces + b.pieces, a.weight * b.weight, a.path + b.path, a.when + b.when)
            for a in found
            for b in ways
        ]
    return found


def _tidy(pattern: Pattern) -> Pattern:
    """Neighbouring text joined, so that realising a pattern touches as little as possible."""
    pieces: list[Piece] = []
    for piece in pattern.pieces:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pattern._replace(pieces=tuple(pieces))
