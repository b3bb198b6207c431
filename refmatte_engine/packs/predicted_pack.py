"""A pack of cut-outs that a matting net makes from photographs: asked, resumed, refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import yaml

from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import alphas, foreground_color, image_io, matte_faults, mattes
from refmatte_engine.images.matting_net import MattingNet
from refmatte_engine.packs import category_names, cutouts
from refmatte_engine.packs.labels import Remark
from refmatte_engine.parallel import Progress, processors, spread
from refmatte_engine.records import F32, U8, from_json, is_file_name, to_json
from refmatte_engine.storage import files, json_file
from refmatte_engine.storage.junk import is_junk

RECEIPT, JOURNAL, VERSION = ".cutout.json", ".cutout.jsonl", 1
NOT_STATED = "not stated"
# Colours are estimated from what is so near to the thing.
AROUND_PX = 32


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose photographs these are, as pack.yaml says it."""

    licence: str = NOT_STATED
    source: str = "photographs, cut out by a net"
    credit: str = NOT_STATED


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture, and the path in the pack of what is cut out of it."""

    path: Path
    target: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a photograph: the `problem` for which it was left out, or notes on what was
    kept. `size` and `changed_ns` are its file's, `content` is its hash."""

    target: str
    content: str
    size: int
    changed_ns: int
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The pack that was made: its photographs with what became of each, in order; `refused` are
    pictures that no net has seen, and why; `kept` says that pack.yaml was there already."""

    out: Path
    outcomes: tuple[tuple[Photograph, Outcome], ...]
    refused: tuple[Remark, ...]
    kept: bool


def photographs(given: Path, category: str | None) -> tuple[list[Photograph], list[Remark]]:
    """The pictures at `given`, a file or a folder with what is below it, and the files that are
    left out. Each is of `category`, else of the one that its folder names.

    InputError if there are none, or if a folder names no category.
    """
    if category is not None:
        said = category_names.spoken(category)
        if not is_file_name(category) or not any(letter.isalpha() for letter in said):
            raise InputError("--category", f"{category!r} is not a word", allowed="such as mug")
    try:
        there = [given] if given.is_file() else sorted(p for p in given.rglob("*") if p.is_file())
        if not given.exists():
            raise InputError(given, "there is no such file or folder")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise InputError(given, f"cannot be read: {told}") from None
    found: list[Photograph] = []
    refused: list[Remark] = []
    first: dict[str, Path] = {}
    for path in there:
        inside = PurePosixPath(path.relative_to(given if given.is_dir() else given.parent))
        if any(part.startswith(".") or is_junk(part) for part in inside.parts):
            continue
        if path.suffix.lower() not in image_io.SUFFIXES:
            kinds = ", ".join(image_io.SUFFIXES)
            refused.append(Remark(str(path), f"is not a picture in a readable format ({kinds})"))
            continue
        if category is not None:  # of one folder, so folders become a part of the name
            inside = PurePosixPath(category, "-".join(inside.parts))
        target = PurePosixPath("foregrounds", inside).with_suffix(".png").as_posix()
        if target in first:
            refused.append(Remark(str(path), f"has the name of {first[target]}; rename one"))
            continue
        first[target] = path
        named = category_names.of_folder(target, "foregrounds")
        if named.problem:
            told = "say --category, or put it in a folder named after what it shows"
            raise InputError(path, "has no category", todo=told)
        found.append(Photograph(path, target))
    if not found:
        allowed = f"photographs ({', '.join(image_io.SUFFIXES)})"
        raise InputError(given, "has no pictures", allowed=allowed)
    return found, refused


def make(
    given: Path,
    out: Path,
    net: MattingNet,
    known_as: str,
    *,
    category: str | None = None,
    terms: Terms | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> Made:
    """Cuts the photographs at `given` out with `net` into the pack at `out`, as RGBA of their size
    with the things' own colours; its mattes are labelled predicted. What is there is kept, so an
    interrupted run goes on; photographs are only read. `known_as` is the digest of the net's file.

    InputError if `out` holds something else, or the pack of another net; MissingExtra without
    pymatting.
    """
    wanted, refused = photographs(given, category)
    inside, outside = out.resolve(), given.resolve()
    if inside == outside or outside in inside.parents:
        raise InputError(out, "lies among the photographs", allowed="a folder outside of them")
    receipt = {
        "version": VERSION,
        "net": known_as,
        "called": net.path.name,
        "mean": list(net.way.mean),
        "std": list(net.way.std),
    }
    _check_free(out, receipt)
    with files.disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        with files.held(out):
            kept = (out / "pack.yaml").is_file()
            if not kept:
                text = _pack_yaml(out, net, terms or Terms())
                files.write_whole(out / "pack.yaml", text.encode())
            files.write_whole(out / RECEIPT, json.dumps(receipt).encode())
            outcomes = _cut_all(wanted, out, net, workers, progress)
        (out / ".lock").unlink(missing_ok=True)
    pairs = zip(wanted, outcomes, strict=True)
    return Made(out, tuple(pairs), tuple(refused), kept)


def _check_free(out: Path, receipt: Mapping[str, Any]) -> None:
    """InputError if something else is where the pack would be."""
    if out.exists() and not out.is_dir():
        raise InputError(out, "is not a folder", allowed="a folder for the pack")
    todo = "choose another folder"
    if (out / RECEIPT).is_file():
        there = json_file.read(out / RECEIPT)
        if there != receipt:
            told = there if isinstance(there, dict) else {}
            what = f"holds cut-outs that {told.get('called')} made"
            if told.get("called") == receipt["called"]:
                what += ", in another version or with another mean or std"
            raise InputError(out, what, allowed="those of the same net", todo=todo)
        return
    others = sorted(p.name for p in out.iterdir() if not is_junk(p.name)) if out.exists() else []
    if others := [name for name in others if name != ".lock"]:
        allowed = "a new or empty folder, or a pack of `refmatte cutout` to go on with"
        raise InputError(out, f"holds other files: {listed(others, 3)}", allowed=allowed, todo=todo)


def _pack_yaml(out: Path, net: MattingNet, terms: Terms) -> str:
    letters = (c if c.isascii() and c.isalnum() else "-" for c in out.resolve().name)
    about = {
        "name": "".join(letters).strip("-")[:80] or "cutouts",
        "licence": terms.licence,
        "source": terms.source,
        "credit": terms.credit,
        "defaults": {"matte": "predicted"},
    }
    head = (
        f"# Cut out of photographs by {net.path.name}. Alphas are what that net takes for them.\n"
    )
    return head + yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=100)


def _cut_all(
    wanted: Sequence[Photograph],
    out: Path,
    net: MattingNet,
    workers: int,
    progress: Progress | None,
) -> list[Outcome]:
    known = _journal(out)
    done: dict[str, Outcome] = {}
    todo: list[Photograph] = []
    for one in wanted:
        if (before := known.get(one.target)) and _is_done(one, before, out):
            done[one.target] = before
        else:
            todo.append(one)
    if progress is not None and done:
        progress(len(done), len(wanted))
    count = workers or processors()
    # The net uses all processors, then the colours do.
    piece = 2 * count if len(todo) > 2 else 1
    with (out / JOURNAL).open("a", encoding="utf-8") as journal:
        for start in range(0, len(todo), piece):
            seen = [
                _seen(one, net, out, known.get(one.target)) for one in todo[start : start + piece]
            ]
            tasks = [each for each in seen if not isinstance(each, Outcome)]
            made = [each for each in seen if isinstance(each, Outcome)]
            for outcome in (*made, *spread(_finished, tasks, workers=min(count, piece), kept=True)):
                done[outcome.target] = outcome
                if not outcome.problem:
                    journal.write(json.dumps(to_json(outcome)) + "\n")
                    journal.flush()
                if progress is not None:
                    progress(len(done), len(wanted))
    return [done[one.target] for one in wanted]


def _seen(
    one: Photograph, net: MattingNet, out: Path, before: Outcome | None
) -> Outcome | tuple[Outcome, U8, F32, Path]:
    """The photograph with the alpha that the net gives it; or an outcome, if that is known now."""
    state = one.path.stat()
    outcome = Outcome(one.target, "", state.st_size, state.st_mtime_ns)
    try:
        data = files.read_bytes(one.path)
        doubts: list[str] = []
        image = image_io.decode_rgb(data, "", doubts=doubts)
    except InputError as error:
        problem = str(error).removeprefix(f"{one.path}: ")
        return replace(outcome, problem=problem)
    outcome = replace(outcome, content=cutouts.pixel_digest(image), notes=tuple(doubts))
    target = out / one.target
    if target.is_file():
        if before is not None and before.content == outcome.content:
            return replace(outcome, notes=before.notes)
        todo = "delete that, or rename the photograph"
        told = f"{target} is there, of another photograph or of this one before it changed"
        return replace(outcome, problem=f"is not cut out: {told}; {todo}")
    return outcome, image, net.alpha(image), target


def _finished(outcome: Outcome, image: U8, alpha: F32, target: Path) -> Outcome:
    """The cut-out is checked as any foreground is, and written."""
    levels, _ = mattes.cleaned(alphas.to_bytes(alpha))
    if levels.max() < mattes.SEEN:
        return replace(outcome, problem="the net finds nothing in it")
    rgba = np.dstack((np.zeros_like(image), levels))
    if (around := alphas.box(levels)) is not None:
        height, width = levels.shape
        x0, y0 = (max(0, low - AROUND_PX) for low in around[:2])
        x1, y1 = min(width, around[2] + AROUND_PX), min(height, around[3] + AROUND_PX)
        near = np.s_[y0:y1, x0:x1]
        own, _ = foreground_color.own_color(image[near], levels[near])
        rgba[near][..., :3] = own
    data = image_io.encode_png(rgba)
    try:
        found = cutouts.decode(data, None)
    except InputError as error:
        return replace(outcome, problem=str(error))
    files.write_whole(target, data)
    # What shows inside a hole is known here, and only here: the cut-out has no colours there.
    doubts = (*matte_faults.faults(levels, image), matte_faults.touches(levels, is_photograph=True))
    return replace(outcome, notes=(*outcome.notes, *found.notes, *filter(None, doubts)))


def _journal(out: Path) -> dict[str, Outcome]:
    """The cut-outs of earlier runs, by target; a torn last line says nothing."""
    file, found = out / JOURNAL, dict[str, Outcome]()
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            outcome = from_json(Outcome, json.loads(line))
        except ValueError:  # of JSON, or of what it holds
            continue
        found[outcome.target] = outcome
    return found


def _is_done(one: Photograph, before: Outcome, out: Path) -> bool:
    """Whether that very photograph was cut out, and the cut-out is still there."""
    state = one.path.stat()
    same = (before.size, before.changed_ns) == (state.st_size, state.st_mtime_ns)
    return same and (out / one.target).is_file()
