"""ViTMatte, which cuts out what a trimap leaves open: `transformers`' implementation.

Source: Yao et al., ViTMatte: boosting image matting with pretrained plain vision transformers.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from refmatte_baselines.memory import enough_for
from refmatte_engine.errors import InputError, needs
from refmatte_engine.images.trimaps import BACKGROUND, FOREGROUND
from refmatte_engine.records import F32, U8

NAMED = "vitmatte"
WEIGHTS = "hustvl/vitmatte-small-composition-1k"
LONGEST = 1280  # px; it takes memory with the square of a picture's pixels
MULTIPLE = 32
SMALLER = "give a smaller picture"


class VitMatte:
    """A loaded one, which takes its turns. InputError for weights that cannot be had."""

    def __init__(self, weights: Path, device: str) -> None:
        with needs("vitmatte", "cut out with ViTMatte"):
            from transformers import VitMatteForImageMatting
        import torch

        name = WEIGHTS if str(weights) == NAMED else str(weights)
        try:
            model: Any = VitMatteForImageMatting.from_pretrained(name)
        except Exception as error:  # the hub's client, safetensors and torch each raise their own
            said = (str(error) or type(error).__name__).splitlines()[0]
            problem = f"cannot be loaded as a ViTMatte: {said}"
            todo = "give the folder of one, or an ONNX net"
            raise InputError(weights, problem, todo=todo) from None
        has_cuda = torch.cuda.is_available() and device != "cpu"
        self.device = torch.device("cuda" if has_cuda else "cpu")
        self.model = model.eval().requires_grad_(False).to(self.device)
        self.receipt = {"cut with": _digest(model.state_dict())}
        self._turn = threading.Lock()

    def of(self, image: U8) -> Any:
        """See `cutting.Cutter`."""
        return lambda chosen, trimap: self.cut(image, chosen, trimap)

    def cut(self, image: U8, chosen: F32, trimap: U8) -> F32:
        """The alpha (float32 H×W in [0, 1]) of `image` (uint8 H×W×3) where `trimap` (uint8 H×W in
        greys) is unknown, elsewhere what the trimap says; `chosen` where it leaves nothing open."""
        known = trimap[(trimap == BACKGROUND) | (trimap == FOREGROUND)]
        if known.size == trimap.size or not (trimap == FOREGROUND).any():
            return chosen
        import torch

        height, width = trimap.shape
        scale = min(1.0, LONGEST / max(height, width))
        at = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, at, interpolation=cv2.INTER_AREA)
        greys = cv2.resize(trimap, at, interpolation=cv2.INTER_NEAREST)
        # As its image processor does: levels in [-1, 1], greys in [0, 1], padded below and right.
        given = np.dstack(
            ((small.astype(np.float32) / 255 - 0.5) / 0.5, greys.astype(np.float32) / 255)
        )
        padded = np.pad(given, ((0, -at[1] % MULTIPLE), (0, -at[0] % MULTIPLE), (0, 0)))
        pixels = torch.from_numpy(padded.transpose(2, 0, 1)[None].copy()).to(self.device)
        with self._turn, torch.inference_mode(), enough_for(self.device, SMALLER):
            found = self.model(pixel_values=pixels).alphas[0, 0, : at[1], : at[0]]
        alpha = cv2.resize(found.cpu().numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
        alpha = np.where(trimap == FOREGROUND, 1, np.where(trimap == BACKGROUND, 0, alpha))
        return np.clip(alpha, 0, 1).astype(np.float32)


def _digest(state: dict[str, Any]) -> str:
    found = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().numpy().tobytes())
    return found.hexdigest()
