"""What a frozen image encoder makes of pictures; of those that come again and again, once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from refmatte_baselines.towers.network import Network
from refmatte_engine.storage.files import write_whole


class Features:
    """Of a copy of the encoder in `dtype`. With a folder they are kept there, float16, one file for
    each picture and size."""

    def __init__(self, model: Network, dtype: torch.dtype, folder: Path | None = None) -> None:
        self.model, self.folder = model, folder
        # PyTorch's attention is fast without gradients only in evaluation and outside of autocast.
        self.tower = deepcopy(model.visual).eval().to(dtype)

    def __call__(self, names: Sequence[str], image: Tensor) -> list[Tensor]:
        """What `model.encode` makes of `image` (float32 B×3×H×W in [0, 1]), whose pictures have
        these names."""
        if self.folder is None:
            return self._encoded(image)
        height, width = image.shape[-2:]
        folder = self.folder / f"{height}x{width}"
        files = [folder / f"{name.replace('/', '_')}.npy" for name in names]
        new = [place for place, file in enumerate(files) if not file.exists()]
        if new:
            folder.mkdir(parents=True, exist_ok=True)
            made = torch.stack(self._encoded(image[new]), 1)  # B×blocks×(N+1)×D_v
            for place, one in zip(new, made.half().cpu().numpy(), strict=True):
                buffer = io.BytesIO()
                np.save(buffer, one)
                write_whole(files[place], buffer.getvalue())
        kept = torch.from_numpy(np.stack([np.load(file) for file in files]))
        return list(kept.to(image.device, image.dtype).unbind(1))

    def _encoded(self, image: Tensor) -> list[Tensor]:
        with torch.no_grad(), torch.autocast(image.device.type, enabled=False):
            return [tokens.float() for tokens in self.model.encode(image, self.tower)]
