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
from refmatte_engine.records import F64

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
    difference = _slope(p, smooth / norm, slope, cv2.BORDER_REPLICATE)
    difference -= _slope(a, smooth / norm, slope, cv2.BORDER_REPLICATE)
    return float(np.square(difference).sum() / 1000)


def grad_aim(prediction: Alpha, truth: Alpha) -> float:
    """The gradient error as RefMatte's authors print it: Σ(‖∇p‖ − ‖∇a‖)² / 10, with unnormalised
    Gaussian derivatives (σ = 1.4, cut at 4 σ, mirrored border). Not comparable with `grad`."""
    p, a = _pair(prediction, truth)
    x = np.arange(-6, 7, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2))
    smooth /= smooth.sum()
    slope = -x * smooth / SIGMA**2
    difference = _slope(p, smooth, slope, cv2.BORDER_REFLECT)
    difference -= _slope(a, smooth, slope, cv2.BORDER_REFLECT)
    return float(np.square(difference).sum() / 10)


def conn(prediction: Alpha, truth: Alpha) -> float:
    """Connectivity error in thousands (Rhemann et al., 2009): step 0.1, θ = 0.15, 4-connected.

    The connected source region is empty if prediction and truth share nothing, so that a missed
    object counts in full; two public implementations count it as 0.
    """
    p, a = _pair(prediction, truth)
    both = np.minimum(p, a)
    level = np.ones(p.shape)
    inside = np.ones(p.shape, bool)
    for step in range(1, CONN_STEPS + 1):
        largest = _largest(both >= step / CONN_STEPS)
        level[inside & ~largest] = (step - 1) / CONN_STEPS
        inside &= largest
    return float(np.abs(_connected(p, level) - _connected(a, level)).sum() / 1000)


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


def _slope(alpha: F64, smooth: F64, slope: F64, border: int) -> F64:
    across = cv2.sepFilter2D(alpha, cv2.CV_64F, slope, smooth, borderType=border)
    down = cv2.sepFilter2D(alpha, cv2.CV_64F, smooth, slope, borderType=border)
    return np.sqrt(across**2 + down**2)


def _largest(region: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The largest 4-connected component; empty if the region is empty."""
    count, labels, found, _ = cv2.connectedComponentsWithStats(
        region.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return np.zeros_like(region)
    return labels == 1 + int(np.argmax(found[1:, cv2.CC_STAT_AREA]))


def _connected(alpha: F64, level: F64) -> F64:
    """How far each pixel's alpha is connected: 1 − d where d, its excess over `level`, matters."""
    excess = alpha - level
    return 1 - excess * (excess >= CONN_THETA)
