"""The branch of details: MDE, the multi-level details extractor, and its decoder.

Shapes as in `model`. Both answer for the whole picture, or for windows of it with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.clipmat.windows import Size, Window, around, cut, resampled
from refmatte_baselines.towers.layers import as_map, conv_bn_relu, resample

COARSEST_PX = 16  # level 4's; level i has 2^i
LAST = 2  # of the decoder's blocks work in each window alone; the others, round all of them


class Levels:
    """F_1 … F_4 of images, each made when it is asked for, and where."""

    def __init__(self, extractor: DetailsExtractor, image: Tensor, visual: list[Tensor]) -> None:
        self.extractor, self.image, self.visual = extractor, image, visual

    def size_hw(self, level: int) -> Size:
        """A level's size; level 0 has the image's."""
        height, width = self.image.shape[-2:]
        return -(-height // 2**level), -(-width // 2**level)

    def at(self, level: int, window: Window | None = None) -> Tensor:
        """A level, or a window of it, B×D_i×H/2^i×W/2^i."""
        i, size_hw = level - 1, self.size_hw(level)
        held = window and window.grown(1, size_hw)
        normed = self.extractor.image[i](cut(self.image, held and held.times(2**level)))
        pooled = F.max_pool2d(normed, 2**level, ceil_mode=True)  # B×D_v/2×H/2^i×W/2^i
        visual = self.visual[i]  # B×D_v/2×H/P×W/P
        grid_hw = (visual.shape[-2], visual.shape[-1])
        visual = resampled(visual, None, grid_hw, size_hw, held)  # B×D_v/2×H/2^i×W/2^i
        merged: Tensor = self.extractor.merge[i](torch.cat([visual, pooled], 1))
        return cut(merged, window, held)


class DetailsExtractor(nn.Module):
    """MDE, multi-level details extractor: a group of encoder blocks beside the image, 4 times."""

    def __init__(self, config: ClipMatConfig, visual_width: int) -> None:
        super().__init__()
        half, widths = visual_width // 2, config.detail_widths
        self.norms = nn.ModuleList(nn.LayerNorm(visual_width) for _ in widths)
        self.reduce = nn.ModuleList(nn.Conv2d(visual_width, half, 1) for _ in widths)
        normed = config.details_image == "normed"
        # As the features have a norm and a projection. A layer norm of three channels would leave
        # nothing of brightness.
        self.image = nn.ModuleList(
            nn.Sequential(nn.Conv2d(3, half, 1, bias=False), nn.BatchNorm2d(half))
            if normed
            else nn.Identity()
            for _ in widths
        )
        seen = half + (half if normed else 3)
        self.merge = nn.ModuleList(conv_bn_relu(seen, width) for width in widths)

    def forward(self, image: Tensor, groups: list[Tensor], grid_hw: tuple[int, int]) -> Levels:
        """The levels of images B×3×H×W, of which the encoder made `groups`."""
        visual = [
            reduce(as_map(norm(tokens[:, 1:]), grid_hw))  # B×D_v/2×H/P×W/P
            for norm, reduce, tokens in zip(self.norms, self.reduce, groups, strict=True)
        ]
        return Levels(self, image, visual)


class DetailsDecoder(nn.Module):
    """Four blocks, C4 to C1, from level 4 up, and a level in each → alpha."""

    def __init__(self, config: ClipMatConfig) -> None:
        super().__init__()
        d1, d2, d3, d4 = config.detail_widths
        guide = config.popup_width if config.guided_details else 0
        said = 3 if config.guided_details else 0  # the trimap's probabilities
        self.full = config.details_end == "full"
        self.blocks = nn.ModuleList(
            conv_bn_relu(inputs + said, outputs)
            for inputs, outputs in (
                ((d4 + guide + d3, d3), (d3 + d2, d2), (d2 + d1, d1), (d1, d1))
                if self.full
                else ((d4 + guide, d4), (d4 + d3, d3), (d3 + d2, d2), (d2 + d1, d1))
            )
        )
        self.alpha = nn.Conv2d(d1, 1, 3, padding=1) if self.full else nn.Conv2d(d1, 1, 1)

    def forward(
        self,
        levels: Levels,
        popped: Tensor | None = None,
        said: Tensor | None = None,
        windows: Sequence[Window] | None = None,
    ) -> Tensor:
        """Alpha KB×1×H×W; with `windows` it is found in these alone, and 0 elsewhere. Where details
        are guided they are given what popped up, KB×D'×H/P×W/P, and the trimap's probabilities,
        KB×3×H×W."""
        x = levels.at(4)  # B×D_4×H/16×W/16
        if popped is not None:
            guide = resample(popped, levels.size_hw(4))
            x = torch.cat([_for_texts(x, guide), guide], 1)  # KB×(D_4+D')×H/16×W/16
        blocks = list(self.blocks)
        if not self.full:
            x = blocks.pop(0)(torch.cat([x, *_at_size(said, x.shape[-2:], x)], 1))
        steps = [
            _Step(block, levels, level, _at_size(said, levels.size_hw(level), x))
            for block, level in zip(blocks, (3, 2, 1, 0), strict=False)
        ]
        if windows is None:
            for step in steps:
                x = step(x, None, None)  # KB×D_i×H/2^i×W/2^i
            return self._end(levels, x, None, None)
        found = torch.zeros(len(x), 1, *levels.size_hw(0), device=x.device)
        needs = [self._needs(steps, window) for window in windows]
        held = None
        for number, step in enumerate(steps[:-LAST] if windows else ()):
            near = around([need[number] for need in needs])
            x, held = step(x, held, near), near
        for window, need in zip(windows, needs, strict=True):
            part, at = x, held
            for step, near in zip(steps[-LAST:], need[-LAST:], strict=True):
                part, at = step(part, at, near), near
            cut(found, window)[:] = self._end(levels, part, at, window)
        return found

    def _needs(self, steps: Sequence[_Step], window: Window) -> list[Window]:
        """Of each step the window from which this one of alpha can be told."""
        finest, size_hw = steps[-1].size_hw, steps[-1].levels.size_hw(0)
        needs = [window.grown(1, size_hw) if self.full else window.read(finest, size_hw)]
        for finer, step in zip(reversed(steps), reversed(steps[:-1]), strict=False):
            needs.append(needs[-1].grown(1, finer.size_hw).read(step.size_hw, finer.size_hw))
        return needs[::-1]

    def _end(self, levels: Levels, x: Tensor, held: Window | None, window: Window | None) -> Tensor:
        x = self.alpha(x)
        if self.full:
            x = cut(x, window, held)
        else:  # a 1×1 convolution may as well come first
            x = resampled(x, held, levels.size_hw(1), levels.size_hw(0), window)
        return x.float().sigmoid()  # KB×1×H×W


class _Step(NamedTuple):
    """A block of the decoder at work: what is below, at a level's size, beside that level."""

    block: nn.Module
    levels: Levels
    level: int
    said: list[Tensor]

    @property
    def size_hw(self) -> Size:
        return self.levels.size_hw(self.level)

    def __call__(self, x: Tensor, held: Window | None, window: Window | None) -> Tensor:
        """From what holds no more than `held` of the level above; KB×D_i×H/2^i×W/2^i."""
        near = window and window.grown(1, self.size_hw)
        x = resampled(x, held, self.levels.size_hw(self.level + 1), self.size_hw, near)
        seen = [x, *(cut(each, near) for each in self.said)]
        if self.level:
            seen.insert(1, _for_texts(self.levels.at(self.level, near), x))
        made: Tensor = self.block(torch.cat(seen, 1))
        return cut(made, window, near)


def _for_texts(x: Tensor, like: Tensor) -> Tensor:
    """Maps of B images, for each of the texts that are asked about them."""
    return x.repeat_interleave(like.shape[0] // x.shape[0], 0)


def _at_size(said: Tensor | None, size_hw: Sequence[int], like: Tensor) -> list[Tensor]:
    if said is None:
        return []
    return [F.interpolate(said, tuple(size_hw), mode="area").to(like.dtype)]
