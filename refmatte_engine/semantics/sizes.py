"""How large things really are: a typical size for every category, from `assets/lexicon/sizes.yaml`,
and for others what those of their kind have in common."""

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
from refmatte_engine.semantics import english, kinds, lexicon, words

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
    made of a material as toys are, and else of the nearest kind whose listed members are about as
    large; None where there is no such kind.

    >>> of("mug").height_m, of("poodle") == of("dog"), of("plush rabbit") == of("toy")
    (0.1, True, True)
    >>> of("widget") is None
    True
    """
    name = lexicon.entry(category)
    if name:
        return listed()[name]
    front, head, _ = english.parts(lexicon.normal(category))
    is_made = not words.made_of().isdisjoint(front.split())
    if TOY in front.split() or (is_made and kinds.kind_of(head) != "object"):
        return listed()[TOY]
    for each in dict.fromkeys((lexicon.normal(category), head)):
        for meaning in lexicon.meanings(each)[: lexicon.is_usual(each)]:
            for synset in lexicon.above(meaning):
                if found := _of_synset(synset):
                    return found
        if each in listed():
            return listed()[each]
    return None


@cache
def usual(kind: KindOfThing) -> Size:
    """The median size of the listed categories of a kind: what is taken where nothing is known."""
    return _middle([size for name, size in listed().items() if kinds.kind_of(name) == kind])


@cache
def _of_synset(synset: str) -> Size | None:
    """The size of a synset's own category, the first listed of several; or what its listed members
    have in common."""
    own = _members().get(synset, ())
    if same := [name for name in own if lexicon.categories()[name].sense == synset]:
        return listed()[same[0]]
    sizes = [listed()[name] for name in own]
    if len(sizes) < 2:
        return sizes[0] if sizes else None
    low, _, high = quantiles((size.extent_m for size in sizes), n=4, method="inclusive")
    return _middle(sizes) if high <= ALIKE * low else None


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
