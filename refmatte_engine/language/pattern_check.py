"""Faults in what templates can say: examines every pattern that they expand to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from refmatte_engine.language import grammar
from refmatte_engine.language.faults import Faults, Key
from refmatte_engine.language.grammar import Condition, Entry, Pattern, Rules, slots_in
from refmatte_engine.language.template_check import entries, key_of
from refmatte_engine.language.template_file import (
    NAMES,
    ORDERS,
    SEVERAL,
    TARGET,
    File,
    described,
    kind_rule,
    known_slots,
)
from refmatte_engine.language.vocabulary import PLURAL, Vocabulary
from refmatte_engine.records import GROUP, KEYWORD, NONE
from refmatte_engine.semantics import lexicon

ALTERNATIVE = re.compile(r"[^>.]+\.\d+")
OWN = {KEYWORD: "noun", "absolute": "position", "relative": "relation"}  # what a kind must have
COUNTING = ((), ("comparative",), ("count",), ("ordinal", "side"), ("superlative",))


def examine(
    patterns: Mapping[str, tuple[Pattern, ...]],
    file: File,
    rules: Rules,
    words: Vocabulary,
    faults: Faults,
) -> None:
    """Notes what `patterns`, all that the file can say of each kind, cannot mean: texts without a
    slot, kinds without their own, targets without end, alternatives that nothing can choose."""
    written = {entry.label: entry for _, entry in entries(file, rules)}
    noted: set[tuple[Key, str]] = set()
    for kind, made in patterns.items():
        for pattern in made:
            found = _wrong(kind, pattern, words)
            if found is None:
                continue
            problem, todo, slot = found
            parts = [part for part in ALTERNATIVE.findall(pattern.path) if part in written]
            named = [
                p for p in parts if slot and any(s.name == slot for s in slots_in(written[p].nodes))
            ]
            part = named[-1] if named else parts[0 if slot is None else -1]
            if (key := key_of(part, file), problem.split(":")[0]) not in noted:
                noted.add((key, problem.split(":")[0]))
                faults.note(key, f"{part}: {problem}: {shown(pattern)!r}", todo=todo)
    _check_targets(patterns, written, file, faults)
    if not faults.problems:
        _never_said(patterns, file, words, faults)
        _check_repeated(patterns, file, rules, faults)


def shown(pattern: Pattern) -> str:
    """A pattern as one would write it."""
    return " ".join("".join(map(grammar.shown, pattern.pieces)).split())


def _wrong(kind: str, pattern: Pattern, words: Vocabulary) -> tuple[str, str, str | None] | None:
    """What is wrong with a pattern of a kind, what to do, and the slot to blame: None for the
    kind's own alternative, "" for the innermost."""
    known = known_slots(words)
    slots = tuple(slot for slot in pattern.slots if slot.name in known)
    names = [slot.name for slot in slots]
    if not slots:
        return "it can be said without any slot, so that it means nothing", "add a slot", ""
    naming = [name for name in names if name in NAMES]
    rest = [name for name in names if name not in NAMES]
    if naming and rest:
        problem = f"{{{naming[0]}}} names a whole thing, and {{{rest[0]}}} cannot be said of it"
        return problem, f"leave {{{rest[0]}}} to the rule {NAMES[naming[0]]!r}", naming[0]
    if names.count("relation") > 1:
        return "{relation} appears twice", "say one of them", "relation"
    counting = tuple(sorted(name for name in names if name in (*ORDERS, "count")))
    if counting not in COUNTING:
        if counting in (("ordinal",), ("side",)):
            other = {"ordinal": "side", "side": "ordinal"}[counting[0]]
            problem = f"{{{counting[0]}}} is said without {{{other}}}"
            return problem, f"add {{{other}}}", counting[0]
        said = " and ".join(f"{{{name}}}" for name in counting)
        allowed = "one of {count}, {comparative}, {superlative}, or {ordinal} with {side}"
        return f"{said} cannot be said together", f"use {allowed}", counting[0]
    for at, slot in enumerate(slots):
        of = words.file.slots[slot.name].of if slot.name in words.file.slots else None
        if of is not None and described(at, slots, words) is None:
            return (
                f"{{{slot.name}}} describes {{{of}}}, which does not exist",
                f"add {{{of}}}",
                slot.name,
            )
    same = words.file.plurals == "none"  # one word for one thing and for several
    plural = any(slot.name == "noun" and (same or slot.form == PLURAL) for slot in slots)
    many = "count" in names or "several" in names or len(naming) > 1
    if kind in (GROUP, SEVERAL):
        if counting and counting != ("count",):
            return f"{{{counting[0]}}} is of one thing", "use {count}", counting[0]
        if not many and not plural:
            todo = "use {noun:plural}, {count}, {several}, or {one} and {other}"
            return "it names one thing, not several", todo, None
    elif many and kind != NONE:
        name = next(n for n in (*names, "") if n in ("count", *NAMES))
        return f"{{{name}}} is of several things, and {kind!r} means one", "use it in `group`", name
    if kind == NONE and all(name in ("relation", "count", *ORDERS, *NAMES) for name in names):
        todo = "add {noun}, {position} or a slot of the vocabulary"
        return "it has no word that a near miss could exchange", todo, None
    if kind == KEYWORD and names != ["noun"]:
        return "a keyword is the noun alone", 'write "{noun}"', None
    if kind in OWN and OWN[kind] not in names:
        return f"it can be said without {{{OWN[kind]}}}", f"add {{{OWN[kind]}}}", None
    return None


def _check_targets(
    patterns: Mapping[str, tuple[Pattern, ...]],
    written: Mapping[str, Entry],
    file: File,
    faults: Faults,
) -> None:
    """Notes names of things that take another name to be made, and so on without end."""
    needs = {name: NAMES.get(name, TARGET if name == "relation" else "") for name in
             ("relation", *NAMES)}  # fmt: skip
    ways = {
        rule: {needs[s.name] for p in patterns.get(rule, ()) for s in p.slots if s.name in needs}
        for rule in (TARGET, SEVERAL)
    }
    for rule in (TARGET, SEVERAL):
        first = ways[rule]
        if rule not in first.union(*(ways[other] for other in first)):
            continue
        for pattern in patterns[rule]:
            for slot in pattern.slots:
                if slot.name in needs and rule in {needs[slot.name], *ways[needs[slot.name]]}:
                    parts = [p for p in ALTERNATIVE.findall(pattern.path) if p in written]
                    named = [
                        p
                        for p in parts
                        if slot.name in {s.name for s in slots_in(written[p].nodes)}
                    ]
                    part = (named or parts)[-1]
                    problem = (
                        f"{part}: {{{slot.name}}} needs another {rule!r}, which may need another"
                    )
                    todo = f"name the {rule} by what it is and looks like"
                    if all(p.problem != problem for p in faults.problems):
                        faults.note(key_of(part, file), problem, todo=todo)


def _never_said(
    patterns: Mapping[str, tuple[Pattern, ...]], file: File, words: Vocabulary, faults: Faults
) -> None:
    """Notes alternatives that no entity can make use of, and rules that nothing uses."""
    fillable = _fillable(patterns, words)
    reasons: dict[str, str] = {}
    said: set[str] = set()
    for made in patterns.values():
        for pattern in made:
            parts = [
                p for p in ALTERNATIVE.findall(pattern.path) if p.rsplit(".")[0] not in words.rules
            ]
            missing = [s.name for s in pattern.slots if s.name in known_slots(words)]
            missing = [name for name in missing if name not in fillable]
            against = _contradiction(pattern.when)
            if missing:
                reason = f"the vocabulary has no words for {{{missing[0]}}}"
            elif against:
                reason = f"`when` and `unless` exclude each other ({against})"
            else:
                said.update(parts)
                continue
            reasons.update(dict.fromkeys(parts, reason))
    for part, reason in reasons.items():
        if part not in said:
            faults.note(key_of(part, file), f"{part} can never be said: {reason}")
    used = {part.rsplit(".", 1)[0] for part in (*said, *reasons)}
    for rule in file.rules:
        if rule not in used:
            faults.note(("rules", rule), f"nothing uses the rule {rule!r}", todo="use or remove it")


def _fillable(patterns: Mapping[str, tuple[Pattern, ...]], words: Vocabulary) -> set[str]:
    """The slots that the vocabulary has words for."""
    file, slots = words.file, set[str]()
    slots |= {"noun"} if file.categories_as_nouns or file.nouns else set()
    slots |= {name for name, slot in file.slots.items() if slot.others or words.listed(slot)}
    slots |= {name for name, parts in file.any_of.items() if slots & set(parts)}
    slots |= {name for name in (*ORDERS, "count") if getattr(file.orders, name)}
    slots |= {name for name, rule in NAMES.items() if rule in patterns}
    slots |= {"position"} if words.positions else set()
    return slots | ({"relation"} if words.relations else set())


def _contradiction(when: Sequence[Condition]) -> str:
    """The condition that others exclude: a dog that is no animal."""
    for one in when:
        for other in when:
            if one.negated or not other.negated or one.name != other.name:
                continue
            if one.value == other.value or (one.name == "is" and _within(one.value, other.value)):
                return " ".join(dict.fromkeys((one.value, other.value)))
    return ""


def _within(kind: str, wider: str) -> bool:
    """Whether everything of a kind is of the wider one."""
    sense = kind if ".n." in kind else lexicon.sense(kind)
    above = set(lexicon.above(sense)) if sense else set()
    return (wider if ".n." in wider else lexicon.concept(wider)) in above


def _check_repeated(
    patterns: Mapping[str, tuple[Pattern, ...]], file: File, rules: Rules, faults: Faults
) -> None:
    """Notes alternatives that say exactly what another of the same rule says."""
    for name in (*map(kind_rule, file.kinds), *file.rules):
        says: dict[str, set[tuple[str, frozenset[Condition]]]] = {}
        for pattern in grammar.expand(name, rules, NAMES):
            first = ALTERNATIVE.findall(pattern.path)[0]
            says.setdefault(first, set()).add((shown(pattern), frozenset(pattern.when)))
        parts = list(says)
        for i, part in enumerate(parts):
            twin = next((other for other in parts[:i] if says[other] == says[part]), None)
            if twin:
                todo = "remove one; `weight` says how often one is chosen"
                faults.note(key_of(part, file), f"{part} says what {twin} says", todo=todo)
