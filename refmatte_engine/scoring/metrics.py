"""Matting and referring metrics: pure functions of one prediction and one ground truth.

Both are alphas of one size, H×W, in [0, 1]; anything else is an InputError. All figures cover the
whole image at full resolution: on a referring task, a band around the truth would hide the main
failure, the right object plus another one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.errors import InputError
from refmatte_engine.images import alphas
from refmatte_engine.records import F64, U8

Alpha = npt.NDArray[np.floating]
Outcome = Literal["found", "wrong", "missed"]

SIGMA = 1.4
CONN_STEPS = 10
CONN_THETA = 0.15
FOUND = 0.5


def sad(prediction: Alpha, truth: Alpha) -> float:
    """Sum of absolute differences in thousands (the matting papers' unit)."""
    p, a = _pair(prediction, truth)
    return float(np.abs(p - a).sum() / 1000)


def mse(prediction: Alpha, truth: Alpha) -> float:
    """Mean squared difference."""
    p, a = _pair(prediction, truth)
    return float(np.square(p - a).mean())


def mad(prediction: Alpha, truth: Alpha) -> float:
    """Mean absolute difference; SAD·1000 over the number of pixels."""
    p, a = _pair(prediction, truth)
    return float(np.abs(p - a).mean())


def grad(prediction: Alpha, truth: Alpha) -> float:
    """Gradient error in thousands: Σ(‖∇p‖ − ‖∇a‖)² / 1000 (Rhemann et al., 2009).

    Gaussian derivatives, σ = 1.4, kernels of unit L2 norm, replicated border, and no stretching of
    the range, under which a matte that is too faint would score 0.
    """
    p, a = _pair(prediction, truth)
    half = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 1e-2)))
    x = np.arange(-half, half + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
    slope = -x * smooth / SIGMA**2
    norm = math.sqrt(float((smooth**2).sum() * (slope**2).sum()))
    return _unlike_slopes(p, a, smooth / norm, slope, cv2.BORDER_REPLICATE) / 1000


def grad_aim(prediction: Alpha, truth: Alpha) -> float:
    """The gradient error as RefMatte's authors print it: Σ(‖∇p‖ − ‖∇a‖)² / 10, with unnormalised
    Gaussian derivatives (σ = 1.4, cut at 4 σ, mirrored border). Not comparable with `grad`."""
    p, a = _pair(prediction, truth)
    x = np.arange(-6, 7, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2))
    smooth /= smooth.sum()
    slope = -x * smooth / SIGMA**2
    return _unlike_slopes(p, a, smooth, slope, cv2.BORDER_REFLECT) / 10


def conn(prediction: Alpha, truth: Alpha) -> float:
    """Connectivity error in thousands (Rhemann et al., 2009): step 0.1, θ = 0.15, 4-connected.

    The connected source region is empty if prediction and truth share nothing, so that a missed
    object counts in full; two public implementations count it as 0.
    """
    p, a = _pair(prediction, truth)
    around = _around(p != a)
    if around is None:
        return 0.0
    level = _levels(np.minimum(p, a))[around]
    return float(cv2.norm(_excess(p[around], level), _excess(a[around], level), cv2.NORM_L1) / 1000)


def soft_iou(prediction: Alpha, truth: Alpha) -> float:
    """Σ min(p, a) / Σ max(p, a); 1 where both are empty."""
    p, a = _pair(prediction, truth)
    union = float(np.maximum(p, a).sum())
    return float(np.minimum(p, a).sum()) / union if union else 1.0


def overlap_px(prediction: Alpha, truth: Alpha) -> tuple[int, int]:
    """Intersection and union, in pixels, of prediction and truth thresholded at alpha 0.5."""
    p, a = _pair(prediction, truth)
    p_in, a_in = p >= 0.5, a >= 0.5
    return int((p_in & a_in).sum()), int((p_in | a_in).sum())


def iou(prediction: Alpha, truth: Alpha) -> float:
    """Intersection over union at alpha 0.5 (referring segmentation's); 1 where both are empty."""
    intersection, union = overlap_px(prediction, truth)
    return intersection / union if union else 1.0


def outcome(prediction: Alpha, truth: Alpha, others: Sequence[Alpha]) -> Outcome:
    """Whether the prediction found its referent: "found" from a soft IoU of 0.5 on; "wrong" if
    below that and nearer to another entity of the image (by soft IoU); else "missed".

    An entity of which nothing is seen is none that a prediction could be near to.
    """
    own = soft_iou(prediction, truth)
    if own >= FOUND:
        return "found"
    nearer = any(soft_iou(prediction, other) > own for other in others if other.any())
    return "wrong" if nearer else "missed"


def sad_split(
    prediction: Alpha, truth: Alpha, others: Sequence[Alpha]
) -> tuple[float, float, float]:
    """SAD on the referent's support, on other entities' support outside it, and on the rest; the
    three add up to `sad`."""
    p, a = _pair(prediction, truth)
    error = np.abs(p - a) / 1000
    own = a > 0
    other = np.zeros_like(own)
    for each in others:
        other |= each > 0
    other &= ~own
    return float(error[own].sum()), float(error[other].sum()), float(error[~own & ~other].sum())


def _pair(prediction: Alpha, truth: Alpha) -> tuple[F64, F64]:
    checked = []
    for name, alpha in (("prediction", prediction), ("truth", truth)):
        if alpha.ndim != 2 or not np.issubdtype(alpha.dtype, np.floating):
            raise InputError(name, f"is {alpha.dtype} {alpha.shape}", allowed="floats, H×W")
        # A NaN fails both comparisons.
        if alpha.size and not (alpha.min() >= 0 and alpha.max() <= 1):
            raise InputError(name, "has values outside [0, 1]", todo="clip or rescale it")
        checked.append(alpha.astype(np.float64, copy=False))
    if prediction.shape != truth.shape or not truth.size:
        raise InputError(
            "prediction", f"has {prediction.shape} pixels", allowed=f"the truth's {truth.shape}"
        )
    return checked[0], checked[1]


def _around(chosen: npt.NDArray[np.bool_], margin_px: int = 0) -> tuple[slice, slice] | None:
    """The rows and columns of the picture within `margin_px` of the chosen pixels' box; None if
    there are none."""
    box = alphas.box(chosen.view(np.uint8))
    if box is None:
        return None
    x0, y0, x1, y1 = box
    rows = slice(max(0, y0 - margin_px), y1 + margin_px)
    return rows, slice(max(0, x0 - margin_px), x1 + margin_px)


def _unlike_slopes(p: F64, a: F64, smooth: F64, slope: F64, border: int) -> float:
    """Σ(‖∇p‖ − ‖∇a‖)².

    Slopes are unlike only within the filter's reach of pixels that are. What the filter makes of
    the cut within twice the reach is made of equal pixels, and is the same in both.
    """
    around = _around(p != a, 2 * (len(slope) // 2))
    if around is None:
        return 0.0
    difference = _slope(p[around], smooth, slope, border)
    difference -= _slope(a[around], smooth, slope, border)
    return float(cv2.norm(difference, cv2.NORM_L2SQR))


def _slope(alpha: F64, smooth: F64, slope: F64, border: int) -> F64:
    # OpenCV rounds the last bit otherwise where an array begins elsewhere in memory.
    given, across, down, size = (_aligned(alpha.shape) for _ in range(4))
    given[:] = alpha
    cv2.sepFilter2D(given, cv2.CV_64F, slope, smooth, dst=across, borderType=border)
    cv2.sepFilter2D(given, cv2.CV_64F, smooth, slope, dst=down, borderType=border)
    return cv2.magnitude(across, down, magnitude=size)


def _aligned(shape: tuple[int, ...]) -> F64:
    """An array that begins at a multiple of 64 bytes."""
    count = math.prod(shape) * 8
    memory = np.empty(count + 64, np.uint8)
    first = -memory.ctypes.data % 64
    return memory[first : first + count].view(np.float64).reshape(shape)


def _levels(both: F64) -> F64:
    """The level to which each pixel is connected to the largest piece: the number of thresholds in
    a row, from the lowest on, in whose largest component it lies, over CONN_STEPS."""
    level = np.zeros(both.shape)
    around = _around(both >= 1 / CONN_STEPS)
    if around is None:
        return level
    both = both[around]
    passed = np.zeros(both.shape, np.uint8)
    inside, before = np.ones(both.shape, np.uint8), -1
    for step in range(1, CONN_STEPS + 1):
        region = (both >= step / CONN_STEPS).view(np.uint8)
        size = cv2.countNonZero(region)
        # Regions lie within each other, so that one of the same size is the same.
        if size != before:
            inside, before = inside & _largest(region), size
        if not inside.any():
            break
        passed += inside
    level[around] = passed / CONN_STEPS
    return level


def _largest(region: U8) -> U8:
    """The largest 4-connected component of a region (1 inside, 0 elsewhere), likewise; the first
    of several; empty if the region is."""
    count, labels = cv2.connectedComponents(region, connectivity=4)
    if count <= 2:
        return region
    sizes = np.bincount(labels.ravel(), minlength=count)
    return (labels == 1 + np.argmax(sizes[1:])).view(np.uint8)


def _excess(alpha: F64, level: F64) -> F64:
    """How far each pixel's alpha exceeds its level, where that matters, else 0."""
    excess = alpha - level
    excess[excess < CONN_THETA] = 0
    return excess
