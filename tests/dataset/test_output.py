"""A run that writes to a URL: the same bytes as in a folder, whatever fails in between; and nobody
else's files are touched."""

from __future__ import annotations

import errno
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine.dataset import card, papers
from refmatte_engine.dataset.output import output
from refmatte_engine.dataset.run_folder import RUN_FILE
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.generation.dataset_run import generate, generate_part
from refmatte_engine.generation.merge import merge
from refmatte_engine.generation.verify import verify
from refmatte_engine.storage import stand_in
from refmatte_engine.storage.files import files_below
from refmatte_engine.storage.remote import Place
from tests.generation.test_dataset_run import contents, run_of
from tests.support import faulty

URL = "faulty://bucket/out"
SHARDS = 3


@pytest.fixture(autouse=True)
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[faulty.Faulty]:
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    return faulty.renewed()


def got(folder: Path) -> Path:
    """What lies at the URL, in a folder."""
    place = Place(URL)
    for _ in place.fetch_all(list(place.files()), folder):
        pass
    return folder


def test_the_same_bytes(made: Path, pack: Path, tmp_path: Path) -> None:
    manifest = generate(run_of(pack), URL)
    assert manifest["digest"] == json.loads((made / "manifest.json").read_bytes())["digest"]
    here = got(tmp_path / "got")
    assert contents(here) == contents(made)
    own = {".lock"} if (made / ".lock").exists() else set()
    assert set(files_below(here)) == set(files_below(made)) - own
    assert not list(stand_in.home().glob("*/out/train"))
    assert verify(URL).problems == ()
    with output(f"file://{tmp_path}/out", "resume") as to:
        assert (to.root, to.place) == (tmp_path / "out", None)


def test_a_dead_line_and_a_full_disk(
    made: Path, pack: Path, tmp_path: Path, storage: type[faulty.Faulty]
) -> None:
    """At whichever file: what has a receipt is kept, and the same call goes on."""
    finished: set[str] = set()
    for left in (0, 1, 3, 9, 14, 15):
        full = OSError(errno.ENOSPC, "full")
        storage.left, storage.error = left, full if left % 2 else ConnectionError("line is dead")
        with pytest.raises(RefMatteError, match=r"line is dead|no space left") as told:
            generate(run_of(pack), URL)
        assert "what is finished is kept: run the same command again" in str(told.value)
        storage.left = None
        there = Place(URL).files()
        receipts = {name for name in there if "/.shards/" in name}
        assert receipts >= finished
        assert "manifest.json" not in there
        assert ".lock" not in there
        finished = receipts
    assert 0 < len(finished) < SHARDS
    storage.written.clear()
    generate(run_of(pack), URL)
    again = {path for path in storage.written if "/.shards/" in path}
    assert len(again) == SHARDS - len(finished)
    assert contents(got(tmp_path / "got")) == contents(made)


def test_who_writes_there(pack: Path) -> None:
    place = Place(URL)
    for owner, held in (
        ({"host": "elsewhere", "process": 7}, "process 7 on elsewhere"),
        ({"host": socket.gethostname(), "process": os.getpid()}, f"process {os.getpid()} on"),
        ([], "process 0 on an unknown machine"),
    ):
        place.put({".lock": json.dumps(owner).encode()})
        with pytest.raises(InputError, match=f"another run is writing here: {held}.*remove {URL}"):
            generate(run_of(pack), URL)
        assert list(place.files()) == [".lock"]
    gone = {"host": socket.gethostname(), "process": 2**30}
    place.put({".lock": json.dumps(gone).encode()})
    with output(URL, "resume"), pytest.raises(InputError, match="another run"), output(URL, "fail"):
        pass
    assert not place.files()


def test_parts_and_their_merge(made: Path, pack: Path, tmp_path: Path) -> None:
    run = run_of(pack)
    with pytest.raises(InputError, match="holds no part of a dataset"):
        merge(URL)
    assert generate_part(run, URL, (2, 2)) == 2
    with pytest.raises(InputError, match="2 of 3 shards are missing"):
        merge(URL)
    with pytest.raises(InputError, match=r"contains another run.*run\.seed was 3 and is now 4"):
        generate_part(run_of(pack, seed=4), URL, (1, 2))
    generate_part(run, URL, (1, 2))
    with pytest.raises(InputError, match="is a URL, to which no parts are brought"):
        merge(URL, [made])
    with pytest.raises(InputError, match="is a URL, where a part cannot be"):
        merge(tmp_path / "new", [URL])
    merge(URL)
    assert contents(got(tmp_path / "got")) == contents(made)


def test_two_parts_that_begin_at_once(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of another run, whose description comes in between."""
    run = run_of(pack, splits={"train": 4})
    generate_part(run, URL, (1, 2))
    seen = Place.top

    def before(place: Place) -> list[str]:
        return [] if RUN_FILE in seen(place) else ["too early"]

    monkeypatch.setattr(Place, "top", before)
    assert generate_part(run, URL, (2, 2)) == 2
    with pytest.raises(InputError, match="contains another run"):
        generate_part(run_of(pack, seed=4), URL, (1, 2))


def test_what_is_there_already(
    made: Path, pack: Path, tmp_path: Path, storage: type[faulty.Faulty]
) -> None:
    place, run = Place(URL), run_of(pack)
    place.put({"thesis.txt": b"mine"})
    with pytest.raises(InputError, match="contains files that are not a dataset's"):
        generate(run, URL)
    assert list(place.files()) == ["thesis.txt"]
    place.remove(["thesis.txt"])
    generate(run_of(pack, seed=4, splits={"train": 6, "val": 2}), URL)
    with pytest.raises(InputError, match="contains another run"):
        generate(run, URL)
    with pytest.raises(InputError, match="already contains a dataset"):
        generate(run, URL, on_exists="fail")
    place.put({papers.README: b"what I say of it"})
    generate(run, URL, on_exists="overwrite")
    assert place.read(papers.README) == b"what I say of it"
    here = contents(got(tmp_path / "got"))
    assert here == contents(made) | {card.PICTURE: here[card.PICTURE]}  # which goes with the README


def test_memory_is_not_shared(pack: Path) -> None:
    run = run_of(pack)
    with pytest.raises(
        InputError, match=r"lies in the memory of this process.*allowed: one worker"
    ):
        generate(run, "memory://bucket/other", workers=2)
    threads: Any = {"workers": 2, "backend": "threads"}
    assert generate(run, "memory://bucket/other", **threads)["splits"]["train"]["images"] == 6


def test_pictures_that_were_changed(pack: Path) -> None:
    """`verify` reads what is there now, and says so by the URL."""
    generate(run_of(pack), URL)
    place = Place(URL)
    name = next(name for name in place.files() if "/img/" in name)
    place.put({name: b"no picture", "train/img/extra.jpg": b"x"})
    told = "\n".join(stand_in.in_words(problem) for problem in verify(URL).problems)
    assert f"{place.at(name)}: was changed after it was written" in told
    assert f"{URL}/train/img/extra.jpg: does not belong to the dataset" in told
