"""The moving average of a model's weights, which is what is kept of a training."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn

from refmatte_baselines.towers.network import Network


class Average(nn.Module):
    """Follows a model's weights and running statistics slowly; at first less so, for the first
    weights are worth nothing. What never learns is shared with the model, not copied."""

    count: Tensor

    def __init__(self, model: Network, decay: float, never: Iterable[Tensor] = ()) -> None:
        """`never` are the model's parameters that never learn."""
        super().__init__()
        self.model = deepcopy(model, {id(each): each for each in never})
        self.decay = decay
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def begin_anew(self, model: Network) -> None:
        """From here on `model` goes on from what is kept."""
        model.load_state_dict(self.model.state_dict())
        self.count.zero_()

    @torch.no_grad()
    def update(self, model: Network) -> None:
        """Goes a step towards `model`."""
        n = self.count.item()
        step = 1 - min(self.decay, (1 + n) / (10 + n))
        self.count += 1
        pairs = zip(self.model.state_dict().values(), model.state_dict().values(), strict=True)
        for mean, now in pairs:
            if mean.is_floating_point() and mean.data_ptr() != now.data_ptr():
                mean.lerp_(now, step)
            elif not mean.is_floating_point():  # a counter
                mean.copy_(now)
