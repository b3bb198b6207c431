"""Folders at URLs: S3 and whatever else fsspec reaches. No other module knows fsspec."""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from refmatte_engine.errors import InputError, MissingExtra, RefMatteError, nearest, needs

Progress = Callable[[int, int], None]
AT_ONCE = 8  # files that are on their way
AGAIN = "what is finished is kept: run the same command again"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_ONE_SLASH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/([^/].*)", re.DOTALL)
_PASSWORD = re.compile(r"[^/@]*:[^/@]*@")


def is_url(where: object) -> bool:
    """Whether something is written as a URL.

    >>> is_url("s3://bucket/big"), is_url("out/demo")
    (True, False)
    """
    return bool(_URL.fullmatch(str(where)))


def path_of(where: str | Path) -> Path | None:
    """The path that `where` is, or that a file:// URL means; None of a URL elsewhere. InputError if
    it would be a URL with one more slash: a slip, or a URL that was made a Path.

    >>> path_of("file:///data/my%20pack").as_posix(), path_of("s3://bucket/pack")
    ('/data/my pack', None)
    """
    found = _URL.fullmatch(str(where))
    if found is None:
        if lost := _ONE_SLASH.fullmatch(str(where)):
            allowed = f"{lost[1]}://{lost[2]}, as text"
            raise InputError(where, "has one slash where a URL has two", allowed=allowed)
        return Path(where)
    if found[1].lower() not in ("file", "local"):
        return None
    return Path(unquote(found[2]).removeprefix("localhost"))


@dataclass(frozen=True)
class Place:
    """A folder at a URL; its files go by their paths below it.

    InputError for a URL that cannot be used: no such protocol, a library that is missing, access
    that is refused. RefMatteError if it cannot be reached or has no space. A file that is not there
    is no error, but for `put`, whose bucket or folder does not exist: InputError.
    """

    url: str

    def __post_init__(self) -> None:
        found = _URL.fullmatch(self.url)
        assert found is not None
        if _PASSWORD.match(found[2]):
            shown = f"{found[1]}://…@{found[2].partition('@')[2]}"
            todo = "leave it to the settings of the protocol's library"
            raise InputError(shown, "holds a password, which would be told to others", todo=todo)
        if not found[2].strip("/"):
            raise InputError(self.url, "names no folder", allowed="PROTOCOL://BUCKET/FOLDER")
        object.__setattr__(self, "url", f"{found[1].lower()}://{found[2].rstrip('/')}")

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.url.rpartition("/")[2]

    @property
    def is_memory(self) -> bool:
        """Whether only this process knows what is there."""
        return self.url.startswith("memory:")

    def at(self, name: str) -> str:
        """The URL of a file."""
        return f"{self.url}/{name}"

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        with self._plainly("be read"):
            fs, base = self._opened()
            try:
                data: bytes = fs.cat_file(f"{base}/{name}")
            except (FileNotFoundError, IsADirectoryError):
                return None
            return data

    def top(self) -> list[str]:
        """The names of the files and folders right in it. InputError if it is a file itself."""
        with self._plainly("be read"):
            fs, base = self._opened()
            fs.invalidate_cache()
            try:
                found = fs.ls(base, detail=True)
            except FileNotFoundError:
                return []
            if [each["name"].strip("/") for each in found if each["type"] == "file"] == [
                base.strip("/")
            ]:
                raise InputError(self.url, "is not a folder")
            names = [each["name"].rstrip("/").rpartition("/")[2] for each in found]
            return sorted(name for name in names if f"{base}/{name}" != f"{base}/")

    def files(self, below: str = "") -> dict[str, str]:
        """All files below a folder, each with a stamp that changes with its content: size, and what
        the storage says of its version. The folder ends in a slash."""
        with self._plainly("be read"):
            fs, base = self._opened()
            fs.invalidate_cache()
            try:
                found = fs.find(f"{base}/{below}".rstrip("/"), detail=True)
            except FileNotFoundError:
                return {}
            inside = f"{base}/".lstrip("/")
            told = {path.lstrip("/").removeprefix(inside): info for path, info in found.items()}
            return {name: _stamp(info) for name, info in told.items() if _is_plain(name)}

    def fetch(self, name: str, path: Path) -> bool:
        """Writes a file of it to `path`, whole; whether it is there. OSError if the disk here does
        not take it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
        try:
            with self._plainly("be read", aside):
                fs, base = self._opened()
                try:
                    fs.get_file(f"{base}/{name}", str(aside))
                except (FileNotFoundError, IsADirectoryError):
                    return False
            aside.replace(path)
            return True
        finally:
            aside.unlink(missing_ok=True)

    def fetch_all(
        self, names: Collection[str], root: Path, progress: Progress | None = None
    ) -> Iterator[str]:
        """Writes files of it to their paths below `root`, several at a time; of each that is there
        its name, once it is here."""
        if progress:
            progress(0, len(names))

        def bring(name: str) -> tuple[str, bool]:
            return name, self.fetch(name, root / name)

        for done, (name, is_there) in enumerate(_at_once(bring, names), 1):
            if is_there:
                yield name
            if progress:
                progress(done, len(names))

    def put(self, files: Mapping[str, Path | bytes]) -> None:
        """Writes files, given by their names, several at a time and in no order."""

        def bring(name: str) -> None:
            what = files[name]
            with self._plainly("be written"):
                fs, base = self._opened()
                try:
                    if isinstance(what, bytes):
                        fs.pipe_file(f"{base}/{name}", what)
                    else:
                        fs.put_file(str(what), f"{base}/{name}")
                except FileNotFoundError as error:
                    raise self._nowhere(error) from None

        for _ in _at_once(bring, files):
            pass

    def create(self, name: str, data: bytes) -> bool:
        """Writes a file, if it is not there yet; whether it was not. Of several that try at once
        one succeeds, as far as the storage can do that: S3 can."""
        with self._plainly("be written"):
            fs, base = self._opened()
            path = f"{base}/{name}"
            fs.invalidate_cache()
            if fs.exists(path):
                return False
            try:
                fs.pipe_file(path, data, mode="create")
            except FileExistsError:
                return False
            except FileNotFoundError as error:
                raise self._nowhere(error) from None
            except (NotImplementedError, TypeError, ValueError):
                fs.pipe_file(path, data)
            return True

    def remove(self, names: Iterable[str]) -> None:
        """Removes files, or folders whose names end in a slash, where they are there."""

        def away(name: str) -> None:
            with self._plainly("be written"), contextlib.suppress(FileNotFoundError):
                fs, base = self._opened()
                fs.rm(f"{base}/{name}".rstrip("/"), recursive=name.endswith("/"))

        for _ in _at_once(away, list(names)):
            pass

    def _opened(self) -> tuple[Any, str]:
        """The file system, of this process, and the folder as it calls it."""
        protocol = self.url.partition(":")[0]
        with needs("remote", f"use {protocol}://"):
            import fsspec
            from fsspec.core import url_to_fs
        try:
            fs, base = url_to_fs(self.url)
        except ImportError as error:
            if protocol in ("s3", "s3a"):
                raise MissingExtra("s3fs", "remote", f"use {protocol}://") from None
            raise InputError(self.url, f"needs a library that is not here: {error}") from None
        except ValueError as error:
            if protocol in fsspec.available_protocols():
                raise InputError(self.url, f"is no URL of its kind: {error}") from None
            allowed = "file, memory, s3, and what else fsspec knows, as gs and sftp"
            todo = nearest(protocol, fsspec.available_protocols())
            raise InputError(
                self.url, f"has an unknown protocol, {protocol!r}", allowed=allowed, todo=todo
            ) from None
        return fs, str(base).rstrip("/")

    @contextlib.contextmanager
    def _plainly(self, doing: str, here: Path | None = None) -> Iterator[None]:
        """Errors in plain words. What libraries of protocols raise has no class in common; an
        OSError about the file `here` is this machine's own."""
        try:
            yield
        except (RefMatteError, FileNotFoundError):
            raise
        except Exception as error:
            if here is not None and getattr(error, "filename", None) == str(here):
                raise
            told = " ".join(str(error).split()) or type(error).__name__
            if isinstance(error, PermissionError) or "redential" in type(error).__name__:
                todo = "see to the credentials, and to what they may do there"
                raise InputError(self.url, f"may not {doing}: {told}", todo=todo) from None
            number = error.errno if isinstance(error, OSError) else None
            if number in (errno.ENOSPC, errno.EDQUOT):
                raise RefMatteError(
                    self.url, "has no space left", todo=f"free some there; {AGAIN}"
                ) from None
            raise RefMatteError(self.url, f"cannot {doing}: {told}", todo=AGAIN) from None

    def _nowhere(self, error: FileNotFoundError) -> InputError:
        told = " ".join(str(error).split())
        todo = "see to its name, or make it first"
        return InputError(self.url, f"cannot be written: {told}", todo=todo)


def _at_once(function: Callable[[str], Any], names: Collection[str]) -> Iterator[Any]:
    """What the function says of each name, in order, by several threads; after an error none is
    begun any more."""
    if len(names) < 2:
        yield from map(function, names)
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(names))) as pool:
        try:
            yield from pool.map(function, names)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _stamp(info: Mapping[str, Any]) -> str:
    versions = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "created")
    version = next((info[key] for key in versions if info.get(key)), "")
    return f"{info.get('size')} {version}"


def _is_plain(name: str) -> bool:
    """Whether a name can be that of a file below a folder here."""
    return bool(name) and not {"", ".", ".."} & set(name.split("/"))
