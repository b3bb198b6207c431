"""One net chooses what is meant, another cuts it out: the first knows words, the second edges."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_baselines.checkpoints import CONFIG
from refmatte_baselines.predictor import Answer, Answers, CutWith, Predictor
from refmatte_baselines.vitmatte import NAMED, VitMatte
from refmatte_engine.errors import InputError, nearest
from refmatte_engine.images import matting_net
from refmatte_engine.images.trimaps import BACKGROUND
from refmatte_engine.records import F32, U8, Setting

FAINT = 0.1  # what the net gives less than this is no part of anything
COVERED = 0.2  # of a part's alpha, where the chooser's is: it is what was meant …
WHOLE = 0.7  # … and with less than this, some of it may be something else:
THICK = 0.5  # what the chooser calls background is as thick as this share of the part
# A hole that the chooser covers this far, and as thick as this share of what is cut out, is the
# net's mistake: what one sees through is not chosen, or thin.
HOLE, HOLE_THICK = 0.5, 0.2

NETS = f"an ONNX file, the folder of a ViTMatte, or {NAMED}"

Cut = Callable[[F32, U8], F32]
"""A chooser's alpha (float32 H×W in [0, 1]) and trimap (uint8 H×W in greys) → what is cut out."""


class Cutter(Protocol):
    """What finds the edges of things that are chosen. Safe from several threads."""

    @property
    def receipt(self) -> Mapping[str, str | int]:
        """What decides how it cuts: a hash of its weights, and how it sees colours."""

    def of(self, image: U8) -> Cut:
        """How it cuts things out of `image` (uint8 H×W×3 RGB)."""


def chosen_parts(chosen: F32, trimap: U8, net: F32) -> F32:
    """The parts that lie apart in the alpha `net` and that the chooser means, or else the alpha
    `chosen` (both float32 H×W in [0, 1]) as it is.

    A part is meant if the chooser's alpha covers `COVERED` of it. Where that is less than `WHOLE`,
    and what the chooser's `trimap` (uint8 H×W in greys) calls background is no mere rim of the
    part, things touch: the net's alpha is kept to what is not background there. A thick hole that
    is meant as well has the chooser's alpha. Nowhere is the answer above both alphas.
    """
    count, part = cv2.connectedComponents((net > FAINT).astype(np.uint8))
    places = part.ravel()
    mass = np.bincount(places, net.ravel(), minlength=count)
    covered = np.bincount(places, (net * chosen).ravel(), minlength=count) / np.maximum(mass, 1e-6)
    is_meant = covered >= COVERED
    is_meant[0] = False  # what lies between the parts
    if not is_meant.any():
        return chosen
    kept = is_meant[part]
    for number in np.flatnonzero(is_meant & (covered < WHOLE)):
        whole = part == number
        other = whole & (trimap == BACKGROUND)
        if _thickness(other) >= THICK * _thickness(whole):
            kept &= ~other
    return _filled(np.where(kept, net, np.float32(0)), chosen)


def _filled(cut: F32, chosen: F32) -> F32:
    """`cut`, and in its holes that are thick and covered enough the alpha `chosen`."""
    empty = cut <= FAINT
    count, place, boxes, _ = cv2.connectedComponentsWithStats(
        empty.astype(np.uint8), connectivity=4
    )
    left, top, width, height, area = boxes.T
    inside = (left > 0) & (top > 0)
    inside &= (left + width < cut.shape[1]) & (top + height < cut.shape[0])
    mass = np.bincount(place.ravel(), chosen.ravel(), minlength=count)
    least = HOLE_THICK * _thickness(~empty)
    is_meant = inside & (mass >= HOLE * area) & (area >= 3 * least**2)  # a disc's, nearly
    is_meant[0] = False  # what was cut out
    for number in np.flatnonzero(is_meant):
        hole = place == number
        if _thickness(hole) >= HOLE_THICK * _thickness(hole | ~empty):
            cut = np.where(hole, np.maximum(cut, chosen), cut)
    return cut


def _thickness(mask: npt.NDArray[np.bool_]) -> float:
    """The radius in px of the largest disc in it; the picture's border bounds nothing."""
    return float(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3).max())


class NetCutter:
    """Any matting or saliency net, which knows no words."""

    def __init__(self, net: matting_net.MattingNet) -> None:
        self.net = net
        way = {"mean": net.way.mean, "std": net.way.std}
        colors = "; ".join(f"{name} {','.join(map(str, way[name]))}" for name in way)
        self.receipt = {"cut with": matting_net.digest(net.path), "cut colors": colors}

    def of(self, image: U8) -> Cut:
        alpha = self.net.alpha(image)
        return lambda chosen, trimap: chosen_parts(chosen, trimap, alpha)


class CutPredictor(Answers):
    """A model (see `predictor.Predictor`) whose choices another net cuts out."""

    def __init__(self, chooser: Predictor, cutter: Cutter) -> None:
        self.chooser, self.cutter = chooser, cutter

    @property
    def checkpoint(self) -> Path:
        return self.chooser.checkpoint

    @property
    def receipt(self) -> Mapping[str, str | int]:
        return {**self.chooser.receipt, **self.cutter.receipt}

    def readable(self, text: str, form: Setting) -> str:
        return self.chooser.readable(text, form)

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        cut = self.cutter.of(image) if texts else None
        for each in self.chooser.answers(image, texts, form):
            assert cut is not None
            yield each._replace(alpha=cut(each.alpha, each.trimap))


def cutter(chosen: CutWith, device: str) -> Cutter:
    """The net that is named. InputError for anything that is none, or of no use here."""
    net, is_named = chosen.net, str(chosen.net) == NAMED
    try:
        mode = net.stat().st_mode
    except (OSError, ValueError):  # also of what can be no name
        mode = 0
    if not is_named and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        problem = "is no file" if mode else "is not there"
        raise InputError(net, problem, allowed=NETS, todo=nearest(net, [NAMED]))
    if not is_named and not net.is_dir():
        return NetCutter(matting_net.load(net, chosen.mean, chosen.std))
    if not is_named and not (net / CONFIG).is_file():
        raise InputError(net, f"is no ViTMatte: it has no {CONFIG}", allowed=NETS)
    for name, given in {"--cut-mean": chosen.mean, "--cut-std": chosen.std}.items():
        if given is not None:
            raise InputError(
                name, "is for ONNX nets; ViTMatte knows its colours", todo="leave it out"
            )
    return VitMatte(net, device)
