"""The RefMatte engine: composes referring image matting datasets.

`load_run`, `generate` and `Dataset` are all that most programs need; `Stream` and `Turns` are for
those that train without a dataset on disk.
"""

# Nothing is imported here: `python -m refmatte_engine` has this read before it can say what Ctrl-C
# does. Type checkers take the name for typing's.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from refmatte_engine.config.run import load_run
    from refmatte_engine.dataset.reader import Dataset
    from refmatte_engine.generation.dataset_run import generate
    from refmatte_engine.generation.stream import Stream
    from refmatte_engine.generation.turns import Turns

    __version__: str

__all__ = ["Dataset", "Stream", "Turns", "generate", "load_run"]


def __getattr__(name: str) -> "Any":
    # Imported when first asked for: `refmatte --help` needs none of it.
    from importlib import import_module

    if name == "__version__":
        from importlib.metadata import version

        return version("refmatte-engine")
    homes = {
        "Dataset": "dataset.reader",
        "Stream": "generation.stream",
        "Turns": "generation.turns",
        "generate": "generation.dataset_run",
        "load_run": "config.run",
    }
    if name not in homes:
        raise AttributeError(f"module 'refmatte_engine' has no attribute {name!r}")
    return getattr(import_module(f"refmatte_engine.{homes[name]}"), name)
