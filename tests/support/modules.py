"""The project's modules, by their dotted names, and where their files are."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def _modules(root: Path, package: str) -> dict[str, Path]:
    return {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for file in sorted((root / package).rglob("*.py"))
        if file.stem != "__main__"
    }


ENGINE = _modules(REPOSITORY, "refmatte_engine")
BASELINES = _modules(REPOSITORY / "baselines", "refmatte_baselines")


@cache
def parsed(text: str) -> ast.Module:
    """The syntax tree of a module. Python 3.11 counts its depth for the whole process, and says
    "recursion depth mismatch" where what a collection calls, as in hypothesis, counts as well."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if enabled:
            gc.enable()
