"""Any matting or saliency net that a user has as an ONNX file: a picture in, an alpha out.

What a net takes (name, size, layout, type) is read from its file. What the file does not say, the
colours' normalisation and the working size, follows `WAYS`, by the file's name or its shapes, or
is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from refmatte_engine.errors import InputError, listed, needs
from refmatte_engine.parallel import processors
from refmatte_engine.records import F32, U8

Triple = tuple[float, float, float]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF, ONE = (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)
# A free size is a multiple of this, as nets that halve five times need it; and no longer side.
MULTIPLE, LONGEST = 32, 2048
FOUND = 0.5  # a saliency map that reaches this nowhere has found nothing, and is not stretched
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a family of nets wants its pictures: (levels / 255 - mean) / std, squeezed to a square of
    `side` px, or with the short side of that length if it `keeps_shape`; where the file fixes the
    size, that. Its answer is the `last` of its largest outputs, or the first; `stretched` answers
    are scaled to 0 … 1, as the authors do."""

    title: str
    mean: Triple
    std: Triple
    side: int
    keeps_shape: bool = False
    last: bool = False
    stretched: bool = False


WAYS = {
    "u2net": Way("U²-Net", IMAGENET_MEAN, IMAGENET_STD, 320, stretched=True),
    "isnet": Way("IS-Net", HALF, ONE, 1024, stretched=True),
    "modnet": Way("MODNet", HALF, HALF, 512, keeps_shape=True),
    "birefnet": Way("BiRefNet", IMAGENET_MEAN, IMAGENET_STD, 1024, last=True),
}
# Parts of file names, the longer ones first where one is in another.
_NAMED = {
    "birefnet": "birefnet", "rmbg-2": "birefnet", "rmbg2": "birefnet",
    "isnet": "isnet", "is-net": "isnet", "dis5k": "isnet", "rmbg": "isnet",
    "modnet": "modnet", "u2net": "u2net", "u-2-net": "u2net", "silueta": "u2net",
}  # fmt: skip


@dataclass(frozen=True)
class MattingNet:
    """A loaded net. `size_hw` is the size that its file fixes, None where any will do; `taken_as`
    says how it is used, in words. Safe from several threads."""

    path: Path
    way: Way
    size_hw: tuple[int, int] | None
    taken_as: str
    session: Any
    input: str
    dtype: Any
    channels_last: bool

    def alpha(self, image: U8) -> F32:
        """The alpha (float32 H×W in [0, 1]) of what the net takes for the foreground of `image`
        (uint8 H×W×3 RGB). InputError if what the net says is no mask of the picture."""
        height, width = image.shape[:2]
        at_hw = self.size_hw or _working_size((height, width), self.way)
        given = self._prepared(image, at_hw)
        try:
            answers = self.session.run(None, {self.input: given})
        except Exception as error:  # what runtimes raise is no closed list
            problem = f"fails on a picture of {at_hw[1]}×{at_hw[0]} px: {said_by_runtime(error)}"
            raise InputError(self.path, problem, todo=_OTHER) from None
        levels = _in_unit(self._mask(answers, at_hw))
        if self.way.stretched and (top := float(levels.max())) >= FOUND:
            low = float(levels.min())
            levels = (levels - low) / max(top - low, 1e-6)
        if levels.shape == (height, width):
            return levels
        shrinks = levels.shape[0] * levels.shape[1] > height * width
        by = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.clip(cv2.resize(levels, (width, height), interpolation=by), 0, 1)

    def _prepared(self, image: U8, at_hw: tuple[int, int]) -> Any:
        shrinks = at_hw[0] * at_hw[1] < image.shape[0] * image.shape[1]
        by = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        small: Any = cv2.resize(image, at_hw[::-1], interpolation=by)
        if self.dtype is not np.uint8:
            mean, std = np.array(self.way.mean, np.float32), np.array(self.way.std, np.float32)
            small = ((small.astype(np.float32) / 255 - mean) / std).astype(self.dtype)
        return small[None] if self.channels_last else small.transpose(2, 0, 1)[None].copy()

    def _mask(self, answers: Sequence[Any], at_hw: tuple[int, int]) -> F32:
        """The largest output that is one plane of the picture's shape."""
        planes: list[F32] = []
        for answer in answers:
            shape = np.shape(answer)
            sides = [side for side in shape if side != 1]
            if len(shape) <= 4 and len(sides) == 2 and np.asarray(answer).dtype.kind in "fu":
                planes.append(np.asarray(answer).reshape(sides).astype(np.float32))
        aspect = at_hw[0] / at_hw[1]
        planes = [p for p in planes if 0.9 < p.shape[0] / p.shape[1] / aspect < 1.1]
        if not planes:
            shapes = listed("×".join(map(str, np.shape(answer))) for answer in answers)
            problem = f"answers a picture of {at_hw[0]}×{at_hw[1]} with {shapes}, which is no mask"
            raise InputError(self.path, problem, allowed=_MASK, todo=_OTHER)
        largest = max(plane.size for plane in planes)
        masks = [plane for plane in planes if plane.size == largest]
        mask = masks[-1 if self.way.last else 0]
        if not np.isfinite(mask).all():
            problem = "answers with values that are no numbers (NaN or infinite)"
            raise InputError(self.path, problem, todo="use its float32 version")
        return mask


_OTHER = "use an image matting or saliency net"
_MASK = "an output of 1×1×H×W"


def load(path: Path, mean: Triple | None = None, std: Triple | None = None) -> MattingNet:
    """The net in the ONNX file at `path`. `mean` and `std` (of levels in [0, 1], red first) replace
    those that its name or its shapes suggest.

    InputError if it is no ONNX file, or no net that makes a mask of one picture, with what was
    found instead; MissingExtra without onnxruntime.
    """
    with needs("cutout", "run an ONNX net"):
        import onnxruntime
    check_file(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is said by us
    options.intra_op_num_threads = processors()
    have = onnxruntime.get_available_providers()
    wanted = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in have]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # what runtimes raise is no closed list
        problem = f"cannot be loaded as an ONNX net: {said_by_runtime(error)}"
        raise InputError(path, problem, todo="export or download it again") from None
    given = session.get_inputs()
    _check_input(path, given)
    shape = list(given[0].shape)
    channels_last = shape[3] == 3 and shape[1] != 3
    sides = shape[1:3] if channels_last else shape[2:4]
    fixed = (sides[0], sides[1]) if all(isinstance(side, int) for side in sides) else None
    _check_outputs(path, session.get_outputs())
    name, why = _way(path, fixed, len(session.get_outputs()))
    way = replace(WAYS[name], mean=mean or WAYS[name].mean, std=std or WAYS[name].std)
    at = f"{fixed[1]}×{fixed[0]} px" if fixed else _free(way)
    said = "the mean and std given" if mean or std else f"{way.title}'s colours, by {why}"
    return MattingNet(
        path=path,
        way=way,
        size_hw=fixed,
        taken_as=f"{at}, {said}",
        session=session,
        input=given[0].name,
        dtype=_TYPES[given[0].type],
        channels_last=channels_last,
    )


def _free(way: Way) -> str:
    return f"short side {way.side} px" if way.keeps_shape else f"{way.side}×{way.side} px"


def _way(path: Path, fixed: tuple[int, int] | None, outputs: int) -> tuple[str, str]:
    """The key of the way that a net is used, and what told it."""
    name = path.stem.lower().replace("_", "-").replace("²", "2")
    for part, key in _NAMED.items():
        if part in name:
            return key, "the file's name"
    if fixed is None:
        return "modnet", "its free size"
    if fixed == (320, 320):
        return "u2net", "its size"
    if outputs >= 6:
        return "isnet", "its outputs"
    return "birefnet", "default"


def _working_size(size_hw: tuple[int, int], way: Way) -> tuple[int, int]:
    """Height and width in px at which a net of free size sees a picture.

    >>> _working_size((1000, 1500), WAYS["modnet"]), _working_size((90, 9000), WAYS["modnet"])
    ((512, 768), (32, 2048))
    """
    if not way.keeps_shape:
        return way.side, way.side
    scale = min(way.side / min(size_hw), LONGEST / max(size_hw))
    height, width = (max(MULTIPLE, round(s * scale / MULTIPLE) * MULTIPLE) for s in size_hw)
    return height, width


def _in_unit(mask: F32) -> F32:
    """The levels in [0, 1]: of a net that ends before its sigmoid, or that counts to 255, too."""
    low, top = float(mask.min()), float(mask.max())
    if top > 16 and low >= -0.01 and top <= 255.5:
        return np.clip(mask / np.float32(255), 0, 1)
    if low < -0.01 or top > 1.01:
        return (1 / (1 + np.exp(-np.clip(mask, -30, 30)))).astype(np.float32)
    return np.clip(mask, 0, 1)


# First bytes of what is not ONNX, what they begin, and what to do.
_BEGINNINGS = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the net", "run: git lfs pull"),
    (b"PK\x03\x04", "is a PyTorch checkpoint or an archive, not ONNX", "export the net to ONNX"),
    (b"\x80\x02", "is a Python pickle, not ONNX", "export the net to ONNX"),
    (b"\x89HDF", "is an HDF5 (Keras) file, not ONNX", "export the net to ONNX"),
    (b"\x1f\x8b", "is gzip-compressed", "unpack it"),
    (b"\xff\xd8\xff", "is a picture, not a net", ""),
    (b"\x89PNG", "is a picture, not a net", ""),
    (b"<", "is a web page or XML, not a net", "download the file itself"),
    (b"{", "is JSON, not a net", "download the file itself"),
)


def check_file(path: Path) -> None:
    """InputError if what is at `path` is plainly no ONNX file."""
    try:
        if path.is_dir():
            raise InputError(path, "is a folder", allowed="an ONNX file (.onnx)")
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise InputError(path, f"cannot be read: {told}", allowed="an ONNX file") from None
    if not head.strip(b"\0"):
        problem = "contains only zeros" if head else "is empty (0 bytes)"
        raise InputError(path, problem, todo="download or copy it again")
    for beginning, problem, todo in _BEGINNINGS:
        if head.lstrip().startswith(beginning):
            raise InputError(path, problem, todo=todo)
    if head[8:10] == b'{"':
        raise InputError(path, "is a safetensors file, not ONNX", todo="export the net to ONNX")


def _check_input(path: Path, given: Sequence[Any]) -> None:
    """InputError unless a net takes one picture and nothing else."""
    allowed = "one picture as 1×3×H×W or 1×H×W×3"
    inputs = [f"{each.name} ({_shape(each)})" for each in given]
    todo = _OTHER
    if len(given) != 1:
        problem = f"takes {len(given)} inputs: {listed(inputs, 6)}" if given else "takes no input"
        raise InputError(path, problem, allowed=allowed, todo=todo)
    shape, kind = given[0].shape, given[0].type
    problem = f"takes {inputs[0]}"
    if kind not in _TYPES:
        raise InputError(path, f"{problem} of {kind}", allowed="numbers of a picture", todo=todo)
    if len(shape) != 4 or not (
        3 in (shape[1], shape[3]) or all(isinstance(side, str | None) for side in shape[1:])
    ):
        if len(shape) == 4 and 4 in (shape[1], shape[3]):
            todo = "use one without a trimap"
            problem += ": a picture and a trimap"
        raise InputError(path, problem, allowed=allowed, todo=todo)
    if isinstance(shape[0], int) and shape[0] != 1:
        raise InputError(path, f"{problem}: {shape[0]} pictures at once", allowed=allowed)
    sides = [side for side in (*shape[1:3], *shape[2:4]) if isinstance(side, int) and side != 3]
    if any(side < MULTIPLE for side in sides):
        raise InputError(path, f"{problem}: too small a picture", allowed=allowed, todo=todo)


def _check_outputs(path: Path, outputs: Sequence[Any]) -> None:
    """InputError if the shapes in the file show that no output is a mask; where they are open, the
    first answer tells."""

    def may_be(output: Any) -> bool:
        if not isinstance(output.shape, list) or not output.shape:
            return True
        sides = [side for side in output.shape if side != 1]
        return output.type in _TYPES and 2 <= len(output.shape) <= 4 and len(sides) in (2, 3, 4)

    def is_single(output: Any) -> bool:
        shape = output.shape
        return not (isinstance(shape, list) and len(shape) == 4 and all(
            isinstance(s, int) and s != 1 for s in (shape[1], shape[3])
        ))  # fmt: skip

    if not any(may_be(each) and is_single(each) for each in outputs):
        found = listed((f"{each.name} ({_shape(each)})" for each in outputs), 6)
        problem = f"makes no mask: its outputs are {found}"
        raise InputError(path, problem, allowed=_MASK, todo=_OTHER)


def _shape(each: Any) -> str:
    return "×".join("?" if side is None else str(side) for side in each.shape) or "one number"


# What the runtime says of its own workings, and what it means.
_TOLD = {
    "Protobuf parsing failed": "it is something else, or only a part of one",
    "External data": "its weights are in a file that has to lie beside it",
    "ValidateOpset": "it is newer than the installed onnxruntime",
    "No Op registered": "it has operations that onnxruntime does not know",
    "is not a registered function/op": "it has operations that onnxruntime does not know",
}


def said_by_runtime(error: Exception) -> str:
    """The first line of what the runtime says, without its codes."""
    line = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    for part, told in _TOLD.items():
        if part in line:
            return told
    return line.rpartition("] : ")[2].rpartition(" : ")[2].strip()[:160] or type(error).__name__


def triple(where: str, text: str | None) -> Triple | None:
    """Three numbers, for red, green and blue, as `where` has them: "0.5,0.5,0.5". InputError for
    anything else, and for a deviation that is not above 0."""
    if text is None:
        return None
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        red = green = blue = float("nan")
    least = 1e-6 if "std" in where else 0.0
    if not all(least <= value <= 255 for value in (red, green, blue)):
        allowed = "three numbers for levels from 0 to 1, such as 0.5,0.5,0.5"
        raise InputError(where, f"{text!r} is not allowed", allowed=allowed)
    return red, green, blue


def digest(path: Path) -> str:
    """The SHA-256 of the file, which names the net."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
