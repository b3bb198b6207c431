"""The grammar of templates: text, {slots}, (alternatives | …) and [optional parts].

Templates are expanded once, at loading, into flat patterns: sequences of text and slots. Nothing in
a template is ever executed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

MOST = 4000  # patterns that one kind of expression may expand to
DEEPEST = 30  # rules that may stand in one another
LONGEST = 120  # texts and slots that one pattern may have


class Slot(NamedTuple):
    """`{name:form}`. `group` numbers the rule it belongs to: slots that agree share the number."""

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
    """One way to say something. `path` names the alternatives it was expanded from."""

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
    """The text as a tree. Syntax says what is invalid and where in the text."""
    tokens = list(_TOKEN.finditer(text))
    nodes, at = _sequence(text, tokens, 0, "")
    if at < len(tokens):
        raise Syntax(f"{tokens[at].group()!r} is never opened in {text!r}")
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
            raise Syntax(f"| is outside ( ) in {text!r}")
        elif mark in "{}":
            raise Syntax(
                f"{mark!r} is not a slot in {text!r}; slots look like {{name}} or {{name:form}}"
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


def expand(rule: str, rules: Rules, names: Collection[str] = ()) -> tuple[Pattern, ...]:
    """All patterns of a rule. `names` are slots that name things: where two or more of them stand
    in one alternative they stay slots, also those that are rules as well ("{several} and {one}").

    Syntax if a rule contains itself, or for more than `MOST`, `DEEPEST`, `LONGEST`.
    """
    expansion = _Expansion(rules, frozenset(names), itertools.count(1))
    found = expansion.of_rule(rule, (rule,), "")
    if len(found) > MOST:
        raise Syntax(f"more than {MOST} ways to say it; use fewer optional parts")
    return tuple(_tidy(pattern) for pattern in found)


class _Expansion(NamedTuple):
    rules: Rules
    names: frozenset[str]
    groups: Iterator[int]

    def of_rule(self, rule: str, above: tuple[str, ...], form: str) -> list[Pattern]:
        found = []
        for entry in self.rules[rule]:
            named = [slot.name for slot in slots_in(entry.nodes) if slot.name in self.names]
            kept = self.names if len(named) > 1 else frozenset[str]()
            for way in self._of(entry.nodes, above, form, next(self.groups), kept):
                weight, path = way.weight * entry.weight, entry.label + way.path
                found.append(Pattern(way.pieces, weight, path, entry.when + way.when))
        return found

    def _of(
        self, nodes: list[Node], above: tuple[str, ...], form: str, group: int, kept: frozenset[str]
    ) -> list[Pattern]:
        found = [Pattern(())]
        for node in nodes:
            ways: list[Pattern]
            if isinstance(node, str):
                ways = [Pattern((node,))]
            elif isinstance(node, Slot) and node.name in self.rules and node.name not in kept:
                if node.name in above:
                    raise Syntax(f"the rule {node.name!r} contains itself")
                if len(above) > DEEPEST:
                    raise Syntax(f"rules are nested more than {DEEPEST} deep")
                inner = self.of_rule(node.name, (*above, node.name), node.form or form)
                ways = [pattern._replace(path=f">{pattern.path}") for pattern in inner]
            elif isinstance(node, Slot):
                ways = [Pattern((Slot(node.name, node.form or form, group),))]
            else:
                mark, choices = node
                ways = [
                    way._replace(weight=way.weight / len(choices))
                    for choice in choices
                    for way in self._of(choice, above, form, group, kept)
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
            if any(len(pattern.pieces) > LONGEST for pattern in found):
                raise Syntax(f"more than {LONGEST} texts and slots in a row; say less at once")
        return found


def slots_in(nodes: Sequence[Node]) -> list[Slot]:
    """All slots of a parsed text, also those in alternatives and optional parts."""
    found: list[Slot] = []
    for node in nodes:
        if isinstance(node, Slot):
            found.append(node)
        elif isinstance(node, tuple):
            found += [slot for choice in node[1] for slot in slots_in(choice)]
    return found


def choices_in(nodes: Sequence[Node]) -> Iterator[tuple[str, list[list[Node]]]]:
    """All alternatives and optional parts of a parsed text, with the mark that opens them."""
    for node in nodes:
        if isinstance(node, tuple) and not isinstance(node, Slot):
            yield node
            for choice in node[1]:
                yield from choices_in(choice)


def shown(node: Node) -> str:
    """A piece of a template as it was written."""
    if isinstance(node, str):
        return node
    if isinstance(node, Slot):
        return f"{{{node.name}:{node.form}}}" if node.form else f"{{{node.name}}}"
    mark, choices = node
    inner = "|".join("".join(map(shown, choice)) for choice in choices)
    return f"{mark}{inner}{']' if mark == '[' else ')'}"


def _tidy(pattern: Pattern) -> Pattern:
    """Neighbouring text joined, so that realising a pattern touches as little as possible."""
    pieces: list[Piece] = []
    for piece in pattern.pieces:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pattern._replace(pieces=tuple(pieces))
