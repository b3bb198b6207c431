"""What a decision on presence is made by, where nothing else learns: of batches that come again it
is computed once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from refmatte_baselines.towers.network import Network
from refmatte_baselines.towers.presence import Seen
from refmatte_engine.storage.files import write_whole


class Decisions:
    """Kept in a folder, float16, one file for each batch and what is asked in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, model: Network, number: int, tokens: Tensor, ask: Callable[[], object]
    ) -> Tensor:
        """What the model says of presence (KB logits) in batch `number`, of texts of these tokens
        (KB×L); `ask` asks it of all of that batch, which is done once."""
        asked = hashlib.blake2b(tokens.cpu().numpy().tobytes(), digest_size=4).hexdigest()
        file = self.folder / f"batch_{number:06d}_{asked}.npz"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            buffer = io.BytesIO()
            np.savez(buffer, allow_pickle=False, **_arrays(_seen(model, ask)))
            write_whole(file, buffer.getvalue())
        assert model.presence is not None
        logits: Tensor = model.presence(_read(file, model.mean.device))
        return logits


def _seen(model: Network, ask: Callable[[], object]) -> Seen:
    kept: list[Seen] = []
    assert model.presence is not None
    learns = model.presence.training
    model.presence.eval()  # it measures what it learns from, and learns of a batch when it has it
    hook = model.presence.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    try:
        with torch.no_grad():
            ask()
    finally:
        hook.remove()
        model.presence.train(learns)
    return kept[0]


def _arrays(seen: Seen) -> dict[str, np.ndarray]:
    return {
        name: np.array(each)
        if isinstance(each, tuple)
        else each.to(each.dtype if each.dtype == torch.bool else torch.float16).cpu().numpy()
        for name, each in seen._asdict().items()
    }


def _read(file: Path, device: torch.device) -> Seen:
    with np.load(file) as stored:
        visual, chosen, words, silent = (
            torch.from_numpy(stored[name]).to(device)
            for name in ("visual", "chosen", "words", "silent")
        )
        height, width = stored["grid_hw"].tolist()
    return Seen(visual.float(), (height, width), chosen.float(), words.float(), silent)
