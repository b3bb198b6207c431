"""How a trained model looks at an image: once, unless it is asked for more."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from refmatte_engine.config.strict_yaml import Strict


class Looks(Strict):
    """All of it is beyond the paper, and takes time in proportion to the number of looks."""

    sizes: tuple[Annotated[int, Field(ge=16, le=4096)], ...] = ()
    """Other long sides, in px, at which it works on the image again; the answer is the mean."""
    mirrored: bool = False
    """It looks at the mirror image as well, at its own size, with left and right exchanged in the
    text."""
    least_piece: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The matte is without the pieces that lie apart and have less than this share of the largest
    one's alpha (see `pieces`)."""


ONCE = Looks()
