"""Near-duplicates: a picture and its resized, mirrored or brighter copy in two splits or packs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from refmatte_engine.images.likeness import Looks, alike
from refmatte_engine.packs.labels import Remark
from refmatte_engine.packs.splits import Asset, Candidate


def across(assets: Mapping[str, Asset], candidates: Iterable[Candidate[Asset]]) -> Iterator[Remark]:
    """A remark on each of `assets` that looks like one of another split, or else of another pack.
    `candidates` have how they look, and their files, for messages."""
    looks = {one.asset.id: (one.look, one.file) for one in candidates}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, asset in assets.items():
        groups[asset.split, asset.pack].append(name)
    arrays = {key: Looks([looks[name][0] for name in names]) for key, names in groups.items()}
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for one, other in combinations(groups, 2):
        for i, j, is_mirrored in alike(arrays[one], arrays[other]):
            found[groups[other][j]].append((groups[one][i], is_mirrored))
    for name, twins in found.items():
        # What matters most first: a test picture that is trained on.
        twins.sort(key=lambda twin: assets[twin[0]].split == assets[name].split)
        twin, is_mirrored = twins[0]
        like = f"looks like {looks[twin][1]}{', mirrored' if is_mirrored else ''}"
        more = f", and like {len(twins) - 1} more" if len(twins) > 1 else ""
        here, there = assets[name], assets[twin]
        where = f"that is in {there.split}, this in {here.split}"
        if here.split == there.split:
            where = f"both are in {here.split}"
        todo = "keep one, or give both one `source_asset`" if here.split != there.split else ""
        yield Remark(looks[name][1], "; ".join(filter(None, (f"{like}{more}", where, todo))))
