"""Proposes labels for a pack with a CLIP model, zero-shot, for a person to review."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import open_clip
import torch
from pydantic import Field

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.packs import category_names, cutouts, pack
from refmatte_engine.packs.labels import PROPOSALS, Label
from refmatte_engine.parallel import Progress
from refmatte_engine.semantics import kinds
from refmatte_engine.storage import files
from refmatte_engine.storage.files import write_whole

BACKDROP = 200  # a light grey that few things are made of


class Question(Strict):
    """One attribute: the values it may have, each with the words that describe it to the model.
    `of` restricts the question to one kind of thing."""

    words: Annotated[dict[str, str], Field(min_length=2)]
    of: str | None = None


class Questions(Strict):
    """What to ask about each picture (templates/questions/labels.yaml)."""

    prompts: Annotated[list[str], Field(min_length=1)]
    category: Annotated[list[str], Field(min_length=2)]
    attributes: dict[str, Question] = {}
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.5


class Judge:
    """A CLIP model that says which of several words fits a picture best."""

    def __init__(self, model: str, pretrained: str, prompts: list[str], device: str) -> None:
        if model not in open_clip.list_models():
            raise InputError(
                model,
                "is no open_clip model",
                allowed=listed(open_clip.list_models(), 6),
                todo=nearest(model, open_clip.list_models()),
            )
        try:
            self.model, _, self.transform = open_clip.create_model_and_transforms(
                model, pretrained=pretrained, device=device
            )
        except (RuntimeError, OSError, pickle.UnpicklingError) as error:
            raise InputError(
                pretrained,
                f"cannot be loaded into {model}: {str(error).splitlines()[0]}",
                allowed="a checkpoint file of that model, or a tag that open_clip knows",
            ) from None
        self.model.eval()
        self.tokenizer = open_clip.get_tokenizer(model)
        self.prompts, self.device = prompts, device
        self._texts: dict[tuple[str, ...], torch.Tensor] = {}

    @torch.inference_mode()
    def look(self, picture: np.ndarray) -> torch.Tensor:
        """The unit feature (1×D) of a picture (uint8 H×W×3 RGB)."""
        from PIL import Image

        pixels = self.transform(Image.fromarray(picture))[None].to(self.device)
        return torch.nn.functional.normalize(self.model.encode_image(pixels).float(), dim=-1)

    @torch.inference_mode()
    def choose(self, feature: torch.Tensor, words: tuple[str, ...]) -> tuple[int, float]:
        """The place in `words` of the one that fits best, and its probability among them."""
        if words not in self._texts:
            tokens = self.tokenizer([p.format(w) for w in words for p in self.prompts])
            texts = self.model.encode_text(tokens.to(self.device)).float()
            texts = torch.nn.functional.normalize(texts, dim=-1)
            texts = texts.view(len(words), len(self.prompts), -1).mean(1)
            self._texts[words] = torch.nn.functional.normalize(texts, dim=-1)
        logits = self.model.logit_scale.exp() * feature @ self._texts[words].T
        best = logits.softmax(-1)[0].max(0)
        return int(best.indices), round(float(best.values), 4)


def propose(
    root: Path,
    questions: Questions,
    *,
    model: str,
    pretrained: str,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Path:
    """Writes PACK/labels.predicted.jsonl and returns its path.

    Only what no person has said is proposed, each with its probability and the model's name; the
    engine does not read the file until a person has moved lines of it into labels.jsonl.
    InputError for a pack or model that cannot be used, or if the proposals are there already.
    """
    found = pack.read(root)
    target = found.home / PROPOSALS
    if target.exists():
        raise InputError(target, "is there already", todo="review and move it, or delete it")
    judge = Judge(model, pretrained, questions.prompts, device)
    lines = []
    for number, picture in enumerate(found.foregrounds, 1):
        assert isinstance(picture.label, Label)
        answers = dict(_answers(found.root, picture, questions, judge))
        if answers:
            origin = {"model": model, "pretrained": Path(pretrained).name}
            recipe = {**origin, "scores": answers.pop("scores", {})}
            lines.append(
                {"file": picture.named, "source": "predicted", **answers, "recipe": recipe}
            )
        if progress:
            progress(number, len(found.foregrounds))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_whole(target, text.encode())
    return target


def _answers(
    root: Path, picture: pack.AssetFile, questions: Questions, judge: Judge
) -> Iterator[tuple[str, Any]]:
    """The keys of a label that nobody has given yet."""
    label = picture.label
    assert isinstance(label, Label)
    alpha = files.read_bytes(root / picture.alpha_path) if picture.alpha_path else None
    try:
        cutout = cutouts.decode(files.read_bytes(root / picture.path), alpha, picture.fix)
    except InputError:
        return  # `refmatte catalog` reports it
    feature = judge.look(on_backdrop(cutout.rgba))
    by_folder = category_names.of_folder(picture.path, picture.folder, picture.level)
    category = label.category or by_folder.category
    if not category:
        place, score = judge.choose(feature, tuple(questions.category))
        if score < questions.min_score:
            return
        category = questions.category[place]
        yield "category", category
        yield "scores", {"category": score}
    kind = label.kind or kinds.kind_of(category)
    said: dict[str, Mapping[str, Any]] = {}
    for name, question in questions.attributes.items():
        if name in label.attributes or question.of not in (None, kind):
            continue
        place, score = judge.choose(feature, tuple(question.words.values()))
        if score >= questions.min_score:
            said[name] = {"value": list(question.words)[place], "score": score}
    if said:
        yield "attributes", said


def on_backdrop(rgba: np.ndarray) -> np.ndarray:
    """Straight RGBA (uint8 H×W×4) on light grey, square, so that nothing is cropped away."""
    height, width = rgba.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 4), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = rgba
    alpha = square[..., 3:].astype(np.float32) / 255
    mixed = square[..., :3] * alpha + BACKDROP * (1 - alpha)
    return cv2.convertScaleAbs(mixed)
