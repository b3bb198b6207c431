"""The review of a pack: a static page of every cut-out and background, where labels are edited.

The page holds what is said of the pack; assets come in parts beside it, each a script, since a page
opened from disk may load scripts. Pictures are named by their content, so that a second review
draws only what is new.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from PIL import Image

from refmatte_engine.errors import InputError
from refmatte_engine.images import background_checks, image_io, matte_faults
from refmatte_engine.packs import cutouts, folders, labels, own_colors, pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.packs.labels import FILES, Entry, Remark
from refmatte_engine.packs.pack import AssetFile, Pack
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.records import U8, Background, Foreground
from refmatte_engine.semantics import attributes
from refmatte_engine.storage.files import disk_errors

TEMPLATE = Path(__file__).with_suffix(".html")
VERSION = 1  # changes whenever what is drawn or measured does
PART = 500  # assets that are loaded together
THUMB_PX, VIEW_PX, EDGE_PX = 240, 720, 96  # long sides of pictures; the side of the zoomed edge


def build(
    pack: Pack,
    catalog: Catalog,
    out: Path,
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Writes the page into `out` and returns its path. `catalog` is of this pack alone; where it
    holds estimated colours, they are shown beside the mixed ones.

    `progress(done, total)` counts assets. InputError if `out` holds something else, or lies among
    the pack's pictures; RefMatteError if it cannot be written.
    """
    _check(pack, out)
    assets: list[Foreground | Background] = [
        *catalog.foregrounds.values(),
        *catalog.backgrounds.values(),
    ]
    said = _written(pack)
    pictures = {picture.id: picture for picture in pack.pictures}
    notes: dict[str, list[str]] = defaultdict(list)
    for note in catalog.notes:
        notes[note.file].append(note.message)
    with disk_errors(out):
        (out / "pictures").mkdir(parents=True, exist_ok=True)
        (out / "parts").mkdir(exist_ok=True)
        tasks = [(catalog, asset, out / "pictures") for asset in assets]
        drawn = spread(_drawn, tasks, workers=workers, threads=True, kept=True)
        part: list[dict[str, Any]] = []
        for number, (asset, facts) in enumerate(zip(assets, drawn, strict=True), 1):
            picture = pictures[asset.id]
            known = {
                "notes": notes[folders.shown(pack.root, picture.named or picture.path)],
                **_label(picture, said),
            }
            part.append(_asset(asset, picture) | known | facts)
            if len(part) == PART or number == len(assets):
                _write_part(out, (number - 1) // PART, part)
                part = []
            if progress is not None:
                progress(number, len(assets))
        page = out / "index.html"
        left_out = [_left_out(out / "pictures", remark) for remark in catalog.problems]
        page.write_text(_page(pack, catalog, len(assets), left_out), encoding="utf-8")
    return page


def _check(pack: Pack, out: Path) -> None:
    """InputError if the folder is not for a review of this pack."""
    for part in (part for _, part in pack.about.parts()):
        for folder in (part.foregrounds, part.alphas, part.backgrounds):
            if folder and out.resolve().is_relative_to((pack.root / folder).resolve()):
                todo = "name a folder elsewhere"
                raise InputError(out, f"lies among the pack's pictures in {folder}", todo=todo)
    if out.is_dir() and any(out.iterdir()) and not (out / "parts").is_dir():
        raise InputError(out, "holds something that is no review", todo="name a new folder")


def _written(pack: Pack) -> dict[str, tuple[int, Entry]]:
    """The labels as people wrote them, by the path of what they label, with their place in
    `labels.written`."""
    names = {name for p in pack.pictures for name in (p.named, p.path) if name}
    places = [str(pack.root / folder) for folder in ("", *(p.folder for p in pack.pictures[:1]))]
    order = {entry.where: i for i, entry in enumerate(labels.written(pack.home))}
    matched = labels.match(pack.home, places, names, [])
    return {path: (order[entry.where], entry) for path, entry in matched.items()}


def _label(picture: AssetFile, said: Mapping[str, tuple[int, Entry]]) -> dict[str, Any]:
    """Where among the labels that of the picture is (`own`: it is of no other), and what holds by
    label or default."""
    name = picture.named or picture.path
    at = said.get(name) or said.get(picture.path)
    return {
        "entry": -1 if at is None else at[0],
        "own": name in said,
        "label": picture.label.model_dump(mode="json", exclude_unset=True, exclude={"file"}),
    }


def _asset(asset: Foreground | Background, picture: AssetFile) -> dict[str, Any]:
    shared = {
        "id": asset.id,
        "file": picture.named or picture.path,
        "split": asset.split,
        "licence": asset.licence,
        "size": asset.size_hw[::-1],
    }
    if isinstance(asset, Background):
        return shared | {
            "ground": asset.ground_norm if asset.ground_from in ("labelled", "accepted") else None,
            "ground_from": asset.ground_from,
            "horizon": asset.horizon_norm,
            "light": asset.light,
        }
    return shared | {
        "category": asset.category,
        "kind": asset.kind,
        "softness": asset.softness,
        "opacity": asset.opacity,
        "cut": asset.cut_edges,
        "colors": asset.colors,
        "matte": asset.matte,
        "error": asset.recomposition_error,
        "flags": {name: getattr(asset, name) for name in ("stands", "flippable", "sheds_shadow")},
    }


def _drawn(catalog: Catalog, asset: Foreground | Background, folder: Path) -> dict[str, Any]:
    """The asset's pictures, drawn unless they are there, and what was measured in doing so."""
    estimated = isinstance(asset, Foreground) and asset.recomposition_error is not None
    name = f"{asset.digest[:20]}{'o' if estimated else ''}"
    file = folder / f"{name}.json"
    # What is measured follows from labels, too: glass has no colour of its own.
    facts = asset.attributes if isinstance(asset, Foreground) else ()
    depends = f"{VERSION}.{background_checks.VERSION} {facts}"
    try:
        known: dict[str, Any] = json.loads(file.read_text("ascii"))
        if known.pop("depends") != depends:
            raise ValueError
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        if isinstance(asset, Foreground):
            known = _draw_thing(catalog, asset, folder / name)
        else:
            known = _draw_place(catalog, asset, folder / name)
        file.write_text(json.dumps(known | {"depends": depends}), encoding="ascii")
    return known | {"picture": name}


def _draw_thing(catalog: Catalog, thing: Foreground, stem: Path) -> dict[str, Any]:
    cutout = cutouts.of_file(catalog.root(thing.pack), thing)
    rgba, edge = cutout.rgba, False
    if thing.recomposition_error is not None:
        rgba = own_colors.of(cutout, thing, catalog.cache)
        window = _edge(rgba[..., 3])
        for pixels_, what in ((cutout.rgba, "before"), (rgba, "after")):
            _save(stem, what, pixels_[window], EDGE_PX, lossless=True)
        edge = True
    small = _save(stem, "view", rgba, VIEW_PX)
    _save(stem, "thumb", small, THUMB_PX)
    shape = matte_faults.shape(rgba[..., 3])
    return {
        "edge": edge,
        "holes": shape.holes_px,
        "parts": [round(weight / max(1.0, sum(shape.parts)), 3) for weight in shape.parts[:9]],
        "measured": _measured(small, thing),
    }


def _measured(rgba: U8, thing: Foreground) -> list[tuple[str, str]]:
    """The colours that would be measured if no label gave them."""
    height, width = rgba.shape[:2]
    plain = attributes.recoloured(thing)
    found = attributes.measure(rgba[..., :3], rgba[..., 3], (0, 0, width, height), plain)
    names = ("color", "color_perhaps", "css_color")
    return [(each.name, each.value) for each in found if each.name in names and not each.part]


def _draw_place(catalog: Catalog, place: Background, stem: Path) -> dict[str, Any]:
    picture = pixels.of_background(place, catalog)
    _save(stem, "thumb", _save(stem, "view", picture, VIEW_PX), THUMB_PX)
    return {
        "offered": background_checks.horizon(picture),
        "estimate": background_checks.ground(picture),
    }


def _edge(alpha: U8) -> tuple[slice, slice]:
    """The window of EDGE_PX with most of half-clear pixels."""
    half = ((alpha > 25) & (alpha < 230)).astype(np.uint8)
    h, w = (min(EDGE_PX, side) for side in alpha.shape)
    sums: Any = cv2.integral(half)
    inside = sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w]
    y, x = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return slice(int(y), int(y) + h), slice(int(x), int(x) + w)


def _save(stem: Path, what: str, shown: U8, most_px: int, lossless: bool = False) -> U8:
    """Writes a WebP no larger than that, and returns its pixels before they were encoded."""
    long = max(shown.shape[:2])
    if long > most_px:
        size = tuple(max(1, round(side * most_px / long)) for side in shown.shape[1::-1])
        shown = _shrunk(shown, (size[0], size[1]))
    image = Image.fromarray(shown)
    image.save(f"{stem}_{what}.webp", quality=82, method=2, lossless=lossless, exact=lossless)
    return shown


def _shrunk(shown: U8, size_wh: tuple[int, int]) -> U8:
    if shown.shape[2] == 3:
        return np.asarray(cv2.resize(shown, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = shown[..., 3:].astype(np.float32) / 255
    mixed = np.dstack((shown[..., :3] * alpha, shown[..., 3].astype(np.float32)))
    small: Any = cv2.resize(mixed, size_wh, interpolation=cv2.INTER_AREA)
    small[..., :3] /= np.maximum(small[..., 3:] / 255, 1e-6)
    return np.asarray(np.rint(np.clip(small, 0, 255)), np.uint8)


def _left_out(folder: Path, remark: Remark) -> dict[str, str]:
    """What was left out and why, with its picture if that can be shown."""
    file = Path(remark.file)
    told = {"file": remark.file, "message": remark.message}
    if file.suffix.lower() in image_io.SUFFIXES:
        try:
            shown = image_io.read_rgb(file)
        except InputError:
            return told
        name = cutouts.pixel_digest(shown)[:20]
        _save(folder / name, "thumb", shown, THUMB_PX)
        return told | {"picture": name}
    return told


def _write_part(out: Path, number: int, part: Sequence[Mapping[str, Any]]) -> None:
    # ASCII only: JSON that is read as a script.
    text = f"addAssets({json.dumps(part, separators=(',', ':'))});\n"
    (out / "parts" / f"assets_{number:05d}.js").write_text(text, encoding="ascii")


def _page(pack: Pack, catalog: Catalog, count: int, left_out: Sequence[Mapping[str, str]]) -> str:
    there = [name for name in FILES if (pack.home / name).is_file()]
    shown = {str(PurePosixPath(remark["file"])) for remark in left_out}
    data = {
        "name": pack.about.name,
        "terms": catalog.licences[pack.about.name],
        "home": str(pack.home.resolve()),
        "digest": catalog.digest,
        "foregrounds": len(catalog.foregrounds),
        "backgrounds": len(catalog.backgrounds),
        "parts": -(-count // PART),
        "left_out": left_out,
        "remarks": list(_remarks(pack, catalog, shown)),
        "files": there,
        "entries": [[entry.name, entry.data] for entry in labels.written(pack.home)],
    }
    text = json.dumps(data, separators=(",", ":"), default=str)
    # Inside a script element only "<" could end or comment out the data.
    return TEMPLATE.read_text(encoding="utf-8").replace("@REVIEW@", text.replace("<", r"\u003c"))


def _remarks(pack: Pack, catalog: Catalog, shown: set[str]) -> Iterator[dict[str, str]]:
    """Notes on what is no picture of the page: folders, label files."""
    pictures = {folders.shown(pack.root, p.named or p.path) for p in pack.pictures}
    for note in catalog.notes:
        if note.file not in pictures and note.file not in shown:
            yield {"file": note.file, "message": note.message}
