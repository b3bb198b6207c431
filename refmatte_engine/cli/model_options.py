"""The arguments and options of the commands that run or train models (the others: `options`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

# Models at work.
Checkpoint = Annotated[
    Path,
    typer.Argument(
        help="A checkpoint folder (config.json, model.safetensors), an ONNX file of "
        "`export-model`, or a bundled model: tiny, b16_small_text."
    ),
]
PageCheckpoint = Annotated[
    Path | None,
    typer.Argument(
        help="A checkpoint folder, an ONNX file, or a bundled model: b16_small_text (default where "
        "its image tower is on this machine), tiny (default elsewhere)."
    ),
]
MatteCheckpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        help="A checkpoint folder, an ONNX file, or a bundled model: b16_small_text (default where "
        "its image tower is on this machine), tiny (default elsewhere).",
    ),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option("--device", help="auto: the GPU if there is one.")
]
Precision = Annotated[
    Literal["fp32", "bf16", "fp16"],
    typer.Option(
        "--dtype", help="Precision of the network; bf16 is faster on GPUs and newer CPUs."
    ),
]
Deterministic = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="The same bits in every run on one machine: each text alone, slower.",
    ),
]
Looks = Annotated[
    Literal["one", "as-trained"],
    typer.Option(
        help="How often the model looks at a picture: once, or in the sizes, and at the mirror "
        "image, with which it was measured, for as many times the time."
    ),
]
LongSide = Annotated[
    int | None,
    typer.Option(
        "--long-side", min=16, max=4096, help="Work at this size in px, not the checkpoint's."
    ),
]
ImageTower = Annotated[
    str | None,
    typer.Option(
        "--image-tower",
        help="File or open_clip tag that completes a checkpoint stored without it.",
    ),
]
Download = Annotated[
    bool,
    typer.Option(
        "--download",
        help="Fetch the image tower that a checkpoint is stored without, unless it is on this "
        "machine; its size is said first.",
    ),
]
CutWith = Annotated[
    Path | None,
    typer.Option(
        "--cut-with",
        help="Have another net find the edges of what the model means: an ONNX matting or saliency "
        "net, a ViTMatte's folder, or vitmatte (103 MB, downloaded once).",
    ),
]
MatteNames = Annotated[
    Literal["text", "mask"],
    typer.Option(
        "--names",
        help="text: <mask stem>_<expression index>.png, 16 bits. mask: <mask stem>.png, 8 bits, "
        "where each mask has one text, as the evaluation scripts of RefMatte's users want it.",
    ),
]
MattesOut = Annotated[Path, typer.Option("--out", help="Folder of the mattes.")]
KeptMattesOut = Annotated[
    Path | None, typer.Option("--out", help="Keep the mattes in this folder, as `predict` does.")
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite",
        help="Recompute the mattes in --out; all of them, if they are another model's.",
    ),
]
Image = Annotated[
    Path,
    typer.Argument(
        help="An image (JPEG, PNG or WebP), a folder of them, a CSV with the columns image and "
        "text, or - for stdin."
    ),
]
Text = Annotated[
    str | None,
    typer.Argument(help="What is meant, such as “the red mug on the left”; a CSV says it itself."),
]
MatteOut = Annotated[
    Path,
    typer.Option("--out", "-o", help="The file to write, a folder for several, or - for stdout."),
]
Form = Annotated[
    Literal["cutout", "alpha", "alpha16", "composite"] | None,
    typer.Option(
        "--as",
        help="cutout: RGBA with the thing's own colours (PNG). alpha, alpha16: grey, 8 or 16 "
        "bits (PNG). composite: over --on (PNG or JPEG). Default: cutout, or composite with --on.",
    ),
]
On = Annotated[
    str | None,
    typer.Option("--on", help="What to put it on: an image, #ff8800, or a CSS colour."),
]
Keyword = Annotated[bool, typer.Option("--keyword", help="The text is a mere name, such as “mug”.")]
RecomputeFolder = Annotated[
    bool, typer.Option("--overwrite", help="Recompute a folder's or CSV's existing mattes.")
]
OnnxOut = Annotated[Path, typer.Option("--out", "-o", help="The ONNX file to write (.onnx).")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the page.")]
Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; 0.0.0.0 lets other machines in.")
]

# Training.
Recipe = Annotated[
    str, typer.Argument(help="A recipe: a YAML file, or an embedded one: tiny, b16_small_text, …")
]
Data = Annotated[
    list[str],
    typer.Option(
        "--data",
        help="What to train on: a dataset's folder (ours, RefMatte), or a run (YAML or name) "
        "whose samples are composed as they are needed. Several take turns.",
    ),
]
TrainingOut = Annotated[
    Path, typer.Option("--out", help="Folder of the training; an existing one resumes.")
]
ValidateOn = Annotated[
    list[str] | None,
    typer.Option(
        "--validate-on",
        help="Choose the best by the test split of this; else by unseen scenes. Repeat it for "
        "more: they take turns, and each has a figure of its own.",
    ),
]
StartFrom = Annotated[
    Path | None, typer.Option("--start-from", help="A checkpoint whose weights are the first ones.")
]
MaxMinutes = Annotated[
    float | None,
    typer.Option("--max-minutes", min=0.01, help="Stop then; the same command resumes later."),
]
TestDataset = Annotated[
    Path, typer.Option("--test", help="The dataset to compare on; its test split.")
]
AblationsOut = Annotated[
    Path, typer.Option("--out", help="Folder of the trainings; existing ones resume.")
]
Seeds = Annotated[
    int, typer.Option(min=1, help="So many trainings of each, from the recipe's seed on.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="Only this variant, such as `without pop-up`."),
]
Presets = Annotated[
    list[str] | None,
    typer.Option("--preset", help="A model to compare; repeat it. By default one of each kind."),
]
PaperModel = Annotated[
    str, typer.Argument(help="A model of the paper's table: clipmat-b16, clipmat-l14, …")
]
RefMatteFolder = Annotated[
    Path, typer.Option("--refmatte", help="RefMatte as released: train and test.")
]
Rw100Folder = Annotated[
    Path, typer.Option("--rw100", help="RefMatte-RW100 as released, with its index file.")
]
ReproduceOut = Annotated[
    Path,
    typer.Option("--out", help="Folder of trainings and RESULTS.md; existing ones resume."),
]
Smoke = Annotated[
    bool, typer.Option("--smoke", help="Two steps of a small model: does everything work?")
]
