"""The command line's model commands. What they do is in `baselines`, which needs torch."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from refmatte_engine.cli import score
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.cli.templates import Json
from refmatte_engine.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from refmatte_engine.scoring.rows import Rows

Checkpoint = Annotated[
    Path,
    typer.Argument(
        help="A checkpoint's folder (config.json, model.safetensors), or one that comes along: "
        "tiny, b16."
    ),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(help="auto: the GPU if there is one.")
]
Precision = Annotated[
    Literal["fp32", "bf16", "fp16"],
    typer.Option(help="Precision of the network; bf16 is faster on GPUs and newer CPUs."),
]
Deterministic = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="The same bits in every run on one machine: each text alone, slower.",
    ),
]
LongSide = Annotated[
    int | None,
    typer.Option(min=16, max=4096, help="Work at this size in px instead of the checkpoint's."),
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Make anew what is in --out; all of it, if it is another model's."
    ),
]
ImageTower = Annotated[
    str | None,
    typer.Option(help="File or open_clip tag that completes a checkpoint stored without it."),
]

PARTS = {
    "clipmat": ("torch", "torchvision", "open_clip", "safetensors", "accelerate", "tensorboard"),
    "app": ("gradio",),
}


def predict(
    checkpoint: Checkpoint,
    dataset: score.DatasetArgument,
    out: Annotated[Path, typer.Option(help="Folder of the mattes.")],
    split: score.Split = None,
    setting: score.Setting = None,
    kinds: score.Kinds = None,
    index: score.Index = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    dtype: Precision = "fp32",
    deterministic: Deterministic = False,
    long_side: LongSide = None,
    image_tower: ImageTower = None,
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
    checkpoint: Checkpoint,
    dataset: score.DatasetArgument,
    out: Annotated[
        Path | None, typer.Option(help="Keep the mattes in this folder, as `predict` does.")
    ] = None,
    split: score.Split = None,
    setting: score.Setting = None,
    kinds: score.Kinds = None,
    index: score.Index = None,
    references: score.References = False,
    html: score.Html = None,
    as_json: Json = False,
    as_csv: score.Csv = False,
    workers: score.Workers = 0,
    overwrite: Overwrite = False,
    device: Device = "auto",
    dtype: Precision = "fp32",
    deterministic: Deterministic = False,
    long_side: LongSide = None,
    image_tower: ImageTower = None,
) -> None:
    """Score a model on a dataset. `predict` and `score` in one, without files in between.

    Example: refmatte evaluate my-model out/demo --split test --references
    """
    from refmatte_engine.scoring import rows
    from refmatte_engine.scoring import score as scoring

    score.check(references=references, html=html, as_json=as_json, as_csv=as_csv)
    if overwrite and out is None:
        raise InputError("--overwrite", "makes anew what is in --out, and that is not given")
    chosen = rows.read(dataset, split=split, kinds=kinds, setting=setting, index=index)
    with needs("clipmat", "evaluate a model"):
        from refmatte_baselines.clipmat import predict as work
    predictor = work.Predictor(checkpoint, device, dtype, long_side, image_tower, deterministic)
    if out is not None:
        _write(work, predictor, chosen, out, overwrite)
        with Bar("scoring", "image") as bar:
            scores = scoring.score(out, chosen, workers=workers, progress=bar.update)
    else:
        _tell_shortened(work, predictor, chosen)
        with Bar("matting and scoring", "image") as bar:
            scores = work.evaluate(predictor, chosen, workers=workers, progress=bar.update)
    score.show(
        scores,
        chosen,
        references=references,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
        workers=workers,
    )


def app(
    checkpoint: Annotated[
        Path | None,
        typer.Argument(help="A checkpoint's folder, or one that comes along: tiny (default), b16."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")] = 7860,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    device: Device = "auto",
    dtype: Precision = "fp32",
    long_side: LongSide = None,
    image_tower: ImageTower = None,
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


@contextmanager
def needs(extra: str, purpose: str) -> Iterator[None]:
    """Says how to install an extra whose modules the imports inside do not find."""
    try:
        yield
    except ImportError as error:
        module = (error.name or "").split(".")[0]
        if module not in PARTS[extra]:
            raise
        raise MissingExtra(module, extra, purpose) from None


def _write(work: Any, predictor: Any, chosen: Rows, out: Path, overwrite: bool) -> None:
    _tell_shortened(work, predictor, chosen)
    with resumable("finished mattes"), Bar("matting", "image") as bar:
        made, kept = work.write(predictor, chosen, out, overwrite=overwrite, progress=bar.update)
    were = f", {kept} were there" if kept else ""
    print(f"{made} mattes in {out}{were}", file=sys.stderr)


def _tell_shortened(work: Any, predictor: Any, chosen: Rows) -> None:
    if count := work.shortened(predictor, chosen):
        print(f"{count} texts are longer than the model reads; their ends are cut", file=sys.stderr)


COMMANDS = (predict, evaluate, app)
