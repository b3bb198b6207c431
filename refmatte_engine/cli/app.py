"""The command line: the only place that prints. Each command imports what it needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from refmatte_engine.cli import lists, matte, models, score, templates, training
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.cli.templates import DatasetDir, Json, print_json
from refmatte_engine.cli.usage import Program
from refmatte_engine.errors import RefMatteError

app = typer.Typer(
    name="refmatte",
    help="Compose referring image matting datasets: images, exact alpha mattes, and sentences "
    "that mean one thing.\n\nExample: refmatte generate demo --out out/demo",
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    # Plain help: whole names at any width, letters that every terminal has, and no library to load.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(templates.app, name="templates")


def _version(wanted: bool) -> None:
    if wanted:
        from refmatte_engine import __version__

        print(f"refmatte {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def generate(
    run: Annotated[
        str, typer.Argument(help="A run file (YAML), or an embedded run: demo, smoke, refmatte.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Make this many images in all, the splits in proportion."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Use this seed instead of the run file's.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 means one for each processor.")
    ] = 0,
    shard_size: Annotated[
        int | None, typer.Option(min=1, help="Images in a shard, the unit of resuming.")
    ] = None,
    on_exists: Annotated[
        Literal["resume", "overwrite", "fail"],
        typer.Option(help="What to do when the folder holds a dataset already."),
    ] = "resume",
    pack: Annotated[
        list[str] | None,
        typer.Option(help="Use this pack (a folder, or studio) instead of the run file's; repeat."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first asset with a problem.")
    ] = False,
) -> None:
    """Make a dataset from a run file.

    Example: refmatte generate demo --out out/demo --limit 60 --seed 4711 --workers 2
    """
    from refmatte_engine.config.run import changed, load_run
    from refmatte_engine.generation import dataset_run
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.packs import listing
    from refmatte_engine.scene import lacks

    packs = [p if p == "studio" else str(Path(p).resolve()) for p in pack or ()]
    given = {"seed": seed, "shard_size": shard_size, "packs": packs or None}
    chosen = load_run(run)
    chosen = changed(chosen, {key: value for key, value in given.items() if value is not None})
    if limit is not None:
        chosen = chosen.limited(limit)
    with Bar("reading packs", "file") as bar:
        catalog = catalogs.load(
            chosen.packs,
            split_seed=chosen.seed,
            test_share=chosen.test_share,
            strict=strict,
            progress=bar.update,
        )
    for line in listing.remarks(catalog.problems):
        print(f"left out:{line[1:]}", file=sys.stderr)
    if catalog.notes:
        count = len(catalog.notes)
        print(f"notes on what is used: {count} (`refmatte catalog` shows them)", file=sys.stderr)
    known = lacks.lacks(chosen, catalog)
    empty = [split for split, found in known.items() if found[0].what == lacks.EVERYTHING]
    if len(empty) < sum(images > 0 for images in chosen.splits.values()):
        for split, found in known.items():
            print(f"note: {lacks.line(split, found)}", file=sys.stderr)
    with resumable("finished shards"), Bar("composing", "image") as bar:
        manifest = dataset_run.generate(
            chosen, out, workers=workers, on_exists=on_exists, catalog=catalog, progress=bar.update
        )
    for split, missing in manifest["lacks"].items():
        if missing != [str(lack) for lack in known.get(split, ())]:
            print(f"note: {lacks.line(split, missing)}", file=sys.stderr)
    counts = manifest["splits"].values()
    print(
        f"{sum(c['images'] for c in counts)} images, {sum(c['entities'] for c in counts)} mattes, "
        f"{sum(c['expressions'] for c in counts)} expressions in {out}"
    )
    for what, counted in (
        ("scenes drawn again", manifest["rejections"]),
        ("given up", manifest["given_up"]),
        ("replaced by other scenes", manifest["replaced"]["reasons"]),
    ):
        if counted:
            print(f"{what}: " + ", ".join(f"{reason} {n}" for reason, n in counted.items()))
    for other in manifest.get("also_made_with", ()):
        libraries = ", ".join(f"{name} {number}" for name, number in other["versions"].items())
        print(
            f"note: begun with refmatte-engine {manifest['engine']}; {other['images']} images are "
            f"made with {other['engine']} ({libraries})",
            file=sys.stderr,
        )


@app.command()
def verify(
    folder: DatasetDir,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 means one for each processor.")
    ] = 0,
    pixels: Annotated[
        bool, typer.Option(help="Render every scene again (needs the run's packs).")
    ] = True,
    pack: Annotated[
        list[str] | None,
        typer.Option(help="Where a pack of the run lies now, if it has moved; repeat."),
    ] = None,
) -> None:
    """Check a dataset: files, mattes, pixels, sentences.

    Exit code 1 if anything disagrees. Example: refmatte verify out/demo
    """
    from refmatte_engine.generation import verify as verifier

    with Bar("verifying", "image") as bar:
        report = verifier.verify(
            folder, workers=workers, pixels=pixels, packs=pack or (), progress=bar.update
        )
    for line in report.problems[:50]:
        print(line)
    if len(report.problems) > 50:
        print(f"… and {len(report.problems) - 50} more")
    print(report.summary)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def stats(
    folder: DatasetDir,
    plots: Annotated[Path | None, typer.Option(help="Write plots (PNG) into this folder.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="A dozen lines.")] = False,
    as_json: Json = False,
) -> None:
    """Count what a dataset holds: categories, relations, lengths …

    Example: refmatte stats out/demo --plots out/demo/plots
    """
    from refmatte_engine.dataset import stats as statistics
    from refmatte_engine.dataset import stats_text

    collected = statistics.collect(folder)
    if as_json:
        print_json(statistics.as_json(collected))
    else:
        print(stats_text.brief(collected) if brief else stats_text.full(collected))
    if plots is not None:
        for path in statistics.plot(collected, plots):
            print(f"wrote {path}", file=sys.stderr)


@app.command()
def gallery(
    folder: DatasetDir,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Show only the first so many images.")
    ] = None,
) -> None:
    """Make a page to look through a dataset. No server, no network.

    Example: refmatte gallery out/demo
    """
    from refmatte_engine.dataset import gallery as page

    with Bar("drawing", "image") as bar:
        path = page.build(folder, limit=limit, progress=bar.update)
    print(f"open {path.resolve().as_uri()}")


@app.command()
def catalog(
    packs: Annotated[
        list[str], typer.Argument(help='Pack folders, or "studio" for the embedded one.')
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 2 at the first problem.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check packs and list what they hold. Counts, categories, sizes, licences, problems and
    notes, and what each embedded run would have to do without.

    Exit code 1 if nothing of a pack can be used. Example: refmatte catalog studio my-pack
    """
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.packs import listing
    from refmatte_engine.scene.prospects import prospects

    with Bar("reading packs", "file") as bar:
        loaded = catalogs.load(packs, strict=strict, progress=bar.update)
    found = listing.listing(loaded) | {"runs": prospects(packs)}
    if as_json:
        print_json(found)
    else:
        print(listing.as_text(found))
    if loaded.lost:
        raise RefMatteError(loaded.lost[0].file, loaded.lost[0].message, todo="see the problems")


@app.command()
def label(
    folder: Annotated[Path, typer.Argument(help="A pack's folder.", metavar="PACK")],
    pretrained: Annotated[
        str, typer.Option(help="A checkpoint file, or a tag that open_clip knows for the model.")
    ] = "openai",
    model: Annotated[str, typer.Option(help="An open_clip model.")] = "ViT-B-16-quickgelu",
    vocabulary: Annotated[
        str, typer.Option(help="What to ask (YAML): prompts, categories, attributes.")
    ] = "labels",
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps …")] = "cpu",
) -> None:
    """Propose labels for a pack with CLIP. A person reviews them.

    Writes labels.predicted.jsonl into the pack, with probabilities; never touches labels that are
    there. Example: refmatte label my-pack --pretrained openai
    """
    from refmatte_engine.config import resources
    from refmatte_engine.config.strict_yaml import load

    with models.needs("clipmat", "propose labels"):
        from refmatte_baselines import label_proposals

    questions = load(label_proposals.Questions, resources.template(vocabulary, "vocabulary"))
    with Bar("looking", "picture") as bar:
        path = label_proposals.propose(
            folder,
            questions,
            model=model,
            pretrained=pretrained,
            device=device,
            progress=bar.update,
        )
    print(f"review {path}, then move the lines you agree with into {folder / 'labels.jsonl'}")


@app.command()
def schema(
    name: Annotated[
        str,
        typer.Argument(
            help="run, layout, expressions, vocabulary, pack, labels (labels.yaml) or recipe."
        ),
    ],
) -> None:
    """Print the JSON schema of a file that you write. Editors check as you type.

    Example: refmatte schema run > run.schema.json; then let the first line of your file be
    "# yaml-language-server: $schema=run.schema.json" (VS Code's YAML extension and others read it).
    """
    from refmatte_engine.cli import schemas

    print(schemas.path(name).read_text("utf-8"), end="")


# Listed in the order of work.
app.command("list")(lists.list_names)
app.command()(lists.doctor)
for command in (score.score, *models.COMMANDS, *matte.COMMANDS, *training.COMMANDS):
    app.command()(command)
