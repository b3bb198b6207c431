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
    str, typer.Argument(help="Folder or URL of a dataset that `generate` wrote.", metavar="DIR")
]
AnyDataset = Annotated[
    str,
    typer.Argument(
        help="A dataset of `generate` (its folder or URL), RefMatte, or RefMatte-RW100; or a CSV "
        "of photographs with the columns image, matte and text."
    ),
]
AnyDatasets = Annotated[
    list[str],
    typer.Argument(
        help="A dataset of `generate` (its folder or URL), RefMatte, or RefMatte-RW100; or a CSV "
        "of photographs with the columns image, matte and text. Of several, each has a table.",
        metavar="DATASET...",
    ),
]

# What is generated, and of what.
Run = Annotated[
    str, typer.Argument(help="A run file (YAML), or an embedded run: demo, smoke, refmatte.")
]
DatasetOut = Annotated[
    str | None, typer.Option("--out", help="Folder or URL of the dataset; --dry-run needs none.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only print what the run will be, its size and its hours.")
]
MergedOut = Annotated[
    str, typer.Argument(help="What the jobs share, or a new folder for PARTS.", metavar="OUT")
]
Parts = Annotated[
    list[Path] | None,
    typer.Argument(help="The parts' folders, if each job had its own.", metavar="[PARTS]..."),
]
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
Siblings = Annotated[
    int | None,
    typer.Option(
        "--siblings", min=2, help="Show each scene before so many backgrounds, an image each."
    ),
]
OnExists = Annotated[
    Literal["resume", "overwrite", "fail"],
    typer.Option("--on-exists", help="What to do when the folder already holds a dataset."),
]
Part = Annotated[
    str | None,
    typer.Option(
        "--shards",
        help="Make part I of N only, as 3/16: one job of many. `refmatte merge` ends it.",
        metavar="I/N",
    ),
]
OnError = Annotated[
    Literal["stop", "skip"],
    typer.Option("--on-error", help="Of images that fail: end with an error, or leave them out."),
]
Backend = Annotated[
    Literal["loky", "threads", "dask", "ray"],
    typer.Option("--backend", help="Who works: processes (loky), threads, Dask or Ray."),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler", help="Of dask, ray: the address, as tcp://host:8786; else this machine."
    ),
]
RunPacks = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        help="Use this pack (a folder, URL or studio) instead of the run file's; repeat for more.",
    ),
]
Unseen = Annotated[
    list[str] | None,
    typer.Option(
        "--unseen",
        help="A category of test alone; repeat for more. Or a number or share, drawn by seed.",
    ),
]
Shots = Annotated[
    list[str] | None,
    typer.Option(
        "--shots",
        help="So many foregrounds per category in train: 5, or cat=5 for one; repeat for more.",
    ),
]
SplitFile = Annotated[
    Path | None,
    typer.Option(
        "--split-file", help="JSON, CSV or YAML that puts pictures or categories into splits."
    ),
]
FrozenCatalog = Annotated[
    Path | None,
    typer.Option("--catalog", help="Take what the packs hold from `refmatte catalog --freeze`."),
]
FreezeTo = Annotated[
    Path | None,
    typer.Option(
        "--freeze", help="Keep what the packs hold in this file, for jobs of generate --catalog."
    ),
]
AllowedLicences = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-licence",
        help="Use only what has this licence; repeat for more. CC-BY means all its versions, "
        "'*agreement*' any text with that word.",
    ),
]
StopAtFirst = Annotated[
    bool, typer.Option("--strict", help="Stop at the first problem or near-duplicate.")
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
Packs = Annotated[list[str], typer.Argument(help='Pack folders, URLs, or "studio" for ours.')]
FailAtFirst = Annotated[
    bool, typer.Option("--strict", help="Exit with code 2 at the first problem or near-duplicate.")
]
Prune = Annotated[
    bool,
    typer.Option("--prune", help="Remove what is of other versions or of packs that are gone."),
]
UnusedFor = Annotated[
    float | None,
    typer.Option("--unused-for", min=0, help="Prune also what was not used for so many days."),
]
AtMost = Annotated[
    float | None,
    typer.Option(
        "--at-most", min=0, help="Prune until so many GB are left; estimated colours go last."
    ),
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
OnePack = Annotated[str, typer.Argument(help='A pack folder, a pack file, or "studio".')]
ReviewOut = Annotated[
    Path, typer.Option("--out", "-o", help="Folder of the page: a new one, or a review to renew.")
]
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

CardOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Write them into this folder; else into the dataset's own."),
]

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
KeywordField = Annotated[
    str | None,
    typer.Option(
        "--keyword-field", help="What the labels of a released dataset call a keyword, if not so."
    ),
]
References = Annotated[
    bool, typer.Option("--references", help="Add a table of the trivial answers.")
]
Metrics = Annotated[
    Literal["all", "paper"],
    typer.Option("--metrics", help="`paper`: SAD, MSE and MAD alone, in a fraction of the time."),
]
Against = Annotated[
    list[Path] | None,
    typer.Option(
        "--against",
        help="Photographs with mattes: like DATASET, or a pack of pairs. May be repeated.",
    ),
]
AuditLimit = Annotated[
    int, typer.Option("--limit", min=1, help="Pictures of each dataset, and photographs, at most.")
]
Html = Annotated[Path | None, typer.Option("--html", help="Make a page in this folder.")]
Times1000 = Annotated[
    bool, typer.Option("--times-1000", help="Show MSE and MAD times 1000, as some papers do.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print one line per row as CSV.")]

# What there is to name.
Listed = Annotated[
    str | None, typer.Argument(help="Only these: runs, layouts, recipes, checkpoints, …")
]
_SCHEMAS = "run, layout, expressions, vocabulary, pack, labels (labels.yaml) or recipe."
SchemaName = Annotated[str, typer.Argument(help=_SCHEMAS)]
Relight = Annotated[
    str | None, typer.Option("--relight", help="MODULE:FUNCTION, yours, that relights things.")
]
