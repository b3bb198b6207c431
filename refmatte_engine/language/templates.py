"""Templates for expressions, loaded, checked and expanded, ready to draw from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Literal, NamedTuple

from refmatte_engine.config import resources
from refmatte_engine.errors import InputError
from refmatte_engine.language import pattern_check, template_check, vocabulary, vocabulary_check
from refmatte_engine.language.faults import Faults
from refmatte_engine.language.grammar import Condition, Pattern, Rules, Slot
from refmatte_engine.language.template_file import (
    NAMES,
    ORDERS,
    PLACED,
    SEVERAL,
    TARGET,
    File,
    described,
    kind_rule,
    known_slots,
)
from refmatte_engine.language.vocabulary import PLURAL, Vocabulary
from refmatte_engine.records import COMBINED, MINIMAL, OVERSPECIFIED
from refmatte_engine.semantics import colors, lexicon, wordnet


class Step(NamedTuple):
    """What to do for slot number `at`: "name" another thing, or fill in a "word". A word may
    describe the part that slot number `head` names; if `unlike`, it must not repeat another."""

    at: int
    name: str
    does: Literal["name", "word"]
    head: int | None
    unlike: bool


class Template(NamedTuple):
    """A pattern with what it needs worked out: the `slots` to fill, the `steps` that fill them
    (but for counting, which comes last), and bit masks of the slots
    and conditions that must be there; whether it `repeats` itself where place is said twice,
    whether it `counts` what its noun names, says how many or which of them (`ordered`), and
    `ranks` many."""

    pattern: Pattern
    slots: tuple[Slot, ...]
    steps: tuple[Step, ...]
    needs: int
    when: int
    repeats: bool
    counts: bool
    ordered: bool
    ranks: bool


class Asked(NamedTuple):
    """Not all that can be said of a picture, but `most` sentences, about its things in turn, each
    of one of the `kinds` (a weight for each; a keyword is a kind, too); and of its things no more
    than the `attributes` need be known."""

    most: int
    kinds: Mapping[str, float]
    attributes: frozenset[str]


@dataclass(frozen=True, repr=False)
class Templates:
    """A checked template file with its vocabulary. `digest` changes with either, with
    the lexicon and with the colour words; `written` are the texts of all alternatives by name.
    Of each thing the kinds that they `require` are said, unless less is `asked`."""

    path: str
    vocabulary_path: str
    digest: str
    language: str
    vocabulary: Vocabulary
    require: tuple[str, ...]
    also: tuple[str, ...]
    kinds: dict[str, tuple[Template, ...]]
    written: dict[str, str]
    slot_bits: dict[str, int]
    conditions: tuple[Condition, ...]
    asked: Asked | None = None
    drawn: dict[tuple[str, int, int], tuple[tuple[Template, ...], tuple[float, ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __repr__(self) -> str:
        return f"Templates({self.path!r})"

    @cached_property
    def uses(self) -> dict[str, frozenset[str]]:
        """The slots that templates of each kind fill."""
        every = {
            kind: reduce(int.__or__, (t.needs for t in ts), 0) for kind, ts in self.kinds.items()
        }
        return {
            kind: frozenset(name for name, bit in self.slot_bits.items() if bit & needs)
            for kind, needs in every.items()
        }

    @cached_property
    def placing(self) -> frozenset[str]:
        """The kinds of which a template says where something is."""
        return frozenset(kind for kind, names in self.uses.items() if PLACED & names)

    def usable(
        self, kind: str, filled: int, true: int
    ) -> tuple[tuple[Template, ...], tuple[float, ...]]:
        """The templates of `kind` whose slots can be filled and whose conditions are true (bit
        masks), with their cumulative weights."""
        key = (kind, filled, true)
        if key not in self.drawn:
            fit = [
                t for t in self.kinds.get(kind, ()) if not t.needs & ~filled and not t.when & ~true
            ]
            total, sums = 0.0, []
            for template in fit:
                total += template.pattern.weight
                sums.append(total)
            self.drawn[key] = (tuple(fit), tuple(sums))
        return self.drawn[key]

    def attributes(self, kinds: Iterable[str]) -> frozenset[str]:
        """The attributes of which sentences of these kinds may tell, be it of what they refer
        to."""
        file = self.vocabulary.file
        asked = {COMBINED if kind in (MINIMAL, OVERSPECIFIED) else kind for kind in kinds}
        if any(name in ("relation", *NAMES) for kind in asked for name in self.uses.get(kind, ())):
            asked |= {TARGET, SEVERAL}
        ways = [way for kind in asked for way in self.kinds.get(kind, ())]
        names = {name for kind in asked for name in self.uses.get(kind, ())}
        names |= {name for any_of in names & {*file.any_of} for name in file.any_of[any_of]}
        conditions = [c for way in ways for c in way.pattern.when]
        conditions += [c for noun in file.nouns for c in noun.conditions]
        said = {file.slots[name].attribute for name in names & {*file.slots}}
        return frozenset(said | {condition.name for condition in conditions})


def load_templates(path: str | Path, words: str | Path | None = None) -> Templates:
    """The template file at `path` with the vocabulary it names, or the one in the file `words`.

    InputError (file:line, what is allowed, the nearest valid name) if something is wrong.
    """
    faults = Faults(Path(path))
    found, of_words = read(faults, None if words is None else Path(words))
    of_words.raise_first()
    faults.raise_first()
    assert found is not None
    return found


def check(path: str | Path) -> list[str]:
    """Everything that is wrong with a template file and its vocabulary, one line each: errors
    (file:line), alternatives that can never be said, rules that nothing uses."""
    faults = Faults(Path(path))
    _, of_words = read(faults)
    problems = [*of_words.problems, *faults.problems]
    return list(dict.fromkeys(str(problem) for problem in problems))


def read(faults: Faults, words_path: Path | None = None) -> tuple[Templates | None, Faults]:
    """The template file, if it can be used, and its vocabulary's faults. What is wrong is noted
    there and in `faults`: all that `templates check` says, so that what it passes can be used. The
    vocabulary is the one it names, or the file `words_path`."""
    path = faults.path
    file = faults.parse(File)
    if file is None:
        return None, Faults(path)
    try:
        of_words = Faults(
            words_path or resources.template(file.vocabulary, "vocabulary", beside=path.parent)
        )
    except InputError as error:
        faults.note(("vocabulary",), str(error))
        return None, Faults(path)
    words = vocabulary.read(of_words)
    if words is None:
        return None, of_words
    vocabulary_check.examine(words, of_words)
    rules: Rules = dict(words.rules)
    for name, ways in file.rules.items():
        rules[name] = vocabulary.entries(ways, faults, ("rules", name), name)
    for kind, ways in file.kinds.items():
        rules[kind_rule(kind)] = vocabulary.entries(ways, faults, ("kinds", kind), kind)
    template_check.examine(file, rules, words, faults, of_words)
    if faults.problems or of_words.problems:
        return None, of_words
    patterns = {
        kind: faults.expanded(rules, kind_rule(kind), ("kinds", kind), NAMES) for kind in file.kinds
    }
    for rule in (TARGET, SEVERAL):
        if rule in file.rules:
            patterns[rule] = faults.expanded(rules, rule, ("rules", rule), NAMES)
    if not faults.problems:
        pattern_check.examine(patterns, file, rules, words, faults)
    if faults.problems:
        return None, of_words
    bits = {name: 1 << i for i, name in enumerate(known_slots(words))}
    every = [pattern for made in patterns.values() for pattern in made]
    conditions = tuple(dict.fromkeys(c for pattern in every for c in pattern.when))
    found = Templates(
        str(path),
        str(of_words.path),
        _digest(path, of_words.path),
        file.language,
        words,
        file.require,
        file.also,
        {
            kind: tuple(_template(p, words, bits, conditions) for p in made)
            for kind, made in patterns.items()
        },
        _written(file, words),
        bits,
        conditions,
    )
    return found, of_words


def _written(file: File, words: Vocabulary) -> dict[str, str]:
    """The texts of all alternatives by their names, such as "basic.2" or "relation left_of.1"."""
    rules = {**words.file.words, **file.rules, **file.kinds}
    rules |= {f"position {name}": ways for name, ways in words.file.positions.items()}
    rules |= {f"relation {name}": ways for name, ways in words.file.relations.items()}
    return {f"{name}.{i}": way.say for name, ways in rules.items() for i, way in enumerate(ways, 1)}


def _digest(*paths: Path) -> str:
    """Changes with the files and with what colours and kinds of things are embedded."""
    lexical = [lexicon.FOLDER / name for name in lexicon.TABLES]
    own = wordnet.own()
    lexical += [own / "data.noun"] if own else []
    texts = (path.read_bytes() for path in (*paths, *lexical, colors.FILE))
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def _template(
    pattern: Pattern, words: Vocabulary, bits: dict[str, int], conditions: tuple[Condition, ...]
) -> Template:
    slots = tuple(s for s in pattern.slots if s.name in bits)
    needs = 0
    for slot in slots:
        needs |= bits[slot.name]
    when = sum(1 << conditions.index(c) for c in dict.fromkeys(pattern.when))
    names = {slot.name for slot in slots}
    unlike = len(names) < len(slots) or not names.isdisjoint(words.file.any_of)
    steps = [
        Step(
            at,
            slot.name,
            "name" if slot.name in NAMES else "word",
            described(at, slots, words),
            unlike,
        )
        for at, slot in enumerate(slots)
        if slot.name not in (*ORDERS, "count")
    ]
    # Which garment it is has to be known before its colour.
    steps.sort(key=lambda step: step.head is not None)
    repeats = names >= {"position", "relation"}
    ordered = not names.isdisjoint((*ORDERS, "count"))
    counts = ordered or any(slot.form == PLURAL for slot in slots)
    ranks = not names.isdisjoint(("ordinal", "superlative"))
    return Template(pattern, slots, tuple(steps), needs, when, repeats, counts, ordered, ranks)
