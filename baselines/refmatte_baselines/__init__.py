"""Models that go with the engine. They need torch; the engine does not."""

from pathlib import Path

import refmatte_engine

# Of several checkouts, one environment has one installed: half of another would be a riddle.
_here, _engine = Path(__file__).resolve().parents[1], Path(refmatte_engine.__file__).resolve()
if (_here / "weights").is_dir() and _here.parent != _engine.parents[1]:
    raise ImportError(
        f"refmatte_baselines is that of {_here.parent}, refmatte_engine that of "
        f"{_engine.parents[1]}; run `make setup-dev` in the checkout that you work in"
    )
