"""A scene in small, to refuse what cannot be before it is drawn in full.

The sketch has the scene's own placements at a fraction of its size, and the alphas alone: neither
colours nor effects. It refuses only what is certain: limits are taken a little wider than the
picture's own, and what passes is accepted, measured and put into words on the final pixels all the
same. So a sketch can cost a picture, but change none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Indescribable, Rejected
from refmatte_engine.language.templates import Templates
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Entity, Placement, Scene
from refmatte_engine.scene import render
from refmatte_engine.semantics import relations

LONG_SIDE_PX = 256  # of a sketch,
WORTH = 0.45  # a picture that is hardly larger than its sketch is drawn at once
NEARLY = 0.02  # of the canvas: this near to holding, a position may hold in the picture
SLACK = 0.1  # share by which shares of areas may differ, and
ROUNDING = 0.01  # as much again of the whole


def sketch(
    scene: Scene, catalog: Catalog, rules: LayoutRules
) -> tuple[tuple[Entity, ...], tuple[int, int]] | None:
    """The scene's entities, without attributes, as they are on a small canvas, and its height and
    width; `rules` are its layout's. None where a sketch is not worth its while, or says
    nothing."""
    scale = LONG_SIDE_PX / max(scene.canvas_hw)
    if scale > WORTH:
        return None
    height, width = (max(1, round(side * scale)) for side in scene.canvas_hw)
    small = Scene(
        (height, width),
        scene.background,
        (0, 0, width, height),
        False,
        scene.layout,
        tuple(_smaller(placement, scale) for placement in scene.placements),
    )
    placed = [catalog.foregrounds[p.foreground] for p in scene.placements]
    try:
        drawn = render.outlines(small, [pixels.small(thing, catalog) for thing in placed])
        return render.entities(drawn, small, placed, rules), (height, width)
    except Rejected:
        return None  # too small to be seen here is not too small


def loosened(rules: LayoutRules) -> LayoutRules:
    """The rules as a sketch is held to them: what breaks these breaks the picture's own."""
    low, high = rules.covered
    return rules.model_copy(
        update={
            "min_visible_share": rules.min_visible_share * (1 - SLACK) - ROUNDING,
            "min_area": rules.min_area * (1 - 2 * SLACK),
            "touch": rules.touch * (1 + SLACK) + ROUNDING,
            "covered": (low * (1 - SLACK) - ROUNDING, high * (1 + SLACK) + ROUNDING),
        }
    )


def speakable(entities: Sequence[Entity], canvas_hw: tuple[int, int], templates: Templates) -> None:
    """Indescribable if a kind of sentence that is required needs a position, and one of the
    entities of a sketch has none that a sentence could rest on."""
    kinds = _by_position(templates)
    if not kinds:
        return
    holding = [relations.POSITIONS[name] for name in templates.vocabulary.positions]
    shapes = relations.shapes(entities, canvas_hw)
    for shape in shapes:
        others = [other for other in shapes if other is not shape]
        if not any(holds(shape, others).margin > -NEARLY for holds in holding):
            raise Indescribable(f"no_{kinds[0]}_expression")


def _by_position(templates: Templates) -> list[str]:
    """The required kinds of which every sentence says a position."""
    bit = templates.slot_bits.get("position", 0)
    written = {kind: templates.kinds.get(kind, ()) for kind in templates.require}
    return [kind for kind, ways in written.items() if ways and all(w.needs & bit for w in ways)]


def _smaller(placement: Placement, scale: float) -> Placement:
    x0, y0, x1, y1 = (side * scale for side in placement.box_xyxy)
    left, top = round(x0), round(y0)
    right, bottom = max(left + 1, round(x1)), max(top + 1, round(y1))
    return replace(placement, box_xyxy=(left, top, right, bottom), hue_deg=0.0)
