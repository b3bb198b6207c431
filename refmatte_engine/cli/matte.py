"""The command that takes a thing out of one's own pictures. What it does is in `baselines`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from refmatte_engine.cli import models
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import RefMatteError


def matte(
    image: Annotated[
        Path,
        typer.Argument(help="A picture (JPEG, PNG or WebP), a folder of them, or - for stdin."),
    ],
    text: Annotated[str, typer.Argument(help="What is meant, such as “the red mug on the left”.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="The file to write, the folder for a folder's, or - for stdout."
        ),
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A checkpoint's folder, or a bundled model: tiny (default), b16."),
    ] = None,
    form: Annotated[
        Literal["cutout", "alpha", "alpha16", "composite"] | None,
        typer.Option(
            "--as",
            help="cutout: RGBA with the thing's own colours (PNG). alpha, alpha16: grey, 8 or 16 "
            "bits (PNG). composite: over --on (PNG or JPEG). Default: cutout, or composite "
            "with --on.",
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="What to put it on: a picture, #ff8800, or a CSS colour.")
    ] = None,
    keyword: Annotated[
        bool, typer.Option("--keyword", help="The text is a mere name, such as “mug”.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Recompute a folder's mattes that exist.")
    ] = False,
    device: models.Device = "auto",
    dtype: models.Precision = "fp32",
    deterministic: models.Deterministic = False,
    long_side: models.LongSide = None,
    image_tower: models.ImageTower = None,
) -> None:
    """Take what a sentence means out of a picture. Or out of each picture of a folder.

    Example: refmatte matte photo.jpg "the red mug on the left" -o mug.png
    """
    from refmatte_baselines import checkpoints
    from refmatte_baselines.serving import photographs
    from refmatte_engine.images import image_io
    from refmatte_engine.storage.files import MAX_FILE_BYTES, write_whole

    wish = photographs.Wish(text, keyword, form or ("cutout" if on is None else "composite"), on)
    photographs.check(wish, image, out)
    place = checkpoints.located(checkpoint)
    learnt = checkpoints.knows(place)
    pictures: dict[str, Path] = {}
    passed, pixels = "", None
    doubts: list[str] = []
    if image.is_dir():
        pictures, passed = photographs.pictures_in(image, out)
    elif str(image) == photographs.PIPE:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES)
        pixels = image_io.decode_rgb(data, "stdin", doubts=doubts)
    else:
        pixels = image_io.read_rgb(image, doubts=doubts)
    with models.needs("clipmat", "matte a picture"):
        from refmatte_baselines.clipmat import predict as work
    work.check_text(place, text, wish.asked_as)

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if passed:
        say(passed)
    if doubts:
        say(f"note: {image}: {'; '.join(doubts)}")
    if learnt:
        say(f"{checkpoint or checkpoints.SHIPPED[0]} knows {learnt}")
    predictor = work.Predictor(place, device, dtype, long_side, image_tower, deterministic)
    if pixels is None:
        with resumable("finished mattes"), Bar("matting", "picture") as bar:
            outcome = photographs.folder(
                predictor,
                pictures,
                wish,
                out,
                overwrite=overwrite,
                say=bar.say,
                progress=bar.update,
            )
        were = f", {outcome.kept} were there" if outcome.kept else ""
        print(f"{out}: {outcome.made} mattes{were}")
        if outcome.broken:
            raise RefMatteError(image, f"{outcome.broken} pictures could not be read")
        return
    suffix = out.suffix.lower()
    made, share = photographs.encoded(predictor, pixels, image, wish, suffix, say)
    if str(out) == photographs.PIPE:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(out, made)
    except OSError as error:
        raise RefMatteError(out, f"cannot be written: {error.strerror or error}") from None
    print(f"{out}: {wish.form}, {100 * share:.1f} % of the picture")


COMMANDS = (matte,)
