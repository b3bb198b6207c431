"""Polygons of binary masks: one for each piece, and its holes are cut out by the same line.

Where a format has polygons and no holes, the line runs from the outline to the hole, around it and
back on itself. Filled by the even-odd rule, which OpenCV's and Pillow's fillers share, the way in
lies on pixels of the mask and so changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Point = tuple[int, int]  # x, y of a pixel
Contour = list[Point]


def polygons(mask: Mask) -> tuple[list[Contour], int]:
    """A polygon for each 8-connected piece of the mask (H×W), and how many holes they run around.

    >>> polygons(np.array([[True, True, True], [True, False, True], [True, True, True]]))[1]
    1
    """
    found, relations = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    holes: dict[int, list[Contour]] = {}
    outer: dict[int, Contour] = {}
    for number, contour in enumerate(found):
        points = [(int(x), int(y)) for x, y in contour[:, 0]]
        parent = int(relations[0][number][3])
        if parent < 0:
            outer[number] = points
        else:
            holes.setdefault(parent, []).append(points)
    made = [_with_holes(points, holes.get(n, []), mask) for n, points in outer.items()]
    return [_straightened(points) for points in made], sum(map(len, holes.values()))


def filled(shapes: list[Contour], shape_hw: tuple[int, int]) -> Mask:
    """The polygons as their readers paint them: outlined and filled."""
    canvas = np.zeros(shape_hw, np.uint8)
    for points in shapes:
        one = [np.array(points, np.int32)]
        cv2.polylines(canvas, one, True, (1,))
        cv2.fillPoly(canvas, one, (1,))
    return canvas > 0


def iou(one: Mask, other: Mask) -> float:
    """Intersection over union; 1 where both are empty."""
    union = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / union if union else 1.0


def _with_holes(outline: Contour, holes: list[Contour], mask: Mask) -> Contour:
    """The outline, with a way into each hole from what lies left of it: the outline, or a hole
    that begins farther left and so has its way already."""
    holes = sorted(holes, key=min)
    owners: dict[Point, int] = {}
    for number, contour in enumerate([outline, *holes]):
        for point in contour:
            owners.setdefault(point, number)
    ways: dict[tuple[int, Point], list[int]] = {}
    for number, hole in enumerate(holes, 1):
        x, y = min(hole)
        clear = np.flatnonzero(~mask[y, :x])
        door = (int(clear[-1]) + 1 if len(clear) else 0, y)
        ways.setdefault((owners[door], door), []).append(number)
    made: Contour = []
    # A stack instead of a recursion: lace has thousands of holes, one behind the other.
    going: list[tuple[int, Iterator[Point]]] = [(0, iter(outline))]
    while going:
        number, left = going[-1]
        here = next(left, None)
        if here is None:
            going.pop()
            continue
        made.append(here)
        for inner in ways.pop((number, here), ()):
            hole = holes[inner - 1]
            first = hole.index(min(hole))
            going.append((inner, chain(hole[first:], hole[: first + 1], [here])))
    return made


def _straightened(points: Contour) -> Contour:
    """Without points in the midst of a straight run; at least three, as readers want."""
    made: Contour = []
    for point in points:
        if made and point == made[-1]:
            continue
        if len(made) > 1 and _turn(made[-2], made[-1]) == _turn(made[-1], point):
            made.pop()
        made.append(point)
    return made + made[-1:] * (3 - len(made))


def _turn(one: Point, other: Point) -> Point:
    (x, y), (u, v) = one, other
    return (u > x) - (u < x), (v > y) - (v < y)
