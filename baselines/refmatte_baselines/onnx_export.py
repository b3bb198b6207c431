"""A model as one ONNX file (see `onnx_file`), for pictures of any size and any number of texts.

What a model does at the size at which it works, and its refiner, are exported by torch. Before and
after these the picture and the maps change their sizes: that is written in ONNX's own operators, as
torch would take the sizes of its example for constants.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.data.trimaps import FOREGROUND, UNKNOWN
from refmatte_baselines.onnx_file import ABOUT, MERGES, About
from refmatte_baselines.towers.network import MEAN, STD, Network, Prepared
from refmatte_baselines.towers.refiner import LONG_PX, Refiner
from refmatte_engine.errors import InputError, RefMatteError, listed, needs
from refmatte_engine.storage.files import write_whole

KINDS = ("clipmat", "clipseg")
OPSET, IR = 18, 10
MOST = 256  # patches along a side, and texts, that torch is told of

# The long side becomes `size`, what is smaller stays, and both sides are filled up to multiples of
# `patch` with the mean colour.
SEEN = """
seen (float[1,3,H,W] image) => (float[1,3,h,w] seen, int64[2] inner_hw, int64[2] full_hw) {
  full_hw = Shape <start = 2> (image)
  sides = Cast <to = 11> (full_hw)
  longest = ReduceMax <keepdims = 0> (sides)
  shrinks = Div (size, longest)
  scale = Min (shrinks, one)
  exact = Mul (sides, scale)
  rounded = Round (exact)
  whole = Cast <to = 7> (rounded)
  inner_hw = Max (whole, least)
  target = Concat <axis = 0> (planes, inner_hw)
  small = Resize <mode = "linear", antialias = 1, exclude_outside = 1> (image, , , target)
  centred = Sub (small, mean)
  normed = Div (centred, std)
  negative = Neg (inner_hw)
  over = Mod (negative, patch)
  pads = Concat <axis = 0> (nowhere, over)
  seen = Pad (normed, pads, nought)
}
"""
# A map of what was seen as one of the picture.
GIVEN = """
given (float[K,C,h,w] map, int64[2] inner_hw, int64[2] full_hw) => (float[K,C,H,W] given) {
  inner = Slice (map, start, inner_hw, axes)
  count = Shape <end = 2> (map)
  target = Concat <axis = 0> (count, full_hw)
  given = Resize <mode = "linear"> (inner, , , target)
}
"""
FUSED = """
fused (float[K,3,H,W] logits, float[K,1,H,W] fine)
  => (float[K,1,H,W] alpha, int64[K,1,H,W] trimap) {
  trimap = ArgMax <axis = 1, keepdims = 1> (logits)
  is_unknown = Equal (trimap, unknown)
  is_foreground = Equal (trimap, foreground)
  sure = Cast <to = 1> (is_foreground)
  alpha = Where (is_unknown, fine, sure)
}
"""
# As `refiner.Refiner`: at `side` at most, and what it changes there is added.
SHRUNK = """
shrunk (float[1,3,H,W] image, float[K,1,H,W] alpha, int64[2] full_hw)
  => (float[1,3,h,w] image_there, float[K,1,h,w] alpha_there) {
  sides = Cast <to = 11> (full_hw)
  longest = ReduceMax <keepdims = 0> (sides)
  shrinks = Div (side, longest)
  scale = Min (shrinks, one)
  exact = Mul (sides, scale)
  rounded = Round (exact)
  whole = Cast <to = 7> (rounded)
  small_hw = Max (whole, least)
  image_count = Shape <end = 2> (image)
  image_target = Concat <axis = 0> (image_count, small_hw)
  image_there = Resize <mode = "linear", antialias = 1, exclude_outside = 1>
    (image, , , image_target)
  alpha_count = Shape <end = 2> (alpha)
  alpha_target = Concat <axis = 0> (alpha_count, small_hw)
  alpha_there = Resize <mode = "linear", antialias = 1, exclude_outside = 1>
    (alpha, , , alpha_target)
}
"""
ADDED = """
added (float[K,1,H,W] alpha, float[K,1,h,w] there, float[K,1,h,w] refined, int64[2] full_hw)
  => (float[K,1,H,W] added) {
  change = Sub (refined, there)
  count = Shape <end = 2> (alpha)
  target = Concat <axis = 0> (count, full_hw)
  wide = Resize <mode = "linear"> (change, , , target)
  sum = Add (alpha, wide)
  added = Clip (sum, nought, unit)
}
"""
SURE = """
sure (float[K,1,H,W] logits) => (float[K,1,H,W] alpha) { alpha = Sigmoid (logits) }
"""
MEAN_OF_BOTH = """
mean (float[K,1,H,W] alpha, float[K,1,H,W] refined) => (float[K,1,H,W] mean) {
  product = Mul (alpha, refined)
  mean = Sqrt (product)
}
"""
CONSTANTS: dict[str, Any] = {
    "one": np.float64(1),
    "least": np.array([1, 1]),
    "planes": np.array([1, 3]),
    "nowhere": np.zeros(6, np.int64),
    "mean": np.array(MEAN, np.float32).reshape(1, 3, 1, 1),
    "std": np.array(STD, np.float32).reshape(1, 3, 1, 1),
    "nought": np.float32(0),
    "unit": np.float32(1),
    "start": np.array([0, 0]),
    "axes": np.array([2, 3]),
    "unknown": np.int64(UNKNOWN),
    "foreground": np.int64(FOREGROUND),
    "side": np.float64(LONG_PX),
}


def export(model: Network, file: Path, *, knows: str = "") -> Path:
    """Writes the model as ONNX and returns the file. `knows` says what it has learnt to see.

    InputError for a kind of model that cannot be exported, RefMatteError if torch cannot do it;
    MissingExtra without onnx and onnxscript.
    """
    if model.config.kind not in KINDS:
        problem = f"is of the kind {model.config.kind}, which cannot be exported"
        raise InputError("the model", problem, allowed=listed(KINDS))
    with needs("onnx", "export to ONNX"):
        import onnx
        import onnxscript  # noqa: F401
    reader = model.reader
    about = About(
        kind=model.config.kind,
        knows=knows,
        size=model.config.size,
        template=reader.template,
        context_tokens=reader.context,
        context_length=reader.context_length,
        vocabulary=reader.vocabulary,
    )
    made = onnx.helper.make_model(
        _graph(model),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="refmatte",
    )
    said = {ABOUT: about.model_dump_json(), MERGES: "\n".join(reader.tokenizer.merges)}
    onnx.helper.set_model_props(made, said)
    onnx.checker.check_model(made)
    write_whole(file, made.SerializeToString())
    return file


class Joined:
    """Graphs that become one; each is given names of tensors for its inputs, in their order, and
    answers with those of its outputs."""

    def __init__(self, **constants: Any) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.constants = CONSTANTS | constants
        self.parts = 0

    def add(self, graph: Any, *given: str) -> list[str]:
        """Takes a graph in, which becomes unusable."""
        self.parts += 1
        names = dict(zip((each.name for each in graph.input), given, strict=True))

        def named(name: str) -> str:
            return names.get(name) or (f"{graph.name}{self.parts}.{name}" if name else "")

        for weight in graph.initializer:
            weight.name = named(weight.name)
        self.weights += graph.initializer
        for node in graph.node:
            node.input[:] = [named(name) for name in node.input]
            node.output[:] = [named(name) for name in node.output]
            node.name = named(node.name or node.output[0])
        self.nodes += graph.node
        return [named(each.name) for each in graph.output]

    def write(self, text: str, *given: str) -> list[str]:
        """As `add`, of a graph in ONNX's own notation, in which constants are named."""
        from onnx import numpy_helper, parser

        graph = parser.parse_graph(text)
        used = {name for node in graph.node for name in node.input} & self.constants.keys()
        weights = [
            numpy_helper.from_array(np.asarray(self.constants[name]), name) for name in sorted(used)
        ]
        graph.initializer.extend(weights)
        return self.add(graph, *given)


class Core(nn.Module):
    """A model at the size at which it works: what has been prepared, 1×3×h×w, and tokens, K×L → the
    maps that `says` names, at that size."""

    def __init__(self, model: Network) -> None:
        super().__init__()
        self.model = model
        self.says = ["trimap", "details"] if isinstance(model, ClipMat) else ["logits"]
        model.refiner = None
        if model.presence is not None:
            self.says.append("presence")
        model.prepared = self._as_it_is  # type: ignore[method-assign]

    def _as_it_is(self, image: Tensor, long_side: int | None = None) -> Prepared:
        height, width = image.shape[-2:]
        patch = self.model.patch
        return Prepared(image, (height, width), (height // patch, width // patch))

    def forward(self, seen: Tensor, tokens: Tensor) -> list[Tensor]:
        found = self.model(seen, tokens)
        known = {**found.parts, "trimap": found.trimap, "presence": found.presence}
        return [known[name] for name in self.says]


class Refined(nn.Module):
    """A refiner at its own size: 1×3×h×w and K×1×h×w → K×1×h×w."""

    def __init__(self, refiner: Refiner) -> None:
        super().__init__()
        self.refiner = refiner

    def forward(self, image: Tensor, alpha: Tensor) -> Tensor:
        return self.refiner(image.expand(alpha.shape[0], -1, -1, -1), alpha)


def _graph(model: Network) -> Any:
    """The whole model: `image` and `tokens` → `alpha`, and what else it says."""
    from onnx import TensorProto, helper

    size, patch = np.float64(model.config.size), np.array([model.patch, model.patch])
    joined = Joined(size=size, patch=patch)
    seen, *sizes = joined.write(SEEN, "image")
    _, full_hw = sizes
    model = deepcopy(model).eval()
    refiner = model.refiner if model.refines else None
    core = Core(model)
    # No size of these is that of another, and none is 1, which torch would take for constants.
    tokens = model.reader.tokens(["a", "b c", "d"], "keyword", length=model.reader.context_length)
    example = torch.rand(1, 3, 5 * model.patch, 7 * model.patch), tokens
    high, wide, texts = (torch.export.Dim(n, min=2, max=MOST) for n in ("high", "wide", "texts"))
    shapes = {2: model.patch * high, 3: model.patch * wide}, {0: texts}
    maps = joined.add(_exported(core, example, shapes), seen, "tokens")
    found = dict(zip(core.says, maps, strict=True))
    outputs = {}
    if "trimap" in found:
        logits, fine = (
            joined.write(GIVEN, found[name], *sizes)[0] for name in ("trimap", "details")
        )
        alpha, outputs["trimap"] = joined.write(FUSED, logits, fine)
    else:
        (logits,) = joined.write(GIVEN, found["logits"], *sizes)
        (alpha,) = joined.write(SURE, logits)
    if refiner is not None:
        image, there = joined.write(SHRUNK, "image", alpha, full_hw)
        high, wide = (torch.export.Dim(n, min=64, max=LONG_PX) for n in ("high", "wide"))
        shapes = {2: high, 3: wide}, {0: texts, 2: high, 3: wide}
        example = torch.rand(1, 3, 75, 103), torch.rand(3, 1, 75, 103)
        (refined,) = joined.add(_exported(Refined(refiner), example, shapes), image, there)
        (refined,) = joined.write(ADDED, alpha, there, refined, full_hw)
        if model.config.refiner_mean:
            (refined,) = joined.write(MEAN_OF_BOTH, alpha, refined)
        alpha = refined
    if "presence" in found:
        outputs["presence"] = found["presence"]
    outputs = {"alpha": alpha, **outputs}
    kinds = {"alpha": TensorProto.FLOAT, "trimap": TensorProto.INT64, "presence": TensorProto.FLOAT}
    ends = [helper.make_node("Identity", [made], [name]) for name, made in outputs.items()]
    shape: dict[str, list[int | str]] = {name: ["K", 1, "H", "W"] for name in outputs}
    shape["presence"] = ["K"]
    return helper.make_graph(
        [*joined.nodes, *ends],
        "refmatte",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "H", "W"]),
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["K", tokens.shape[1]]),
        ],
        [helper.make_tensor_value_info(name, kinds[name], shape[name]) for name in outputs],
        joined.weights,
    )


def _exported(module: nn.Module, example: Sequence[Tensor], shapes: Sequence[Any]) -> Any:
    """A module's graph as torch exports it. RefMatteError if it cannot."""
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.export.export(
                module.eval(),
                tuple(example),
                dynamic_shapes=tuple(shapes),
                strict=False,
                prefer_deferred_runtime_asserts_over_guards=True,
            )
            made = torch.onnx.export(program, dynamo=True, opset_version=OPSET, verbose=False)
    except Exception as error:  # torch's exporter raises whatever its parts do
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise RefMatteError(type(module).__name__, f"cannot be exported: {why}") from None
    assert made is not None
    return made.model_proto.graph
