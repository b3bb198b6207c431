"""Losses against plain loops, and the truth's trimap against its definition."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.loss import affinity_loss, vocabulary_loss
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.data.trimaps import band_width, trimap_truth
from refmatte_baselines.towers.losses import iou_loss, l1, laplacian
from refmatte_baselines.towers.network import Output, Target
from refmatte_engine.scoring.metrics import soft_iou

torch.set_num_threads(1)
losses = ClipMat(PRESETS["minimal"]).losses


def blob(seed: int, size: int = 40) -> np.ndarray:
    """An alpha (uint8) with foreground, background and a soft edge."""
    y, x = np.random.default_rng(seed).uniform(8, size - 8, 2)
    rows, columns = np.mgrid[:size, :size]
    return np.rint(np.clip((12 - np.hypot(rows - y, columns - x)) / 4, 0, 1) * 255).astype(np.uint8)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(3, 9))
def test_the_trimap_by_its_definition(seed: int, width: int) -> None:
    alpha = blob(seed, 32)
    found = trimap_truth(alpha, width)
    reach = np.argwhere(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))) - width // 2
    for y in range(32):
        for x in range(32):
            near = [
                alpha[y + dy, x + dx] for dy, dx in reach if 0 <= y + dy < 32 and 0 <= x + dx < 32
            ]
            wanted = 2 if min(near) == 255 else 0 if max(near) == 0 else 1
            assert found[y, x] == wanted


def test_what_is_fractional_is_unknown() -> None:
    alpha = blob(1)
    assert (trimap_truth(alpha, 5)[(alpha > 0) & (alpha < 255)] == 1).all()
    assert (trimap_truth(np.full((9, 9), 255, np.uint8), 5) == 2).all()
    assert (trimap_truth(np.zeros((9, 9), np.uint8), 5) == 0).all()


def test_the_band_is_as_wide_as_the_picture_asks() -> None:
    rng = np.random.default_rng(0)
    drawn = {band_width(512, rng) for _ in range(200)}
    assert drawn == set(range(25, 31))
    assert band_width(512) in drawn
    assert band_width(1024, rng) in range(50, 61)
    assert band_width(16) == 3


def example() -> tuple[Output, Target]:
    torch.manual_seed(3)
    details, alpha, truth = (torch.rand(2, 1, 24, 40) for _ in range(3))
    image, colors = torch.rand(2, 3, 24, 40), torch.rand(2, 6, 24, 40)
    trimap = torch.randint(0, 3, (2, 24, 40))
    output = Output(alpha, torch.randn(2, 3, 24, 40), parts={"details": details})
    return output, Target(image, truth, trimap, colors=colors)


def test_every_loss_is_what_a_plain_loop_says() -> None:
    output, target = example()
    truth, trimap = target.alpha, target.trimap
    found = losses(output, target, {"composition": 1.0})
    assert output.trimap is not None
    assert target.colors is not None
    said = dict.fromkeys(("trimap", "details_l1", "alpha_l1", "composition"), 0.0)
    unknown = 0
    for b in range(2):
        for y in range(24):
            for x in range(40):
                logits = output.trimap[b, :, y, x].double().numpy()
                wanted = float(truth[b, 0, y, x])
                said["trimap"] += np.log(np.exp(logits).sum()) - logits[trimap[b, y, x]]
                said["alpha_l1"] += abs(float(output.alpha[b, 0, y, x]) - wanted)
                if trimap[b, y, x] == 1:
                    unknown += 1
                    said["details_l1"] += abs(float(output.parts["details"][b, 0, y, x]) - wanted)
                share = float(output.alpha[b, 0, y, x])
                for c in range(3):
                    front, back = (float(target.colors[b, i, y, x]) for i in (c, c + 3))
                    seen = float(target.image[b, c, y, x])
                    said["composition"] += abs(share * front + (1 - share) * back - seen) / 3
    counts = {"trimap": 1920, "alpha_l1": 1920, "details_l1": unknown, "composition": 1920}
    for name, value in said.items():
        assert found[name].item() == pytest.approx(value / counts[name], rel=1e-4), name
    assert len(found) == 8  # affinity and vocabulary, which this model lacks, are 0
    assert found["affinity"].item() == found["vocabulary"].item() == 0


def test_the_iou_loss_is_the_metric_of_each_alpha() -> None:
    """But for 1 px² that keeps the empty ones finite."""
    truth = torch.stack([torch.from_numpy(blob(s, 200))[None] / 255 for s in (1, 2)])
    alpha = (truth + 0.3 * torch.rand(truth.shape)).clamp(0, 1)
    wanted = [1 - soft_iou(a[0].numpy(), t[0].numpy()) for a, t in zip(alpha, truth, strict=True)]
    assert iou_loss(alpha, truth).item() == pytest.approx(np.mean(wanted), abs=2e-3)
    assert iou_loss(truth, truth).item() == 0
    assert iou_loss(torch.zeros(1, 1, 9, 9), torch.zeros(1, 1, 9, 9)).item() == 0


def plain_laplacian(alpha: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    """Two pyramids in loops, as they are usually written, compared level by level."""
    line = np.exp(-(np.arange(-2, 3) ** 2) / 2)
    kernel = np.outer(line, line) / line.sum() ** 2

    def pyramid(picture: np.ndarray) -> list[np.ndarray]:
        levels = []
        for _ in range(5):
            height, width = picture.shape
            padded = np.pad(picture, 2)
            blurred = np.zeros_like(picture)
            for y in range(height):
                for x in range(width):
                    blurred[y, x] = (padded[y : y + 5, x : x + 5] * kernel).sum()
            levels.append(picture - blurred)
            half = [
                [blurred[y : y + 2, x : x + 2].mean() for x in range(0, width, 2)]
                for y in range(0, height, 2)
            ]
            picture = np.array(half)
        return [*levels, picture]

    pairs = zip(pyramid(alpha * where), pyramid(truth * where), strict=True)
    return sum(np.abs(a - b).mean() for a, b in pairs) / where.mean()


def test_the_laplacian_loss_is_what_a_plain_loop_says() -> None:
    rng = np.random.default_rng(5)
    alpha, truth = rng.random((2, 24, 40))
    where = (rng.random((24, 40)) > 0.6).astype(float)
    found = laplacian(
        *(torch.tensor(x, dtype=torch.float32)[None, None] for x in (alpha - truth, where))
    )
    assert found.item() == pytest.approx(plain_laplacian(alpha, truth, where), rel=1e-4)


def test_a_perfect_answer_costs_nothing() -> None:
    _, target = example()
    truth = target.alpha
    sure = 100 * torch.nn.functional.one_hot(target.trimap, 3).permute(0, 3, 1, 2).float()
    assert target.colors is not None
    front, back = target.colors.chunk(2, 1)
    target = target._replace(image=truth * front + (1 - truth) * back)
    found = losses(Output(truth, sure, parts={"details": truth}), target, {"composition": 1.0})
    assert sum(map(float, found.values())) == pytest.approx(0, abs=1e-6)


def test_without_a_band_there_is_nothing_to_learn_from_details() -> None:
    output, target = example()
    found = losses(output, target._replace(trimap=torch.zeros_like(target.trimap)), {})
    assert found["details_l1"] == 0
    assert found["details_laplacian"] == 0
    assert "composition" not in found


@settings(max_examples=20)
@given(st.floats(0.01, 1), st.integers(1, 40), st.integers(1, 40))
def test_both_are_norms(scale: float, height: int, width: int) -> None:
    generator = torch.Generator().manual_seed(height * 41 + width)
    difference = torch.rand(1, 1, height, width, generator=generator)
    everywhere = torch.ones_like(difference)
    for loss in (l1, laplacian):
        one, scaled = loss(difference, everywhere), loss(-scale * difference, everywhere)
        assert scaled.item() == pytest.approx(scale * one.item(), rel=1e-4, abs=1e-7)
        assert loss(0 * difference, everywhere) == 0


def test_the_affinity_by_a_plain_loop() -> None:
    torch.manual_seed(0)
    affinity, alpha = torch.randn(2, 1, 2, 3), torch.rand(2, 1, 8, 12)
    there = alpha.unflatten(2, (2, 4)).unflatten(4, (3, 4)).mean((3, 5))
    share = there.mean()
    total = 0.0
    for said, meant in zip(affinity.flatten().tolist(), there.flatten().tolist(), strict=True):
        likely = 1 / (1 + np.exp(-said))
        entropy = -meant * np.log(likely) - (1 - meant) * np.log(1 - likely)
        total += entropy * float(meant / share + (1 - meant) / (1 - share)) / 2
    assert float(affinity_loss(affinity, alpha)) == pytest.approx(total / 12, rel=1e-5)
    assert float(affinity_loss(None, alpha)) == 0


def test_the_vocabulary_by_a_plain_loop() -> None:
    torch.manual_seed(1)
    found, shares = torch.randn(2, 3, 4, 5), torch.rand(2, 3, 4, 5) / 3
    total = weights = 0.0
    for b, y, x in np.ndindex(2, 4, 5):
        logits = np.array([0.0, *found[b, :, y, x].tolist()])  # none of the names, then each
        surprise = np.log(np.exp(logits).sum()) - logits
        there = shares[b, :, y, x].tolist()
        weight = np.array([0.25 * (1 - sum(there)), *there])
        total, weights = total + float(weight @ surprise), weights + weight.sum()
    assert float(vocabulary_loss(found, shares, 0.25)) == pytest.approx(total / weights, rel=1e-5)
    assert float(vocabulary_loss(None, shares, 0.25)) == 0
    # A picture twice as large as what the encoder works on has its shares at twice the size.
    larger = shares.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(
        vocabulary_loss(found, larger, 0.25), vocabulary_loss(found, shares, 0.25)
    )


def test_background_may_weigh_less() -> None:
    torch.manual_seed(0)
    logits, trimap = torch.randn(1, 3, 4, 4), torch.randint(0, 3, (1, 4, 4))
    zero = torch.zeros(1, 1, 4, 4)
    target = Target(zero, zero, trimap, background_weight=0.25)
    found = losses(Output(zero, logits, parts={"details": zero}, coarse=True), target, {})
    total = weights = 0.0
    for y in range(4):
        for x in range(4):
            truth = int(trimap[0, y, x])
            weight = 0.25 if truth == 0 else 1.0
            total -= weight * float(logits[0, :, y, x].log_softmax(0)[truth])
            weights += weight
    assert float(found["trimap"]) == pytest.approx(total / weights, rel=1e-5)
    assert set(found) == {"trimap", "affinity", "vocabulary"}  # where things are
