"""A storage in memory that fails when it is told to: `faulty://…`, for this process."""

from __future__ import annotations

from typing import Any

import fsspec
from fsspec.implementations.memory import MemoryFileSystem


class Faulty(MemoryFileSystem):
    """Writes `left` more files, then raises `error`; reads, while `is_there`."""

    protocol = "faulty"
    store: dict[str, Any] = {}
    pseudo_dirs = [""]
    left: int | None = None
    error: Exception = ConnectionError("the line is dead")
    is_there = True
    written: list[str] = []
    read: list[str] = []

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        return super()._strip_protocol(str(path).removeprefix("faulty:/"))

    def pipe_file(self, path: str, *given: Any, **more: Any) -> None:
        self._count(path)
        super().pipe_file(path, *given, **more)

    def put_file(self, here: str, path: str, *given: Any, **more: Any) -> None:
        self._count(path)
        super().put_file(here, path, *given, **more)

    def get_file(self, path: str, *given: Any, **more: Any) -> None:
        self._read(path)
        super().get_file(path, *given, **more)

    def cat_file(self, path: str, *given: Any, **more: Any) -> bytes:
        self._read(path)
        data: bytes = super().cat_file(path, *given, **more)
        return data

    def ls(self, path: str, *given: Any, **more: Any) -> Any:
        self._read(path)
        return super().ls(path, *given, **more)

    def _read(self, path: str) -> None:
        if not Faulty.is_there:
            raise Faulty.error
        Faulty.read.append(path)

    def _count(self, path: str) -> None:
        if Faulty.left is not None:
            if Faulty.left <= 0:
                raise Faulty.error
            Faulty.left -= 1
        Faulty.written.append(path)


def renewed() -> type[Faulty]:
    """The storage, empty and well."""
    fsspec.register_implementation("faulty", Faulty, clobber=True)
    Faulty.store.clear()
    Faulty.pseudo_dirs[:] = [""]
    Faulty.left, Faulty.is_there = None, True
    Faulty.error = ConnectionError("the line is dead")
    Faulty.written, Faulty.read = [], []
    return Faulty
