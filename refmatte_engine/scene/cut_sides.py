"""Cut sides: what a photograph cut off lies on the same edge of the canvas, and is not used where
it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from refmatte_engine.records import Foreground, Layout, Placement

ACROSS, DOWN = frozenset(("left", "right")), frozenset(("top", "bottom"))
MIRRORED = {"left": "right", "right": "left"}
# What is cut at opposite sides is as large as the canvas one way; with so much of the canvas the
# other way it leaves room for other things.
LEAVES_ROOM = 0.75


def of(foreground: Foreground, flip: bool = False) -> frozenset[str]:
    """The sides at which the foreground, mirrored if `flip`, was cut off."""
    cut = foreground.cut_edges
    return frozenset(MIRRORED.get(side, side) for side in cut) if flip else frozenset(cut)


def fits(
    foreground: Foreground, layout: Layout, ground: bool, aspects: tuple[float, float]
) -> bool:
    """Whether a layout has a place for the foreground beside others: its cut sides on the canvas's
    edges. `aspects` are the least and the greatest width over height of the backgrounds; on
    `ground` a thing whose upper part is cut off cannot stand."""
    sides = of(foreground)
    height, width = foreground.size_hw
    if ground and foreground.stands and "top" in sides and "bottom" not in sides:
        return False
    if sides >= ACROSS:
        flat = width * LEAVES_ROOM >= height * aspects[0]
        return layout == "top_bottom" and flat and not sides >= DOWN
    if sides >= DOWN:
        return layout == "left_right" and height * LEAVES_ROOM * aspects[1] >= width
    return True


def agree(foregrounds: Sequence[Foreground], layout: Layout) -> bool:
    """Whether foregrounds that each fit the layout do so together; those that may be mirrored are,
    if that helps."""
    cut = [(of(f), f.flippable) for f in foregrounds if f.cut_edges]
    aside = [(sides & ACROSS, free) for sides, free in cut if len(sides & ACROSS) == 1]
    fixed = [min(side) for side, free in aside if not free]
    below = sum("bottom" in sides for sides, _ in cut)
    above = sum("top" in sides for sides, _ in cut)
    if layout == "left_right":
        return len(aside) <= 2 and len(fixed) == len(set(fixed))
    if layout == "front_behind":
        return len(aside) <= 1 and not (above and below)
    whole = sum(sides >= ACROSS and "bottom" not in sides for sides, _ in cut)
    return above <= 1 and below + whole <= 1 and len(set(fixed)) <= 1


def flips(foregrounds: Sequence[Foreground], drawn: Sequence[bool], layout: Layout) -> list[bool]:
    """Which foregrounds are mirrored, as it was `drawn` but where cut sides want it otherwise: side
    by side they are at the two ends, one above the other at one."""
    found, taken = list(drawn), list[str]()
    places = [i for i, f in enumerate(foregrounds) if len(of(f) & ACROSS) == 1]
    for i in sorted(places, key=lambda i: foregrounds[i].flippable):
        (side,) = of(foregrounds[i], found[i]) & ACROSS
        wrong = side in taken if layout == "left_right" else bool(taken) and side not in taken
        if wrong and foregrounds[i].flippable:
            found[i], side = not found[i], MIRRORED[side]
        taken.append(side)
    return found


def lie_on_edges(placement: Placement, foreground: Foreground, canvas_hw: tuple[int, int]) -> bool:
    """Whether all cut sides of a placed foreground lie on the canvas's edges."""
    height, width = canvas_hw
    x0, y0, x1, y1 = placement.box_xyxy
    lie = {"left": x0 == 0, "top": y0 == 0, "right": x1 == width, "bottom": y1 == height}
    return all(lie[side] for side in of(foreground, placement.flip))
