"""The split of each asset, so that no picture and no source is in two splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from refmatte_engine.packs.assignment import LABELLED, Assignment
from refmatte_engine.packs.labels import Remark
from refmatte_engine.records import Background, Foreground

Asset = TypeVar("Asset", Foreground, Background)


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Asset]):
    """An asset whose `split` is what its label says, or empty; `file` names it in problems;
    `content` names the picture that it was cut from, `alpha` its shape, where that has a file of
    its own, `group` what it belongs to, `named` the path that labels have for it, and `look` what
    it looks like (`likeness`)."""

    asset: Asset
    source_asset: str
    file: str
    content: str = ""
    alpha: str = ""
    group: str = ""
    named: str = ""
    look: str = ""


def settle(
    candidates: Iterable[Candidate[Asset]],
    seed: int,
    test_share: float,
    problems: list[Remark],
    rules: Assignment | None = None,
) -> dict[str, Asset]:
    """The assets by id, each in one split; what is left out is added to `problems`.

    The same pixels are kept once. Assets of one source, group or picture, of equal alphas, or of
    pixels that came from one source, go together: into the split that a label gives, else into
    "test" with probability `test_share`, by a hash of `seed` and the source's name or the digest,
    so that neither the order nor what else is there matters. Whatever a label puts elsewhere than
    its group is left out.

    What the `rules` of a run say goes before labels. What they have no place for is left out and
    counted there; InputError if a category has fewer foregrounds than they ask for.
    """
    candidates = list(candidates)
    groups: dict[str, str] = {}

    def group(name: str) -> str:
        while (parent := groups.setdefault(name, name)) != name:
            name = parent
        return name

    for one in candidates:
        # A source comes before a digest, and names in their order, so that the root of a group
        # does not depend on who came first.
        names = sorted(group(name) for name in _names(one))
        for name in names[1:]:
            groups[name] = names[0]
    roots = {id(one): group(_names(one)[0]) for one in candidates}
    claims = {id(one): _claim(one.asset, rules) for one in candidates}
    labelled: dict[str, str] = {}
    first: dict[str, str] = {}
    # Of labels the first holds; what a run says depends on no order.
    for one in sorted(candidates, key=lambda one: _strength(one, *claims[id(one)])):
        if split := claims[id(one)][1]:
            labelled.setdefault(roots[id(one)], split)
            first.setdefault(roots[id(one)], one.asset.id)
    members: dict[str, list[Foreground | Background]] = {}
    for one in candidates:
        members.setdefault(roots[id(one)], []).append(one.asset)
    kept: dict[str, Asset] = {}
    seen: dict[str, str] = {}
    for one in candidates:
        asset, root = one.asset, roots[id(one)]
        drawn = "test" if _draw(seed, root) < test_share else "train"
        if rules:
            drawn = rules.choice(members[root], drawn)
        split, (strength, wanted) = labelled.get(root) or drawn, claims[id(one)]
        if twin := seen.get(asset.digest):
            problems.append(Remark(one.file, f"is the same picture as {twin}"))
        elif wanted and wanted != split:
            said = "labelled" if strength == LABELLED else "put into"
            problem = f"is {said} {wanted}, but shares its source with {first[root]} in {split}"
            problems.append(Remark(one.file, problem))
        elif rules and (reason := rules.refuses(asset, split)):
            rules.aside[reason] += 1
        else:
            seen[asset.digest] = asset.id
            kept[asset.id] = replace(asset, split=split)
    left: list[Foreground | Background] = list(kept.values())
    things = [asset for asset in left if isinstance(asset, Foreground)]
    if rules and things:
        for beyond in rules.few(things, {one.asset.id: roots[id(one)] for one in candidates}):
            rules.aside["beyond the shots of their categories"] += 1
            del kept[beyond]
    return kept


def _claim(asset: Foreground | Background, rules: Assignment | None) -> tuple[int, str]:
    return rules.claim(asset) if rules else (LABELLED, asset.split)


def _strength(one: Candidate[Asset], strength: int, split: str) -> tuple[int, str]:
    return strength, one.asset.id if strength < LABELLED else ""


def _names(one: Candidate[Asset]) -> list[str]:
    names = [f"2 {one.asset.digest}"]
    names += [f"1 {source}" for source in (one.source_asset, one.group) if source]
    names += [f"3 {one.content}"] if one.content else []
    return names + ([f"4 {one.alpha}"] if one.alpha else [])


def _draw(seed: int, name: str) -> float:
    """A number uniform in [0, 1), determined by the arguments."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
