"""Catalogs that were made up have no pictures: what is in them is drawn in one flat colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import U8, Foreground
from refmatte_engine.semantics import looks

PAINTS = {
    "red": (200, 30, 30), "blue": (30, 40, 200), "green": (20, 140, 40), "white": (250, 250, 250),
    "black": (10, 10, 10), "purple": (120, 20, 150),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _pictures_of_what_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[Foreground, Catalog], U8] = pixels.small

    def small(foreground: Foreground, catalog: Catalog) -> U8:
        if catalog.packs:
            return real(foreground, catalog)
        number = int("0" + "".join(filter(str.isdigit, foreground.id)))
        named = next(iter(looks.colors(foreground)), [*PAINTS][number % len(PAINTS)])
        paint = PAINTS.get(named, PAINTS["red"])
        return np.full((16, 16, 4), (*paint, 255), np.uint8)

    monkeypatch.setattr(pixels, "small", small)
