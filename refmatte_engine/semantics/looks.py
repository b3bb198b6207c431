"""An asset's looks by its labels alone, before any picture is rendered."""

from __future__ import annotations

from refmatte_engine.records import Foreground
from refmatte_engine.semantics import lexicon


def colors(asset: Foreground) -> tuple[str, ...]:
    """The labelled colours of the whole asset, main one first."""
    return tuple(a.value for a in asset.attributes if a.name == "color" and not a.part)


def see_through(asset: Foreground) -> bool:
    """Whether another colour shows through, so that its own is not certain: the background's, or
    that of what it holds, as a clear glass its wine (the label `contents`)."""
    told = {(a.name, a.value) for a in asset.attributes if not a.part}
    holds = any(name == "contents" for name, _ in told)
    return holds or ("transparent", "true") in told or asset.opacity < 0.8


def made(category: str, kind: str) -> bool:
    """Whether it is man-made, and so comes in any colour; a blue fern would be strange."""
    return kind == "object" and lexicon.is_a(category, lexicon.MADE) == 1


def repainted(asset: Foreground) -> bool:
    """Whether its hue may be changed: an opaque, man-made thing."""
    return made(asset.category, asset.kind) and not see_through(asset)


def labelled(asset: Foreground) -> frozenset[tuple[str, ...]]:
    """The looks that a sentence can rest on: one colour, two of a pattern, garments, … An asset
    without a labelled colour counts as unlike any other: the picture may tell them apart. For
    people and see-through things no colour is measured."""
    facts = asset.attributes
    named = colors(asset)
    patterns = {a.value for a in facts if a.name == "pattern" and not a.part} - {"plain"}
    found: set[tuple[str, ...]] = {("pattern", value) for value in patterns}
    if not named and asset.kind != "human" and not see_through(asset):
        found.add(("unlabelled", asset.id))
    clear = any(a.name == "transparent" and a.value == "true" for a in facts)
    if (len(named) == 1 and not (clear and named == ("white",))) or (len(named) == 2 and patterns):
        found.add(("color", *named))
    unseen = {"color", "pattern", "material", "transparent"}
    found |= {(a.part, a.name, a.value) for a in facts if a.part or a.name not in unseen}
    return frozenset(found)
