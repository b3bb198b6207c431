"""Faults: everything wrong with a template file or a vocabulary, with line numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from refmatte_engine.config import mistakes, strict_yaml
from refmatte_engine.config.strict_yaml import Lines
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.language import grammar
from refmatte_engine.language.grammar import Pattern

Model = TypeVar("Model", bound=BaseModel)
Key = tuple[str | int, ...]  # how one gets to a value: ("kinds", "basic", 0)


@dataclass(frozen=True)
class Faults:
    """The faults found in a file, and the line of each of its keys."""

    path: Path
    lines: Lines = field(default_factory=dict)
    problems: list[InputError] = field(default_factory=list)

    def parse(self, model: type[Model]) -> Model | None:
        """The file as a `model`, or None and its problems noted, all at once."""
        try:
            data, lines = strict_yaml.read_yaml(self.path)
        except InputError as error:
            self.problems.append(error)
            return None
        self.lines.update(lines)
        if not isinstance(data, dict):
            self.note((), "must be a mapping of keys to values")
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.problems.extend(mistakes.explained(error, data, self.path, lines, model))
            return None

    def at(self, key: Key) -> str:
        known = next((key[:n] for n in range(len(key), -1, -1) if key[:n] in self.lines), ())
        return f"{self.path}:{self.lines.get(known, 1)}"

    def note(self, key: Key, problem: str, *, allowed: str = "", todo: str = "") -> None:
        self.problems.append(InputError(self.at(key), problem, allowed=allowed, todo=todo))

    def raise_first(self) -> None:
        """InputError if there are faults: the first one, and how many more there are."""
        if self.problems:
            first, more = self.problems[0], len(self.problems) - 1
            also = f" (and {more} more)" if more else ""
            problem = first.problem + also
            raise InputError(first.where, problem, allowed=first.allowed, todo=first.todo)

    def one_of(self, name: str, known: Iterable[str], key: Key, what: str) -> None:
        if name not in known:
            self.note(
                key, f"{name!r} is not {what}", allowed=listed(known, 24), todo=nearest(name, known)
            )

    def expanded(
        self,
        rules: grammar.Rules,
        name: str,
        key: Key,
        names: Collection[str] = (),
    ) -> tuple[Pattern, ...]:
        try:
            return grammar.expand(name, rules, names)
        except grammar.Syntax as error:
            self.note(key, str(error))
            return ()
