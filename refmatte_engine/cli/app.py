"""The console: every command, in the order of the help. A command imports what it needs itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from refmatte_engine.cli import (
    cache,
    dataset,
    formats,
    generation,
    language,
    lists,
    models,
    packs,
    schemas,
    scoring,
    training,
)
from refmatte_engine.cli.usage import Program

COMMANDS: dict[str, Callable[..., None]] = {
    "generate": generation.generate,
    "merge": generation.merge,
    "verify": generation.verify,
    "stats": dataset.stats,
    "gallery": dataset.gallery,
    "card": dataset.card,
    "audit": dataset.audit,
    "export": formats.export,
    "ingest": packs.ingest,
    "cutout": packs.cutout,
    "catalog": packs.catalog,
    "cache": cache.cache,
    "label": packs.label,
    "schema": schemas.schema,
    "list": lists.list_names,
    "doctor": lists.doctor,
    "score": scoring.score,
    "predict": models.predict,
    "evaluate": models.evaluate,
    "app": models.app,
    "matte": models.matte,
    "export-model": models.export_model,
    "train": training.train,
    "ablate": training.ablate,
    "compare": training.compare,
    "reproduce": training.reproduce,
}
TEMPLATES: dict[str, Callable[..., None]] = {
    "check": language.check,
    "new": language.new,
    "preview": language.preview,
    "coverage": language.coverage,
}
PACK: dict[str, Callable[..., None]] = {"review": packs.review}


def _group(commands: Mapping[str, Callable[..., None]], help_: str, **settings: Any) -> typer.Typer:
    group = typer.Typer(
        help=help_,
        cls=Program,
        no_args_is_help=True,
        # Plain help: whole names at any width, every terminal's letters, and no library to load.
        rich_markup_mode=None,
        **settings,
    )
    for name, command in commands.items():
        group.command(name)(command)
    return group


app = _group(
    COMMANDS,
    "Compose referring image matting datasets: images, exact alpha mattes, and sentences "
    "that mean one thing.\n\nExample: refmatte generate demo --out out/demo",
    name="refmatte",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(
    _group(
        TEMPLATES,
        "Check, preview, count and begin expression templates.\n\n"
        "Example: refmatte templates check my.yaml",
    ),
    name="templates",
)
app.add_typer(
    _group(
        PACK,
        "Look at a pack, and edit its labels.\n\nExample: refmatte pack review my-pack -o review",
    ),
    name="pack",
)


def _version(wanted: bool) -> None:
    if wanted:
        from refmatte_engine import __version__

        print(f"refmatte {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    pass
