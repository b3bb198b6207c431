"""Which models there are: whose a checkpoint is, and that model at work.

The command line, the page and the evaluation know no model by its name; a new one is added here.
Its package is imported when one of its checkpoints is used.
"""

from __future__ import annotations

from pathlib import Path

from refmatte_baselines.checkpoints import located, model_of
from refmatte_baselines.predictor import Options, Predictor
from refmatte_engine.errors import needs
from refmatte_engine.records import Setting


def load(checkpoint: Path | str | None, options: Options = Options()) -> Predictor:
    """The model in a checkpoint (see `checkpoints.located`), ready to be asked.

    InputError for a checkpoint that cannot be loaded and for a device that is not there;
    MissingExtra without torch.
    """
    place = located(checkpoint)
    match model_of(place):
        case "clipmat":
            with needs("clipmat", "run a model"):
                from refmatte_baselines.clipmat import predict
            return predict.Predictor(place, options)


def check_text(checkpoint: Path | str | None, text: str, form: Setting) -> None:
    """InputError for a text that a checkpoint could not be asked, before its weights are loaded."""
    place = located(checkpoint)
    match model_of(place):
        case "clipmat":
            with needs("clipmat", "run a model"):
                from refmatte_baselines.clipmat import predict
            predict.check_text(place, text, form)
