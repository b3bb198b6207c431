"""A trained model, whatever it is: a checkpoint, ready to be asked.

Torch is imported when one is used.
"""

from __future__ import annotations

from pathlib import Path

from refmatte_baselines import cutting, image_tower
from refmatte_baselines.checkpoints import is_onnx, kind_of, located
from refmatte_baselines.onnx_file import OnnxPredictor
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
    image_tower.completed(place, options.image_tower, download=False)
    # Mistakes in it come before weights are read.
    net = None if options.cut is None else cutting.cutter(options.cut, options.device)
    chosen = _predictor(place, options)
    return chosen if net is None else cutting.CutPredictor(chosen, net)


def _predictor(place: Path, options: Options) -> Predictor:
    if is_onnx(place):
        return OnnxPredictor(place, options)
    kind_of(place)
    with needs("clipmat", "run a model"):
        from refmatte_baselines import answering
    return answering.Predictor(place, options)


def check_text(checkpoint: Path | str, text: str, form: Setting) -> None:
    """InputError for a text that a checkpoint could not be asked, before its weights are loaded. Of
    one that is too long it says what would be read."""
    place = located(checkpoint)
    if is_onnx(place):
        return  # it is checked when it is asked
    kind_of(place)
    with needs("clipmat", "run a model"):
        from refmatte_baselines import answering
    reader = answering.reader_of(place)
    if (cut := reader.readable(text, form)) != text:
        problem = f"is longer than the model reads, which is “{cut}”"
        allowed = f"{len(cut)} of its {len(text)} characters"
        raise InputError("text", problem, allowed=allowed, todo="say it in fewer words")
