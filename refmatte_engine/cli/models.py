"""The commands `predict`, `evaluate`, `matte` and `app`: a trained model at work."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from refmatte_engine.cli import model_options, options, scoring
from refmatte_engine.cli.output import remark
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError, RefMatteError, needs

if TYPE_CHECKING:
    from refmatte_baselines.predictor import CutWith, Predictor
    from refmatte_baselines.ranks import Place
    from refmatte_engine.scoring.rows import Rows


def predict(
    checkpoint: model_options.Checkpoint,
    dataset: options.AnyDataset,
    out: model_options.MattesOut,
    split: options.Split = None,
    setting: options.Setting = None,
    kinds: options.Kinds = None,
    index: options.Index = None,
    keyword_field: options.KeywordField = None,
    names: model_options.MatteNames = "text",
    overwrite: model_options.Overwrite = False,
    device: model_options.Device = "auto",
    dtype: model_options.Precision = "fp32",
    deterministic: model_options.Deterministic = False,
    long_side: model_options.LongSide = None,
    looks: model_options.Looks = "one",
    image_tower: model_options.ImageTower = None,
    download: model_options.Download = False,
    cut_with: model_options.CutWith = None,
    cut_mean: options.CutMean = None,
    cut_std: options.CutStd = None,
) -> None:
    """Write a model's mattes of a dataset. Grey PNGs, as `refmatte score` reads them.

    Example: refmatte predict my-model out/demo --split test --out out/predictions
    """
    from refmatte_baselines.models import load
    from refmatte_baselines.predictor import Options
    from refmatte_baselines.ranks import joined
    from refmatte_engine.scoring import prediction_files

    chosen = scoring.rows_of(dataset, split, setting, kinds, index, keyword_field)
    if names == "mask":
        chosen = prediction_files.by_mask(chosen)
    cut = _cut(cut_with, cut_mean, cut_std)
    how = Options(device, dtype, long_side, image_tower, deterministic, looks, cut)
    predictor = load(_completed(checkpoint, image_tower, download), how)
    with joined() as place:
        _tell_shortened(predictor, chosen, place)
        _write(predictor, chosen, out, overwrite, place)


def evaluate(
    checkpoint: model_options.Checkpoint,
    datasets: options.AnyDatasets,
    out: model_options.KeptMattesOut = None,
    split: options.Split = None,
    setting: options.Setting = None,
    kinds: options.Kinds = None,
    index: options.Index = None,
    keyword_field: options.KeywordField = None,
    metrics: options.Metrics = "all",
    references: options.References = False,
    times_1000: options.Times1000 = False,
    html: options.Html = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    workers: options.Workers = 0,
    overwrite: model_options.Overwrite = False,
    device: model_options.Device = "auto",
    dtype: model_options.Precision = "fp32",
    deterministic: model_options.Deterministic = False,
    long_side: model_options.LongSide = None,
    looks: model_options.Looks = "one",
    image_tower: model_options.ImageTower = None,
    download: model_options.Download = False,
    cut_with: model_options.CutWith = None,
    cut_mean: options.CutMean = None,
    cut_std: options.CutStd = None,
) -> None:
    """Score a model on a dataset. `predict` and `score` in one, without files in between.

    Example: refmatte evaluate my-model out/demo --split test --references
    """
    from refmatte_baselines.evaluation.scores import evaluate as scores_of
    from refmatte_baselines.models import load
    from refmatte_baselines.predictor import Options
    from refmatte_baselines.ranks import joined
    from refmatte_engine.scoring import score

    scoring.check(
        metrics=metrics,
        references=references,
        times_1000=times_1000,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
    )
    if overwrite and out is None:
        raise InputError("--overwrite", "recomputes what is in --out, which is not given")
    if len(datasets) > 1:
        for option, given in {"--out": out, "--html": html, "--csv": as_csv}.items():
            if given:
                raise InputError(option, "goes with one dataset", todo="ask for each by itself")
    every = [
        scoring.rows_of(each, split, setting, kinds, index, keyword_field) for each in datasets
    ]
    cut = _cut(cut_with, cut_mean, cut_std)
    how = Options(device, dtype, long_side, image_tower, deterministic, looks, cut)
    predictor = load(_completed(checkpoint, image_tower, download), how)
    found = []
    with joined() as place:
        for chosen in every:
            _tell_shortened(predictor, chosen, place)
            if out is not None:
                _write(predictor, chosen, out, overwrite, place)
                continue
            with Bar(f"matting and scoring {chosen.dataset}", "image") as bar:
                progress = bar.update if place.is_first else None
                done = scores_of(
                    predictor, chosen, which=metrics, workers=workers, progress=progress
                )
            found.append((done, chosen))
    if not place.is_first:
        return
    if out is not None:
        (chosen,) = every
        with Bar("scoring", "image") as bar:
            done = score.score(out, chosen, which=metrics, workers=workers, progress=bar.update)
        found.append((done, chosen))
    scoring.show(
        found,
        metrics=metrics,
        references=references,
        times_1000=times_1000,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
        workers=workers,
    )


def matte(
    image: model_options.Image,
    out: model_options.MatteOut,
    text: model_options.Text = None,
    checkpoint: model_options.MatteCheckpoint = None,
    form: model_options.Form = None,
    on: model_options.On = None,
    keyword: model_options.Keyword = False,
    overwrite: model_options.RecomputeFolder = False,
    device: model_options.Device = "auto",
    dtype: model_options.Precision = "fp32",
    deterministic: model_options.Deterministic = False,
    long_side: model_options.LongSide = None,
    looks: model_options.Looks = "one",
    image_tower: model_options.ImageTower = None,
    download: model_options.Download = False,
    cut_with: model_options.CutWith = None,
    cut_mean: options.CutMean = None,
    cut_std: options.CutStd = None,
) -> None:
    """Take what a sentence means out of a picture. Or out of each of a folder, or of a CSV.

    Example: refmatte matte photo.jpg "the red mug on the left" -o mug.png
    """
    from refmatte_baselines.models import check_text, load
    from refmatte_baselines.predictor import Options
    from refmatte_baselines.serving import photographs, texts
    from refmatte_engine.storage import csv_file

    asked = texts.asked_in(image) if csv_file.is_csv(image) else None
    if asked is not None and text is not None:
        raise InputError("text", "does not go with a CSV, which says it", todo="leave it out")
    said = photographs.check_text(text) if asked is None else ""
    wish = photographs.Wish(said, keyword, form or ("cutout" if on is None else "composite"), on)
    photographs.check(wish, image, out, several=image.is_dir() or asked is not None)
    place = _completed(checkpoint, image_tower, download)
    if asked is None:
        check_text(place, said, wish.setting)
    if image.is_dir():
        pictures, passed = photographs.pictures_in(image, out)
        if passed:
            remark(passed)
    elif asked is None:
        pixels = photographs.read(image, remark)
    _tell_known(place, is_default=checkpoint is None)
    cut = _cut(cut_with, cut_mean, cut_std)
    how = Options(device, dtype, long_side, image_tower, deterministic, looks, cut)
    predictor = load(place, how)
    if not image.is_dir() and asked is None:
        answer = predictor.answer(pixels, said, wish.setting)
        made, share = photographs.encoded(answer, pixels, image, wish, out.suffix, remark)
        photographs.write(out, made)
        if str(out) != photographs.PIPE:
            print(f"{out}: {wish.form}, {100 * share:.1f} % of the picture")
        return
    with resumable("finished mattes"), Bar("matting", "picture") as bar:
        make = (
            partial(photographs.folder, predictor, pictures)
            if asked is None
            else partial(texts.mattes, predictor, asked)
        )
        outcome = make(wish, out, overwrite=overwrite, say=bar.say, progress=bar.update)
    were = f", {outcome.kept} were there" if outcome.kept else ""
    print(f"{out}: {outcome.made} mattes{were}")
    if outcome.broken:
        raise RefMatteError(image, f"{outcome.broken} pictures could not be read")


def export_model(
    checkpoint: model_options.Checkpoint,
    out: model_options.OnnxOut,
    image_tower: model_options.ImageTower = None,
    download: model_options.Download = False,
) -> None:
    """Write a model as one ONNX file, which answers without torch. It takes pictures of any size.

    Example: refmatte export-model tiny -o tiny.onnx
    """
    if out.suffix.lower() != ".onnx":
        raise InputError(out, "is no name for an ONNX file", allowed="a name ending in .onnx")
    from refmatte_baselines import checkpoints
    from refmatte_baselines.serving import photographs
    from refmatte_engine.storage import files

    photographs.check_writable(out, may_be_folder=False)
    place = _completed(checkpoint, image_tower, download)
    knows = checkpoints.knows(place)
    checkpoints.kind_of(place)
    with needs("clipmat", "export a model"):
        from refmatte_baselines import onnx_export, weights
    model = weights.from_pretrained(place, image_tower=image_tower)
    remark("exporting takes about a minute")
    with files.disk_errors(out):
        onnx_export.export(model, out, knows=knows)
    print(f"{out}: {out.stat().st_size / 1e6:.0f} MB")


def app(
    checkpoint: model_options.PageCheckpoint = None,
    port: model_options.Port = 7860,
    host: model_options.Host = "127.0.0.1",
    device: model_options.Device = "auto",
    dtype: model_options.Precision = "fp32",
    long_side: model_options.LongSide = None,
    looks: model_options.Looks = "one",
    image_tower: model_options.ImageTower = None,
    download: model_options.Download = False,
    cut_with: model_options.CutWith = None,
    cut_mean: options.CutMean = None,
    cut_std: options.CutStd = None,
) -> None:
    """Serve a page to try a model on. Drop an image, say which thing, download the cutout.

    Nothing leaves this machine. Example: refmatte app my-model --port 7860
    """
    from refmatte_baselines.models import load
    from refmatte_baselines.predictor import Options

    cut = _cut(cut_with, cut_mean, cut_std)
    how = Options(device, dtype, long_side, image_tower, looks=looks, cut=cut)
    with needs("app", "serve the page"):  # before anything is downloaded, loaded or told
        from refmatte_baselines.serving import page as pages
    place = _completed(checkpoint, image_tower, download)
    predictor = load(place, how)
    if checkpoint is None:
        _tell_known(place, is_default=True)
    blocks, address = pages.serve(
        predictor, predictor.checkpoint.resolve().name, host=host, port=port
    )
    print(f"open {address} (Ctrl-C to stop)", flush=True)
    try:
        threading.Event().wait()
    finally:
        blocks.close(verbose=False)


def _completed(checkpoint: Path | None, tower: str | None, download: bool) -> Path:
    """The folder of the checkpoint, or of the one by default, whose image tower is at hand."""
    from refmatte_baselines import checkpoints, image_tower

    if checkpoint is None:
        place = image_tower.default(tower, download=download)
    else:
        place = checkpoints.located(checkpoint)
    image_tower.completed(place, tower, download=download, say=remark)
    return place


def _tell_known(place: Path, *, is_default: bool) -> None:
    """What a model has learnt to see; and where it is the one for want of a better, of which."""
    from refmatte_baselines import checkpoints, image_tower

    if learnt := checkpoints.knows(place):
        falls_back = is_default and place == checkpoints.located(image_tower.FALLBACK)
        other = f"; for photographs: {image_tower.DEFAULT}, with --download" if falls_back else ""
        remark(f"{place.name} knows {learnt}{other}")


def _cut(net: Path | None, mean: str | None, std: str | None) -> CutWith | None:
    from refmatte_baselines.predictor import CutWith
    from refmatte_engine.images.matting_net import triple

    if net is not None:
        return CutWith(net, triple("--cut-mean", mean), triple("--cut-std", std))
    for option, given in {"--cut-mean": mean, "--cut-std": std}.items():
        if given is not None:
            raise InputError(option, "goes with --cut-with, which is not given")
    return None


def _tell_shortened(predictor: Predictor, chosen: Rows, place: Place) -> None:
    from refmatte_baselines.evaluation.answers import shortened

    if (count := shortened(predictor, chosen)) and place.is_first:
        remark(f"{count} texts are longer than the model reads; their ends are cut")


def _write(predictor: Predictor, chosen: Rows, out: Path, overwrite: bool, place: Place) -> None:
    from refmatte_baselines.evaluation import predictions

    with resumable("finished mattes"), Bar("matting", "image") as bar:
        progress = bar.update if place.is_first else None
        made, kept = predictions.write(
            predictor, chosen, out, overwrite=overwrite, progress=progress
        )
    if not place.is_first:
        return
    were = f", {kept} were there" if kept else ""
    remark(f"{made} mattes in {out}{were}")
