"""CLIPMat: the network of the paper's figure, part by part, then the whole.

Shapes: B images of H×W px, patch P, N = H/P · W/P; L text tokens; D_v and D_t the widths of CLIP's
encoders, D of the pop-up, D' of what it hands to the semantic decoder, D_i of the four levels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import ClipMatConfig, Part
from refmatte_baselines.clipmat.details import DetailsDecoder, DetailsExtractor
from refmatte_baselines.clipmat.encoders import GROUPS, build, encode_image, fill, read_weights
from refmatte_baselines.clipmat.layers import as_map, cut, resample
from refmatte_baselines.clipmat.pieces import main_pieces
from refmatte_baselines.clipmat.popup import SemanticDecoder, SemanticPopUp, TextGate
from refmatte_baselines.clipmat.prompt import PADDING, ContextPrompt
from refmatte_baselines.clipmat.refiner import Refiner, perturbed
from refmatte_baselines.data.trimaps import FOREGROUND, UNKNOWN
from refmatte_engine.errors import InputError
from refmatte_engine.records import F32, U8, Setting

TURNS: tuple[Callable[[Tensor], Tensor], ...] = (lambda maps: maps, lambda maps: maps.flip(-1))
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  # CLIP's


class Output(NamedTuple):
    """float32, at the size of the image that was given."""

    trimap: Tensor
    """B×3×H×W logits: background, unknown, foreground."""
    details: Tensor
    """B×1×H×W in [0, 1]; meant for the unknown band."""
    alpha: Tensor
    """B×1×H×W in [0, 1]."""
    affinity: Tensor | None = None
    """B×1×H/P×W/P logits: how well each place matches the sentence, where the model says."""
    vocabulary: Tensor | None = None
    """B×U×H/P×W/P logits: how well each place of an image matches each of U names, where asked."""


class Semantics(NamedTuple):
    """What is found of where things are, at one size."""

    projected: Tensor
    """B×(N+1)×D: visual tokens at the pop-up's width."""
    popped: Tensor
    """KB×D'×H/P×W/P."""
    affinity: Tensor | None
    trimap: Tensor
    """KB×3×H×W logits, with the padding."""


class View(NamedTuple):
    """An image, or its mirror image, at all inference sizes."""

    turn: Callable[[Tensor], Tensor]
    """From the image's maps to the view's, and back."""
    sized: list[tuple[Tensor, tuple[int, int]]]
    """What `_prepare` makes of it at each size."""
    groups: list[list[Tensor]]
    """Of each size, what the encoder makes of it: four of B×(N+1)×D_v."""
    found: list[Semantics]


def fuse(trimap: Tensor, details: Tensor) -> Tensor:
    """Trimap-guided fusion: where the trimap says unknown, the details; else 0 or 1."""
    said = trimap.argmax(1, keepdim=True)  # B×3×H×W → B×1×H×W
    return torch.where(said == UNKNOWN, details, (said == FOREGROUND).to(details.dtype))


def _mean(maps: Iterator[Tensor]) -> Tensor:
    """Of maps that are made one after the other and are large: no more than two are kept."""
    total, number = next(maps), 1
    for one in maps:
        total, number = total + one, number + 1
    return total / number


class ClipMat(nn.Module):
    """Image and text → alpha. InputError for an encoder or first weights that cannot be had."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: ClipMatConfig, *, pretrained: bool = True) -> None:
        super().__init__()
        self.config = config
        self.visual, text = build(config)
        if pretrained and config.pretrained:
            weights = read_weights(config.encoder, config.pretrained)
            fill(self.visual, weights, "visual.", config.pretrained)
            if not config.text:
                fill(text, weights, "text.", config.pretrained)
        self.prompt = ContextPrompt(text, config.template, config.context_tokens)
        visual_width = self.visual.conv1.out_channels  # D_v
        popup = SemanticPopUp if config.popup else TextGate
        self.popup = popup(config, visual_width, text.token_embedding.embedding_dim)
        self.semantic_decoder = SemanticDecoder(config.popup_width, config.semantic_widths)
        if config.details:
            self.extractor = DetailsExtractor(config, visual_width)
            self.details_decoder = DetailsDecoder(config)
        self.refiner = Refiner() if config.refiner else None
        self.freeze(config.frozen)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)
        self.to(memory_format=torch.channels_last)  # in which convolutions are faster

    def forward(
        self,
        image: Tensor,
        tokens: Tensor,
        visual: list[Tensor] | None = None,
        names: Tensor | None = None,
        *,
        details: bool = True,
        windows: Tensor | None = None,
    ) -> Output:
        """`image` float32 B×3×H×W in [0, 1] of any size, `tokens` int64 KB×L of `prompt.tokens`: K
        texts for the first image, then K for the second, …; what comes back is KB, too.

        `visual` may hand in `self.encode(image)`, where one image is asked about more than once.
        `names` are the tokens, U×L, of what is then looked for everywhere (`Output.vocabulary`).
        Without `details` the details branch is left out, as in the ablation. With `windows`, int64
        KB×W×4 (top, left, bottom, right), of one size, maps are those of KBW windows. The refiner
        sees no more than these, in training with mistakes in the alpha; nor does the decoder of
        details where it learns: in steps of 16 px, in pictures that the largest size leaves as they
        are.
        """
        given_hw, image = image.shape[-2:], self._enlarged(image)
        full_hw, texts = (image.shape[-2], image.shape[-1]), len(tokens) // len(image)
        views = self._views(image, tokens, visual)
        trimap = _mean(
            view.turn(resample(one.trimap[..., :height, :width], full_hw))
            for view in views
            for one, (_, (height, width)) in zip(view.found, view.sized, strict=True)
        )  # KB×3×H×W
        details = details and self.config.details
        alone = len(views) == 1 and "coarse" not in self.config.frozen
        within = windows if details and alone else None
        if details:
            fine = _mean(view.turn(self._details(view, trimap, full_hw, within)) for view in views)
        else:
            likely = trimap.softmax(1)
            fine = likely[:, FOREGROUND:] + likely[:, UNKNOWN:FOREGROUND] / 2  # KB×1×H×W
        if within is None:
            fine = fine.repeat_interleave(len(tokens) // len(fine), 0)
            fine = fine if windows is None else cut(fine, windows)
        trimap = trimap if windows is None else cut(trimap, windows)  # KBW×3×h×w
        alpha = fuse(trimap, fine)
        if refiner := self.refiner:
            image = image.repeat_interleave(texts, 0)
            if windows is not None:
                image = cut(image, windows)
                alpha = perturbed(alpha, image) if self.training else alpha
            refined = _mean(
                view.turn(refiner(view.turn(image), view.turn(alpha))) for view in views
            )
            mean = self.config.refiner_mean and not self.training
            alpha = (alpha * refined).sqrt() if mean else refined
        first, vocabulary = views[0].found[0], None
        if names is not None and isinstance(self.popup, SemanticPopUp):
            asked = self.prompt(names), names == PADDING
            vocabulary = self.popup.matches(first.projected, *asked).float()  # B×U×N
            grid_hw = first.popped.shape[-2:]
            vocabulary = vocabulary.reshape(*vocabulary.shape[:2], *grid_hw)  # B×U×H/P×W/P
        if full_hw != given_hw:
            trimap, fine, alpha = (
                F.interpolate(maps, given_hw, mode="bilinear", antialias=True)
                for maps in (trimap, fine, alpha)
            )
            fine, alpha = fine.clamp(0, 1), alpha.clamp(0, 1)  # rounding may pass 1
        return Output(trimap, fine, alpha, first.affinity, vocabulary)

    def _views(self, image: Tensor, tokens: Tensor, visual: list[Tensor] | None) -> list[View]:
        """What is found of where things are, at every size of every view."""
        seen = self._encode(image) if visual is None else visual
        turns, views = self._turns(), []
        for number, turn in enumerate(turns):
            sized = self._sized(turn(image))
            own = seen[number * len(seen) // len(turns) :]
            groups = [own[GROUPS * place :][:GROUPS] for place in range(len(sized))]
            said = self.prompt.mirrored(tokens) if number else tokens
            text, padding = self.prompt(said), said == PADDING  # KB×L×D_t, KB×L
            found = [
                self._semantics(small, group[-1], text, padding)
                for (small, _), group in zip(sized, groups, strict=True)
            ]
            views.append(View(turn, sized, groups, found))
        return views

    def _turns(self) -> tuple[Callable[[Tensor], Tensor], ...]:
        """From an image to each of its views."""
        return TURNS if self.config.mirrored and not self.training else TURNS[:1]

    def _semantics(self, small: Tensor, tokens: Tensor, text: Tensor, padding: Tensor) -> Semantics:
        """TSP and its decoder, for one size: `small` is B×3×H×W, `tokens` are the encoder's last,
        B×(N+1)×D_v, `text` KB×L×D_t."""
        size_hw, patch = (small.shape[-2], small.shape[-1]), self.visual.patch_size[0]
        grid_hw = size_hw[0] // patch, size_hw[1] // patch
        projected = self.popup.visual(tokens)  # B×(N+1)×D_v → B×(N+1)×D
        asked = projected.repeat_interleave(len(text) // len(small), 0)  # KB×(N+1)×D
        popped, affinity = self.popup(asked, text, padding)  # KB×N×D'
        popped = as_map(popped, grid_hw)  # KB×D'×H/P×W/P
        affinity = None if affinity is None else as_map(affinity, grid_hw).float()
        return Semantics(projected, popped, affinity, self.semantic_decoder(popped, size_hw))

    def _details(
        self,
        view: View,
        trimap: Tensor,
        full_hw: tuple[int, int],
        windows: Tensor | None,
    ) -> Tensor:
        """MDE and its decoder, at the view's largest size: B×1×H×W; KB×1×H×W where they are guided,
        by what its first one popped up and by the `trimap` of all; KBW×1×h×w with `windows`."""
        sized, first = view.sized, view.found[0]
        largest = max(range(len(sized)), key=lambda number: sized[number][1])
        small, inner_hw = sized[largest]
        if windows is not None and inner_hw != full_hw:
            raise InputError(
                f"{full_hw[1]}×{full_hw[0]} px",
                "is too large a picture to learn details in windows of it",
                allowed=f"up to {max(inner_hw)} px, the largest of the model's `looks`",
                todo="make the phase's `size` smaller",
            )
        said, popped = first.trimap, first.popped
        if len(sized) > 1 or len(self._turns()) > 1:
            below, right = small.shape[-2] - inner_hw[0], small.shape[-1] - inner_hw[1]
            said = F.pad(
                resample(view.turn(trimap), inner_hw), (0, right, 0, below), mode="replicate"
            )
        size_hw, patch = (small.shape[-2], small.shape[-1]), self.visual.patch_size[0]
        grid_hw = size_hw[0] // patch, size_hw[1] // patch
        levels = self.extractor(small, view.groups[largest], grid_hw)
        if self.config.guided_details or windows is not None:
            levels = [level.repeat_interleave(len(popped) // len(small), 0) for level in levels]
        if self.config.guided_details:
            guide = resample(popped, levels[-1].shape[-2:])
            levels[-1] = torch.cat([levels[-1], guide], 1)  # KB×(D_4+D')×H/16×W/16
        if windows is not None:
            levels = [cut(level, windows // 2**i) for i, level in enumerate(levels, 1)]
            said = cut(said, windows)
            size_hw = said.shape[-2], said.shape[-1]
        guided = said.detach().softmax(1) if self.config.guided_details else None
        fine = self.details_decoder(levels, size_hw, guided)
        if windows is not None:
            return fine
        return resample(fine[..., : inner_hw[0], : inner_hw[1]], full_hw)

    def freeze(self, parts: tuple[Part, ...]) -> None:
        """From here on these parts do not learn, and the others do."""
        self.config = self.config.model_copy(update={"frozen": parts})
        self.requires_grad_(True)
        modules: dict[Part, list[nn.Module]] = {
            "image": [self.visual],
            "text": [self.prompt.text],
            "trimap": [self.visual, self.prompt, self.popup, self.semantic_decoder],
            "coarse": [each for name, each in self.named_children() if name != "refiner"],
        }
        for part in parts:
            for module in modules[part]:
                module.requires_grad_(False)

    def train(self, mode: bool = True) -> ClipMat:
        """As in any module; but where the trimap is frozen all statistics are, but the refiner's:
        what remains is learnt from few pictures at a time."""
        super().train(mode)
        if self.config.trimap_frozen:
            for name, part in self.named_children():
                part.train(mode and name == "refiner")
        return self

    def encode(self, image: Tensor, tower: VisionTransformer | None = None) -> list[Tensor]:
        """What the image encoder, or a copy of it, makes of float32 B×3×H×W in [0, 1]: four of
        B×(N+1)×D_v for each size of each view."""
        return self._encode(self._enlarged(image), tower)

    def _encode(self, image: Tensor, tower: VisionTransformer | None = None) -> list[Tensor]:
        used = self.visual if tower is None else tower
        dtype = used.class_embedding.dtype
        return [
            tokens
            for turn in self._turns()
            for small, _ in self._sized(turn(image))
            for tokens in encode_image(used, small.to(dtype))
        ]

    def _enlarged(self, image: Tensor) -> Tensor:
        """The image as a trained model works on it."""
        height, width = image.shape[-2:]
        largest = max((self.config.size, *self.config.inference_sizes))
        scale = min(self.config.enlarged, largest / max(height, width))
        if self.training or scale <= 1:
            return image
        size_hw = round(height * scale), round(width * scale)
        return F.interpolate(image, size_hw, mode="bicubic").clamp(0, 1)

    def _sized(self, image: Tensor) -> list[tuple[Tensor, tuple[int, int]]]:
        """What `_prepare` makes of the image: at `size` first, then at every other one. Where the
        trimap learns there are no others, and none that would be the same."""
        learns = self.training and not self.config.trimap_frozen
        sizes = self.config.size, *(() if learns else self.config.inference_sizes)
        sides = dict.fromkeys(min(size, max(image.shape[-2:])) for size in sizes)
        return [self._prepare(image, side) for side in sides]

    def _prepare(self, image: Tensor, long_side: int) -> tuple[Tensor, tuple[int, int]]:
        """The image at that size, normalised, padded below and to the right by the mean colour
        to multiples of the patch, in the network's dtype; and its size (h, w) before padding."""
        height, width = image.shape[-2:]
        scale = min(1.0, long_side / max(height, width))
        inner_hw = max(1, round(height * scale)), max(1, round(width * scale))
        if scale < 1:
            image = F.interpolate(image, inner_hw, mode="bilinear", antialias=True)
        image = ((image - self.mean) / self.std).to(self.visual.class_embedding.dtype)
        patch = self.visual.patch_size[0]
        return F.pad(image, (0, -inner_hw[1] % patch, 0, -inner_hw[0] % patch)), inner_hw

    @torch.inference_mode()
    def matte(self, image: U8, text: str, form: Setting = "expression") -> F32:
        """The alpha (float32 H×W in [0, 1]) of what `text` names in `image` (uint8 H×W×3 RGB).

        InputError for another kind of array and for a text that is empty or too long.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
            raise InputError(
                f"image {image.dtype} {'×'.join(map(str, image.shape))}",
                "cannot be matted",
                allowed="uint8 H×W×3, RGB",
            )
        device, training = self.mean.device, self.training
        pixels = torch.from_numpy(np.ascontiguousarray(image)).to(device)
        tokens = self.prompt.tokens([text], form).to(device)
        self.eval()
        alpha = self(pixels.permute(2, 0, 1)[None].float() / 255, tokens).alpha
        self.train(training)
        return main_pieces(alpha[0, 0].cpu().numpy(), self.config.least_piece)
