"""A trained model, whatever it is: a checkpoint, ready to be asked.

Torch is imported when one is used.
"""

from __future__ import annotations

from pathlib import Path

from refmatte_baselines import cutting, image_tower
from refmatte_baselines.checkpoints import kind_of, located
from refmatte_baselines.predictor import Options, Predictor
from refmatte_engine.errors import InputError, needs
from refmatte_engine.records import Setting


def load(checkpoint: Path | str | None, options: Options = Options()) -> Predictor:
    """The model in a checkpoint (see `checkpoints.located`; None: see `image_tower.default`), ready
    to be asked. Nothing is downloaded: `image_tower.completed` does that.

    InputError for a checkpoint that cannot be loaded and for a device that is not there;
    MissingExtra without torch.
    """
    place = located(checkpoint) if checkpoint else image_tower.default(options.image_tower)
    kind_of(place)
    image_tower.completed(place, options.image_tower, download=False)
    with needs("clipmat", "run a model"):
        from refmatte_baselines import answering
    if options.cut is None:
        return answering.Predictor(place, options)
    net = cutting.cutter(options.cut, options.device)  # mistakes in it come before weights are read
    return cutting.CutPredictor(answering.Predictor(place, options), net)


def check_text(checkpoint: Path | str, text: str, form: Setting) -> None:
    """InputError for a text that a checkpoint could not be asked, before its weights are loaded. Of
    one that is too long it says what would be read."""
    place = located(checkpoint)
    kind_of(place)
    with needs("clipmat", "run a model"):
        from refmatte_baselines import answering
    reader = answering.reader_of(place)
    if (cut := reader.readable(text, form)) != text:
        problem = f"is longer than the model reads, which is “{cut}”"
        allowed = f"{len(cut)} of its {len(text)} characters"
        raise InputError("text", problem, allowed=allowed, todo="say it in fewer words")
