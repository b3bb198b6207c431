"""The listing that `refmatte catalog` prints: as plain values, and as text for a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from refmatte_engine import errors
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.packs.labels import Remark
from refmatte_engine.records import Background, Foreground

_NUMBER = re.compile(r"\d[\d.,]*")


def listing(catalog: Catalog) -> dict[str, Any]:
    """Packs with counts, licences, sizes (long side, px), softness, pairs and recomposition errors;
    the categories of each kind; every problem and note. JSON values only."""
    return {
        "digest": catalog.digest,
        "packs": [_pack(catalog, info.name) | {"path": info.path} for info in catalog.packs],
        "categories": _categories(catalog.foregrounds.values()),
        "problems": [{"file": p.file, "message": p.message} for p in catalog.problems],
        "notes": [{"file": n.file, "message": n.message} for n in catalog.notes],
    }


def as_text(listed: dict[str, Any]) -> str:
    """A `listing` as lines of text; its key `runs` may hold `prospects.prospects`."""
    lines: list[str] = []
    for pack in listed["packs"]:
        lines += [
            f"{pack['name']}: {pack['path']}",
            f"  licence      {', '.join(pack['licences'])}",
            f"  source       {pack['source']}",
            f"  credit       {pack['credit']}",
        ]
        for what in ("foregrounds", "backgrounds"):
            counts, sides = pack[what]["splits"], pack[what]["long_side_px"]
            if counts:
                parts = " + ".join(f"{count} {split}" for split, count in counts.items())
                lines.append(f"  {what}  {parts}, long side {_span(sides)} px")
        if told := _grounds(pack["ground"]):
            lines.append(f"  ground       {told}")
        if soft := pack["softness"]:
            percent = {key: value * 100 for key, value in soft.items()}
            lines.append(f"  softness     {_span(percent)} % of the visible pixels")
        if pack["cut"]:
            parts = ", ".join(f"{count} at the {side}" for side, count in pack["cut"].items())
            lines.append(f"  cut off      {parts} of their photographs, as they lie in images")
        if pack["hanging"]:
            told = "on a ground, where sizes are real, nothing holds them, and they are not used"
            lines.append(f"  hanging      {pack['hanging']}: {told}")
        if pack["predicted"]:
            lines.append(f"  mattes       {pack['predicted']} are what a net predicted")
        if told := own_colors(pack):
            lines.append(f"  pairs        {told}")
        lines.append("")
    for kind, counts in listed["categories"].items():
        names = ", ".join(f"{name} {count}" for name, count in counts.items())
        lines.append(f"{kind} ({sum(counts.values())}): {names}")
    absent = [
        what
        for what in ("foregrounds", "backgrounds")
        if not any(pack[what]["splits"] for pack in listed["packs"])
    ]
    lines += _runs(listed.get("runs", {}), absent)
    notes, problems = ([Remark(**said) for said in listed[key]] for key in ("notes", "problems"))
    if notes:
        lines += [f"notes ({len(notes)}), used despite a doubt:", *remarks(notes)]
    head = f"problems ({len(problems)}), left out:" if problems else "no problems"
    text = "\n".join([*lines, head, *remarks(problems)])
    return text.encode("utf-8", "backslashreplace").decode()  # a file's name may be no text


def own_colors(pack: Mapping[str, Any]) -> str:
    """What is known of the own colours of a pack's pairs; empty if there are none."""
    count, known, error = pack["pairs"], pack["estimated"], pack["recomposition_error"]
    told = [f"own colours of {known} of {count} estimated"] if count else []
    told += [f"recomposition error {_span(error)} levels of 255"] if error else []
    return ", ".join(told)


def selected(catalog: Catalog) -> list[str]:
    """What the run's own rules did, in a few lines."""
    told, lines = catalog.selection, []
    if unseen := told.get("unseen"):
        lines.append(f"unseen in train: {errors.listed(unseen, 12)}")
    seen = told.get("foregrounds", {}).get("train", {})
    if shots := told.get("shots"):
        only = {len(ids) for ids in shots.values()}
        each = (
            f"{only.pop()} each" if len(only) == 1 else errors.listed(map(len, shots.values()), 6)
        )
        lines.append(f"shots in train: {each} of {errors.listed(shots, 12)}")
    test = told.get("foregrounds", {}).get("test", {})
    if others := sorted(test.keys() - seen.keys() - {*told.get("unseen", ())}):
        lines.append(f"in test and not in train, as it happens: {errors.listed(others, 12)}")
    lines += [f"left out: {count} {why}" for why, count in told.get("left_out", {}).items()]
    about = ("split_by.file", "split_by.unseen")
    return lines + [f"note: {note}" for note in catalog.notes if note.file in about]


def _runs(prospects: dict[str, list[str]], absent: list[str]) -> list[str]:
    """What the bundled runs lack; what several have in common appears once."""
    if prospects and absent:
        none = " and no ".join(absent)
        return ["", f"no bundled run works with this alone: it has no {none} (studio has some)"]
    runs: dict[tuple[str, ...], list[str]] = {}
    for run, missing in prospects.items():
        runs.setdefault(tuple(missing), []).append(run)
    lines = ["", "bundled runs with this alone (`refmatte generate` says why):"] if runs else []
    for said, names in sorted(runs.items(), key=lambda item: len(item[0])):
        lines += [f"  {', '.join(names)}: {line}" for line in said or ("nothing is missing",)]
    return lines


def remarks(said: Iterable[Remark], most: int = 60) -> list[str]:
    """Problems or notes as at most `most` lines; what holds for many files, but for numbers,
    appears once."""
    alike: dict[str, list[Remark]] = {}
    for remark in said:
        alike.setdefault(_NUMBER.sub("#", remark.message), []).append(remark)
    lines = []
    for group in alike.values():
        if len(group) > 5:
            first = group[0].message
            same = all(remark.message == first for remark in group)
            more = "" if same else " (numbers of the first)"
            lines.append(f"  {errors.listed([r.file for r in group], 3)}: {first}{more}")
        else:
            lines += [f"  {remark}" for remark in group]
    if len(lines) > most:
        lines[most:] = [
            f"  … and {len(lines) - most} more lines: `refmatte catalog --json` has all"
        ]
    return lines


def _pack(catalog: Catalog, name: str) -> dict[str, Any]:
    things = [f for f in catalog.foregrounds.values() if f.pack == name]
    places = [b for b in catalog.backgrounds.values() if b.pack == name]
    terms = catalog.licences[name]
    own = {asset.licence for asset in things} | {asset.licence for asset in places}
    errors = [t.recomposition_error for t in things if t.recomposition_error is not None]
    return {
        "name": name,
        "licences": sorted(own) or [terms["licence"]],
        "source": terms["source"],
        "credit": terms["credit"],
        "foregrounds": _counted(things),
        "backgrounds": _counted(places),
        "cut": _cut(things),
        "hanging": sum(thing.posture == "hanging" for thing in things),
        "ground": dict(sorted(Counter(place.ground_from for place in places).items())),
        "predicted": sum(thing.matte == "predicted" for thing in things),
        "softness": _spread([thing.softness for thing in things]),
        "pairs": sum(thing.colors == "mixed" for thing in things),
        "estimated": len(errors),
        "recomposition_error": _spread(errors),
    }


def _grounds(counts: Mapping[str, int]) -> str:
    """What is known of where things can stand; empty where all is labelled."""
    if not counts.keys() - {"labelled", "accepted"}:
        return ""
    ways = {
        "labelled": "labelled", "accepted": "accepted", "estimated": "estimated",
        "unknown": "unknown", "refused": "refused as sky, water, close-ups, or with a subject",
    }  # fmt: skip
    said = ", ".join(f"{counts[way]} {told}" for way, told in ways.items() if way in counts)
    best = next(way for way in ways if way in counts)
    used = counts[best] + (counts.get("accepted", 0) if best == "labelled" else 0)
    total = sum(counts.values())
    if used == total:
        return said
    return f"{said}; with `ground: true` {used} of {total} are used (`refmatte pack review`)"


def _cut(things: Iterable[Foreground]) -> dict[str, int]:
    """By the sides at which photographs cut foregrounds off, how many; the commonest first."""
    sides = ("bottom", "left", "right", "top")
    found = Counter(
        " and ".join(side for side in sides if side in thing.cut_edges)
        for thing in things
        if thing.cut_edges
    )
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _counted(assets: Sequence[Foreground | Background]) -> dict[str, Any]:
    return {
        "splits": dict(sorted(Counter(asset.split for asset in assets).items())),
        "long_side_px": _spread([float(max(asset.size_hw)) for asset in assets]),
    }


def _spread(values: list[float]) -> dict[str, float]:
    """Minimum, maximum and median; empty for no values."""
    if not values:
        return {}
    return {"min": min(values), "median": round(median(values), 4), "max": max(values)}


def _span(spread: dict[str, float]) -> str:
    least, middle, most = (
        f"{value:.0f}" if value >= 100 else f"{value:.3g}"
        for value in (spread["min"], spread["median"], spread["max"])
    )
    return f"{least} to {most} (median {middle})"


def _categories(things: Iterable[Foreground]) -> dict[str, dict[str, int]]:
    counts = Counter((thing.kind, thing.category) for thing in things)
    kinds: dict[str, dict[str, int]] = {}
    for (kind, category), count in sorted(counts.items()):
        kinds.setdefault(kind, {})[category] = count
    return kinds
