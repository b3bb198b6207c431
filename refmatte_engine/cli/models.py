"""The commands `predict`, `evaluate`, `matte` and `app`: a trained model at work."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refmatte_engine.cli import options, scoring
from refmatte_engine.cli.output import remark
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError, RefMatteError, needs

if TYPE_CHECKING:
    from refmatte_engine.scoring.rows import Rows


def predict(
    checkpoint: options.Checkpoint,
    dataset: options.AnyDataset,
    out: options.MattesOut,
    split: options.Split = None,
    setting: options.Setting = None,
    kinds: options.Kinds = None,
    index: options.Index = None,
    overwrite: options.Overwrite = False,
    device: options.Device = "auto",
    dtype: options.Precision = "fp32",
    deterministic: options.Deterministic = False,
    long_side: options.LongSide = None,
    image_tower: options.ImageTower = None,
) -> None:
    """Write a model's mattes of a dataset. Grey 16-bit PNGs, as `refmatte score` reads them.

    Example: refmatte predict my-model out/demo --split test --out out/predictions
    """
    from refmatte_engine.scoring import rows

    chosen = rows.read(dataset, split=split, kinds=kinds, setting=setting, index=index)
    with needs("clipmat", "predict"):
        from refmatte_baselines.clipmat import predict as work
    predictor = work.Predictor(checkpoint, device, dtype, long_side, image_tower, deterministic)
    _write(work, predictor, chosen, out, overwrite)


def evaluate(
    checkpoint: options.Checkpoint,
    dataset: options.AnyDataset,
    out: options.KeptMattesOut = None,
    split: options.Split = None,
    setting: options.Setting = None,
    kinds: options.Kinds = None,
    index: options.Index = None,
    references: options.References = False,
    html: options.Html = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    workers: options.Workers = 0,
    overwrite: options.Overwrite = False,
    device: options.Device = "auto",
    dtype: options.Precision = "fp32",
    deterministic: options.Deterministic = False,
    long_side: options.LongSide = None,
    image_tower: options.ImageTower = None,
) -> None:
    """Score a model on a dataset. `predict` and `score` in one, without files in between.

    Example: refmatte evaluate my-model out/demo --split test --references
    """
    from refmatte_engine.scoring import rows, score

    scoring.check(references=references, html=html, as_json=as_json, as_csv=as_csv)
    if overwrite and out is None:
        raise InputError("--overwrite", "makes anew what is in --out, and that is not given")
    chosen = rows.read(dataset, split=split, kinds=kinds, setting=setting, index=index)
    with needs("clipmat", "evaluate a model"):
        from refmatte_baselines.clipmat import predict as work
    predictor = work.Predictor(checkpoint, device, dtype, long_side, image_tower, deterministic)
    if out is not None:
        _write(work, predictor, chosen, out, overwrite)
        with Bar("scoring", "image") as bar:
            scores = score.score(out, chosen, workers=workers, progress=bar.update)
    else:
        _tell_shortened(work, predictor, chosen)
        with Bar("matting and scoring", "image") as bar:
            scores = work.evaluate(predictor, chosen, workers=workers, progress=bar.update)
    scoring.show(
        scores,
        chosen,
        references=references,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
        workers=workers,
    )


def matte(
    image: options.Image,
    text: options.Text,
    out: options.MatteOut,
    checkpoint: options.MatteCheckpoint = None,
    form: options.Form = None,
    on: options.On = None,
    keyword: options.Keyword = False,
    overwrite: options.RecomputeFolder = False,
    device: options.Device = "auto",
    dtype: options.Precision = "fp32",
    deterministic: options.Deterministic = False,
    long_side: options.LongSide = None,
    image_tower: options.ImageTower = None,
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
    with needs("clipmat", "matte a picture"):
        from refmatte_baselines.clipmat import predict as work
    work.check_text(place, text, wish.asked_as)

    if passed:
        remark(passed)
    if doubts:
        remark(f"note: {image}: {'; '.join(doubts)}")
    if learnt:
        remark(f"{checkpoint or checkpoints.SHIPPED[0]} knows {learnt}")
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
    made, share = photographs.encoded(predictor, pixels, image, wish, suffix, remark)
    if str(out) == photographs.PIPE:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(out, made)
    except OSError as error:
        raise RefMatteError(out, f"cannot be written: {error.strerror or error}") from None
    print(f"{out}: {wish.form}, {100 * share:.1f} % of the picture")


def app(
    checkpoint: options.PageCheckpoint = None,
    port: options.Port = 7860,
    host: options.Host = "127.0.0.1",
    device: options.Device = "auto",
    dtype: options.Precision = "fp32",
    long_side: options.LongSide = None,
    image_tower: options.ImageTower = None,
) -> None:
    """Serve a page to try a model on. Drop an image, say which thing, download the cutout.

    Nothing leaves this machine. Example: refmatte app my-model --port 7860
    """
    with needs("clipmat", "run a model"):
        from refmatte_baselines.clipmat import predict as work
    with needs("app", "serve the page"):
        from refmatte_baselines.serving import page as pages
    predictor = work.Predictor(checkpoint, device, dtype, long_side, image_tower)
    blocks, address = pages.serve(
        predictor, predictor.checkpoint.resolve().name, host=host, port=port
    )
    print(f"open {address} (Ctrl-C to stop)", flush=True)
    try:
        threading.Event().wait()
    finally:
        blocks.close(verbose=False)


def _write(work: Any, predictor: Any, chosen: Rows, out: Path, overwrite: bool) -> None:
    _tell_shortened(work, predictor, chosen)
    with resumable("finished mattes"), Bar("matting", "image") as bar:
        made, kept = work.write(predictor, chosen, out, overwrite=overwrite, progress=bar.update)
    were = f", {kept} were there" if kept else ""
    remark(f"{made} mattes in {out}{were}")


def _tell_shortened(work: Any, predictor: Any, chosen: Rows) -> None:
    if count := work.shortened(predictor, chosen):
        remark(f"{count} texts are longer than the model reads; their ends are cut")
