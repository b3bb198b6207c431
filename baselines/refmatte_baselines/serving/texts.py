"""A CSV of pictures and texts: what is asked of which picture, and what its matte is called."""

from __future__ import annotations

import csv
import html
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from refmatte_baselines.evaluation.predictions import claim
from refmatte_baselines.predictor import Predictor
from refmatte_baselines.serving.photographs import Outcome, Say, Wish, encoded, read
from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import image_io
from refmatte_engine.parallel import Progress
from refmatte_engine.records import is_file_name
from refmatte_engine.storage import csv_file, files

COLUMNS, OUT = ("image", "text"), "out"
MADE = "texts.csv"  # of what which matte was made
MOST_BYTES = 120  # of a text in a file's name
TOLD = 5  # cut texts


class Asked(NamedTuple):
    """One line: where it is, the picture as it is named and where that lies, the text, and the
    name of the matte without ".png"."""

    where: str
    image: str
    path: Path
    text: str
    name: str


def asked_in(path: Path) -> list[Asked]:
    """The lines of a CSV with the columns image and text: a picture's path from the CSV's folder,
    and what is meant in it. A matte is called as the column `out` says, else after both.

    InputError, with the line, for what cannot be asked, and two mattes of one name.
    """
    found: list[Asked] = []
    lost: list[InputError] = []
    taken: dict[str, Asked] = {}
    for where, cells in csv_file.read(path, COLUMNS, (OUT,)):
        image, text = (cells[name] for name in COLUMNS)
        if not html.unescape(text).strip():
            raise InputError(where, "has no text", todo="say what to matte, e.g. the red mug")
        if not image:
            raise InputError(where, "has no image", todo=f"name one, as seen from {path.parent}")
        try:
            file = csv_file.file_at(where, path, image, "picture")
        except InputError as error:
            lost.append(error)
            continue
        given = Path(cells[OUT])
        is_png = given.suffix.lower() == ".png"
        if not is_png and given.suffix.lower() in image_io.SUFFIXES:
            problem = f"{cells[OUT]!r} is no name for a matte, which is a PNG"
            raise InputError(where, problem, allowed=f"{given.stem}.png, or {given.stem}")
        name = cells[OUT][: -len(".png")] if is_png else cells[OUT]
        name = name or _name(file.stem, text)
        if not is_file_name(name):
            problem = f"{name!r} is not a file name"
            raise InputError(where, problem, allowed="one without folders")
        one = Asked(where, image, file, text, name)
        if (other := taken.setdefault(name.casefold(), one)) is not one:
            line = other.where.rpartition(":")[2]
            problem = f"would be written to {name}.png, as line {line} is"
            todo = "name them in a column `out`, or leave one out"
            raise InputError(where, problem, todo=todo)
        found.append(one)
    if lost:
        first, lines = lost[0], [error.where.rpartition(":")[2] for error in lost]
        more = f"; lines {listed(lines, 8)} are so" if len(lost) > 1 else ""
        raise InputError(first.where, first.problem + more, todo=first.todo)
    return found


def mattes(
    predictor: Predictor,
    asked: Sequence[Asked],
    wish: Wish,
    out: Path,
    *,
    overwrite: bool,
    say: Say,
    progress: Progress,
) -> Outcome:
    """Mattes what is `asked` into the folder `out`, one PNG each, each picture read once.

    What is there already is kept, if it was made of the same text by the same model; else
    InputError, or with `overwrite` it is made again. A broken picture is said and passed over; so
    is what is not read of a text that is too long.
    """
    wishes = [wish._replace(text=_readable(predictor, one, wish)) for one in asked]
    cut = [(one, w.text) for one, w in zip(asked, wishes, strict=True) if w.text != one.text]
    for one, text in cut[:TOLD]:
        say(f"{one.where}: only {len(text)} of {len(one.text)} characters are read: “{text}”")
    if len(cut) > TOLD:
        say(f"{len(cut) - TOLD} more texts are longer than the model reads; their ends are cut")
    shape = {key: value for key, value in wish._asdict().items() if key != "text"}
    receipt: dict[str, Any] = {**predictor.receipt, **shape, "source": "CSV"}
    made = kept = broken = 0
    by_picture: dict[Path, list[tuple[Asked, Wish]]] = defaultdict(list)
    for one, own in zip(asked, wishes, strict=True):
        by_picture[one.path].append((one, own))
    with files.disk_errors(out):
        claim(out, receipt, {one.name for one in asked} if overwrite else None)
        _note(out, asked)
        for number, (path, every) in enumerate(by_picture.items()):
            progress(number, len(by_picture))
            todo = [(one, own) for one, own in every if not (out / f"{one.name}.png").exists()]
            kept += len(every) - len(todo)
            if not todo:
                continue
            try:
                pixels = read(path, say)
            except InputError as error:
                say(str(error))
                broken += 1
                continue
            answers = predictor.answers(pixels, [own.text for _, own in todo], wish.setting)
            for (one, own), answer in zip(todo, answers, strict=True):
                matte, _ = encoded(answer, pixels, path, own, ".png", say)
                files.write_whole(out / f"{one.name}.png", matte)
                made += 1
        progress(len(by_picture), len(by_picture))
    return Outcome(made, kept, broken)


def _name(stem: str, text: str) -> str:
    words = "_".join(re.findall(r"\w+", text.lower())).encode()[:MOST_BYTES].decode(errors="ignore")
    return f"{stem}_{words}" if words else stem


def _readable(predictor: Predictor, one: Asked, wish: Wish) -> str:
    try:
        return predictor.readable(one.text, wish.setting)
    except InputError as error:
        raise InputError(one.where, f"{error.where} {error.problem}") from None


def _note(out: Path, asked: Sequence[Asked]) -> None:
    """Writes down of what each matte is made. InputError if one that is there was made of something
    else."""
    path = out / MADE
    before = csv_file.read(path, (OUT, *COLUMNS)) if path.exists() else []
    known = {
        line.cells[OUT]: (line.cells["image"], line.cells["text"])
        for line in before
        if (out / f"{line.cells[OUT]}.png").exists()
    }
    for one in asked:
        if known.setdefault(one.name, (one.image, one.text)) != (one.image, one.text):
            image, text = known[one.name]
            problem = f"is there, and was made of {image}, “{text}”"
            todo = "choose another folder or name, or replace it with --overwrite"
            raise InputError(out / f"{one.name}.png", problem, todo=todo)
    content = io.StringIO()
    table = csv.writer(content, lineterminator="\n")
    table.writerow((OUT, *COLUMNS))
    table.writerows((name, *made_of) for name, made_of in known.items())
    files.write_whole(path, content.getvalue().encode())
