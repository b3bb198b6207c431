"""Validation on several datasets at once, each with a figure of its own."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.data.pictures import source
from refmatte_baselines.training import validation
from tests.conftest import landscape
from tests.support.released import write_refmatte


def test_several_sources_have_figures_of_their_own(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"]).eval()
    root, table = write_refmatte(tmp_path / "released"), tmp_path / "own.csv"
    cv2.imwrite(str(tmp_path / "photo.png"), landscape(3, (50, 70)))
    cv2.imwrite(str(tmp_path / "matte.png"), landscape(4, (50, 70))[..., 0])
    table.write_text("image,matte,text,kind\nphoto.png,matte.png,mug,keyword\nphoto.png,,a cat,\n")
    sources = [source(str(each), 0, "test") for each in (root, table)]
    both, _ = validation.validate(model, sources, 4, 64, 2)
    for number, each in enumerate(sources):
        alone, _ = validation.validate(model, [each], 2, 64, 2)
        assert not any(" on " in name for name in alone)
        # Which texts are asked goes by the picture's turn; of two, both are.
        if number:
            assert both["soft_iou on own.csv"] == pytest.approx(alone["soft_iou"], abs=1e-6)
    assert {"soft_iou on released/test", "soft_iou", "none", "keyword"} <= both.keys()
    own = [both[f"soft_iou on {each.name}"] for each in sources]
    assert both["soft_iou"] == pytest.approx(sum(own) / 2)
