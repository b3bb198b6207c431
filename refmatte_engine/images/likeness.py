"""What a picture looks like, in few bytes: near-duplicates are found by it, mirrored ones too."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F32, U8

# Changes whenever signatures do.
VERSION = 1
HASH_PX, BITS, THUMB_PX = 32, 64, 12
# Pictures with so many different bits are looked at closer; of two like ones, that is.
BITS_APART = 14
# How far apart like pictures may be: their alphas, on average, and their colours at best gain, as
# RMSE in levels of 255, and as a share of the contrast that there is.
ALPHA_APART, GAIN_MOST, LEVELS_APART, SHARE_APART = 0.06, 1.5, 17.0, 0.45
ASPECT_APART = 1.08
ZOOM = 0.96  # so much of one may be left of the other, cropped
CHUNK = 2048


def signature(pixels: U8) -> str:
    """Text of some 800 letters for a picture (uint8 H×W×3) or a cut-out (H×W×4, straight): bits of
    its coarse frequencies, the same of its mirror image, its shape, and a thumbnail."""
    alpha = pixels[..., 3] if pixels.shape[2] == 4 else np.full(pixels.shape[:2], 255, np.uint8)
    seen = cv2.multiply(pixels[..., :3], cv2.merge((alpha, alpha, alpha)), scale=1 / 255)
    at = (HASH_PX, HASH_PX)
    parts = [cv2.resize(each, at, interpolation=cv2.INTER_AREA) for each in (seen, alpha)]
    small: Any = np.dstack(parts).astype(np.float32)
    thumb: Any = cv2.resize(small, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    small[..., 3] /= 255
    light = small[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    mean = float(light.sum() / max(float(small[..., 3].sum()), 1e-6))
    # Silhouette and shading together; how bright the thing is moves no bit.
    plane = 160 * small[..., 3] + 0.75 * (light - mean * small[..., 3])
    coarse = cv2.dct(plane.astype(np.float32))[:8, :8]
    odd = np.where(np.arange(8) % 2, -1, 1).astype(np.float32)
    bits = [np.packbits(each > np.median(each)).tobytes() for each in (coarse, coarse * odd)]
    shape = np.array(pixels.shape[:2], np.uint16).tobytes()
    levels = np.rint(np.clip(thumb, 0, 255)).astype(np.uint8).tobytes()
    return base64.b64encode(b"".join((*bits, shape, levels))).decode()


class Looks:
    """The signatures of several pictures as arrays: bits as ±1 (n×64), of the mirror image too;
    height over width; thumbnails float32 n×12×12×4, premultiplied, of 255."""

    def __init__(self, signatures: Sequence[str]) -> None:
        data = b"".join(base64.b64decode(each) for each in signatures)
        row = 2 * BITS // 8 + 4 + 4 * THUMB_PX**2
        table = np.frombuffer(data, np.uint8).reshape(len(signatures), row)
        bits = np.unpackbits(table[:, : 2 * BITS // 8], axis=1).astype(np.float32) * 2 - 1
        self.bits, self.mirrored = bits[:, :BITS], bits[:, BITS:]
        sides = table[:, 2 * BITS // 8 :][:, :4].copy().view(np.uint16).astype(np.float32)
        self.aspect = sides[:, 0] / sides[:, 1]
        self.thumbs = table[:, 2 * BITS // 8 + 4 :].reshape(-1, THUMB_PX, THUMB_PX, 4)

    def __len__(self) -> int:
        return len(self.bits)


def alike(one: Looks, other: Looks) -> Iterator[tuple[int, int, bool]]:
    """The indices of pictures of `one` and `other` that look the same, and whether one is mirrored.
    Time is that of a matrix product."""
    least = BITS - 2 * BITS_APART
    for is_mirrored in (False, True):
        theirs = (other.mirrored if is_mirrored else other.bits).T.copy()
        for start in range(0, len(one), CHUNK):
            close = one.bits[start : start + CHUNK] @ theirs >= least
            rows, columns = np.divmod(np.flatnonzero(close), len(other))
            for piece in range(0, len(rows), 8 * CHUNK):
                i, j = rows[piece : piece + 8 * CHUNK] + start, columns[piece : piece + 8 * CHUNK]
                same = _same(one, other, i, j, is_mirrored)
                for a, b in zip(i[same].tolist(), j[same].tolist(), strict=True):
                    yield a, b, is_mirrored


def _same(one: Looks, other: Looks, i: Any, j: Any, is_mirrored: bool) -> npt.NDArray[np.bool_]:
    """Of candidates, which look the same closer, perhaps with one of the two slightly cropped."""
    a, b = one.thumbs[i].astype(np.float32), other.thumbs[j].astype(np.float32)
    if is_mirrored:
        b = b[:, :, ::-1]
    ratio = one.aspect[i] / other.aspect[j]
    same = _are_equal(a, b) | _are_equal(_zoomed(a), b) | _are_equal(a, _zoomed(b))
    return np.asarray(same & (ratio < ASPECT_APART) & (ratio > 1 / ASPECT_APART))


def _are_equal(a: F32, b: F32) -> npt.NDArray[np.bool_]:
    """Which thumbnails are equal in silhouette, and in colours but for how bright they are."""
    same = np.abs(a[..., 3] - b[..., 3]).mean(axis=(1, 2)) < 255 * ALPHA_APART
    # Straight colours, where both are seen.
    x, y = (each[..., :3] * (255 / np.maximum(each[..., 3:], 1)) for each in (a, b))
    weight = a[..., 3:] * b[..., 3:]
    weight = weight / np.maximum(weight.sum(axis=_PLACES, keepdims=True), 1e-6) / 3
    gain = (weight * x * y).sum(axis=_ALL) / np.maximum((weight * x * x).sum(axis=_ALL), 1e-3)
    same &= (gain < GAIN_MOST) & (gain > 1 / GAIN_MOST)
    apart = np.sqrt((weight * (gain[:, None, None, None] * x - y) ** 2).sum(axis=_ALL))
    mean = (3 * weight * y).sum(axis=_PLACES, keepdims=True)
    contrast = np.sqrt((weight * (y - mean) ** 2).sum(axis=_ALL))
    return np.asarray(same & (apart < np.minimum(LEVELS_APART, 3 + SHARE_APART * contrast)))


_PLACES, _ALL = (1, 2), (1, 2, 3)


def _zoomed(thumbs: F32) -> F32:
    """The thumbnails of what is left when the borders are cut off."""
    at = (np.arange(THUMB_PX) + 0.5 - THUMB_PX / 2) * ZOOM + THUMB_PX / 2 - 0.5
    weights = np.maximum(1 - np.abs(at[:, None] - np.arange(THUMB_PX)), 0).astype(np.float32)
    return np.asarray(np.einsum("ya,xb,nabc->nyxc", weights, weights, thumbs, optimize=True))
