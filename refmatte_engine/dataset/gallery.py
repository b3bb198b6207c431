"""The gallery: a dataset as one static page to browse.

The page holds the facets; images come in parts beside it, loaded one by one and no more than a
browser can hold, so that a dataset of any size opens at once. A part is a script, since a page
opened from disk may load scripts.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.stats import spatial_words
from refmatte_engine.images import image_io
from refmatte_engine.parallel import Progress
from refmatte_engine.records import Clause, Entity, Expression, Sample, to_json
from refmatte_engine.storage.files import disk_errors

TEMPLATE = Path(__file__).with_suffix(".html")
THUMB_HW = (400, 1600)
PART = 100  # images whose sentences are loaded together, for searching …
DETAIL = 50  # … and whose attributes and proofs are, when one of them is looked at
AHEAD = 5000  # images that are loaded without being asked for, and each time when asked


def build(root: str | Path, *, progress: Progress | None = None, limit: int | None = None) -> Path:
    """Writes OUT/gallery/index.html, its parts and thumbnails, and returns the page's path.

    The page shows the dataset's own images and alphas, so it needs no server but must stay with the
    dataset. Thumbnails newer than their image and its mattes are kept. `progress` is called with
    (images done, images in total); `limit` shows only the first images. InputError for an
    unreadable dataset, and for a matte that is not as large as its picture; RefMatteError if the
    gallery cannot be written.
    """
    dataset = Dataset(root)
    folder = dataset.root / "gallery"
    total = min(len(dataset), len(dataset) if limit is None else limit)
    samples = islice(dataset.samples(), limit)
    done, counts = 0, Counter[str]()
    with disk_errors(folder, "copy the dataset to where you may write"):
        folder.mkdir(exist_ok=True)
        with ThreadPoolExecutor() as pool:
            while part := list(islice(samples, PART)):
                _write_part(dataset, folder, part, done)
                counts["entities"] += sum(len(sample.entities) for sample in part)
                counts["expressions"] += sum(len(sample.expressions) for sample in part)
                for _ in pool.map(lambda sample: _thumb(dataset, sample, folder), part):
                    done += 1
                    if progress is not None:
                        progress(done, total)
        page = folder / "index.html"
        page.write_text(_page(dataset, {"images": done, **counts}), encoding="utf-8")
    return page


def _thumb(dataset: Dataset, sample: Sample, folder: Path) -> None:
    """Draws the thumbnail of a picture, once its mattes are seen to be as large as it is."""
    source, thumb = dataset.image_path(sample), folder / sample.split / f"{sample.name}.webp"
    mattes = [dataset.alpha_path(sample, entity.index) for entity in sample.entities]
    if thumb.is_file() and all(_is_newer(thumb, than) for than in (source, *mattes)):
        return
    pixels = image_io.read_rgb(source)
    for matte in mattes:
        image_io.refuse_size(matte, image_io.size_hw(matte), pixels.shape[:2])
    image = Image.fromarray(pixels)
    image.thumbnail(THUMB_HW[::-1], Image.Resampling.LANCZOS, reducing_gap=2)
    thumb.parent.mkdir(exist_ok=True)
    image.save(thumb, quality=82, method=3)


def _is_newer(file: Path, than: Path) -> bool:
    return than.is_file() and file.stat().st_mtime > than.stat().st_mtime


def _write_part(dataset: Dataset, folder: Path, samples: Sequence[Sample], first: int) -> None:
    """Writes the part that begins with image `first`: what the search needs, and the details."""
    files = {
        f"images_{first // PART:05d}": ("addImages", first, [_image(dataset, s) for s in samples])
    }
    for start in range(0, len(samples), DETAIL):
        closer = [_detail(sample) for sample in samples[start : start + DETAIL]]
        number = (first + start) // DETAIL
        files[f"details_{number:05d}"] = ("addDetails", first + start, closer)
    (folder / "parts").mkdir(exist_ok=True)
    for name, (call, at, data) in files.items():
        # ASCII only: JSON that is read as a script.
        text = f"{call}({at}, {json.dumps(data, separators=(',', ':'))});\n"
        (folder / "parts" / f"{name}.js").write_text(text, encoding="ascii")


def _page(dataset: Dataset, counts: dict[str, int]) -> str:
    manifest = dataset.manifest
    data = {
        "name": dataset.root.resolve().name,
        "folder": shlex.quote(str(dataset.root)),
        "seed": None if dataset.is_released else manifest["run"]["seed"],
        "suffix": manifest["run"]["image"]["format"],
        "total": len(dataset),
        "origin": list(_origin(manifest)),
        **counts,
        "part": PART,
        "detail": DETAIL,
        "ahead": AHEAD,
    }
    text = json.dumps(data, separators=(",", ":"))
    # Inside a script element only "<" could end or comment out the data.
    return TEMPLATE.read_text(encoding="utf-8").replace("@DATASET@", text.replace("<", r"\u003c"))


def _origin(manifest: dict[str, Any]) -> Iterator[str]:
    for pack, terms in manifest.get("licences", {}).items():
        known = [str(terms[key]) for key in ("licence", "source", "credit") if terms.get(key)]
        yield f"Assets “{pack}”: " + ", ".join(known)
    if rejections := manifest.get("rejections"):
        reasons = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in rejections.items())
        yield f"Scenes drawn again: {sum(rejections.values())} ({reasons})"


def _image(dataset: Dataset, sample: Sample) -> dict[str, Any]:
    height, width = sample.scene.canvas_hw
    return {
        **_files(dataset, sample),
        "split": sample.split,
        "name": sample.name,
        "size": [width, height],
        "layout": sample.scene.layout,
        "level": sample.level,
        "twin": sample.twin,
        "change": sample.change,
        "siblings": sample.siblings,
        "sibling": sample.sibling,
        "entities": [
            {"index": entity.index, "category": entity.category, "box": entity.box_xyxy}
            for entity in sample.entities
        ],
        "expressions": [_expression(expression) for expression in sample.expressions],
    }


def _files(dataset: Dataset, sample: Sample) -> dict[str, Any]:
    """Where the files lie, below the dataset's folder, where they do not lie as ours do."""
    if not dataset.is_released:
        return {}
    alphas = (dataset.alpha_path(sample, entity.index) for entity in sample.entities)
    photo, *others = (
        path.relative_to(dataset.root).as_posix() for path in (dataset.image_path(sample), *alphas)
    )
    return {"photo": photo, "alphas": others}


def _expression(expression: Expression) -> dict[str, Any]:
    margins = [clause.margin for clause in expression.program if clause.margin is not None]
    return {
        "text": expression.text,
        "kind": expression.kind,
        "of": expression.referents,
        "spatial": sorted(set(spatial_words(expression.program))),
        "margin": min(margins, default=None),
    }


def _detail(sample: Sample) -> dict[str, Any]:
    return {
        "entities": [
            {
                "kind": entity.kind,
                "visible": round(entity.visible_share, 3),
                "attributes": _attributes(entity),
            }
            for entity in sample.entities
        ],
        "proofs": [
            [
                (
                    clause_text(clause),
                    clause.left_after,
                    None if clause.margin is None else round(clause.margin, 4),
                    clause.necessary,
                )
                for clause in expression.program
            ]
            for expression in sample.expressions
        ],
        "record": json.dumps(to_json(sample), ensure_ascii=False, separators=(",", ":")),
    }


def _attributes(entity: Entity) -> list[tuple[str, str]]:
    """Attribute names with all their values; uncertain ones come last."""
    values: dict[str, list[str]] = {}
    for attribute in sorted(entity.attributes, key=lambda a: a.name.endswith("_perhaps")):
        name = f"{attribute.part} {attribute.name}".strip().replace("_", " ")
        value = {"true": "yes", "false": "no"}.get(attribute.value, attribute.value)
        values.setdefault(name, []).append(value)
    return [(name, ", ".join(dict.fromkeys(several))) for name, several in values.items()]


def clause_text(clause: Clause) -> str:
    """The clause in short notation.

    >>> red = Clause("attribute", "color", "red", part="sweater")
    >>> clause_text(Clause("relation", "left_of", targets=((Clause("category", "man"), red),)))
    'left of (category = man ∧ sweater color = red)'
    """
    name = clause.name.replace("_", " ")
    if clause.op == "relation":
        targets = (" ∧ ".join(map(clause_text, target)) for target in clause.targets)
        return ("¬ " if clause.negated else "") + " ".join([name, *(f"({t})" for t in targets)])
    if clause.op == "attribute":
        subject, value = f"{clause.part} {name}".strip(), clause.value
    else:
        subject, value = clause.op, name
    return f"{subject} {'≠' if clause.negated else '='} {value}"
