"""Which model is used where none is named, and what is downloaded: nothing unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import open_clip
import pytest

from refmatte_baselines import Matter, checkpoints, image_tower, models
from refmatte_engine.errors import InputError
from refmatte_engine.images.image_io import encode_jpeg
from tests.conftest import landscape

Cli = Callable[..., tuple[int, str, str]]
TINY, B16 = (checkpoints.located(name) for name in ("tiny", "b16_small_text"))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without image towers; the folder where open_clip keeps them."""
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setattr(image_tower, "OPEN_CLIP", tmp_path)
    return tmp_path


def test_the_table_is_open_clip_s() -> None:
    for (encoder, tag), source in image_tower.KNOWN.items():
        known = open_clip.get_pretrained_cfg(encoder, tag)
        assert known["hf_hub"] == f"{source.repository}/"
        assert known["url"].endswith(f"/{source.file}")
    assert image_tower.FILES[1] == open_clip.pretrained.HF_WEIGHTS_NAME
    assert image_tower.FILES[0] == open_clip.pretrained.HF_SAFE_WEIGHTS_NAME


def test_tiny_is_the_default_until_a_tower_is_there(bare: Path) -> None:
    assert image_tower.default() == TINY
    assert image_tower.default("tower.pt") == image_tower.default(download=True) == B16
    (bare / "ViT-B-16.pt").write_bytes(b"")
    assert image_tower.default() == B16
    assert image_tower.lacking(B16) is image_tower.lacking(TINY) is None


def test_a_cache_of_the_hub_is_looked_into(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = {image_tower.FILES[1]: "/somewhere/model.bin"}
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda repository, file: there.get(file)
    )
    assert image_tower.here("ViT-B-16-quickgelu", "openai") == Path("/somewhere/model.bin")
    assert image_tower.here("ViT-B-16", "openai") is None


def test_nothing_is_downloaded_unless_asked(
    bare: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encode_jpeg(landscape(3, (50, 70))))
    fetched: list[str] = []
    size = SimpleNamespace(size=12_345_678)
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", lambda url: size)
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_download", lambda repository, file: fetched.append(repository)
    )
    monkeypatch.setattr(models, "check_text", lambda *_: pytest.fail("before it is complete"))
    words = ("matte", photo, "the mug", "-o", tmp_path / "o.png", "--as", "alpha")
    for command in (
        (*words, "--checkpoint", "b16_small_text"),
        ("app", "b16_small_text"),
    ):
        code, out, err = cli(*command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "without its image tower, ViT-B-16-quickgelu openai, which is not on this" in err
        assert "--download" in err
        assert "--image-tower" in err
    for door in (Matter, models.load):
        with pytest.raises(InputError, match="without its image tower"):
            door("b16_small_text")
    assert fetched == []
    said: list[str] = []
    image_tower.completed(B16, None, download=True, say=said.append)
    assert fetched == ["timm/vit_base_patch16_clip_224.openai"]
    assert said == ["downloading the image tower, timm/vit_base_patch16_clip_224.openai: 12 MB"]


def test_a_download_that_fails_says_why(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(url: str) -> None:
        raise OSError("no route to host\nand more")

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", fails)
    with pytest.raises(InputError, match=r"cannot be downloaded: no route to host; try again, or"):
        image_tower.completed(B16, None, download=True)


def test_what_tiny_is_for_is_said(bare: Path, cli: Cli, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encode_jpeg(landscape(3, (50, 70))))
    words = ("matte", photo, "the mug", "-o", tmp_path / "o.png", "--as", "alpha")
    said = cli(*words)[2].splitlines()[0]
    assert said.startswith("tiny knows ")
    assert said.endswith("; for photographs: b16_small_text, with --download")
