"""A model in an ONNX file, as `onnx_export` writes it, at work. It needs onnxruntime, not torch.

Inputs: `image`, float32 1×3×H×W in [0, 1], and `tokens`, int64 K×L. Outputs: `alpha`, K×1×H×W, and
where the model has them `trimap`, int64 K×1×H×W of 0 background, 1 unknown, 2 foreground, and
`presence`, K logits. How texts become tokens lies in the file, too.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from refmatte_baselines.predictor import Answer, Answers, Options
from refmatte_baselines.towers.reader import Reader
from refmatte_baselines.towers.tokenizer import Tokenizer
from refmatte_engine.config.strict_yaml import Strict, parse
from refmatte_engine.errors import InputError, RefMatteError, listed, needs
from refmatte_engine.images.matting_net import check_file, digest, said_by_runtime
from refmatte_engine.parallel import processors
from refmatte_engine.records import F32, U8, Setting

ABOUT, MERGES = "refmatte", "merges"  # what the file says beside the net
GREYS = np.array([0, 128, 255], np.uint8)
TEXTS_PX = 24_000_000  # of all texts that are asked together
HOW = "export a checkpoint: refmatte export-model; a matting net goes after --cut-with"


class About(Strict):
    """What the file says of its model."""

    format: Literal[1] = 1
    kind: str
    knows: str
    size: int
    template: str
    context_tokens: int
    context_length: int
    vocabulary: int


class OnnxPredictor(Answers):
    """See `predictor.Predictor`. InputError for a file that is not such a model, and for options
    that are decided when it is exported; MissingExtra without onnxruntime, ftfy and regex."""

    def __init__(self, file: Path, options: Options = Options()) -> None:
        plain = Options(options.device, cut=options.cut)
        for name in ("dtype", "long_side", "image_tower", "deterministic", "looks"):
            if getattr(options, name) != getattr(plain, name):
                option = f"--{name.replace('_', '-')}"
                raise InputError(option, "is not for ONNX files", todo="give a checkpoint's folder")
        self.checkpoint = file
        self.session = _session(file, options.device)
        stored: Mapping[str, str] = self.session.get_modelmeta().custom_metadata_map
        inputs, self.outputs = (
            [each.name for each in some]
            for some in (self.session.get_inputs(), self.session.get_outputs())
        )
        if ABOUT not in stored or inputs != ["image", "tokens"] or "alpha" not in self.outputs:
            problem = f"takes {listed(inputs, 4)} and answers {listed(self.outputs, 4)}"
            allowed = "image and tokens → alpha, as export-model writes it"
            raise InputError(file, problem, allowed=allowed, todo=HOW)
        self.about = parse(About, json.loads(stored[ABOUT]), file)
        self.reader = Reader(
            self.about.template,
            self.about.context_tokens,
            self.about.context_length,
            self.about.vocabulary,
            Tokenizer(stored[MERGES].split("\n")),
        )
        self.receipt: dict[str, str | int] = {
            "checkpoint": digest(file),
            "long side": self.about.size,
            "looks": "one",
            "dtype": "fp32",
        }
        self._turn = threading.Lock()

    def readable(self, text: str, form: Setting) -> str:
        """See `Reader.readable`."""
        return self.reader.readable(text, form)

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        """See `Predictor`."""
        pixels = np.ascontiguousarray(image.transpose(2, 0, 1)[None]).astype(np.float32) / 255
        at_once = max(1, TEXTS_PX // image[..., 0].size)
        for first in range(0, len(texts), at_once):
            some = texts[first : first + at_once]
            rows = self.reader.rows(some, form, length=self.about.context_length)
            found = self._asked({"image": pixels, "tokens": np.array(rows, np.int64)})
            for number in range(len(some)):
                alpha: F32 = np.clip(found["alpha"][number, 0], 0, 1)
                trimap = GREYS[1 + (alpha >= 1).astype(int) - (alpha <= 0)]
                if "trimap" in found:
                    trimap = GREYS[found["trimap"][number, 0]]
                presence = None
                if "presence" in found:
                    presence = float(1 / (1 + np.exp(-np.float64(found["presence"][number]))))
                yield Answer(alpha, trimap, presence)

    def _asked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        try:
            with self._turn:
                return dict(zip(self.outputs, self.session.run(None, given), strict=True))
        except Exception as error:  # what runtimes raise is no closed list
            line = (str(error) or type(error).__name__).splitlines()[0]
            todo = "try a smaller picture"
            raise RefMatteError(self.checkpoint, f"fails: {line[-200:]}", todo=todo) from None


def _session(file: Path, device: str) -> Any:
    with needs("onnx", "run a model as an ONNX file"):
        import onnxruntime
    check_file(file)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is said by us
    options.intra_op_num_threads = processors()
    cuda, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    has_cuda = cuda in onnxruntime.get_available_providers()
    if device == "cuda" and not has_cuda:
        raise InputError("device cuda", "is not there for onnxruntime", allowed="auto, cpu")
    providers = [cuda, cpu] if has_cuda and device != "cpu" else [cpu]
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=providers)
    except Exception as error:
        problem = f"cannot be loaded as ONNX: {said_by_runtime(error)}"
        raise InputError(file, problem, todo=HOW) from None
