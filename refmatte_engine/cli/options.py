"""The arguments and options of all commands, each said once: its type, its limits and its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

# Of several commands.
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Processes; 0 means one per processor.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DatasetFolder = Annotated[
    Path, typer.Argument(help="A dataset's folder, as `generate` wrote it.", metavar="DIR")
]
AnyDataset = Annotated[
    Path, typer.Argument(help="A dataset of `generate`, RefMatte, or RefMatte-RW100.")
]

# What is generated, and of what.
Run = Annotated[
    str, typer.Argument(help="A run file (YAML), or an embedded run: demo, smoke, refmatte.")
]
DatasetOut = Annotated[Path, typer.Option("--out", help="Folder of the dataset.")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Make this many images in all, the splits in proportion."),
]
RunSeed = Annotated[
    int | None, typer.Option("--seed", min=0, help="Use this seed instead of the run file's.")
]
ShardSize = Annotated[
    int | None, typer.Option("--shard-size", min=1, help="Images per shard, the unit of resuming.")
]
OnExists = Annotated[
    Literal["resume", "overwrite", "fail"],
    typer.Option("--on-exists", help="What to do when the folder already holds a dataset."),
]
RunPacks = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        help="Use this pack (a folder, or studio) instead of the run file's; repeat for more.",
    ),
]
StopAtFirst = Annotated[
    bool, typer.Option("--strict", help="Stop at the first asset with a problem.")
]
Pixels = Annotated[
    bool,
    typer.Option("--pixels/--no-pixels", help="Render every scene again (needs the run's packs)."),
]
MovedPacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="Where a pack of the run is now, if it has moved; repeat."),
]

# Datasets, packs and their labels.
Plots = Annotated[Path | None, typer.Option("--plots", help="Write plots (PNG) into this folder.")]
Brief = Annotated[bool, typer.Option("--brief", help="A dozen lines.")]
FirstImages = Annotated[
    int | None, typer.Option("--limit", min=1, help="Show only the first so many images.")
]
Packs = Annotated[list[str], typer.Argument(help='Pack folders, or "studio" for the embedded one.')]
FailAtFirst = Annotated[
    bool, typer.Option("--strict", help="Exit with code 2 at the first problem.")
]
EstimateColors = Annotated[
    bool,
    typer.Option(
        "--colors/--no-colors",
        help="Estimate the own colours of images with separate alphas now, not when first used.",
    ),
]
SourceName = Annotated[
    str | None,
    typer.Argument(help="Whose data it is: am2k, p3m10k, aim500, … (`refmatte list sources`)."),
]
SourceFolder = Annotated[
    Path | None, typer.Argument(help="The folder it was unpacked into.", metavar="PATH")
]
PackOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="The pack's folder: PATH itself, or one elsewhere."),
]
Detect = Annotated[
    Path | None, typer.Option("--detect", help="Only guess whose data lies in this folder.")
]
Photographs = Annotated[
    Path,
    typer.Argument(
        help="A photograph, or a folder of them; its folders say what they show.", metavar="IMAGES"
    ),
]
CutoutPack = Annotated[
    Path, typer.Option("--out", "-o", help="The pack's folder: a new one, or one to go on with.")
]
Net = Annotated[
    Path,
    typer.Option("--model", help="An image matting or saliency net (ONNX): U²-Net, MODNet, …"),
]
CategoryOfAll = Annotated[
    str | None, typer.Option("--category", help="What all of them show, such as mug.")
]
Licence = Annotated[str | None, typer.Option("--licence", help="Of the photographs.")]
TakenFrom = Annotated[str | None, typer.Option("--source", help="Where they come from.")]
Credit = Annotated[str | None, typer.Option("--credit", help="Who made them.")]
CutMean = Annotated[
    str | None,
    typer.Option(
        "--cut-mean", help="The net's mean, red, green, blue: 0.485,0.456,0.406. Default: guessed."
    ),
]
CutStd = Annotated[
    str | None, typer.Option("--cut-std", help="Its standard deviation: 0.229,0.224,0.225.")
]
PackFolder = Annotated[Path, typer.Argument(help="A pack's folder.", metavar="PACK")]
ClipWeights = Annotated[
    str,
    typer.Option(
        "--pretrained", help="A checkpoint file, or a tag that open_clip knows for the model."
    ),
]
ClipModel = Annotated[str, typer.Option("--model", help="An open_clip model.")]
QuestionsFile = Annotated[
    str,
    typer.Option("--questions", help="What to ask (YAML): prompts, categories, attributes."),
]
TorchDevice = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps …")]

# Other people's formats.
ExportTo = Annotated[
    str,
    typer.Option("--to", help="coco, refer …; `refmatte list formats` says what each is."),
]
ExportOut = Annotated[
    Path, typer.Option("--out", "-o", help="Folder of the export: a new one, or one to go on with.")
]
ExportAlso = Annotated[
    str,
    typer.Option(
        "--also",
        help="Weak labels and prompts of each thing, into weak_labels/: any of trimap, box, point, "
        "scribble, coarse, with commas between.",
    ),
]
ExportSeed = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Draw what --also writes by this seed, not the run's."),
]

# Templates and languages.
TemplateFile = Annotated[
    str,
    typer.Argument(help="A template file, or an embedded one: english, refmatte.", metavar="PATH"),
]
Language = Annotated[
    str, typer.Argument(help="The language's name: names the files.", metavar="LANGUAGE")
]
NounPacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="A pack to have nouns for (studio); repeat for more."),
]
LanguageOut = Annotated[Path, typer.Option("--out", help="The folder to write them to.")]
TopicPacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="A pack to speak about (studio); repeat for more."),
]
Number = Annotated[int, typer.Option("-n", min=1, help="How many sentences.")]
PreviewSeed = Annotated[int, typer.Option("--seed", min=0, help="Other scenes, other sentences.")]
PreviewPage = Annotated[
    Path | None,
    typer.Option("--page", help="Also make a page with the images in this (new) folder."),
]

# Scores.
Predictions = Annotated[
    str,
    typer.Argument(
        help="A folder of grey PNGs (8 or 16 bits) named <mask stem>_<expression index> or "
        "<mask stem>_keyword, or <mask stem> where each mask has one text; or a trivial answer: "
        "zero, one, union, random, oracle."
    ),
]
Split = Annotated[str | None, typer.Option("--split", help="Only this split.")]
Setting = Annotated[
    Literal["keyword", "expression"] | None,
    typer.Option("--setting", help="Only keywords, or only expressions; else both."),
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kinds", help="Only this kind of text; repeat for more.")
]
Index = Annotated[
    Path | None,
    typer.Option("--index", help="JSON that picks one expression per image (as RW100's)."),
]
References = Annotated[
    bool, typer.Option("--references", help="Add a table of the trivial answers.")
]
Html = Annotated[Path | None, typer.Option("--html", help="Make a page in this folder.")]
Times1000 = Annotated[
    bool, typer.Option("--times-1000", help="Show MSE and MAD times 1000, as some papers do.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print one line per row as CSV.")]

# Models at work.
Checkpoint = Annotated[
    Path,
    typer.Argument(
        help="A checkpoint folder (config.json, model.safetensors), or a bundled model: tiny, b16."
    ),
]
PageCheckpoint = Annotated[
    Path | None,
    typer.Argument(help="A checkpoint folder, or a bundled model: tiny (default), b16."),
]
MatteCheckpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint", help="A checkpoint folder, or a bundled model: tiny (default), b16."
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
    typer.Argument(help="An image (JPEG, PNG or WebP), a folder of them, or - for stdin."),
]
Text = Annotated[str, typer.Argument(help="What is meant, such as “the red mug on the left”.")]
MatteOut = Annotated[
    Path,
    typer.Option(
        "--out", "-o", help="The file to write, the folder for a folder's, or - for stdout."
    ),
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
    bool, typer.Option("--overwrite", help="Recompute a folder's existing mattes.")
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the page.")]
Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; 0.0.0.0 lets other machines in.")
]

# Training.
Recipe = Annotated[
    str, typer.Argument(help="A recipe: a YAML file, or an embedded one: tiny, tiny_edges, b16, …")
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
    str | None,
    typer.Option(
        "--validate-on",
        help="Choose the best by the test split of this; else by unseen scenes.",
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
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="Only this variant, such as `without pop-up`."),
]

# What there is to name.
Listed = Annotated[
    str | None, typer.Argument(help="Only these: runs, layouts, recipes, checkpoints, …")
]
SchemaName = Annotated[
    str,
    typer.Argument(
        help="run, layout, expressions, vocabulary, pack, labels (labels.yaml) or recipe."
    ),
]
