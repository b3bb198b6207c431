"""What labels say of an asset's looks, before any picture is made of it."""

from __future__ import annotations

from refmatte_engine.records import Foreground


def colors(asset: Foreground) -> tuple[str, ...]:
    """The labelled colours of the whole thing, main one first."""
    return tuple(a.value for a in asset.attributes if a.name == "color" and not a.part)


def see_through(asset: Foreground) -> bool:
    """Whether one sees the background's colour through it, and so not surely its own."""
    clear = any(a.name == "transparent" and a.value == "true" for a in asset.attributes)
    return clear or asset.opacity < 0.8


def labelled(asset: Foreground) -> frozenset[tuple[str, ...]]:
    """The labelled looks that a sentence can rest on: one colour, two of a pattern, garments, …
    An asset without labels counts as unlike any other: the picture may tell them apart."""
    facts = asset.attributes
    if not facts:
        return frozenset({("unlabelled", asset.id)})
    named = colors(asset)
    patterns = {a.value for a in facts if a.name == "pattern" and not a.part} - {"plain"}
    found: set[tuple[str, ...]] = {("pattern", value) for value in patterns}
    clear = any(a.name == "transparent" and a.value == "true" for a in facts)
    if (len(named) == 1 and not (clear and named == ("white",))) or (len(named) == 2 and patterns):
        found.add(("color", *named))
    unseen = {"color", "pattern", "material", "transparent"}
    found |= {(a.part, a.name, a.value) for a in facts if a.part or a.name not in unseen}
    return frozenset(found)
