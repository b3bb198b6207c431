"""A dataset at a URL is read as one in a folder: its pictures come when they are asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.dataset import address
from refmatte_engine.dataset.identity import identity
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage.files import files_below
from refmatte_engine.storage.remote import Place
from tests.support import faulty

URL = "faulty://bucket/big"


@pytest.fixture
def there(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset in a folder, and at the URL."""
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    faulty.renewed()
    Place(URL).put({name: made / name for name in files_below(made)})
    return made


def pictures_read() -> list[str]:
    return [path for path in faulty.Faulty.read if "/img/" in path or "/mask/" in path]


def test_pictures_come_when_they_are_asked_for(there: Path) -> None:
    here, dataset = Dataset(there), Dataset(URL)
    assert list(dataset.samples()) == list(here.samples())
    assert not pictures_read()
    item, same = dataset[1], here[1]
    assert item.sample == same.sample
    assert np.array_equal(item.image, same.image)
    assert np.array_equal(item.alphas, same.alphas)
    assert len(pictures_read()) == 1 + len(item.alphas)
    assert Dataset(URL)[1].sample == item.sample
    assert len(pictures_read()) == 1 + len(item.alphas)
    for number in (-1, len(here)):
        with pytest.raises(IndexError):
            dataset[number]
    assert identity(URL) == identity(there)
    assert dataset.root.name == "big"


def test_one_that_was_made_again_is_read_again(there: Path, tmp_path: Path) -> None:
    before = Dataset(URL)
    before[0]
    shutil.copytree(there, tmp_path / "other")
    manifest = tmp_path / "other/manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"seed": 3', '"seed": 4'), "utf-8")
    Place(URL).put({"manifest.json": manifest})
    after = Dataset(URL)
    assert after.root != before.root
    assert after.manifest["run"]["seed"] == 4


def test_what_is_inspected_is_not_known_from_before(there: Path) -> None:
    Dataset(URL)[0]
    faulty.Faulty.read.clear()
    with address.inspected(URL) as found:
        assert found.root != Dataset(URL).root
        assert sorted(found.names()) == sorted(files_below(there))
        assert not pictures_read()
        assert set(files_below(found.root)) < set(found.names())
    assert not found.root.exists()


def test_what_is_no_dataset(there: Path) -> None:
    for opened in (address.opened, lambda url: address.inspected(url).__enter__()):
        with pytest.raises(InputError, match="faulty://bucket/none: holds no finished dataset"):
            opened("faulty://bucket/none")
    with pytest.raises(InputError, match=f"{URL}: is a URL, where a card cannot be"):
        address.folder_of(URL, "a card")
    assert address.opened(f"file://{there}") == address.folder_of(there, "a card") == there
    faulty.Faulty.is_there = False
    with pytest.raises(RefMatteError, match="cannot be read: the line is dead"):
        Dataset(URL)
