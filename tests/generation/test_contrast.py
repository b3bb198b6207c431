"""Nothing is in a picture that people would overlook there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.errors import RefMatteError
from refmatte_engine.generation.compose import Composer, templates_of
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.records import U8
from refmatte_engine.scene import plan
from refmatte_engine.semantics import contrast
from tests.conftest import BLUE, GRAY, RED, write_png


def flat(color: tuple[int, int, int]) -> U8:
    """A square of one colour."""
    pixels = np.zeros((68, 68, 4), np.uint8)
    pixels[4:-4, 4:-4] = (*color, 255)
    return pixels


def composer(root: Path, wall: U8, things: dict[str, Any], **changes: Any) -> Composer:
    for name, color in things.items():
        write_png(root / f"foregrounds/{name}/0.png", flat(color))
    write_png(root / "backgrounds/wall.png", wall)
    terms = "name: p\nlicence: CC0-1.0\nsource: drawn by the tests\ncredit: nobody\n"
    (root / "pack.yaml").write_text(terms)
    given = {"canvas": Canvas(size=(160, 320)), "entities": {2: 1}, "max_upscale": 3, **changes}
    run = Run(seed=5, packs=[str(root)], splits={"train": 40}, layout=LayoutRules(**given))
    catalog = catalogs.load(run.packs, split_seed=5, test_share=0.0, cache=root / "cache")
    return Composer(plan.make_plan(run, catalog, "train"), catalog, templates_of(run))


def wall(*colors: tuple[int, ...]) -> U8:
    """A wall in vertical strips."""
    strips = [np.full((200, 400 // len(colors), 3), color, np.uint8) for color in colors]
    return np.concatenate(strips, axis=1)


def lowest(found: Composer) -> tuple[float, set[str]]:
    """The least contrast in some images, and why earlier attempts were refused."""
    seen, reasons = [], set[str]()
    for made in found.samples(0, 8):
        reasons |= set(made.rejections)
        for k in range(1, len(made.sample.entities) + 1):
            alpha = made.rendering.visible_alpha_u8(k)
            seen.append(contrast.contrast(made.rendering.image, alpha))
    return min(seen), reasons


THINGS = {"mug": GRAY, "book": RED, "ball": BLUE}


def test_a_gray_mug_before_a_gray_wall_is_given_another_place(tmp_path: Path) -> None:
    least, reasons = lowest(composer(tmp_path, wall(GRAY, (240, 220, 120)), THINGS))
    assert least >= contrast.UNSEEN
    assert "low_contrast" in reasons


def test_it_stays_where_the_layout_asks_for_nothing(tmp_path: Path) -> None:
    least, reasons = lowest(composer(tmp_path, wall(GRAY), THINGS, min_contrast=0))
    assert least < contrast.UNSEEN
    assert "low_contrast" not in reasons


def test_where_there_is_no_other_place_that_is_why(tmp_path: Path) -> None:
    gray = {"mug": GRAY, "book": GRAY}
    found = composer(tmp_path, wall(GRAY), gray, layouts={"left_right": 1}, max_attempts=4)
    with pytest.raises(RefMatteError, match=r"no acceptable scene .*low_contrast") as refused:
        found.sample(0)
    assert "min_contrast" in refused.value.todo
