"""The vocabulary of one language: words for nouns, attributes, positions and relations, and the
agreement of articles and adjectives. Everything comes from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.language import grammar
from refmatte_engine.language.faults import Faults
from refmatte_engine.language.grammar import Condition, Entry, Pattern
from refmatte_engine.semantics import english, lexicon, spelling

Text = Annotated[str, Field(min_length=1, max_length=300)]
Weight = Annotated[float, Field(ge=0.0001, le=1000)]
PLURAL = "plural"  # the gender of what is more than one; or "plural_f", of several feminine things
BARE = "bare"  # the form of an adjective that does not agree


def _phrasing(value: Any) -> Any:
    """A plain text is short for {say: text}."""
    return {"say": value} if isinstance(value, str) else value


def _several(value: Any) -> Any:
    """One word is short for a list of one."""
    return [value] if isinstance(value, (str, dict)) else value


class Phrasing(Strict):
    """A way to say something, how often it is chosen beside others, and of what: `when` and
    `unless` give attributes, or `is` with a kind (synset or category)."""

    say: Text
    weight: Weight = 1.0
    when: dict[Text, Text] = {}
    unless: dict[Text, Text] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return _conditions(self.when, self.unless)


def _conditions(when: dict[str, str], unless: dict[str, str]) -> tuple[Condition, ...]:
    return (
        *(Condition(name, value) for name, value in when.items()),
        *(Condition(name, value, negated=True) for name, value in unless.items()),
    )


Way = Annotated[Phrasing, BeforeValidator(_phrasing, json_schema_input_type=Phrasing | str)]
Ways = tuple[Way, ...]


class Word(Strict):
    """A noun or adjective. `stem` takes the endings where the word itself does not, an adjective
    with a `plural` and no `stem` takes none; what is not
    `counted` is a stuff ("smoke"), or one thing in the plural ("scissors"). English plurals are
    known; of other languages' words they are written, or the vocabulary has no `plurals`."""

    say: Text
    plural: Text | None = None
    gender: str = ""
    stem: Text | None = None
    counted: bool = True
    weight: Weight = 1.0


OneWord = Annotated[Word, BeforeValidator(_phrasing, json_schema_input_type=Word | str)]
Words = Annotated[
    tuple[OneWord, ...],
    BeforeValidator(_several, json_schema_input_type=tuple[Word | str, ...] | Word | str),
]


class Noun(Strict):
    """Names for entities of a kind (synset or category) that have, or have not, attributes."""

    of: Text
    where: dict[Text, Text] = {}
    unless: dict[Text, Text] = {}
    say: Words
    gender: str = ""
    weight: Weight = 1.0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return _conditions(self.where, self.unless)

    @field_validator("of")
    @classmethod
    def _known_sense(cls, value: str) -> str:
        if ".n." in value and not lexicon.exists(value):
            raise ValueError(f"WordNet has no noun called {value!r}")
        return value


class SlotWords(Strict):
    """What a slot says: values of `attribute`, by `words`; values that are not listed are said as
    they are if `others`. `of` names the slot whose part is described; `head` marks nouns;
    `pair` says two colours; `negated` says what the entity, unlike another, is not."""

    attribute: Text
    of: Text | None = None
    like: Text | None = None
    words: dict[Text, Words] = {}
    others: bool = False
    head: bool = False
    pair: Text | None = None
    negated: bool = False


class Orders(Strict):
    """Words for counting: the leftmost, the larger (of two), the second … from the left."""

    superlative: dict[Text, Words] = {}
    comparative: dict[Text, Words] = {}
    side: dict[Text, Words] = {}
    ordinal: dict[Text, Words] = {}
    count: dict[Text, Words] = {}


class File(Strict):
    """A vocabulary as it is written. With `plurals: none` the words of its language have no other
    form for several."""

    language: Text
    plurals: Literal["none"] | None = None
    categories_as_nouns: bool = False
    never: tuple[Text, ...] = ()
    words: dict[Text, Ways] = {}
    nouns: tuple[Noun, ...] = ()
    slots: dict[Text, SlotWords] = {}
    any_of: dict[Text, tuple[Text, ...]] = {}
    positions: dict[Text, Ways] = {}
    relations: dict[Text, Ways] = {}
    orders: Orders = Orders()
    agreement: dict[Text, dict[Text, str]] = {}
    contractions: dict[Text, Text] = {}

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that slots may ask for: {noun:plural}, or those of the agreement's keys."""
        keys = (key for table in self.agreement.values() for key in table)
        return tuple(dict.fromkeys((PLURAL, BARE, *(k.split(".", 1)[1] for k in keys if "." in k))))


class Name(Strict):
    """A noun as it can be used: its kind, the attributes it implies, the word."""

    kind: str
    where: tuple[Condition, ...] = ()
    word: Word
    weight: float = 1.0


@dataclass(frozen=True)
class Vocabulary:
    """A checked vocabulary; phrases are parsed and expanded."""

    file: File
    rules: grammar.Rules
    positions: dict[str, tuple[Pattern, ...]]
    relations: dict[str, tuple[Pattern, ...]]
    known: dict[str, tuple[Name, ...]] = field(default_factory=dict, compare=False, repr=False)
    worded: dict[tuple[int, str], tuple[Word, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def names(self, category: str) -> tuple[Name, ...]:
        """The nouns for a category, the category's own name first."""
        if category not in self.known:
            self.known[category] = tuple(self._names(category))
        return self.known[category]

    def _names(self, category: str) -> list[Name]:
        found: list[Name] = []
        if self.file.categories_as_nouns:
            own = self._own_names(category)
            found += [n for n in own if n.word.say.lower() not in self.file.never]
        for noun in self.file.nouns:
            if lexicon.is_a(category, noun.of) == 1:
                for word in noun.say:
                    weight = noun.weight * word.weight
                    word = self._noun(word, noun.gender)
                    found.append(
                        Name(kind=noun.of, where=noun.conditions, word=word, weight=weight)
                    )
        return found

    def _own_names(self, category: str) -> list[Name]:
        gender = "person" if lexicon.is_a(category, "person.n.01") == 1 else "thing"
        name = spelling.spoken(category)
        found = [(name, lexicon.concept(name), 6.0)]
        if self.is_english:
            # What else it is called may be a wider word: the "bag" that is a plastic bag is any.
            sense = lexicon.sense(name) or name
            found += [(other, sense, 1.0) for other in lexicon.synonyms(name)]
        return [
            Name(kind=kind, word=self._noun(Word(say=say), gender), weight=weight)
            for say, kind, weight in found
        ]

    @cached_property
    def is_english(self) -> bool:
        """Whether the rules of English are those of its words."""
        return self.file.language.lower() in ("english", "en")

    def _noun(self, word: Word, gender: str = "") -> Word:
        """The noun with plural, gender and whether it is counted, as far as they are known."""
        plural, counted = word.plural, word.counted
        if self.is_english:
            if not word.gender and english.is_plural(word.say):
                gender, counted = PLURAL, False
            counted = counted and (plural is not None or english.is_counted(word.say))
            plural = plural or english.plural(word.say)
        else:
            plural = plural or (word.say if self.file.plurals == "none" else None)
            counted = counted and plural is not None
        new = {"plural": plural, "counted": counted, "gender": word.gender or gender}
        return word.model_copy(update=new)

    def words_for(self, slot: SlotWords, value: str) -> tuple[Word, ...]:
        """The words for a value in a slot of this vocabulary; none if it does not say it."""
        key = id(slot), value
        if key not in self.worded:
            self.worded[key] = self._words_for(slot, value)
        return self.worded[key]

    def _words_for(self, slot: SlotWords, value: str) -> tuple[Word, ...]:
        listed = self.listed(slot)
        if value in listed or (slot.others and "/" not in value):
            found = listed.get(value) or (Word(say=value),)
            return tuple(map(self._noun, found)) if slot.head else found
        if "/" in value and slot.pair:
            parts = [self.words_for(slot, part)[:1] for part in value.split("/")]
            if all(parts):
                first, *_, last = (part[0] for part in parts)
                pair = slot.pair.replace("{first}", first.say)
                stem = last.stem or (last.say if last.plural is None else None)
                new = {"say": last.say, "stem": stem, "plural": last.plural}
                said = {k: pair.replace("{second}", word) for k, word in new.items() if word}
                return (Word.model_validate(said),)
        return ()

    def listed(self, slot: SlotWords) -> dict[str, Words]:
        """The values that a slot has words for, with those words."""
        if slot.like is None:
            return slot.words
        return {**self.listed(self.file.slots[slot.like]), **slot.words}

    def agree(self, slot: str, gender: str, form: str) -> str | None:
        """The article, ending or pronoun for a noun's gender in a form, or None if unknown.

        The first of these counts: "gender.form", ".form", "gender", "else". What is said of several
        things that are feminine has the gender "plural_f", and "plural" where there is no such key.
        """
        table = self.file.agreement.get(slot)
        if table is None:
            return None
        wider = PLURAL if gender.startswith(PLURAL) else gender
        for key in (f"{gender}.{form}", f"{wider}.{form}", f".{form}", gender, wider, "else"):
            if key in table:
                return table[key]
        return ""


def load(path: Path) -> Vocabulary:
    """The vocabulary in the file at `path`. InputError (file:line) says what is wrong with it."""
    faults = Faults(path)
    words = read(faults)
    faults.raise_first()
    assert words is not None
    return words


def read(faults: Faults) -> Vocabulary | None:
    """The vocabulary that `faults` is of; None if it cannot be read. What is wrong is noted there;
    `vocabulary_check` finds the rest."""
    file = faults.parse(File)
    if file is None:
        return None
    rules = {
        name: entries(ways, faults, ("words", name), name) for name, ways in file.words.items()
    }
    positions = _phrases("positions", file.positions, rules, faults)
    relations = _phrases("relations", file.relations, rules, faults)
    return Vocabulary(file, rules, positions, relations)


def _phrases(
    section: str, phrases: dict[str, Ways], rules: grammar.Rules, faults: Faults
) -> dict[str, tuple[Pattern, ...]]:
    """The phrases expanded."""
    found = {}
    for name, ways in phrases.items():
        label = f"{section.removesuffix('s')} {name}"
        mine = {**rules, label: entries(ways, faults, (section, name), label)}
        found[name] = faults.expanded(mine, label, (section, name))
    return found


def entries(
    ways: Ways, faults: Faults, key: tuple[str | int, ...], label: str
) -> tuple[Entry, ...]:
    """The parsed alternatives of a rule; what is wrong with them is noted in `faults`."""
    found = []
    for i, said in enumerate(ways):
        try:
            nodes = grammar.parse(said.say)
        except grammar.Syntax as error:
            faults.note((*key, i), str(error))
            continue
        found.append(Entry(nodes, said.weight, f"{label}.{i + 1}", said.conditions))
    if not ways:
        faults.note(key, f"{label!r} has no alternative", todo="write one")
    return tuple(found)
