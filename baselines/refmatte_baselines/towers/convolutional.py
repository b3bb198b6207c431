"""MDETR's own encoders, ResNet-101 and RoBERTa, in the place of CLIP's: torchvision's and
transformers', from random weights. They offer what models ask of CLIP's towers, but for tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from refmatte_engine.errors import InputError, needs

NAME = "resnet101"
PATCH, CONTEXT_LENGTH = 32, 512


class ResNet(nn.Module):
    """Maps in the place of tokens: of the four stages, B×C×h×w, fine to coarse."""

    patch_size = PATCH, PATCH
    widths = 256, 512, 1024, 2048

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import resnet101

        whole = resnet101(weights=None)
        self.stem = nn.Sequential(whole.conv1, whole.bn1, whole.relu, whole.maxpool)
        self.stages = nn.ModuleList([whole.layer1, whole.layer2, whole.layer3, whole.layer4])

    @property
    def dtype(self) -> torch.dtype:
        """Of its weights."""
        return next(self.parameters()).dtype

    def forward(self, image: Tensor) -> list[Tensor]:
        """`image` is B×3×H×W, normalised, H and W multiples of 32."""
        x, found = self.stem(image), []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def set_grad_checkpointing(self, enable: bool) -> None:
        """InputError if it is to be: nothing of it is computed again."""
        if enable:
            raise InputError("save_memory: true", f"is not for the encoder {NAME}")


class Roberta(nn.Module):
    """RoBERTa base, without its head."""

    context_length, vocab_size = CONTEXT_LENGTH, 50265

    def __init__(self) -> None:
        super().__init__()
        with needs("vitmatte", f"build the encoder {NAME}"):
            from transformers import RobertaConfig, RobertaModel
        config = RobertaConfig(
            vocab_size=self.vocab_size,
            max_position_embeddings=CONTEXT_LENGTH + 2,
            type_vocab_size=1,
            layer_norm_eps=1e-5,
        )
        self.model = RobertaModel(config, add_pooling_layer=False)

    @property
    def token_embedding(self) -> nn.Embedding:
        """Of its vocabulary."""
        embedding: nn.Embedding = self.model.embeddings.word_embeddings
        return embedding

    def read(self, x: Tensor, padding: Tensor) -> Tensor:
        """See `TextTransformer`."""
        found: Tensor = self.model(inputs_embeds=x, attention_mask=(~padding).long())[0]
        return found
