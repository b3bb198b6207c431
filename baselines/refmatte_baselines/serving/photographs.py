"""Mattes of pictures of one's own: what is wanted, checked before any model is loaded, and made."""

from __future__ import annotations

import html
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from refmatte_baselines.evaluation.predictions import RECEIPT, claim
from refmatte_baselines.predictor import Answer, Predictor
from refmatte_baselines.serving import cutout
from refmatte_engine.errors import InputError, RefMatteError, listed
from refmatte_engine.images import image_io
from refmatte_engine.images.alphas import to_bytes
from refmatte_engine.parallel import Progress
from refmatte_engine.records import U8, U16, Setting
from refmatte_engine.storage import files

Form = Literal["cutout", "alpha", "alpha16", "composite"]
Say = Callable[[str], None]

PIPE = "-"


class Wish(NamedTuple):
    """What is asked of a picture. `on` is what a composite is put on: a colour or a picture."""

    text: str
    is_keyword: bool
    form: Form
    on: str | None

    @property
    def setting(self) -> Setting:
        return "keyword" if self.is_keyword else "expression"


def check(wish: Wish, source: Path, out: Path, *, several: bool) -> None:
    """InputError or RefMatteError for what can be seen to fail before the work: a form that does
    not go with `on` or with the file's name, an output that cannot be written. Of `several`
    pictures the output is a folder."""
    if (wish.form == "composite") != (wish.on is not None):
        raise InputError("--on", "goes with --as composite, and that needs it")
    if wish.on is not None:
        cutout.backdrop(wish.on, (1, 1))
    if several:
        if str(out) == PIPE:
            raise InputError(PIPE, "takes one picture, not several", todo="name a folder")
        is_file = out.suffix.lower() in image_io.SUFFIXES and not out.is_dir()
        if is_file or (out.exists() and not out.is_dir()):
            raise InputError(out, "is not a folder", todo="name one for the mattes")
    elif str(out) != PIPE:
        allowed = (".png", ".jpg", ".jpeg") if wish.form == "composite" else (".png",)
        if out.suffix.lower() not in allowed:
            problem, ends = f"is no file for {wish.form}", ", ".join(allowed)
            raise InputError(out, problem, allowed=f"a name ending in {ends}")
        for picture in (source, Path(wish.on or source)):
            if _same(out, picture):
                raise InputError(out, "is the picture itself", todo="choose another file")
    if str(out) != PIPE:
        check_writable(out, may_be_folder=several)


def read(source: Path, say: Say) -> U8:
    """The picture (uint8 H×W×3 RGB) in a file, or from stdin for `-`. What is doubtful about it is
    said. InputError if it cannot be read."""
    doubts: list[str] = []
    if str(source) == PIPE:
        data = sys.stdin.buffer.read(files.MAX_FILE_BYTES)
        pixels = image_io.decode_rgb(data, "stdin", doubts=doubts)
    else:
        pixels = image_io.read_rgb(source, doubts=doubts)
    if doubts:
        say(f"note: {source}: {'; '.join(doubts)}")
    return pixels


def write(out: Path, data: bytes) -> None:
    """Writes a file, or to stdout for `-`. RefMatteError if it cannot be written."""
    if str(out) == PIPE:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with files.disk_errors(out, "choose another place"):
        files.write_whole(out, data)


def check_text(text: str | None) -> str:
    """The text. InputError if there is none."""
    if text is None or not html.unescape(text).strip():
        problem = "is empty" if text is not None else "is missing"
        raise InputError("text", problem, todo="say what to matte, e.g. the red mug")
    return text


def encoded(
    answer: Answer, pixels: U8, source: Path, wish: Wish, suffix: str, say: Say
) -> tuple[bytes, float]:
    """What is wished of `pixels` (uint8 H×W×3, from the file `source`), given the answer to the
    text, as an encoded picture, a JPEG if the suffix is one's and else a PNG; and the mean alpha, 0
    to 1."""
    if answer.doubt:
        say(f"nothing in {source} fits “{wish.text}” ({answer.doubt})")
    alpha = answer.alpha
    made: U8 | U16
    if wish.form == "alpha16":
        made = np.rint(alpha * np.float32(65535)).astype(np.uint16)
    elif wish.form == "alpha":
        made = to_bytes(alpha)
    else:
        made = cutout.cutout(pixels, alpha)
        if wish.on is not None:
            made = cutout.over(made, cutout.backdrop(wish.on, pixels.shape[:2]))
    is_jpeg = suffix.lower() in (".jpg", ".jpeg")
    written = image_io.encode_jpeg(made) if is_jpeg else image_io.encode_png(made)  # type: ignore[arg-type]
    return written, float(alpha.mean())


class Outcome(NamedTuple):
    """What became of a folder: numbers of mattes made and found there, and of broken pictures."""

    made: int
    kept: int
    broken: int


def folder(
    predictor: Predictor,
    pictures: dict[str, Path],
    wish: Wish,
    out: Path,
    *,
    overwrite: bool,
    say: Say,
    progress: Progress,
) -> Outcome:
    """Mattes `pictures` (see `pictures_in`) into the folder `out`, one PNG each.

    What is there already is kept, if it was made of the same text by the same model; else
    InputError, or with `overwrite` all of it is made again. A broken picture is said and passed
    over.
    """
    receipt: dict[str, Any] = {**predictor.receipt, **wish._asdict()}
    made = broken = 0
    with files.disk_errors(out):
        claim(out, receipt, set(pictures) if overwrite else None)
        todo = {n: file for n, file in pictures.items() if not (out / f"{n}.png").exists()}
        for number, (name, file) in enumerate(todo.items(), len(pictures) - len(todo)):
            progress(number, len(pictures))
            try:
                pixels = read(file, say)
                answer = predictor.answer(pixels, wish.text, wish.setting)
                made_of_it, _ = encoded(answer, pixels, file, wish, ".png", say)
                files.write_whole(out / f"{name}.png", made_of_it)
                made += 1
            except InputError as error:
                say(str(error))
                broken += 1
        progress(len(pictures), len(pictures))
    return Outcome(made, len(pictures) - len(todo), broken)


def pictures_in(where: Path, out: Path) -> tuple[dict[str, Path], str]:
    """The pictures directly in a folder by the names of their mattes, and what was passed over, in
    words, or "". InputError if there is none, or it is the folder to write in."""
    if _same(where, out):
        raise InputError(out, "is the folder of the pictures", todo="choose another folder")
    inside = sorted(p for p in where.iterdir() if not p.name.startswith("."))
    chosen = [p for p in inside if p.suffix.lower() in image_io.SUFFIXES and p.is_file()]
    if not chosen:
        allowed = ", ".join(image_io.SUFFIXES)
        raise InputError(where, "has no pictures directly in it", allowed=allowed)
    stems = Counter(file.stem for file in chosen)
    # A matte of a.jpg and one of a.png are two files, too.
    named = {file.stem if stems[file.stem] == 1 else file.name: file for file in chosen}
    others = [p.name for p in inside if p not in chosen and p.name != RECEIPT]
    passed = f"{len(others)} other files and folders passed over: {listed(others, 5)}"
    return named, passed if others else ""


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # not there, or no name of a file at all
        return False


def check_writable(out: Path, *, may_be_folder: bool) -> None:
    """Said before the work: RefMatteError if what is made could not be written there."""
    try:
        if out.is_dir() and not may_be_folder:
            raise InputError(out, "is a folder", todo="name a file in it")
        home = next(place for place in (out, *out.absolute().parents) if place.exists())
    except OSError as error:  # such as a name that is too long
        problem = f"cannot be written: {error.strerror}"
        raise RefMatteError(out, problem, todo="choose another place") from None
    if home != out and not home.is_dir():
        problem = f"cannot be written: {home} is not a folder"
        raise RefMatteError(out, problem, todo="choose another place")
    if not os.access(home, os.W_OK):
        raise RefMatteError(out, "cannot be written", todo="choose another place, or allow writing")
