"""The command line's `templates` commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from refmatte_engine.cli.usage import Program
from refmatte_engine.language import templates
from refmatte_engine.language.templates import load_templates

DatasetDir = Annotated[
    Path, typer.Argument(help="A dataset's folder, as `generate` wrote it.", metavar="DIR")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def print_json(value: object) -> None:
    """JSON with every script's letters, where the terminal has them."""
    spoken = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(value, indent=1, ensure_ascii=not spoken))


app = typer.Typer(
    help="Check, preview, count and begin expression templates.\n\n"
    "Example: refmatte templates check my.yaml",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
)
TemplateFile = Annotated[
    str,
    typer.Argument(help="A template file, or an embedded one: english, refmatte.", metavar="PATH"),
]


@app.command("check")
def check(path: TemplateFile) -> None:
    """List what is wrong with a template file and its vocabulary. Exit code 2 if anything.

    Example: refmatte templates check templates/expressions/english.yaml
    """
    from refmatte_engine.config import resources

    problems = templates.check(resources.template(path, "expressions"))
    for problem in problems:
        print(problem)
    print(
        f"{path}: {len(problems)} problem{'s' * (len(problems) > 1)}"
        if problems
        else f"{path}: nothing wrong"
    )
    if problems:
        raise typer.Exit(2)


@app.command("new")
def new(
    language: Annotated[
        str, typer.Argument(help="The language's name: names the files.", metavar="LANGUAGE")
    ],
    pack: Annotated[
        list[str] | None, typer.Option(help="A pack to have nouns for (studio); repeat for more.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write them to.")] = Path(),
) -> None:
    """Write the two files of a new language, to be translated. How sentences are put together,
    and the words, with a noun for each category of the packs.

    Example: refmatte templates new french --pack my-pack
    """
    from refmatte_engine.language import skeleton
    from refmatte_engine.packs import catalog as catalogs

    found = catalogs.load(pack or ["studio"]).foregrounds.values()
    paths = skeleton.write(language, out, {each.category for each in found})
    print(f"{paths[0]}: how sentences are put together; {paths[1]}: the words")
    print(f"translate both, then: refmatte templates check {paths[0]}")


@app.command("preview")
def preview(
    path: TemplateFile,
    pack: Annotated[
        list[str] | None, typer.Option(help="A pack to speak about (studio); repeat for more.")
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, help="How many sentences.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Other scenes, other sentences.")] = 0,
    page: Annotated[
        Path | None, typer.Option(help="Make a page with pictures in this (new) folder as well.")
    ] = None,
) -> None:
    """Print sentences that templates make about scenes. With --page, show the scenes.

    Example: refmatte templates preview my.yaml --pack studio -n 30 --page out/preview
    """
    from refmatte_engine.config import resources

    file = resources.template(path, "expressions")
    found = load_templates(file)
    # What is wrong with the templates is said before anything else is even imported.
    from itertools import islice

    from refmatte_engine.config.run import changed, load_run
    from refmatte_engine.dataset import gallery
    from refmatte_engine.generation import compose, dataset_run
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.scene import plan

    run = changed(
        load_run("demo"),
        {
            "packs": [p if p == "studio" else str(Path(p).resolve()) for p in pack or ["studio"]],
            "splits": {"train": -(-number // 10)},
            "expressions": str(file.resolve()),
            "seed": seed,
        },
    )
    catalog = catalogs.load(run.packs, split_seed=seed, test_share=0.0)
    if page is not None:
        dataset_run.generate(run, page, catalog=catalog)
        print(f"open {gallery.build(page).resolve().as_uri()}")
    composer = compose.Composer(plan.make_plan(run, catalog, "train"), catalog, found)
    made = composer.samples(0, run.splits["train"])
    said = ((e, each.sample) for each in made for e in each.sample.expressions)
    for expression, sample in islice(said, number):
        names = [sample.entities[k - 1].category for k in expression.referents]
        print(f"{expression.kind:9} {expression.text}   ({', '.join(names) or 'nothing'})")


@app.command("coverage")
def coverage(folder: DatasetDir, as_json: Json = False) -> None:
    """Count how often a dataset used each template. What it never used comes first.

    Example: refmatte templates coverage out/demo
    """
    from refmatte_engine.config import resources
    from refmatte_engine.dataset.reader import Dataset
    from refmatte_engine.language import coverage

    dataset = Dataset(folder)
    used = (e.template for sample in dataset.samples() for e in sample.expressions)
    files = dataset.template_files
    if files is None:
        found = load_templates(resources.template(dataset.run.expressions, "expressions"))
    else:
        found = load_templates(*files)
    counts = coverage.coverage(found, used)
    if as_json:
        print_json({p: {"used": n, "text": found.written[p]} for p, n in counts.items()})
        return
    for part, count in counts.items():
        print(f"{count:7} {part:20} {found.written[part]}")
    unused = sum(not count for count in counts.values())
    print(f"{len(counts)} alternatives, {unused} never used")
