"""Terms of pictures: whose licence is allowed, and which have others than their pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from refmatte_engine.config import licences
from refmatte_engine.errors import InputError, listed
from refmatte_engine.packs.pack import AssetFile, Pack
from refmatte_engine.records import Background, Foreground

Asset = Foreground | Background
KINDS = ("foregrounds", "backgrounds")


def licence(source: Pack, picture: AssetFile) -> str:
    """The picture's licence, which is its pack's unless a label or its folders say another."""
    return picture.label.licence or source.about.licence


def allowed(sources: Sequence[Pack], wanted: Sequence[str], aside: Counter[str]) -> list[Pack]:
    """The packs with what has one of the licences `wanted` (see `licences.allows`); `aside` counts
    the rest by its licence. InputError, with what licences there are, if no foregrounds are left,
    or no backgrounds."""
    there = {kind: Counter[tuple[str, str]]() for kind in KINDS}
    left: Counter[str] = Counter()
    found = []
    for source in sources:
        kept: dict[str, list[AssetFile]] = {kind: [] for kind in KINDS}
        for kind in KINDS:
            for picture in getattr(source, kind):
                said = licence(source, picture)
                there[kind][said, source.about.name] += 1
                if licences.allows(wanted, said):
                    kept[kind].append(picture)
                    left[kind] += 1
                else:
                    aside[f"under {said!r}, which is not allowed"] += 1
        foregrounds, backgrounds = (tuple(kept[kind]) for kind in KINDS)
        found.append(replace(source, foregrounds=foregrounds, backgrounds=backgrounds))
    for kind, counts in there.items():
        if counts and not left[kind]:
            have = [f"{said!r} ({n} of {name})" for (said, name), n in counts.most_common()]
            raise InputError(
                "allow_licences",
                f"no {kind[:-1]} has a licence like {listed(map(repr, wanted))}",
                allowed=f"what there is: {listed(have, 8)}",
                todo="allow one of these, or add packs",
            )
    return found


def own(packs: Mapping[str, Mapping[str, str]], assets: Iterable[Asset]) -> list[dict[str, Any]]:
    """The terms of assets that have others than their pack has in `packs`, each with the ids of the
    foregrounds and backgrounds that have them, as JSON values. Empty keys are left out."""
    found: dict[tuple[str, str, str, str], dict[str, list[str]]] = {}
    for asset in assets:
        said = packs[asset.pack]
        own_licence = asset.licence if asset.licence != said["licence"] else ""
        terms = (asset.pack, own_licence, asset.source, asset.credit)
        if any(terms[1:]):
            kind = KINDS[isinstance(asset, Background)]
            found.setdefault(terms, {}).setdefault(kind, []).append(asset.id)
    keys = ("pack", "licence", "source", "credit")
    return [
        {key: value for key, value in zip(keys, terms, strict=True) if value}
        | {kind: sorted(ids) for kind, ids in of_kind.items()}
        for terms, of_kind in sorted(found.items())
    ]
