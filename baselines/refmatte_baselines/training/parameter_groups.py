"""Who learns, and how fast."""

from __future__ import annotations

from typing import Any

from torch import nn

from refmatte_baselines.towers.network import Network


def parameter_groups(
    model: Network, *, rate: float, encoder_rate: float, weight_decay: float
) -> list[dict[str, Any]]:
    """The parameters that learn, for an optimiser: CLIP's encoders at a rate of their own, and no
    weight decay for biases, norms and embeddings (house rule). Each group has a `name`."""
    groups: dict[tuple[str, str], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            part = "encoders" if name.startswith(("visual.", "prompt.text.")) else "new"
            flat = parameter.ndim < 2 or "embedding" in name or name == "prompt.context"
            groups.setdefault((part, "plain" if flat else "decayed"), []).append(parameter)
    return [
        {
            "name": f"{part}, {kind}",
            "params": parameters,
            "lr": encoder_rate if part == "encoders" else rate,
            "weight_decay": weight_decay if kind == "decayed" else 0.0,
        }
        for (part, kind), parameters in groups.items()
    ]
