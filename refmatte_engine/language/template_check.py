"""Faults in a template file, found by walking its rules before anything is said.

What passes is safe to use: no sentence from these templates and this vocabulary can fail, whatever
the pictures show. So `generate` refuses what `templates check` refuses: the code is the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from refmatte_engine.config import resources, strict_yaml
from refmatte_engine.errors import nearest
from refmatte_engine.language import grammar, vocabulary_check
from refmatte_engine.language.faults import Faults, Key
from refmatte_engine.language.grammar import Node, Rules, slots_in
from refmatte_engine.language.template_file import (
    NAMES,
    REQUIRED,
    TARGET,
    File,
    kind_rule,
    known_slots,
)
from refmatte_engine.language.vocabulary import PLURAL, Vocabulary
from refmatte_engine.records import COMBINED, KEYWORD, KINDS, NAMED
from refmatte_engine.semantics import attribute_values, attributes, lexicon

ALIKE = 0.8  # how much a value is like a known one that was meant


def examine(file: File, rules: Rules, words: Vocabulary, faults: Faults, of_words: Faults) -> None:
    """Notes wrong names: of kinds, rules, slots, forms and conditions; and rules without end."""
    if words.file.language != file.language:
        faults.note(
            ("language",),
            f"{file.language!r} is not the language of {of_words.path.name}",
            allowed=words.file.language,
        )
    for kind in file.kinds:
        faults.one_of(kind, KINDS, ("kinds", kind), "a kind of expression")
    for i, kind in enumerate(file.require):
        known = [
            k for k in REQUIRED if k in file.kinds or (COMBINED in file.kinds and k not in NAMED)
        ]
        faults.one_of(kind, known, ("require", i), "one of the kinds of this file")
    for i, kind in enumerate(file.also):
        faults.one_of(kind, list(file.kinds), ("also", i), "one of the kinds of this file")
    if KEYWORD not in file.kinds:
        faults.note(("kinds",), f"the kind {KEYWORD!r} is missing", todo='add keyword: ["{noun}"]')
    if TARGET not in file.rules:
        faults.note(
            ("rules",),
            f"there is no rule {TARGET!r}",
            todo='write how the other thing in a relation is named, such as "the {noun}"',
        )
    taken = {*known_slots(words), *words.file.agreement, *words.file.words, *KINDS} - {*NAMES}
    for rule in file.rules:
        if rule in taken:
            what = "a kind" if rule in KINDS else "in the vocabulary"
            faults.note(("rules", rule), f"{rule!r} is {what} already", todo="rename the rule")
    for key, entry in entries(file, rules):
        _check_slots(key, entry.nodes, rules, words, faults)
    said = (slot for _, entry in entries(file, rules) for slot in slots_in(entry.nodes))
    if not words.is_english and any(s.name == "noun" and s.form == PLURAL for s in said):
        vocabulary_check.examine_plurals(words.file, of_words)
    if not of_words.problems:
        _check_conditions(file, words, faults)
    _check_loops(file, rules, faults)


def entries(file: File, rules: Rules) -> Iterator[tuple[Key, grammar.Entry]]:
    for section, names in (("kinds", file.kinds), ("rules", file.rules)):
        for name in names:
            for entry in rules[kind_rule(name) if section == "kinds" else name]:
                yield key_of(entry.label, file), entry


def key_of(part: str, file: File) -> Key:
    """The key of the alternative "rule.2"."""
    name, number = part.rsplit(".", 1)
    return ("kinds" if name in file.kinds else "rules"), name, int(number) - 1


def _check_slots(
    key: Key, nodes: list[Node], rules: Rules, words: Vocabulary, faults: Faults
) -> None:
    own = (name for name in rules if not name.startswith("kind "))
    known = sorted({*known_slots(words), *words.file.agreement, *own})
    for slot in slots_in(nodes):
        faults.one_of(slot.name, known, key, "a slot or a rule")
        if slot.form:
            what = "a form of the vocabulary's `agreement`"
            faults.one_of(slot.form, words.file.forms, key, what)
    for mark, choices in grammar.choices_in(nodes):
        said = [_tidy(choice) for choice in choices]
        again = [one for i, one in enumerate(said) if one in said[:i]]
        if again and mark == "(":
            faults.note(key, f"{again[0]!r} appears twice between ( and )", todo="remove one")


def _tidy(nodes: list[Node]) -> str:
    return " ".join("".join(grammar.shown(node) for node in nodes).split())


def _check_conditions(file: File, words: Vocabulary, faults: Faults) -> None:
    for section in ("kinds", "rules"):
        for name, ways in getattr(file, section).items():
            for i, way in enumerate(ways):
                for word in ("when", "unless"):
                    for attribute, value in getattr(way, word).items():
                        key = (section, name, i, word, attribute)
                        _check_condition(attribute, value, words, key, faults)


def _check_condition(
    attribute: str, value: str, words: Vocabulary, key: Key, faults: Faults
) -> None:
    if attribute == "is":
        own = [noun.of for noun in words.file.nouns]
        if ".n." in value and not lexicon.exists(value):
            faults.note(key, f"WordNet has no noun called {value!r}", todo=nearest(value, own))
        elif ".n." not in value and value not in own and not knows(value):
            todo = nearest(value, [*own, *lexicon.categories()])
            todo = todo or f"add it to the vocabulary's nouns: {{of: {value}, say: …}}"
            faults.note(key, f"{value!r} is neither a category nor a WordNet noun", todo=todo)
        return
    known = _values(words)
    faults.one_of(attribute, ["is", *known], key, "an attribute of the vocabulary")
    spelt = attribute_values.normal({attribute: value}).get(attribute, value)
    values = known.get(attribute) or {spelt}
    if value not in values:
        meant = nearest(spelt, values, ALIKE)
        if meant:
            faults.note(key, f"{attribute!r} is never {value!r}", todo=meant)


def _values(words: Vocabulary) -> dict[str, set[str]]:
    """The attributes that a condition may name, with their values; none where any may be."""
    labels = strict_yaml.read_yaml(resources.template("labels", "questions"))[0]["attributes"]
    known = {name: set(asked["words"]) for name, asked in labels.items()}
    for name, value in (pair for noun in words.file.nouns for pair in
                        (*noun.where.items(), *noun.unless.items())):  # fmt: skip
        known.setdefault(name, set()).add(value)
    for slot in words.file.slots.values():
        known.setdefault(slot.attribute, set()).update(words.listed(slot))
    others = {slot.attribute for slot in words.file.slots.values() if slot.others}
    anything = others.union(attributes.MEASURED)
    return {name: set() if name in anything else values for name, values in known.items()} | {
        name: set() for name in anything
    }


def knows(category: str) -> bool:
    """Whether the lexicon can tell what things of a category are."""
    found, name = lexicon.kinds(category), lexicon.normal(category)
    return bool((found.sure | found.possible) - {lexicon.THING, name, name.split()[-1]})


def _check_loops(file: File, rules: Rules, faults: Faults) -> None:
    """Notes rules that lead back to themselves, each once, where the way back begins."""
    done: set[str] = set()

    def walk(rule: str, above: tuple[str, ...]) -> None:
        for entry in rules[rule]:
            named = {slot.name for slot in slots_in(entry.nodes)}
            kept = NAMES if len(named & set(NAMES)) > 1 else ()
            for name in sorted(named & set(rules)):
                if name in above:
                    way = " → ".join((*above[above.index(name) :], name))
                    faults.note(
                        key_of(entry.label, file), f"the rule {name!r} contains itself: {way}"
                    )
                elif name not in done and name not in kept:
                    if len(above) > grammar.DEEPEST:
                        problem = f"rules are nested more than {grammar.DEEPEST} deep"
                        faults.note(key_of(entry.label, file), problem)
                    else:
                        walk(name, (*above, name))
        done.add(rule)

    for rule in file.rules:
        if rule not in done:
            walk(rule, (rule,))
