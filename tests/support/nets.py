"""Small ONNX nets: they take what is redder than green for the foreground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

Shape = Sequence[int | str]


def red_finder(
    path: Path,
    shape: Shape = (1, 3, 64, 64),
    *,
    outputs: int = 1,
    ends: str = "Sigmoid",
    last_axis: bool = False,
) -> Path:
    """A net of one 1×1 convolution, with `outputs` outputs of which all but the first are
    constant 0.3; `ends` is its last operator (Sigmoid, Identity: logits). `last_axis`: its input is
    1×H×W×3."""
    weights = helper.make_tensor("w", TensorProto.FLOAT, (1, 3, 1, 1), [30.0, -30.0, 0.0])
    bias = helper.make_tensor("b", TensorProto.FLOAT, (1,), [-6.0])
    nodes = []
    if last_axis:
        nodes.append(helper.make_node("Transpose", ["picture"], ["planes"], perm=(0, 3, 1, 2)))
    nodes += [
        helper.make_node("Conv", ["planes" if last_axis else "picture", "w", "b"], ["logits"]),
        helper.make_node(ends, ["logits"], ["out0"]),
    ]
    more = [helper.make_tensor("nought", TensorProto.FLOAT, (1,), [0.0])]
    more += [helper.make_tensor("level", TensorProto.FLOAT, (1,), [0.3])]
    for number in range(1, outputs):
        nodes.append(helper.make_node("Mul", ["logits", "nought"], [f"zero{number}"]))
        nodes.append(helper.make_node("Add", [f"zero{number}", "level"], [f"out{number}"]))
    sides = shape[1:3] if last_axis else shape[2:4]
    names = [(f"out{number}", (1, 1, *sides)) for number in range(outputs)]
    return written(path, [("picture", shape)], names, nodes, [weights, bias, *more])


def odd(path: Path, inputs: dict[str, Shape], outputs: dict[str, Shape], kind: int = 1) -> Path:
    """A net with these inputs, which answers zeros of the shapes of `outputs`."""
    nodes = [
        helper.make_node(
            "ConstantOfShape", [f"shape{number}"], [name]
        )
        for number, name in enumerate(outputs)
    ]  # fmt: skip
    shapes = [
        helper.make_tensor(f"shape{number}", TensorProto.INT64, (len(shape),), list(shape))
        for number, shape in enumerate(outputs.values())
    ]
    return written(path, list(inputs.items()), list(outputs.items()), nodes, shapes, kind)


def written(
    path: Path,
    inputs: Sequence[tuple[str, Shape]],
    outputs: Sequence[tuple[str, Shape]],
    nodes: Sequence[Any],
    weights: Sequence[Any],
    kind: int = 1,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, 1, shape) for name, shape in outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path
