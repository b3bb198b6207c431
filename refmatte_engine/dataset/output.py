"""Where a run writes: a folder, or a URL, for which a folder here stands while the run goes on.

At a URL there is no rename. So a shard's files are uploaded as they are, its receipt last, and only
what has a receipt counts; at the end the manifest comes last.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refmatte_engine.dataset import attribution, papers
from refmatte_engine.dataset.address import MANIFEST
from refmatte_engine.dataset.run_folder import (
    RUN_FILE,
    OnExists,
    is_strange,
    read_run_file,
    run_folder,
)
from refmatte_engine.dataset.shards import Shard, receipt_path
from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.storage import remote, stand_in
from refmatte_engine.storage.files import disk_errors, files_below, token
from refmatte_engine.storage.remote import Place

LOCK = ".lock"
_FROM_ELSEWHERE = ("img", "mask", ".shards")  # folders of a split that workers upload


@dataclass(frozen=True, slots=True)
class Output:
    """The folder `root` that a run writes into, and the `place` for which it stands, if that is a
    URL; otherwise all methods but `begun` do nothing."""

    root: Path
    place: Place | None = None

    @contextlib.contextmanager
    def begun(
        self,
        run: Mapping[str, Any],
        on_exists: OnExists,
        here: Mapping[str, Any] | None = None,
        *,
        shared: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """`run_folder`, for whatever the run writes into."""
        file = self.root / RUN_FILE
        before = read_run_file(file) if self.place and file.exists() else None
        with run_folder(self.root, run, on_exists, here, shared=shared) as described:
            if self.place is not None:
                if before and on_exists == "overwrite":
                    self._clear(before)
                if not self.place.create(RUN_FILE, data := file.read_bytes()):
                    if shared and before is None:  # another part was sooner: is it of this run?
                        self.place.fetch(RUN_FILE, file)
                        with self.begun(run, on_exists, here, shared=True) as described:
                            yield described
                        return
                    self.place.put({RUN_FILE: data})
            yield described

    def fetch_receipts(
        self,
        splits: Iterable[str],
        mine: Sequence[Shard] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Has the receipts of all that is finished in these splits here, or of these shards."""
        if self.place is None:
            return
        there = {name for each in splits for name in self.place.files(f"{each}/.shards/")}
        if mine is not None:
            paths = (receipt_path(self.root, shard) for shard in mine)
            there &= {path.relative_to(self.root).as_posix() for path in paths}
        names = sorted(name for name in there if not (self.root / name).exists())
        for _ in self.place.fetch_all(names, self.root, progress if names else None):
            pass

    def put(self, *folders: str) -> None:
        """Uploads what was written into these folders of it."""
        if self.place is not None:
            names = [name for each in folders for name in files_below(self.root, f"{each}/")]
            self.place.put({name: self.root / name for name in names})

    def finish(self) -> None:
        """Uploads what there is once all shards are made, the manifest last."""
        if self.place is None:
            return
        for names in (self._ends(), [MANIFEST]):
            self.place.put({name: self.root / name for name in names})

    def _ends(self) -> list[str]:
        not_these = (LOCK, RUN_FILE, MANIFEST)
        return [
            name
            for name in files_below(self.root)
            if name not in not_these and not set(name.split("/")[1:2]) & set(_FROM_ELSEWHERE)
        ]

    def _clear(self, before: Mapping[str, Any]) -> None:
        """Removes what another run wrote there, so that at no time it seems to be finished."""
        assert self.place is not None
        splits = before["run"]["splits"]
        self.place.remove([MANIFEST])
        self.place.remove([f"{split}/.shards/" for split in splits])
        self.place.remove([attribution.FILE, "templates/", *(f"{split}/" for split in splits)])


def look(place: Place) -> list[str]:
    """What lies right at a place. InputError if that is something other than a dataset."""
    there = place.top()
    if RUN_FILE not in there and any(map(is_strange, there)):
        todo = "choose an empty folder"
        raise InputError(place.url, "contains files that are not a dataset's", todo=todo)
    return there


@contextlib.contextmanager
def output(out: str | Path, on_exists: OnExists, *, shared: bool = False) -> Iterator[Output]:
    """What a run writes into at `out`. A URL is held by an object that names who has it, unless the
    run is a part, `shared` with others.

    InputError if another run has it, if it holds something other than a dataset, or as `Place` has
    it.
    """
    path = remote.path_of(out)
    if path is not None:
        yield Output(path)
        return
    place = Place(str(out))
    there = look(place)
    with _held(place, shared):
        root = stand_in.make(place, (token() * 3)[:32])
        try:
            with disk_errors(root):
                # What papers there are may be a person's, who is not to lose them.
                told = [RUN_FILE, attribution.FILE, *papers.FILES]
                for _ in place.fetch_all([name for name in told if name in there], root):
                    pass
            yield Output(root, place)
        finally:
            stand_in.drop(root)


@contextlib.contextmanager
def _held(place: Place, shared: bool) -> Iterator[None]:
    """Holds a URL as far as that goes: nobody notices the end of a process elsewhere, so that its
    lock has to be removed by hand; and two who hold it all the same write the same bytes."""
    if shared:
        yield
        return
    mine = {"host": socket.gethostname(), "process": os.getpid()}
    data = json.dumps(mine).encode()
    while not place.create(LOCK, data):
        try:
            owner = json.loads(place.read(LOCK) or b"{}")
            host, process = str(owner.get("host")), int(owner.get("process", 0))
        except (ValueError, TypeError, AttributeError):
            host, process = "an unknown machine", 0
        if host == mine["host"] and not _is_alive(process):
            place.remove([LOCK])
            continue
        raise InputError(
            place.url,
            f"another run is writing here: process {process} on {host}",
            todo=f"wait for it; if it has ended without a word, remove {place.at(LOCK)}",
        )
    try:
        yield
    finally:
        with contextlib.suppress(Exception):  # the run's own error is the one to tell
            place.remove([LOCK])


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    return True
