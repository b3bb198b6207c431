"""The commands `templates …`: expression templates are checked, begun, previewed and counted."""

from __future__ import annotations

from pathlib import Path

import typer

from refmatte_engine.cli import options
from refmatte_engine.cli.output import command, print_json


def check(path: options.TemplateFile) -> None:
    """List what is wrong with a template file and its vocabulary. Exit code 2 if anything.

    Example: refmatte templates check templates/expressions/english.yaml
    """
    from refmatte_engine.config import resources
    from refmatte_engine.language import templates

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


def new(
    language: options.Language, pack: options.NounPacks = None, out: options.LanguageOut = Path()
) -> None:
    """Write the two files of a new language, to be translated. How sentences are put together,
    and the words, with a noun for each category of the packs.

    Example: refmatte templates new french --pack my-pack
    """
    from refmatte_engine.config import resources
    from refmatte_engine.language import skeleton
    from refmatte_engine.packs import catalog as catalogs

    found = catalogs.load(pack or [resources.STUDIO]).foregrounds.values()
    paths = skeleton.write(language, out, {each.category for each in found})
    print(f"{paths[0]}: how sentences are put together; {paths[1]}: the words")
    print(f"translate both, then: {command('templates', 'check', paths[0])}")


def preview(
    path: options.TemplateFile,
    pack: options.TopicPacks = None,
    number: options.Number = 30,
    seed: options.PreviewSeed = 0,
    page: options.PreviewPage = None,
) -> None:
    """Print sentences that templates make about scenes. With --page, show the scenes.

    Example: refmatte templates preview my.yaml --pack studio -n 30 --page out/preview
    """
    from refmatte_engine.config import resources
    from refmatte_engine.language.templates import load_templates

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
            "packs": [resources.pack_name(each) for each in pack or [resources.STUDIO]],
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


def coverage(folder: options.DatasetFolder, as_json: options.Json = False) -> None:
    """Count how often a dataset used each template. What it never used comes first.

    Example: refmatte templates coverage out/demo
    """
    from refmatte_engine.config import resources
    from refmatte_engine.dataset.reader import Dataset
    from refmatte_engine.language import coverage as used_parts
    from refmatte_engine.language.templates import load_templates

    dataset = Dataset(folder)
    used = (e.template for sample in dataset.samples() for e in sample.expressions)
    files = dataset.template_files
    if files is None:
        found = load_templates(resources.template(dataset.run.expressions, "expressions"))
    else:
        found = load_templates(*files)
    counts = used_parts.coverage(found, used)
    if as_json:
        print_json({p: {"used": n, "text": found.written[p]} for p, n in counts.items()})
        return
    for part, count in counts.items():
        print(f"{count:7} {part:20} {found.written[part]}")
    unused = sum(not count for count in counts.values())
    print(f"{len(counts)} alternatives, {unused} never used")
