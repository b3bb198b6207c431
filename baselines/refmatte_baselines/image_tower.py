"""The image tower that a checkpoint is stored without: whether it is on this machine, and the way
to it. open_clip and torch are not loaded for those that are known here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from refmatte_baselines.checkpoints import CONFIG, SHIPPED, bundled, is_onnx, located, read_header
from refmatte_engine.errors import InputError, needs

LOG = logging.getLogger(__name__)
DEFAULT, FALLBACK = SHIPPED[1], SHIPPED[0]
FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
OPEN_CLIP = Path("~/.cache/clip")  # where it keeps what does not come from the hub


class Source(NamedTuple):
    """Where weights are published: a repository of the hub, and the file's name outside it."""

    repository: str
    file: str


# By encoder and tag, as open_clip has them.
KNOWN = {
    ("ViT-B-16-quickgelu", "openai"): Source(
        "timm/vit_base_patch16_clip_224.openai", "ViT-B-16.pt"
    ),
    ("ViT-L-14-quickgelu", "openai"): Source(
        "timm/vit_large_patch14_clip_224.openai", "ViT-L-14.pt"
    ),
}


def here(encoder: str, tag: str) -> Path | None:
    """The weights of a tag in the caches of this machine. Nothing is downloaded, nobody asked."""
    source = KNOWN.get((encoder, tag))
    if source is None:
        return None
    old = (OPEN_CLIP / source.file).expanduser()
    if old.is_file():
        return old
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:  # it comes with open_clip
        return None
    found = (try_to_load_from_cache(source.repository, file) for file in FILES)
    return next((Path(file) for file in found if isinstance(file, str)), None)


def lacking(checkpoint: Path) -> tuple[str, str] | None:
    """The encoder and the tag of a published image tower that a checkpoint is stored without and
    that is not on this machine. None if it has its own, or names a file or a tag not known here."""
    if is_onnx(checkpoint):
        return None
    header = read_header(checkpoint)
    tag, model = header["completed_by"], header.get("model")
    encoder = model.get("encoder") if isinstance(model, dict) else None
    key = str(encoder), str(tag)
    return key if key in KNOWN and not here(*key) else None


def default(image_tower: str | None = None, *, download: bool = False) -> Path:
    """The checkpoint that is used where none is named: the one for photographs if its image tower
    is given, here or to be downloaded, else tiny. InputError without either."""
    if bundled(DEFAULT, CONFIG) is not None:
        place = located(DEFAULT)
        if image_tower or download or not lacking(place):
            return place
    return located(FALLBACK)


def completed(
    checkpoint: Path,
    image_tower: str | None,
    *,
    download: bool,
    say: Callable[[str], None] = LOG.info,
) -> None:
    """Sees to it that a checkpoint's image tower is on this machine: with `download` it is fetched,
    after its size has been said. InputError if it is not here and not to be fetched, or cannot
    be."""
    key = None if image_tower else lacking(checkpoint)
    if key is None:
        return
    if not download:
        raise InputError(
            checkpoint,
            f"is stored without its image tower, {key[0]} {key[1]}, which is not on this machine",
            todo="add --download to fetch it, after its size is said, or give its file: "
            "--image-tower",
        )
    repository = KNOWN[key].repository
    with needs("clipmat", "download an image tower"):
        import huggingface_hub as hub
    try:
        size = hub.get_hf_file_metadata(hub.hf_hub_url(repository, FILES[0])).size or 0
        say(f"downloading the image tower, {repository}: {size / 1e6:.0f} MB")
        hub.hf_hub_download(repository, FILES[0])
    except Exception as error:  # whatever the network or the hub's client says
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            repository,
            f"cannot be downloaded: {why}",
            todo="try again, or give a file of the same weights: --image-tower",
        ) from None
