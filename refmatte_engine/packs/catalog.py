"""The catalog: a validated index of all packs of a run."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from refmatte_engine.config.split_rules import SplitRules
from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import image_io
from refmatte_engine.packs import (
    category_names,
    folders,
    labels,
    near_duplicates,
    own_colors,
    pack,
    scan,
    splits,
    terms,
)
from refmatte_engine.packs.assignment import Asset, Assignment
from refmatte_engine.packs.frozen import Frozen
from refmatte_engine.packs.labels import BackgroundLabel, Label, Remark
from refmatte_engine.packs.pack import AssetFile, Pack
from refmatte_engine.packs.scan import Scan
from refmatte_engine.packs.splits import Candidate
from refmatte_engine.parallel import Progress
from refmatte_engine.records import Background, Foreground, to_json
from refmatte_engine.semantics import kinds, postures
from refmatte_engine.storage import cache as caches


@dataclass(frozen=True, slots=True)
class PackInfo:
    """Whose pictures these are, where the pack is, and below which folder its pictures lie."""

    name: str
    licence: str
    source: str
    credit: str
    path: str
    root: str


@dataclass(frozen=True)
class Catalog:
    """Everything a run may use, by id; everything left out, and why; and notes on what is used
    despite a doubt. `lost` names the packs whose foregrounds, or backgrounds, were all left out;
    `selection` says, as JSON values, what the run's own rules left out and put into which split;
    `alike` are those of the notes that are about near-duplicates in other splits and packs.

    `digest` depends only on pixels, labels and splits: not on where a pack lies, nor on the order
    or times of its files. `cache` is the folder of decoded pixels.
    """

    foregrounds: Mapping[str, Foreground]
    backgrounds: Mapping[str, Background]
    packs: tuple[PackInfo, ...]
    problems: tuple[Remark, ...]
    digest: str
    cache: Path
    notes: tuple[Remark, ...] = ()
    lost: tuple[Remark, ...] = ()
    selection: Mapping[str, Any] = field(default_factory=dict)
    alike: tuple[Remark, ...] = ()

    @property
    def licences(self) -> dict[str, dict[str, str]]:
        """The terms of every pack by its name: licence, source and credit; and how many of its
        mattes a net predicted, if some."""
        predicted = Counter(f.pack for f in self.foregrounds.values() if f.matte == "predicted")
        return {
            info.name: {"licence": info.licence, "source": info.source, "credit": info.credit}
            | ({"predicted": f"{count} mattes"} if (count := predicted[info.name]) else {})
            for info in self.packs
        }

    @property
    def own_terms(self) -> list[dict[str, Any]]:
        """Terms of pictures that are not their pack's (`terms.own`)."""
        return terms.own(self.licences, [*self.foregrounds.values(), *self.backgrounds.values()])

    def root(self, pack: str) -> Path:
        """The folder of the pictures of the pack of that name."""
        return next(Path(info.root) for info in self.packs if info.name == pack)

    @property
    def pack_digests(self) -> dict[str, str]:
        """A digest, by pack name, of what the catalog holds of the pack."""
        return {
            info.name: _digest(
                {i: f for i, f in self.foregrounds.items() if f.pack == info.name},
                {i: b for i, b in self.backgrounds.items() if b.pack == info.name},
            )
            for info in self.packs
        }


def load(
    packs: Sequence[str | Path],
    *,
    split_seed: int = 0,
    test_share: float = 0.1,
    split_by: SplitRules | None = None,
    allow_licences: Sequence[str] | None = None,
    strict: bool = False,
    cache: Path | None = None,
    workers: int = 0,
    progress: Progress | None = None,
    frozen: Frozen | None = None,
) -> Catalog:
    """The catalog of `packs`: folders, URLs, or "studio" for the bundled one.

    A picture whose label gives no split falls into "test" with probability `test_share`, drawn from
    `split_seed` and its content, whatever pack it is in; `split_by` and `allow_licences` are a
    run's. `progress(done, total)` follows the first scan, by `workers` workers (0: one per
    processor); later scans are read from `cache` (default: the user's), or nothing is looked at but
    what is `frozen`. The own colours of image + alpha pairs are not estimated here (`estimation`).

    InputError if a whole pack cannot be used, if no licence is allowed or a split rule cannot be
    kept, or if `strict` and there is any problem, or a near-duplicate (no other note is one).
    """
    cache = cache or caches.folder()
    sources = frozen.of(packs) if frozen else [pack.read(where, progress) for where in packs]
    names = Counter(source.about.name for source in sources)
    if twice := [name for name, count in names.items() if count > 1]:
        raise InputError(listed(packs), f"two packs have the name {twice[0]!r}", todo="rename one")
    problems = [problem for source in sources for problem in source.problems]
    notes = [note for source in sources for note in source.notes]
    # What shows without decoding comes first.
    named = [category_names.of_pack(source, problems, notes) for source in sources]
    if strict:
        _stop_at(problems)
    sources = [
        replace(source, foregrounds=tuple(p for p in source.foregrounds if p.id in categories))
        for source, categories in zip(sources, named, strict=True)
    ]
    aside: Counter[str] = Counter()
    if allow_licences is not None:
        sources = terms.allowed(sources, allow_licences, aside)
    doubts: dict[tuple[type, str], list[Remark]] = {}
    things: list[Candidate[Foreground]] = []
    places: list[Candidate[Background]] = []
    scans = list(map(frozen.scanned, sources)) if frozen else None
    scans = scans or scan.scan(sources, cache, progress, workers)
    for source, categories, found_here in zip(sources, named, scans, strict=True):
        for picture, found in zip(source.pictures, found_here, strict=True):
            file = folders.shown(source.root, picture.named)
            if problem := _problem(picture, found):
                problems.append(Remark(file, problem))
                continue
            source_asset = picture.label.source_asset or ""
            group = f"{source.about.name}/{picture.group}/" if picture.group else ""
            more = (found.content, found.alpha_digest, group, picture.named, found.look)
            if isinstance(picture.label, Label):
                made = _foreground(source, picture, picture.label, found, categories[picture.id])
                things.append(Candidate(made, source_asset, file, *more))
                doubts[Foreground, picture.id] = [Remark(file, n) for n in _doubts(found)]
                if found.touches and picture.label.cut_edges is None:
                    doubts[Foreground, picture.id].append(Remark(file, found.touches))
            else:
                place = _background(source, picture, picture.label, found)
                places.append(Candidate(place, source_asset, file, *more))
                # Who said where its ground or horizon is has looked at it.
                seen = place.ground_norm is not None or place.horizon_norm is not None
                seems = () if seen else found.seems
                said = (*_doubts(found), *seems)
                doubts[Background, picture.id] = [Remark(file, n) for n in said]
    _doubt_scenes(things, places, doubts)
    rules = None
    if split_by is not None:
        assets: list[tuple[Asset, str]] = [(each.asset, each.named) for each in things]
        assets += [(each.asset, each.named) for each in places]
        rules = Assignment(split_by, assets, list(names), split_seed)
        notes += rules.notes()
    foregrounds = {
        name: replace(thing, recomposition_error=own_colors.error(thing, cache))
        if thing.colors == "mixed"
        else thing
        for name, thing in splits.settle(things, split_seed, test_share, problems, rules).items()
    }
    backgrounds = splits.settle(places, split_seed, test_share, problems, rules)
    selection: dict[str, Any] = {}
    if rules or allow_licences is not None:
        record = rules.record(foregrounds.values()) if rules else {}
        aside.update(rules.aside if rules else {})
        selection = {**record, "left_out": dict(sorted(aside.items()))}
    used: list[Foreground | Background] = [*foregrounds.values(), *backgrounds.values()]
    notes += [note for asset in used for note in doubts[type(asset), asset.id]]
    alike = [
        *near_duplicates.across(foregrounds, things),
        *near_duplicates.across(backgrounds, places),
    ]
    notes += alike
    if strict:
        _stop_at(problems + alike)
    return Catalog(
        foregrounds,
        backgrounds,
        tuple(_info(source) for source in sources),
        tuple(problems),
        _digest(foregrounds, backgrounds),
        cache,
        tuple(notes),
        tuple(lost for source in sources for lost in _lost(source, used)),
        selection,
        tuple(alike),
    )


def _lost(source: Pack, used: Sequence[Foreground | Background]) -> Iterator[Remark]:
    """The asset types of which a pack has pictures, but none usable."""
    for what, kind in (("foregrounds", Foreground), ("backgrounds", Background)):
        count = source.counts[what]
        left = any(asset.pack == source.about.name and isinstance(asset, kind) for asset in used)
        if count and not left:
            told = f"none of its {count} {what}" if count > 1 else f"its only {what[:-1]}"
            verb = "can be used" if count > 1 else "cannot be used"
            yield Remark(str(source.root), f"{told} {verb}")


def _stop_at(problems: list[Remark]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
        raise InputError(problems[0].file, problems[0].message + more)


def _problem(picture: AssetFile, found: Scan) -> str:
    """Why a decoded picture cannot be used; empty if it can."""
    if picture.twin_of and (found.lacks_alpha or found.is_shape):
        return f"looks like the alpha of {picture.twin_of}, not like a separate picture"
    if found.lacks_alpha:
        return f"{image_io.NO_ALPHA}; {picture.hint}"
    return found.problem


def _doubts(found: Scan) -> tuple[str, ...]:
    if found.is_shape:
        told = (
            "shows a white or black shape, as an alpha does; if it is one, keep it among the alphas"
        )
        return (*found.notes, told)
    return found.notes


def _doubt_scenes(
    things: Sequence[Candidate[Foreground]],
    places: Sequence[Candidate[Background]],
    doubts: dict[tuple[type, str], list[Remark]],
) -> None:
    """Notes backgrounds that are the source picture of a foreground."""
    owners = {thing.content: thing.file for thing in things}
    for scene in places:
        if owner := owners.get(scene.content):
            told = f"is also the source picture of the foreground {owner}, which it already shows"
            doubts[Background, scene.asset.id].append(Remark(scene.file, told))


def _foreground(
    source: Pack, picture: AssetFile, label: Label, found: Scan, category: str
) -> Foreground:
    edges = found.cut_edges if label.cut_edges is None else label.cut_edges
    is_mixed = bool(picture.alpha_path) and not picture.own_colors
    return Foreground(
        id=picture.id,
        pack=source.about.name,
        path=picture.path,
        alpha_path=picture.alpha_path,
        category=category,
        kind=label.kind or kinds.kind_of(category),
        split=label.split or "",
        size_hw=found.size_hw,
        digest=found.digest,
        attributes=labels.flatten(label.attributes, label.source),
        flippable=label.flippable,
        stands=label.stands,
        sheds_shadow=label.sheds_shadow,
        cut_edges=edges,
        softness=found.softness,
        opacity=found.opacity,
        fill=found.fill,
        licence=label.licence or source.about.licence,
        credit=_other(label.credit, source.about.credit),
        source=_other(picture.source, source.about.source),
        colors="mixed" if is_mixed else "own",
        content=found.content if is_mixed else "",
        matte=label.matte,
        fix=picture.fix,
        height_m=label.height_m,
        toy=labels.is_toy(label, label.kind or kinds.kind_of(category)),
        light=label.light or "",
        posture=postures.labelled(category, label.lies, label.hangs),
    )


def _background(
    source: Pack, picture: AssetFile, label: BackgroundLabel, found: Scan
) -> Background:
    ground, ground_from = scan.standing(label, found)
    return Background(
        id=picture.id,
        pack=source.about.name,
        path=picture.path,
        split=label.split or "",
        size_hw=found.size_hw,
        digest=found.digest,
        horizon_norm=label.horizon,
        ground_norm=ground,
        ground_from=ground_from,
        light=label.light or "",
        surface=label.surface,
        licence=label.licence or source.about.licence,
        credit=_other(label.credit, source.about.credit),
        source=_other(picture.source, source.about.source),
        camera_m=label.camera_m,
    )


def _other(own: str | None, of_pack: str) -> str:
    return own if own and own != of_pack else ""


def _info(source: Pack) -> PackInfo:
    about = source.about
    home, root = str(source.home.resolve()), str(source.root.resolve())
    return PackInfo(about.name, about.licence, about.source, about.credit, home, root)


def _digest(foregrounds: Mapping[str, Foreground], backgrounds: Mapping[str, Background]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for assets in (foregrounds, backgrounds):
        for _, asset in sorted(assets.items()):
            facts = to_json(asset)
            # An estimate, in floats, where and in what files it lies, and how these became pixels
            # that have a digest: none is content.
            for name in ("recomposition_error", "path", "alpha_path", "content", "fix"):
                facts.pop(name, None)
            if facts.get("colors") == "own":  # as all colours were before there was a choice
                del facts["colors"]
            digest.update(json.dumps(facts, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()
