"""RefMatte's label file: the entries written for a sample, and the reader, for ours and others'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from refmatte_engine.config import strict_yaml
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.images import image_io
from refmatte_engine.records import KEYWORD, Sample, is_file_name, to_json
from refmatte_engine.storage import json_file

IMAGES = ("img", "image")  # the released datasets' folders of images


class Entry(BaseModel):
    """The label of one entity of one image. Released files have only the first two fields."""

    image_name: str
    expressions: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    keyword: str = ""
    keyword_unique: bool | None = None
    category: str = ""


def label_entries(sample: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """RefMatte's label entries, by mask stem, for one sample record as JSON.

    Existing loaders read `image_name` and `expressions`; all other keys are ours.
    """
    keywords = [e for e in sample["expressions"] if e["kind"] == KEYWORD]
    for entity in sample["entities"]:
        k = entity["index"]
        said = [e for e in sample["expressions"] if e["referents"] == [k] and e["kind"] != KEYWORD]
        # A thing may be called by words said of others: a girl, and a person beside others.
        names = [e for e in keywords if k in e["referents"]]
        keyword = min(names, key=lambda e: len(e["referents"]), default=None)
        is_unique = keyword is not None and keyword["referents"] == [k]
        settings = ((KEYWORD, is_unique), ("expression", bool(said)))
        yield (
            f"{sample['name']}_{k}",
            {
                "image_name": sample["name"],
                "expressions": [e["text"] for e in said],
                "kinds": [e["kind"] for e in said],
                "keyword": keyword["text"] if keyword else entity["category"],
                "keyword_unique": is_unique,
                "settings": [setting for setting, is_possible in settings if is_possible],
                "category": entity["category"],
                "kind_of_thing": entity["kind"],
                "attributes": [
                    {key: a[key] for key in ("name", "value", "part", "source") if key in a}
                    for a in entity.get("attributes", [])
                ],
                "bbox_xyxy": entity["box_xyxy"],
                "relation": sample["scene"]["layout"],
            },
        )


def entries_of(sample: Sample) -> dict[str, Entry]:
    """The sample's label entries, by mask stem, in the order of its entities."""
    return {stem: Entry.model_validate(e) for stem, e in label_entries(to_json(sample))}


def label_files(root: Path) -> dict[str, Path]:
    """The label file of each split of a released dataset, which may lie one folder deeper.
    InputError if there are none, or several of one name."""
    found = find_label_files(root)
    if not found:
        allowed = "a finished `refmatte generate`, RefMatte, or RefMatte-RW100"
        raise InputError(root, "is not a dataset folder", allowed=allowed)
    return found


def find_label_files(root: Path) -> dict[str, Path]:
    """The same, or nothing."""
    name = "refmatte_*_label.json"
    # Unpacking often puts a folder into one of its own name.
    for patterns in ((name, f"*/{name}"), (f"*/*/{name}",)):
        found: dict[str, Path] = {}
        for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
            if patterns[0] != name and is_ours(path):
                continue  # of a run in a folder of its own: that is the one to give
            split = re.sub("refmatte_(.*)_label", r"\1", path.stem)
            if split in found:
                problem = (
                    f"holds several datasets with a split {split!r}: {found[split]} and {path}"
                )
                raise InputError(root, problem, todo="give the folder of one of them")
            found[split] = path
        if found:
            return found
    return {}


def is_ours(labels: Path) -> bool:
    """Whether a run wrote this label file, finished or not."""
    return (labels.parent / "samples.jsonl").exists() or (labels.parent / ".shards").exists()


@dataclass(frozen=True, slots=True)
class Labelled:
    """An image of a label file: its entries by mask stem, and the alphas of these in the same
    order."""

    name: str
    image: Path
    entries: dict[str, Entry]
    alphas: tuple[Path, ...]


def labelled(path: Path, keyword_field: str = "") -> list[Labelled]:
    """The images of a label file, with the files in the folders beside it; `keyword_field` as
    `read_labels` has it. InputError if one is missing."""
    images = {
        file.stem: file
        for folder in IMAGES
        if (path.parent / folder).is_dir()
        for file in sorted((path.parent / folder).iterdir())
        if file.suffix.lower() in image_io.SUFFIXES
    }
    masks = path.parent / "mask"
    there = {file.stem for file in masks.glob("*.png")}
    by_image: dict[str, dict[str, Entry]] = {}
    for stem, entry in read_labels(path, keyword_field).items():
        by_image.setdefault(entry.image_name, {})[stem] = entry
        if entry.image_name not in images:
            raise InputError(
                path, f"labels {stem!r}: no image {entry.image_name!r} in img or image"
            )
        if stem not in there:
            raise InputError(masks / f"{stem}.png", f"no such file, but {path.name} labels it")
    return [
        Labelled(name, images[name], entries, tuple(masks / f"{stem}.png" for stem in entries))
        for name, entries in by_image.items()
    ]


def kinds(entry: Entry) -> list[tuple[str, str]]:
    """The entry's expressions, each with its kind, or expression_0, expression_1 … without any."""
    known = len(entry.kinds) == len(entry.expressions)
    return [
        (entry.kinds[i] if known else f"expression_{i}", text)
        for i, text in enumerate(entry.expressions)
    ]


def keywords(entries: Mapping[str, Entry]) -> list[tuple[str, bool]]:
    """The mere name of each entity of one image, and whether it means that one alone."""
    names = [entry.keyword or entry.category for entry in entries.values()]
    categories = [
        entry.category or name for entry, name in zip(entries.values(), names, strict=True)
    ]
    found = []
    for entry, name, category in zip(entries.values(), names, categories, strict=True):
        is_unique = entry.keyword_unique
        if is_unique is None:
            is_unique = categories.count(category) == names.count(name) == 1
        found.append((name, bool(name) and is_unique))
    return found


def read_labels(path: Path, keyword_field: str = "") -> dict[str, Entry]:
    """The entries of a label file by mask stem. `keyword_field` is what the file calls a keyword,
    if not `keyword`; what has none there has no keyword. InputError says what is invalid and
    where."""
    labels = json_file.read(path)
    if not isinstance(labels, dict):
        allowed = '{"<mask stem>": {"image_name": …, "expressions": […]}, …}'
        raise InputError(path, "is not a label file", allowed=allowed)
    if keyword_field:
        labels = _renamed(labels, path, keyword_field)
    entries = {
        stem: strict_yaml.parse(Entry, said, f"{path}: {stem}") for stem, said in labels.items()
    }
    for stem, entry in entries.items():
        for name in (stem, entry.image_name):
            if not is_file_name(name):
                raise InputError(
                    path, f"{name!r} is not a file name", allowed="one without folders"
                )
    return entries


def _renamed(labels: dict[str, Any], path: Path, field: str) -> dict[str, Any]:
    """The labels with what is under `field` as their keyword."""
    objects = [said for said in labels.values() if isinstance(said, dict)]
    keys = list(dict.fromkeys(key for said in objects for key in said))
    if field not in keys:
        todo = nearest(field, keys)
        raise InputError(path, f"has no key {field!r}", allowed=listed(keys), todo=todo)
    renamed = {}
    for stem, said in labels.items():
        if isinstance(said, dict):
            keyword = said.get(field, "")
            if not isinstance(keyword, str):
                problem = f"{field} is {keyword!r}"
                raise InputError(f"{path}: {stem}", problem, allowed="text, the thing's name")
            said = {**said, "keyword": keyword}
        renamed[stem] = said
    return renamed
