"""ViTMatte within a trimap, beside its own image processor; a small one with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from refmatte_baselines.cutting import cutter
from refmatte_baselines.predictor import CutWith
from refmatte_baselines.vitmatte import VitMatte
from refmatte_engine.errors import InputError
from tests.baselines.test_cutting import HW, disc, greys, picture


@pytest.mark.slow
def test_vitmatte_cuts_within_the_trimap(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    backbone = transformers.VitDetConfig(
        image_size=64, patch_size=16, num_channels=4, hidden_size=32, num_hidden_layers=2,
        num_attention_heads=2, window_block_indices=[], residual_block_indices=[],
        out_features=["stage2"],
    )  # fmt: skip
    config = transformers.VitMatteConfig(
        backbone_config=backbone, hidden_size=32, fusion_hidden_sizes=[16, 16, 16, 16],
        convstream_hidden_sizes=[8, 16, 16],
    )  # fmt: skip
    weights = tmp_path / "weights"
    made = transformers.VitMatteForImageMatting(config)
    made.save_pretrained(weights)
    net = cutter(CutWith(weights), "cpu")
    assert isinstance(net, VitMatte)
    chosen = disc(30, 40, 20)
    trimap = greys(chosen, 4)
    found = net.of(picture())(chosen, trimap)
    assert (found.dtype, found.shape) == (np.float32, HW)
    assert (found[trimap == 0] == 0).all()
    assert (found[trimap == 255] == 1).all()
    assert 0 <= found.min() <= found.max() <= 1
    processor = transformers.VitMatteImageProcessor()
    given = processor(images=picture(), trimaps=trimap, return_tensors="pt")
    expected = made.eval()(**given).alphas.detach().numpy()[0, 0, : HW[0], : HW[1]]
    assert np.allclose(found[trimap == 128], expected[trimap == 128], atol=1e-5)
    # Where the trimap is sure of all, or of no foreground, there is nothing to cut.
    for sure in (np.zeros(HW, np.uint8), np.full(HW, 255, np.uint8)):
        assert np.array_equal(net.of(picture())(chosen, sure), chosen)
    assert net.receipt == cutter(CutWith(weights), "cpu").receipt
    (weights / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(InputError, match="cannot be loaded as a ViTMatte"):
        cutter(CutWith(weights), "cpu")
