"""How large things really are: a typical size for every category, from `assets/lexicon/sizes.yaml`;
for others that of `further_sizes.yaml`, or what those of their kind have in common."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from refmatte_engine.config import strict_yaml
from refmatte_engine.errors import InputError, nearest
from refmatte_engine.records import KindOfThing
from refmatte_engine.semantics import english, kinds, lexicon, wordnet, words

METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0}
SPREADS = (1, 100)  # percent
FORM = re.compile(
    r"(?:(?P<height>[\d.]+) *(?P<its>[^\d\s.]+)? +x +)?(?P<length>[\d.]+) *(?P<unit>[^\d\s.±]+)?"
    r" *(?:± *(?P<spread>[\d.]+) *%)?"
)
ALLOWED = "such as 23 cm ± 20 %, or 1.5 x 2.4 m ± 12 % (height x length); units: mm, cm, m, km"
# A kind says how large its members are if half of those listed are within this factor.
ALIKE = 6.0
TOY = "toy"
# A child is that much smaller than the people of its category, where its label tells its age.
AGES = {"child": 0.68}


class Size(NamedTuple):
    """A typical height and length in metres, of which a picture of the thing keeps within both; and
    a factor by which nearly all are at most larger, or smaller."""

    height_m: float
    length_m: float
    spread: float

    def metres(self, size_hw: tuple[float, float]) -> float:
        """How many metres a pixel is in a picture that shows the thing `size_hw` pixels large."""
        return min(self.height_m / size_hw[0], self.length_m / size_hw[1])

    @property
    def extent_m(self) -> float:
        """The larger of height and length."""
        return max(self.height_m, self.length_m)


def read(path: Path) -> dict[str, Size]:
    """The sizes in a file of `category: size` lines. InputError (file:line) for a category that the
    lexicon lacks, or what is no size."""
    data, lines = strict_yaml.read_yaml(path)
    found = {}
    for name, text in data.items():
        where, listed = f"{path}:{lines[(name,)]}", lexicon.categories()
        if name not in listed:
            raise InputError(where, f"{name!r} is not a category", todo=nearest(name, listed))
        found[name] = parse(str(text), f"{where}: {name}")
    return found


@cache
def further() -> Mapping[str, Size]:
    """The sizes of nouns that are no categories, and of synsets: kinds of which none, or none that
    is typical, is a category."""
    path = lexicon.FOLDER / "further_sizes.yaml"
    data, lines = strict_yaml.read_yaml(path)
    return {
        name: parse(str(text), f"{path}:{lines[(name,)]}: {name}") for name, text in data.items()
    }


def parse(text: str, where: str) -> Size:
    """A size as written in the file. InputError if it is none.

    >>> parse("1.5 x 2.4 m ± 12 %", "cow")
    Size(height_m=1.5, length_m=2.4, spread=1.12)
    >>> parse("8 cm ± 15 %", "apple").length_m
    0.08
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise InputError(where, f"{text!r} is no size", allowed=ALLOWED)
    unit = found["unit"] or ""
    for written in (found["its"] or unit, unit):
        if written not in METRES:
            said = f"the unit {written!r} is not known" if written else f"{text!r} has no unit"
            raise InputError(where, said, allowed=ALLOWED)
    try:
        length = float(found["length"]) * METRES[unit]
        height = float(found["height"] or 0) * METRES[found["its"] or unit] or length
        spread = float(found["spread"] or 0)
    except ValueError:
        raise InputError(where, f"{text!r} has a number that is none", allowed=ALLOWED) from None
    low, high = SPREADS
    if not low <= spread <= high:
        said = f"a spread of {spread:g} % is impossible" if found["spread"] else "has no spread"
        raise InputError(where, said, allowed=f"± {low} % to ± {high} %")
    if not length or not height:
        raise InputError(where, "a size of 0 is impossible", allowed=ALLOWED)
    return Size(height, length, round(1 + spread / 100, 4))


@cache
def listed() -> Mapping[str, Size]:
    """The sizes of the bundled categories, which are all of them."""
    return read(lexicon.FOLDER / "sizes.yaml")


@cache
def of(category: str) -> Size | None:
    """The size of things of a category: its own or, if it is not listed, that of a toy for what is
    made of a material as toys are, and else what WordNet says it is, or its last word: of a kind
    whose listed members are about as large. None where there is no such kind.

    >>> of("mug").height_m, of("poodle") == of("dog"), of("plush rabbit") == of("toy")
    (0.1, True, True)
    >>> of("Seville orange") == of("orange"), of("widget") is None
    (True, True)
    """
    name = lexicon.entry(category)
    if name:
        return listed()[name]
    front, head, _ = english.parts(lexicon.normal(category))
    is_made = not words.made_of().isdisjoint(front.split())
    if TOY in front.split() or (is_made and kinds.kind_of(head) != "object"):
        return listed()[TOY]
    said = [*front.split(), head]
    tails = [" ".join(said[start:]) for start in range(len(said))]
    # "London post box": the most of its last words that mean a thing.
    for each in dict.fromkeys((lexicon.normal(category), *tails)):
        if found := _named(each):
            return found
    return None


def _named(name: str) -> Size | None:
    """The size of what is so called, by the files or WordNet."""
    if own := lexicon.entry(name):
        return listed()[own]
    for noun in (name, english.singular(name)):
        if noun in further():
            return further()[noun]
    front, head, _ = english.parts(name)
    return _by_meaning(name, lexicon.entry(head) if front else None)


def _by_meaning(name: str, head: str | None) -> Size | None:
    """The size of what WordNet says the name means. A name of several words whose last is the
    category `head` mostly means one such, or what grows on the plant that WordNet knows by it."""
    meant = lexicon.meanings(name)
    such = [m for m in meant if head and lexicon.categories()[head].sense in lexicon.above(m)]
    for meaning in such[:1] or meant[: lexicon.is_usual(name)]:
        above = lexicon.above(meaning)
        nearest = next((synset for synset in above if _of_synset(synset)), None)
        if nearest is None:
            continue
        told = [synset for synset in above if _is_told(synset)]
        # The only member that is listed is no measure of them all.
        if told and not _is_told(nearest) and len(_members()[nearest]) == 1:
            nearest = told[0]
        if head and not such and _is_better(head, meaning, nearest):
            return listed()[head]
        return _of_synset(nearest)
    return None


def _is_better(head: str, meaning: str, nearest: str) -> bool:
    """Whether the category `head` says more of how large a thing so called is than the synset
    `nearest` of what WordNet says it is."""
    sense = lexicon.categories()[head].sense
    field, its = wordnet.field(meaning), wordnet.field(sense)
    if nearest in lexicon.above(sense):  # all that is known is that it is an animal, say
        return True
    if field == "plant":
        return its in ("plant", "food")
    lives = ("plant", "animal", "person", "Tops")
    return field not in lives and its not in lives and not _is_told(nearest)


@cache
def usual(kind: KindOfThing) -> Size:
    """The median size of the listed categories of a kind: what is taken where nothing is known."""
    return _middle([size for name, size in listed().items() if kinds.kind_of(name) == kind])


@cache
def _of_synset(synset: str) -> Size | None:
    """The size of a synset's own line or category, the first listed of several; or what its listed
    members have in common."""
    if synset in further():
        return further()[synset]
    own = _members().get(synset, ())
    if same := [name for name in own if lexicon.categories()[name].sense == synset]:
        return listed()[same[0]]
    sizes = [listed()[name] for name in own]
    if len(sizes) < 2:
        return sizes[0] if sizes else None
    low, _, high = quantiles((size.extent_m for size in sizes), n=4, method="inclusive")
    return _middle(sizes) if high <= ALIKE * low else None


@cache
def _is_told(synset: str) -> bool:
    """Whether a file gives the size of the synset itself."""
    own = _members().get(synset, ())
    return synset in further() or any(lexicon.categories()[n].sense == synset for n in own)


@cache
def _members() -> dict[str, list[str]]:
    """The listed categories that are of a synset."""
    found: dict[str, list[str]] = {}
    for name, category in lexicon.categories().items():
        for synset in lexicon.above(category.sense):
            found.setdefault(synset, []).append(name)
    return found


def _middle(sizes: list[Size]) -> Size:
    """The medians, and a spread that holds half of the sizes."""
    heights, lengths = [s.height_m for s in sizes], [s.length_m for s in sizes]
    logs = sorted(math.log(size.extent_m) for size in sizes)
    centre = median(logs)
    spread = math.exp(median(abs(each - centre) for each in logs))
    return Size(median(heights), median(lengths), min(max(spread, 1.2), 2.0))
