"""What things look like by themselves, before any scene: what a plan can rely on.

Labels say what a thing is; whether that can be said of it beside two others of its kind, or its
hue be turned, only pixels show. A thing is measured when a plan first asks, small and once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np

from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Attribute, Change
from refmatte_engine.scene import hues
from refmatte_engine.semantics import attributes, looks
from refmatte_engine.semantics.attribute_values import FREE
from refmatte_engine.semantics.attributes import PERHAPS, Told

# Nobody calls a scarf plain, or a mug opaque.
UNSAID = frozenset({("pattern", "plain"), ("transparent", "false")})
MEASURED = ("color", "transparent")  # besides labels; whether it is salient its surroundings say


class Look(NamedTuple):
    """What may be said of a thing, in two forms, and its clear hue in degrees, if it has that
    alone and it may be turned."""

    sure: tuple[Attribute, ...]
    told: Told
    hue: float | None


class Apparent:
    """The looks of a catalog's foregrounds."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, Look] = {}

    def suit(self, things: Sequence[str], change: Change | None, crowd: int) -> bool:
        """Whether of the foregrounds `things` those of a category can be told apart, if there are
        so many, and whether these can have such a change."""
        alike: dict[str, list[str]] = {}
        for thing in things:
            alike.setdefault(self._catalog.foregrounds[thing].category, []).append(thing)
        return self.changeable(things, change) and all(
            self._differ(one, other)
            for same in alike.values()
            if len(same) >= crowd
            for one, other in permutations(same, 2)
        )

    def changeable(self, things: Sequence[str], change: Change | None) -> bool:
        """Whether these can have such a change: two of one category to be exchanged, a hue that can
        be turned, or two of one category whose hues can be traded."""
        if change == "recoloured":
            return any(self.look(thing).hue is not None for thing in things)
        return change is None or any(
            self._category(one) == self._category(other)
            and (change == "exchanged" or self._traded(one, other))
            for one, other in combinations(things, 2)
        )

    def look(self, thing: str) -> Look:
        """The look of a foreground."""
        if thing not in self._known:
            foreground = self._catalog.foregrounds[thing]
            rgba = pixels.small(foreground, self._catalog)
            height, width = rgba.shape[:2]
            color, alpha = np.ascontiguousarray(rgba[..., :3]), rgba[..., 3]
            box = 0, 0, width, height
            facts = attributes.measure(color, alpha, box, foreground, MEASURED)
            sure = (f for f in facts if not f.name.endswith(PERHAPS))
            named = [f.value for f in facts if f.name == "color" and not f.part]
            # What has two colours has one hue in one light, and none in another.
            is_plain = len(named) == 1 and "/" not in named[0] and looks.repainted(foreground)
            hue = hues.of(color[alpha >= hues.OPAQUE]) if is_plain else None
            self._known[thing] = Look(tuple(sure), Told(facts), hue)
        return self._known[thing]

    def _differ(self, one: str, other: str) -> bool:
        """Whether something that is true of one, and that sentences say, is surely not of the
        other."""
        told = self.look(other).told
        return any(
            told.holds(f.name, f.value, f.part) == -1
            for f in self.look(one).sure
            if f.name not in FREE and (f.name, f.value) not in UNSAID
        )

    def _traded(self, one: str, other: str) -> bool:
        return hues.traded(self.look(one).hue, self.look(other).hue) is not None

    def _category(self, thing: str) -> str:
        return self._catalog.foregrounds[thing].category
