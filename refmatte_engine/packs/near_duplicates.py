"""Near-duplicates: one picture twice, resized, mirrored or made brighter, in two splits or packs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from refmatte_engine.images.likeness import Looks, alike
from refmatte_engine.packs.labels import Remark
from refmatte_engine.records import Background, Foreground


def across(
    assets: Mapping[str, Foreground] | Mapping[str, Background],
    signatures: Mapping[str, str],
    files: Mapping[str, str],
) -> Iterator[Remark]:
    """A remark on each asset that looks like one of another split, or else of another pack.
    `signatures` and `files`, for messages, are by id. Quick: 50,000 pictures take seconds."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, asset in assets.items():
        if signatures.get(name):
            groups[asset.split, asset.pack].append(name)
    looks = {key: Looks([signatures[name] for name in names]) for key, names in groups.items()}
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for one, other in combinations(groups, 2):
        for i, j, is_mirrored in alike(looks[one], looks[other]):
            found[groups[other][j]].append((groups[one][i], is_mirrored))
    for name, twins in found.items():
        # What matters most first: a test picture that is trained on.
        twins.sort(key=lambda twin: assets[twin[0]].split == assets[name].split)
        twin, is_mirrored = twins[0]
        like = f"looks like {files[twin]}{', mirrored' if is_mirrored else ''}"
        more = f", and like {len(twins) - 1} more" if len(twins) > 1 else ""
        here, there = assets[name], assets[twin]
        where = f"that is in {there.split}, this in {here.split}"
        if here.split == there.split:
            where = f"both are in {here.split}"
        todo = "keep one, or give both one `source_asset`" if here.split != there.split else ""
        yield Remark(files[name], "; ".join(filter(None, (f"{like}{more}", where, todo))))
