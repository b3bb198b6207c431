"""Which models there are, by the name of their kind; a new one is added here.

A kind is a package: its `config` has CONFIG, PRESETS and LOSSES and needs no torch, its `model` has
NETWORK.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, get_args

from refmatte_baselines.checkpoints import Kind
from refmatte_baselines.towers.config import TowersConfig

if TYPE_CHECKING:
    from refmatte_baselines.towers.network import Network

KINDS: tuple[Kind, ...] = get_args(Kind)


class Described(Protocol):
    """What a kind says of itself."""

    CONFIG: type[TowersConfig]
    PRESETS: Mapping[str, TowersConfig]
    LOSSES: Mapping[str, float]
    """The names of its losses, and their weights by default."""


def described(kind: str) -> Described:
    """What a model of that kind may be."""
    return cast(Described, import_module(f"refmatte_baselines.{kind}.config"))


def presets() -> dict[str, TowersConfig]:
    """The models that recipes begin with, by name, of all kinds."""
    return {name: each for kind in KINDS for name, each in described(kind).PRESETS.items()}


def network(config: TowersConfig, *, pretrained: bool = True) -> Network:
    """The model that a config describes. InputError for an encoder or first weights that cannot be
    had."""
    made = import_module(f"refmatte_baselines.{config.kind}.model").NETWORK
    return cast("Network", made(config, pretrained=pretrained))
