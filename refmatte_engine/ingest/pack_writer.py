"""Writes the pack of a source: pack.yaml and labels.jsonl. Pictures stay where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from refmatte_engine.errors import InputError
from refmatte_engine.ingest import recognise
from refmatte_engine.ingest.origin import Origin
from refmatte_engine.ingest.recognise import There
from refmatte_engine.packs import pack
from refmatte_engine.packs.pack import Pack
from refmatte_engine.storage import files


@dataclass(frozen=True, slots=True)
class Ingested:
    """The pack that was written, what it reads as (nothing is decoded), how many labels came with
    the source, and in words what is missing of what was published and what is left to do."""

    origin: Origin
    pack: Pack
    labels: int
    remarks: tuple[str, ...]

    @property
    def splits(self) -> dict[str, int]:
        """How many pictures each split has; "" counts those that are still to be drawn."""
        counts: dict[str, int] = {}
        for picture in self.pack.pictures:
            key = picture.label.split or ""
            counts[key] = counts.get(key, 0) + 1
        return counts


def ingest(origin: Origin, where: Path, out: Path) -> Ingested:
    """Writes the pack into the folder `out`: beside the pictures, or elsewhere with a `root`.

    InputError if the source does not lie in `where` as it is published, or if `out` holds another
    pack. What a first run wrote is written again by a second one.
    """
    _check_folder(out)
    root, found = recognise.find(where, origin)
    texts = {"pack.yaml": _pack_yaml(origin, root, found, out)}
    labels = files.jsonl(origin.labels(root) if origin.labels else ()).decode()
    if labels:
        texts["labels.jsonl"] = labels
    _check_free(out, texts)
    with files.disk_errors(out):
        for name, text in texts.items():
            files.write_whole(out / name, text.encode())
    made = pack.read(out)
    remarks = tuple(_remarks(origin, found, made))
    return Ingested(origin, made, labels.count("\n"), remarks)


def _check_folder(out: Path) -> None:
    """InputError if no folder can be there."""
    try:
        if out.resolve().exists() and not out.is_dir():
            raise InputError(out, "is not a folder", allowed="a folder for the pack")
    except (OSError, ValueError, RuntimeError) as error:
        told = getattr(error, "strerror", None) or error
        raise InputError(out, f"cannot be used: {told}") from None


def _check_free(out: Path, texts: dict[str, str]) -> None:
    """InputError if something else is where the pack would be."""
    try:
        # Labels that a person added are no other pack.
        for name, text in texts.items():
            there = out / name
            if there.exists() and there.read_bytes() != text.encode():
                todo = "choose another folder with -o, or move it away"
                raise InputError(there, "is there already, and differs", todo=todo)
    except OSError as error:
        raise InputError(out, f"cannot be used: {error.strerror or error}") from None


def _pack_yaml(origin: Origin, root: Path, found: list[There], out: Path) -> str:
    about: dict[str, Any] = {
        "name": origin.name.replace("_", "-"),
        "licence": origin.licence,
        "source": origin.source,
        "credit": origin.credit,
    }
    if out.resolve() != root.resolve():
        about["root"] = str(root.resolve())
    if unused := sorted(origin.unused(root)) if origin.unused else []:
        about["unused"] = unused
    about["sources"] = [_source(root, each) for each in found]
    head = f"# {origin.title}, as `refmatte ingest {origin.name}` found it.\n"
    return head + yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=100)


def _source(root: Path, found: There) -> dict[str, Any]:
    part = found.part
    said: dict[str, Any] = {
        "foregrounds": found.foregrounds,
        "alphas": found.alphas,
        "backgrounds": found.backgrounds,
        "colors": "own" if part.colors == "own" else "",
        "category_from": part.category_from,
        "group_by": "folder" if part.by_folder else "",
    }
    if isinstance(part.category_from, str) and not (root / part.category_from).is_file():
        said["category_from"] = ""
    category = found.category
    if part.category_from and not said["category_from"]:
        category = category or "object"
    defaults = {"category": category, "kind": part.kind, "split": found.split}
    said["defaults"] = {key: value for key, value in defaults.items() if value}
    return {key: value for key, value in said.items() if value}


def _usable(made: Pack, found: There) -> int:
    """How many pictures of a part are there with their alphas."""
    pictures = made.foregrounds if found.foregrounds else made.backgrounds
    beginning = "" if found.part.pictures == "." else f"{found.foregrounds or found.backgrounds}/"
    return sum(
        picture.path.startswith(beginning) and bool(picture.alpha_path or not found.alphas)
        for picture in pictures
    )


def _remarks(origin: Origin, found: list[There], made: Pack) -> Iterator[str]:
    """What is missing of what was published, and what is left to do."""
    there = {each.part.is_called for each in found}
    for part in origin.parts:
        if part.is_called not in there and not origin.is_general:
            yield f"{part.is_called}: is not there ({part.pictures})"
            there.add(part.is_called)
    total = sum(_usable(made, each) for each in found)
    if origin.published is not None and total != origin.published:
        yield f"{total:,} of the {origin.published:,} that were published"
    for each in found:
        published = each.part.published
        count = _usable(made, each)
        if published is not None and count != published:
            yield f"{each.part.is_called}: {count:,} of the {published:,} that were published"
        if isinstance(each.part.category_from, str) and each.part.category_from:
            file = made.root / each.part.category_from
            if not file.is_file():
                yield f"{each.part.category_from} is not there: every picture is called object"
    if unused := len(made.about.unused):
        yield f"{unused} not used, as they show what others show"
    if origin.todo:
        yield origin.todo
