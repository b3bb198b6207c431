"""Hues: what surfaces have one, and how it is turned into another."""

from __future__ import annotations

import cv2
import numpy as np

from refmatte_engine.records import U8, U16

VIVID = 0.2  # mean saturation times value from which a surface has a hue,
ONE_HUE = 0.97  # and how far the hues of its pixels have to agree (1: all the same)
OPAQUE = 192  # alpha from which a thing shows its own colour
MUDDY = (20, 90)  # hues that no thing is given: with less light, yellow is brown, beige or olive
APART_DEG = 50  # hues nearer than this may have one name


def of(rgb: U8) -> float | None:
    """The clear hue, in degrees, of a surface (uint8 N×3 pixels); None if it is pale or has several
    hues."""
    if not len(rgb):
        return None
    hsv = cv2.cvtColor(rgb[None].astype(np.float32) / 255, cv2.COLOR_RGB2HSV)[0]
    vivid = hsv[:, 1] * hsv[:, 2]
    mean = complex(np.mean(vivid * np.exp(1j * np.deg2rad(hsv[:, 0]))))
    if abs(mean) < max(VIVID, ONE_HUE * float(np.mean(vivid))):
        return None
    return float(np.degrees(np.angle(mean))) % 360


def turned(color: U16, degrees: float) -> U16:
    """Premultiplied colours (uint16 H×W×3) with the hue turned: the largest and the smallest of R,
    G and B stay, so that no colour leaves its range, light stays light and grey stays grey.

    Hue (Smith, "Color gamut transform pairs", 1978) depends on the ratios of R, G and B alone, so
    it may be turned on premultiplied colours: alpha times the turned colour is the result.
    """
    hsv = cv2.cvtColor(color.astype(np.float32) / 65025, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + np.float32(degrees % 360)) % 360
    return np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 65025).astype(np.uint16)


def turn(hue: float, to: float) -> float:
    """The turn, -180° to 180°, that takes one hue to another."""
    return round((to - hue + 180) % 360 - 180, 1)


def traded(one: float | None, other: float | None) -> float | None:
    """The turn that takes one clear hue to another, if two things may trade theirs."""
    if one is None or other is None or any(MUDDY[0] < hue < MUDDY[1] for hue in (one, other)):
        return None
    apart = turn(one, other)
    return apart if abs(apart) >= APART_DEG else None
