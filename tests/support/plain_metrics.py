"""GRAD, GRAD_aim and CONN as their definitions read, over whole pictures: what the engine's must
equal, and what its speed is measured against."""

from __future__ import annotations

import math

import cv2
import numpy as np

from refmatte_engine.records import F64

SIGMA = 1.4


def grad(p: F64, a: F64) -> float:
    half = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 1e-2)))
    x = np.arange(-half, half + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
    slope = -x * smooth / SIGMA**2
    smooth /= math.sqrt(float((smooth**2).sum() * (slope**2).sum()))
    return _unlike(p, a, smooth, slope, cv2.BORDER_REPLICATE) / 1000


def grad_aim(p: F64, a: F64) -> float:
    x = np.arange(-6, 7, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2))
    smooth /= smooth.sum()
    return _unlike(p, a, smooth, -x * smooth / SIGMA**2, cv2.BORDER_REFLECT) / 10


def conn(p: F64, a: F64) -> float:
    level, inside = np.ones(p.shape), np.ones(p.shape, bool)
    for step in range(1, 11):
        region = np.minimum(p, a) >= step / 10
        count, labels, found, _ = cv2.connectedComponentsWithStats(
            region.astype(np.uint8), connectivity=4
        )
        largest = np.zeros(p.shape, bool)
        if count > 1:
            largest = labels == 1 + int(np.argmax(found[1:, cv2.CC_STAT_AREA]))
        level[inside & ~largest] = (step - 1) / 10
        inside &= largest
    over = [1 - (alpha - level) * (alpha - level >= 0.15) for alpha in (p, a)]
    return float(np.abs(over[0] - over[1]).sum() / 1000)


def _unlike(p: F64, a: F64, smooth: F64, slope: F64, border: int) -> float:
    slopes = []
    for alpha in (p, a):
        across = cv2.sepFilter2D(alpha, cv2.CV_64F, slope, smooth, borderType=border)
        down = cv2.sepFilter2D(alpha, cv2.CV_64F, smooth, slope, borderType=border)
        slopes.append(np.sqrt(across**2 + down**2))
    return float(np.square(slopes[0] - slopes[1]).sum())
