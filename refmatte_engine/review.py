"""Looks at templates: what is wrong with them, and which parts a dataset used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from refmatte_engine import templates
from refmatte_engine.errors import InputError
from refmatte_engine.places import Places
from refmatte_engine.templates import NAMES, ORDERS, Templates

ALTERNATIVE = re.compile(r"[^>.]+\.\d+")


def check(path: str | Path) -> list[str]:
    """Everything that is wrong with a template file and its vocabulary, one line each: errors
    (file:line), alternatives that can never be said, rules that nothing uses."""
    places = Places(Path(path))
    found, of_words = templates.read(places)
    problems = [*of_words.problems, *places.problems]
    if found is not None:
        problems += _never_said(found, places)
    return list(dict.fromkeys(str(problem) for problem in problems))


def _never_said(found: Templates, places: Places) -> list[InputError]:
    """Notes alternatives that no entity can make use of."""
    before = len(places.problems)
    fillable = _fillable(found)
    reasons: dict[str, str] = {}
    said: set[str] = set()
    for made in found.kinds.values():
        for template in made:
            parts = ALTERNATIVE.findall(template.pattern.path)
            missing = [s.name for s in template.slots if s.name not in fillable]
            when = set(template.pattern.when)
            against = [c.name for c in when if c._replace(negated=not c.negated) in when]
            if missing:
                reason = f"the vocabulary has no words for {{{missing[0]}}}"
            elif against:
                reason = f"`when` and `unless` exclude each other ({against[0]})"
            else:
                said.update(parts)
                continue
            reasons.update(dict.fromkeys(parts, reason))
    for part, reason in reasons.items():
        if part not in said:
            places.note(_key(part, places), f"{part} can never be said: {reason}")
    used = {part.rsplit(".", 1)[0] for part in (*said, *reasons)}
    for key in places.lines:
        if len(key) == 2 and key[0] == "rules" and key[1] not in used:
            places.note(key, f"nothing uses the rule {key[1]!r}", todo="use it or remove it")
    return list(places.problems[before:])


def _fillable(found: Templates) -> set[str]:
    """The slots that the vocabulary has words for."""
    words = found.vocabulary
    file, slots = words.file, {"noun"}
    slots |= {name for name, slot in file.slots.items() if slot.others or words.listed(slot)}
    slots |= {name for name, parts in file.any_of.items() if slots & set(parts)}
    slots |= {name for name in (*ORDERS, "count") if getattr(file.orders, name)}
    slots |= {name for name, rule in NAMES.items() if rule in found.kinds}
    slots |= {"position"} if words.positions else set()
    return slots | ({"relation"} if words.relations else set())


def _key(part: str, places: Places) -> tuple[str | int, ...]:
    name, number = part.rsplit(".", 1)
    section = "kinds" if ("kinds", name) in places.lines else "rules"
    return section, name, int(number) - 1


def coverage(found: Templates, used: Iterable[str]) -> dict[str, int]:
    """How often each alternative of the templates, and each wording of a position or a relation
    ("relation left_of.2"), was used. `used` are the `template` fields of a dataset's expressions;
    alternatives that were never used count 0."""
    counts = Counter(part for path in used for part in ALTERNATIVE.findall(path))
    words = found.vocabulary
    patterns = [template.pattern for made in found.kinds.values() for template in made]
    patterns += [p for phrases in (words.positions, words.relations) for ways in phrases.values()
                 for p in ways]  # fmt: skip
    every = {part for pattern in patterns for part in ALTERNATIVE.findall(pattern.path)}
    return {part: counts[part] for part in sorted(every)}
