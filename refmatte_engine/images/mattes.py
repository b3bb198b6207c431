"""Mattes as networks and tools write them: specks are cleaned, other codings recognised."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.errors import InputError
from refmatte_engine.records import U8, U16

# Alpha from which something is seen, and up to which it is noise of the matte.
SEEN, FAINT = 26, 3
OPAQUE = 250

# The cures that pack.yaml may ask for, as messages name them.
DUST = "`fix: [dust]` in pack.yaml clears it"
INVERT = "if so, `fix: [invert]` in pack.yaml turns it"
SCALE = "if so, `fix: [scale]` in pack.yaml stretches it"

# What nets leave where nothing is: hardly seen, and in a good part of what is far from the thing.
FLOOR_MOST, FLOOR_SHARE = 8, 0.25
# Specks have no more pixels than that, or than this share of the thing's, and all of them together
# no more than this share of its weight.
SPECK_PX, SPECK_SHARE, SPECKS_SHARE = 9, 5e-4, 0.1
# Traces of a JPEG's edges: how far they reach, how much of that band is uneven, and how much of it
# is higher than what is around (of what only fades up to 0.25, rounded to levels).
RINGING_PX, RINGING_SHARE, RINGING_ROUGH, RINGING_PEAKS = 10, 0.03, 0.75, 0.3
# What is no wider than that along the picture's border is a frame, not a part of the thing.
FRAME_PX = 2
# Dust is as faint as noise, in pieces no larger than that, farther than that from all else, in all
# at least so many pixels and that share of what is as faint and no dust: a fade breaks up too.
DUST_PX, DUST_AWAY_PX, DUST_LEAST, DUST_SHARE = 25, 4, 8, 3e-3
# How many of the neighbours are alike in a label map.
AREAS_SHARE = 0.5
# A thing that is equally clear everywhere, as a pane of glass is, is no clearer than that.
PANE = 64


def misread(levels: U8 | U16, what: str = "its alpha") -> InputError | None:
    """Why levels (uint8 or uint16 H×W) are not a matte, or an empty one, and the remedy; None for a
    matte that shows something."""
    if (error := miscoded(levels, what)) is not None:
        return error
    top, most = int(np.iinfo(levels.dtype).max), int(levels.max())
    if most == 0:
        return InputError("", f"shows nothing: {what} is empty")
    if most * 255 >= SEEN * top:
        return None
    problem = f"shows nothing: {what} reaches only {most} of {top}"
    return InputError("", problem, todo=f"stretch it to {top}")


def miscoded(levels: U8 | U16, what: str = "its alpha") -> InputError | None:
    """Why levels (uint8 or uint16 H×W) seem to be something other than alpha, and the remedy: 0 and
    1, labels, 8 bits in 16. None for all others, including empty ones."""
    top, most = int(np.iinfo(levels.dtype).max), int(levels.max())
    if most == 0:
        return None
    if most == 1:
        problem = f"{what} reaches only 1 of {top}: a mask of 0 and 1?"
        return InputError("", problem, todo=f"multiply it by {top}")
    if top == 65535 and most < 4096:
        bits = next(bits for bits in (8, 10, 12) if most < 2**bits)
        problem = f"{what} has 16 bits and reaches only {most}: {bits}-bit values?"
        todo = "save it with 8 bits" if bits == 8 else "stretch it to 65535"
        return InputError("", problem, todo=todo)
    if most * 255 >= SEEN * top:
        return None
    if _is_areas(levels):
        problem = f"{what} has only the values 0 to {most}: a label map?"
        return InputError("", problem, todo="make a mask of 0 and 255 per thing")
    return None


def suspicions(alpha: U8) -> list[str]:
    """Evidence, but no proof, that a non-empty alpha (uint8 H×W) is something else."""
    found = []
    if is_inverted(alpha):
        found.append(f"is opaque along most of its border: is its alpha inverted?; {INVERT}")
    values = np.flatnonzero(np.bincount(alpha.ravel(), minlength=256))
    above = values[values > 0]
    if _is_percent(alpha):
        found.append(f"reaches only 100 of 255: percent?; {SCALE}")
    elif len(above) <= 40 and above[-1] < (255 if len(above) > 1 else PANE) and _is_areas(alpha):
        levels = ", ".join(map(str, above[:6])) + (" …" if len(above) > 6 else "")
        found.append(f"has areas of {levels} of 255 and no edges: a label map?")
    elif len(above) == 2 and above[1] == 255 and _is_areas(alpha):
        meant = "a trimap" if 96 <= above[0] <= 160 else "a label map"
        found.append(f"has only 0, {above[0]} and 255, and no edges: {meant}, not an alpha?")
    return found


def _is_percent(levels: U8 | U16) -> bool:
    return levels.max() == 100 and float(np.mean(levels[levels >= SEEN] == 100)) > 0.5


def rescaled(levels: U8 | U16) -> tuple[U8 | U16, str]:
    """Levels (uint8 or uint16 H×W) that stop at 1, at 100 (percent) or at 8, 10 or 12 of 16 bits
    stretched to their type's range, and that in plain words; others as they are."""
    top, most = int(np.iinfo(levels.dtype).max), int(levels.max())
    if most == 1:
        full = 1
    elif top == 255 and _is_percent(levels):
        full = 100
    elif top == 65535 and 1 < most < 4096:
        full = next(2**bits - 1 for bits in (8, 10, 12) if most < 2**bits)
    else:
        return levels, ""
    wide = levels.astype(np.uint64)
    stretched: Any = ((wide * top * 2 + full) // (full * 2)).astype(levels.dtype)
    return stretched, f"its alpha reaches only {most} of {top}: multiplied by {top / full:.5g}"


def is_premultiplied(rgba: U8) -> bool:
    """Whether the colours (uint8 H×W×4) seem premultiplied: none is brighter than its alpha, and at
    soft edges they are as dark as the opaque colours nearby would be after multiplying."""
    alpha = rgba[..., 3].astype(np.float32)
    light = rgba[..., :3].max(axis=2).astype(np.float32)
    opaque = (alpha >= OPAQUE).astype(np.float32)
    near: Any = cv2.blur(opaque, (15, 15))
    soft = (alpha > SEEN) & (alpha < 200) & (near > 0.05)
    if np.count_nonzero(soft) < 100 or (light[soft] > alpha[soft] + 2).any():
        return False
    own = np.asarray(cv2.blur(opaque * light, (15, 15)))[soft] / near[soft]
    as_straight = float(np.abs(light[soft] - own).mean())
    return (
        as_straight > 20
        and float(np.abs(light[soft] - own * alpha[soft] / 255).mean()) < 0.4 * as_straight
    )


def is_inside_out(alpha: U8) -> bool:
    """Whether the alpha is opaque along all four borders, so that all clear pixels lie inside."""
    border = _border(alpha)
    return bool(np.mean(border >= OPAQUE) > 0.98 and border.min() >= SEEN)


def is_inverted(alpha: U8) -> bool:
    """Whether the alpha (uint8 H×W) is opaque along most of its border, as that of a thing is that
    was taken for the background."""
    corners = np.count_nonzero(alpha[[0, 0, -1, -1], [0, -1, 0, -1]] >= OPAQUE)
    return bool(corners >= 3 and np.mean(_border(alpha) >= OPAQUE) > 0.6)


def _border(alpha: U8) -> U8:
    return np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])


def _is_areas(levels: U8 | U16) -> bool:
    """Whether there are few levels and each fills areas, as in a label map: pixels of neither 0 nor
    the commonest level mostly equal their neighbours, so are not a mere edge."""
    values, counts = np.unique(levels[levels > 0], return_counts=True)
    if not 0 < len(values) <= 64:
        return False
    odd = (levels > 0) & (levels != values[counts.argmax()]) if len(values) > 1 else levels > 0
    same = there = 0
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        same += int(np.count_nonzero(odd[one] & (levels[one] == levels[other])))
        there += int(np.count_nonzero(odd[one] | odd[other]))
    return same > AREAS_SHARE * there


def cleaned(alpha: U8, fix: Container[str] = ()) -> tuple[U8, list[str]]:
    """The alpha (uint8 H×W) without what nobody sees in it, and what was cleared, in plain words: a
    floor of a few levels, JPEG ringing, specks away from the foreground. Dust is named, and cleared
    if "dust" is in `fix`. A clean alpha is returned as it is."""
    said: list[str] = []
    seen = (alpha >= SEEN).astype(np.uint8)
    if not seen.any():
        return alpha, said
    away: Any = cv2.distanceTransform(1 - seen, cv2.DIST_C, 3)
    margin = max(8, round(0.02 * max(alpha.shape)))
    if floor := _floor(alpha[away > margin]):
        alpha = np.where(alpha <= floor, 0, alpha).astype(np.uint8)
        said.append(f"its alpha has a floor of up to {floor} of 255 where nothing is: cleared")
    if _rings(alpha, (away >= 3) & (away <= RINGING_PX)):
        alpha = np.where((away > 2), 0, alpha).astype(np.uint8)
        said.append("its alpha has JPEG artefacts around its edges: cleared")
    if not said and (dust := _dust(alpha)) is not None:
        told, where = dust
        if "dust" in fix:
            alpha = np.where(where, 0, alpha).astype(np.uint8)
        said.append(f"its alpha has dust, {told}" + (": cleared" if "dust" in fix else f"; {DUST}"))
    # Beside a thing specks may be a part of it, but for what a floor leaves.
    specks = _specks(alpha, 1 if floor else margin)
    if specks is not None:
        things, where = specks
        alpha = np.where(where, 0, alpha).astype(np.uint8)
        said += [f"its alpha has {things}: cleared"] if things else []
    return alpha, said


def _floor(outside: U8) -> int:
    """The highest level of a faint floor far from the foreground; 0 if all there is clear, or
    visible."""
    if outside.size < 64:
        return 0
    there = outside[outside > 0]
    if there.size < FLOOR_SHARE * outside.size:
        return 0
    level = int(np.ceil(np.percentile(there, 95)))
    return level if level <= FLOOR_MOST else 0


def _rings(alpha: U8, band: npt.NDArray[np.bool_]) -> bool:
    """Whether the band around the foreground is uneven as only JPEG makes it; hair and smoke are
    not."""
    there = int(np.count_nonzero(alpha[band]))
    if there < max(20, RINGING_SHARE * np.count_nonzero(band)):
        return False
    # On the edge of the picture, too, each pixel differs from its neighbours or not.
    bend: Any = cv2.Laplacian(alpha, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
    faint = (alpha[band] > 0) & (alpha[band] <= 16)
    least = 0.75 * np.maximum(alpha[band], 1)
    rough = int(np.count_nonzero(faint & (np.abs(bend[band]) >= least)))
    peaks = int(np.count_nonzero(faint & (bend[band] <= -least)))
    most = max(RINGING_ROUGH * there, RINGING_SHARE * np.count_nonzero(band))
    return rough > most and peaks > RINGING_PEAKS * there


def _specks(alpha: U8, margin: int) -> tuple[str, npt.NDArray[np.bool_]] | None:
    """What lies farther than `margin` from the foreground's box, or is a mere line along the
    picture's border: in plain words, and as pixels."""
    count, labels, found, _ = cv2.connectedComponentsWithStats(
        (alpha >= FAINT).astype(np.uint8), connectivity=8
    )
    if count <= 2:
        return None
    weight = np.bincount(labels.ravel(), alpha.ravel() / 255, count)
    inside = labels[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX]
    is_frame = np.bincount(inside.ravel(), minlength=count) == 0
    is_frame &= not is_frame[1:].all()  # where there is nothing else, it is the thing
    highest = np.zeros(count, np.uint8)
    np.maximum.at(highest, labels.ravel(), alpha.ravel())
    weight[is_frame], weight[0] = 0, 0
    x, y, w, h, area = found.T
    thing = int(np.argmax(weight))
    counts = (area > max(SPECK_PX, SPECK_SHARE * area[thing])) & (highest > FLOOR_MOST)
    counts &= ~is_frame
    counts[0], counts[thing] = False, True
    x0, y0 = x[counts].min() - margin, y[counts].min() - margin
    x1, y1 = (x + w)[counts].max() + margin, (y + h)[counts].max() + margin
    far = (x + w <= x0) | (y + h <= y0) | (x >= x1) | (y >= y1)
    specks = ~counts & (far | is_frame)
    specks[0] = False
    if not specks.any() or weight[specks].sum() > SPECKS_SHARE * weight.sum():
        return None
    is_line = specks & is_frame & (np.maximum(w, h) > SPECK_PX)
    # What is dust is told as such.
    named = specks & ((highest > FAINT) | (area > DUST_PX))
    lines, some = int(is_line.sum()), int((named & ~is_line).sum())
    things = [f"{some} specks away from the thing" if some > 1 else "a speck away from the thing"]
    around = [f"{lines} lines along its border" if lines > 1 else "a line along its border"]
    return " and ".join(things[: bool(some)] + around[: bool(lines)]), specks[labels]


def _dust(alpha: U8) -> tuple[str, npt.NDArray[np.bool_]] | None:
    """Faint pixels away from all else: in plain words, and as pixels; None if there are none to
    speak of."""
    count, labels, found, _ = cv2.connectedComponentsWithStats(
        (alpha > 0).astype(np.uint8), connectivity=8
    )
    highest, nearest = np.zeros(count, np.uint8), np.full(count, np.inf)
    np.maximum.at(highest, labels.ravel(), alpha.ravel())
    if not (highest[1:] <= FAINT).any():
        return None
    away: Any = cv2.distanceTransform((alpha <= FAINT).astype(np.uint8), cv2.DIST_L2, 5)
    np.minimum.at(nearest, labels.ravel(), away.ravel())
    is_dust = (highest <= FAINT) & (found[:, 4] <= DUST_PX) & (nearest > DUST_AWAY_PX)
    is_dust[0] = False
    pixels = int(found[is_dust, 4].sum())
    rest = np.count_nonzero((alpha > 0) & (alpha <= FAINT)) - pixels
    if pixels < max(DUST_LEAST, DUST_SHARE * rest):
        return None
    x, y = found[np.argmax(np.where(is_dust, nearest, -1))][:2]
    levels = f"{pixels} pixels of 1 to {highest[is_dust].max()} of 255"
    far = f"up to {nearest[is_dust].max():.0f} px away from the thing (at {x}, {y})"
    return f"{levels}, {far}", is_dust[labels]
