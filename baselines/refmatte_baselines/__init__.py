"""Models that go with the engine. They need torch; the engine does not."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import refmatte_engine

if TYPE_CHECKING:
    from refmatte_baselines.matter import Matter

__all__ = ["Matter"]

# Of several checkouts, one environment has one installed: half of another would be a riddle.
_here, _engine = Path(__file__).resolve().parents[1], Path(refmatte_engine.__file__).resolve()
if (_here / "weights").is_dir() and _here.parent != _engine.parents[1]:
    raise ImportError(
        f"refmatte_baselines is that of {_here.parent}, refmatte_engine that of "
        f"{_engine.parents[1]}; run `make setup-dev` in the checkout that you work in"
    )


def __getattr__(name: str) -> Any:
    """`Matter`, whose module is loaded by whom it is for alone."""
    if name != "Matter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from refmatte_baselines.matter import Matter

    return Matter
