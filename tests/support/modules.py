"""The project's modules, by their dotted names, and where their files are."""

from __future__ import annotations

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
