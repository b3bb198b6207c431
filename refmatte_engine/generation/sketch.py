"""A scene in outlines, to refuse what cannot be before it is drawn in full.

The sketch is the scene's own alphas: neither colours nor effects, one of which blurs edges. It
refuses only what is certain: limits are taken a little wider than the picture's own, and what
passes is accepted, measured and put into words on the final pixels all the same. So a sketch can
cost a picture, but change none.
"""

from __future__ import annotations

from collections.abc import Sequence

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Indescribable
from refmatte_engine.language.templates import Templates
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Entity, Scene
from refmatte_engine.scene import render
from refmatte_engine.semantics import relations

NEARLY = 0.005  # of the canvas: this near to holding, a position may hold in the picture
SLACK = 0.05  # share by which shares of areas may differ, and
ROUNDING = 0.01  # as much again of the whole


def sketch(scene: Scene, catalog: Catalog, rules: LayoutRules) -> tuple[Entity, ...]:
    """The scene's entities, without attributes; `rules` are its layout's. Rejected if one of them
    is not seen at all."""
    placed = [catalog.foregrounds[p.foreground] for p in scene.placements]
    outlines = render.outlines(scene, pixels.of_things(scene, catalog))
    return render.entities(outlines, scene, placed, rules)


def loosened(rules: LayoutRules) -> LayoutRules:
    """The rules as a sketch is held to them: what breaks these breaks the picture's own."""
    low, high = rules.covered
    return rules.model_copy(
        update={
            "min_visible_share": rules.min_visible_share * (1 - SLACK) - ROUNDING,
            "min_area": rules.min_area * (1 - SLACK),
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
