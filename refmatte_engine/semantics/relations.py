"""Spatial words: one truth condition per word, with margins that a person would accept.

Every condition returns a `Verdict`: a margin, above zero if a person would agree, and whether a
person might possibly think so. In between lies what is too close to call: no sentence rests on it.
Lengths are fractions of the canvas (x of its width, y of its height), so the conditions of a
mirrored picture are the mirrored conditions. All numbers are house rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from refmatte_engine.records import Entity

CLEAR = 0.08  # distance of two centres that nobody overlooks
DOUBT = 0.02  # distance of two centres that nobody notices
MIXED = 0.25  # how far extents may overlap, as a share of the smaller one
OVER = 0.5  # share of the narrower extent that lies over the other, for "above"
COVERS = 0.06  # share of a thing that must be covered for "behind" to be plain
SIZE_RATIO = 1.5  # of two visible areas, for "larger"
BEYOND = 0.06  # how far past the middle somebody may still speak of the first half
EDGE = 0.1  # a thing is at an edge within this distance of it


class Verdict(NamedTuple):
    """`margin` > 0: true to a person; otherwise `possible` says whether it might be taken so."""

    margin: float
    possible: bool


class Shape(NamedTuple):
    """Where an entity is: extents and centre of its visible part as fractions of the canvas.

    `x` and `y` are the alpha-weighted centre, `mid_x` and `mid_y` the box's: for a lopsided shape
    they differ, and people go by either. For many people, what `stands` is where its feet are."""

    entity: int
    x0: float
    y0: float
    x1: float
    y1: float
    x: float
    y: float
    mid_x: float
    mid_y: float
    width: float
    height: float
    area: float
    shown: float
    covered_by: tuple[tuple[int, float], ...]
    aspect: float
    stands: bool


@lru_cache(32)
def _turned(a: Shape) -> Shape:
    """The shape with x and y exchanged, so that "left of" also decides "above"."""
    return a._replace(
        x0=a.y0, y0=a.x0, x1=a.y1, y1=a.x1, x=a.y, y=a.x, mid_x=a.mid_y, mid_y=a.mid_x,
        width=a.height, height=a.width, aspect=1 / a.aspect,
    )  # fmt: skip


def shapes(entities: Iterable[Entity], canvas_hw: tuple[int, int]) -> tuple[Shape, ...]:
    """The entities' shapes, in order."""
    height, width = canvas_hw
    return tuple(_shape(entity, width, height) for entity in entities)


def _shape(entity: Entity, width: int, height: int) -> Shape:
    x0, y0, x1, y1 = entity.box_xyxy
    x, y = entity.centroid_xy
    left, top, right, bottom = x0 / width, y0 / height, x1 / width, y1 / height
    return Shape(
        entity.index,
        *(left, top, right, bottom),
        *(x / width, y / height),
        *((left + right) / 2, (top + bottom) / 2),
        *(right - left, bottom - top),
        entity.area_px / (width * height),
        entity.visible_share,
        entity.covered_by,
        width / height,
        entity.stands,
    )


def _before(one: float, other: float, overlap: float, smaller: float, aside: float) -> Verdict:
    """Whether one entity comes before another along an axis: by the distances of both kinds of
    centre, the overlap of their extents (`smaller` is the lesser extent) and their sideways
    offset."""
    least, most = (one, other) if one < other else (other, one)
    clear = min(least - CLEAR, (MIXED - overlap / max(smaller, 1e-6)) * 0.4)
    return Verdict(min(clear, least - 0.6 * aside), most > DOUBT)


def _left_of(a: Shape, b: Shape) -> Verdict:
    smaller, aside = min(a.width, b.width), abs(a.y - b.y) / a.aspect
    return _before(b.x - a.x, b.mid_x - a.mid_x, a.x1 - b.x0, smaller, aside)


def _right_of(a: Shape, b: Shape) -> Verdict:
    return _left_of(b, a)


def _above(a: Shape, b: Shape) -> Verdict:
    """Surely so only of what is over the other. Of two that stand the upper is farther away: some
    say "above" of it, others "behind"."""
    smaller, aside = min(a.height, b.height), abs(a.x - b.x) * a.aspect
    higher = _before(b.y - a.y, b.mid_y - a.mid_y, a.y1 - b.y0, smaller, aside)
    narrower = max(min(a.width, b.width), 1e-6)
    over = ((min(a.x1, b.x1) - max(a.x0, b.x0)) / narrower - OVER) * 0.2
    if a.stands and b.stands:
        over = min(over, 0.0)
    return Verdict(min(higher.margin, over), higher.possible)


def _below(a: Shape, b: Shape) -> Verdict:
    return _above(b, a)


def _in_front_of(a: Shape, b: Shape) -> Verdict:
    covered = next((share for index, share in b.covered_by if index == a.entity), 0.0)
    covers = next((share for index, share in a.covered_by if index == b.entity), 0.0)
    if covers > 0.01:
        return Verdict(-covers, False)
    stands_nearer = a.y1 - b.y1 > CLEAR and min(a.x1, b.x1) > max(a.x0, b.x0)
    return Verdict(covered - COVERS, covered > 0.01 or stands_nearer)


def _behind(a: Shape, b: Shape) -> Verdict:
    return _in_front_of(b, a)


def _next_to(a: Shape, b: Shape) -> Verdict:
    gap = max(b.x0 - a.x1, a.x0 - b.x1)
    alongside = (min(a.y1, b.y1) - max(a.y0, b.y0)) / max(min(a.height, b.height), 1e-6)
    room = min(0.12, 0.5 * (a.width + b.width) / 2)
    apart = gap + MIXED * min(a.width, b.width)
    margin = min(room - gap, (alongside - 0.5) * 0.2, apart)
    # Who is a little higher or lower, past a corner, may be meant as well; who is above may not.
    down = max(b.y0 - a.y1, a.y0 - b.y1)
    past_a_corner = down < 0.15 and gap > -0.5 * min(a.width, b.width)
    return Verdict(margin, gap < room + 0.15 and (alongside > 0 or past_a_corner))


def _near(a: Shape, b: Shape) -> Verdict:
    across = max(b.x0 - a.x1, a.x0 - b.x1, 0.0) * a.aspect
    down = max(b.y0 - a.y1, a.y0 - b.y1, 0.0)
    gap = float((across * across + down * down) ** 0.5)
    return Verdict(0.08 - gap, gap < 0.25)


def _between(a: Shape, b: Shape, c: Shape) -> Verdict:
    across, down = _amid(a, b, c), _amid(_turned(a), _turned(b), _turned(c))
    return Verdict(max(across.margin, down.margin), across.possible or down.possible)


def _amid(a: Shape, b: Shape, c: Shape) -> Verdict:
    left, right = (b, c) if b.x <= c.x else (c, b)
    sides = (_left_of(left, a), _left_of(a, right))
    line = left.y + (right.y - left.y) * (a.x - left.x) / max(right.x - left.x, 1e-6)
    beside = abs(a.y - line)
    off = beside - 0.4 * max(left.height, right.height)
    # Nor is it between two that is no farther from each than it is from the line between them.
    inside = min(a.x - left.x, right.x - a.x) - 0.5 * beside - CLEAR / 2
    possible = sides[0].possible and sides[1].possible and off < 0.45
    return Verdict(min(sides[0].margin, sides[1].margin, -off, inside), possible)


Position = Callable[[Shape, Sequence[Shape]], Verdict]


def _outermost(low: float, mids: Sequence[float], others: Sequence[Sequence[float]]) -> Verdict:
    """At the low end of an axis, with nothing else as far out; `low` and both `mids` (those of the
    `others` as well) are 0 to 1."""
    least, most = min(mids), max(mids)
    ahead = min(map(min, others), default=1.0) - most
    level = min(map(max, others), default=1.0) - least
    margin = min(0.38 - most, 0.22 - low, ahead - CLEAR)
    # Some say "far left" of whatever is, be something else farther.
    return Verdict(margin, least < 0.5 and (level > -CLEAR / 2 or least < 0.2))


def _far_left(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _outermost(a.x0, (a.x, a.mid_x), [(b.x, b.mid_x) for b in others])


def _far_right(a: Shape, others: Sequence[Shape]) -> Verdict:
    beside = [(1 - b.x, 1 - b.mid_x) for b in others]
    return _outermost(1 - a.x1, (1 - a.x, 1 - a.mid_x), beside)


def _at_edge(low: float, extent: float) -> Verdict:
    """Within a tenth of an edge, and not all along the way to the other one."""
    margin = min(0.8 * EDGE - low, 0.5 - extent)
    return Verdict(margin, low < 2 * EDGE)


def _left_edge(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _at_edge(a.x0, a.width)


def _right_edge(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _at_edge(1 - a.x1, a.width)


def _top_edge(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _at_edge(a.y0, a.height)


def _bottom_edge(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _at_edge(1 - a.y1, a.height)


def _half(off: float, box_off: float, extent: float, feet_off: float | None = None) -> Verdict:
    """On one side of the middle, by how far centres (and feet, if any) lie beyond it.

    A wide entity must lie further out before it is no longer in the middle. It may be meant as long
    as one of its centres, or its feet, is not clearly on the other side.
    """
    margin = min(off, box_off) - (0.07 + 0.1 * extent)
    if feet_off is None:
        return Verdict(margin, max(off, box_off) > -BEYOND)
    return Verdict(min(margin, feet_off + BEYOND), max(off, box_off, feet_off) > -BEYOND)


def _left(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _half(0.5 - a.x, 0.5 - a.mid_x, a.width)


def _right(a: Shape, others: Sequence[Shape]) -> Verdict:
    return _half(a.x - 0.5, a.mid_x - 0.5, a.width)


def _top(a: Shape, others: Sequence[Shape]) -> Verdict:
    feet = 0.5 - a.y1 if a.stands else None
    return _half(0.5 - a.y, 0.5 - a.mid_y, a.height, feet)


def _bottom(a: Shape, others: Sequence[Shape]) -> Verdict:
    feet = a.y1 - 0.5 if a.stands else None
    return _half(a.y - 0.5, a.mid_y - 0.5, a.height, feet)


def _center(a: Shape, others: Sequence[Shape]) -> Verdict:
    offs = [
        (max(abs(mid - 0.5), abs(box - 0.5)), 0.07 + 0.1 * extent)
        for mid, box, extent in (
            (a.x, a.mid_x, a.width),
            (a.y, a.mid_y, a.height),
        )
    ]
    margin = min(limit - off for off, limit in offs)
    # Whatever lies across the picture's centre may be said to be there.
    across = a.x0 < 0.5 < a.x1 and a.y0 < 0.5 < a.y1
    return Verdict(margin, margin > -BEYOND or across)


def _corner(one: Position, other: Position) -> Position:
    def both(a: Shape, others: Sequence[Shape]) -> Verdict:
        return both_of(one(a, others), other(a, others))

    return both


def both_of(one: Verdict, other: Verdict) -> Verdict:
    """The verdict that two things are true at once."""
    return Verdict(min(one.margin, other.margin), one.possible and other.possible)


RELATIONS: dict[str, Callable[[Shape, Shape], Verdict]] = {
    "left_of": _left_of,
    "right_of": _right_of,
    "above": _above,
    "below": _below,
    "in_front_of": _in_front_of,
    "behind": _behind,
    "next_to": _next_to,
    "near": _near,
}
AMID: dict[str, Callable[[Shape, Shape, Shape], Verdict]] = {"between": _between}
POSITIONS: dict[str, Position] = {
    "far_left": _far_left,
    "far_right": _far_right,
    "left_edge": _left_edge,
    "right_edge": _right_edge,
    "top_edge": _top_edge,
    "bottom_edge": _bottom_edge,
    "left": _left,
    "right": _right,
    "top": _top,
    "bottom": _bottom,
    "center": _center,
}
# A corner is where both are true.
CORNERS = {
    "top_left": ("top", "left"),
    "top_right": ("top", "right"),
    "bottom_left": ("bottom", "left"),
    "bottom_right": ("bottom", "right"),
}
POSITIONS |= {
    name: _corner(POSITIONS[one], POSITIONS[other]) for name, (one, other) in CORNERS.items()
}
ORDERS = ("left", "right", "top", "bottom", "large", "small")

# What each word becomes in a mirrored picture.
MIRRORED = {
    "left_of": "right_of", "right_of": "left_of", "far_left": "far_right", "far_right": "far_left",
    "left_edge": "right_edge", "right_edge": "left_edge",
    "left": "right", "right": "left", "top_left": "top_right", "top_right": "top_left",
    "bottom_left": "bottom_right", "bottom_right": "bottom_left",
}  # fmt: skip


def ahead(order: str, a: Shape, b: Shape) -> Verdict:
    """Whether `a` comes before `b` in counting from the left, by size, and so on."""
    if order in ("large", "small"):
        first, second = (a, b) if order == "large" else (b, a)
        ratio = first.area / max(second.area, 1e-9)
        # What is partly hidden may be larger than it looks.
        plain = min(a.shown, b.shown) - 0.7
        return Verdict(min((ratio - SIZE_RATIO) * 0.1, plain), ratio > 1 / 1.2 or plain <= 0)
    steps = _steps(b, a, order) if order in ("right", "bottom") else _steps(a, b, order)
    centres, ends = steps[:2], steps[2:]
    plain = min(*centres, *(end + CLEAR - DOUBT for end in ends))
    return Verdict(plain - CLEAR, max(steps) > DOUBT)


def _steps(first: Shape, second: Shape, order: str) -> tuple[float, ...]:
    """How far one comes before another: by two kinds of centre, then by what else people may go by:
    the outer sides and, vertically, the feet of what stands. Of a tall entity behind a low one,
    neither is surely the upper."""
    if order in ("left", "right"):
        side = second.x0 - first.x0 if order == "left" else second.x1 - first.x1
        return second.x - first.x, second.mid_x - first.mid_x, side
    side = second.y0 - first.y0 if order == "top" else second.y1 - first.y1
    found = (second.y - first.y, second.mid_y - first.mid_y, side)
    if not (first.stands or second.stands):
        return found
    return (*found, second.y1 - first.y1)
