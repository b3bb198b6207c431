"""The command `schema`: JSON schemas of the files that people write, for editors that check and
complete as one types.

They lie in templates/schemas, made by `python -m refmatte_engine.cli.schemas` from the models that
read the files; a test compares. A schema knows the keys and what each may be;
what only a whole file shows (a name that nothing has, two halves that contradict) it cannot know.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refmatte_engine.cli import options
from refmatte_engine.config import resources
from refmatte_engine.errors import InputError, listed, nearest

if TYPE_CHECKING:
    from pydantic import BaseModel

FOLDER = resources.TEMPLATES / "schemas"
NAMES = ("run", "layout", "expressions", "vocabulary", "pack", "labels", "recipe")


def schema(name: options.SchemaName) -> None:
    """Print the JSON schema of a file that you write. Editors check as you type.

    Example: refmatte schema run > run.schema.json; then let the first line of your file be
    "# yaml-language-server: $schema=run.schema.json" (VS Code's YAML extension and others read it).
    """
    print(path(name).read_text("utf-8"), end="")


def path(name: str) -> Path:
    """The embedded schema of that name. InputError for one that is not there."""
    if name not in NAMES:
        todo = nearest(name, NAMES)
        raise InputError(name, "is not a schema", allowed=listed(NAMES), todo=todo)
    return FOLDER / f"{name}.json"


def build(name: str) -> dict[str, Any]:
    """The schema as the models have it now. The recipe's needs the extra `clipmat`."""
    made = _labels() if name == "labels" else _of(_model(name))
    if name == "run":  # a file names its layout, or has the rules in it
        made["properties"]["layout"] = {
            "anyOf": [{"type": "string"}, made["properties"]["layout"]],
            "description": "A layout file, an embedded layout, or the rules themselves.",
        }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **made}


def _model(name: str) -> type[BaseModel]:
    from refmatte_engine.config import layout_rules, run
    from refmatte_engine.language import template_file, vocabulary
    from refmatte_engine.packs import pack_file

    if name == "recipe":
        from refmatte_baselines.training.recipe import Recipe

        return Recipe
    models: dict[str, type[BaseModel]] = {
        "run": run.Run,
        "layout": layout_rules.LayoutRules,
        "expressions": template_file.File,
        "vocabulary": vocabulary.File,
        "pack": pack_file.PackFile,
    }
    return models[name]


def _of(model: type[BaseModel]) -> dict[str, Any]:
    made = model.model_json_schema(mode="validation")
    made.pop("title", None)
    return made


def _labels() -> dict[str, Any]:
    """labels.yaml: what is said of each picture, by its path in the pack."""
    from refmatte_engine.packs.labels import BackgroundLabel, Label

    parts = {kind.__name__: _of(kind) for kind in (Label, BackgroundLabel)}
    either = [{"$ref": f"#/$defs/{name}"} for name in parts]
    return {"type": "object", "additionalProperties": {"anyOf": either}, "$defs": parts}


def text(name: str) -> str:
    """The schema as it is stored."""
    return json.dumps(build(name), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for each in NAMES:
        path(each).parent.mkdir(exist_ok=True)
        path(each).write_text(text(each), "utf-8")
