"""Scans: what decoding a pack's pictures once reveals, cached by content."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL
from pydantic import ValidationError

from refmatte_engine.errors import InputError
from refmatte_engine.images import alphas, background_checks, image_io, likeness
from refmatte_engine.packs import cutouts
from refmatte_engine.packs.labels import BackgroundLabel, Label
from refmatte_engine.packs.pack import AssetFile, Pack
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.records import GroundFrom, from_json, to_json
from refmatte_engine.storage import files

Stamp = tuple[int, int, int, int]
# Of the files of a pack by path: the stamp they had, and the hash of their content then.
Stamps = dict[str, tuple[Stamp, str]]

# Changes whenever a measurement does, and with what decodes: others read a JPEG a little otherwise.
_CHECKS = f"{background_checks.VERSION}.{likeness.VERSION}"
_VERSION = f"11.{cutouts.VERSION}.{_CHECKS}-{PIL.__version__}-{cv2.__version__}"
STAMPS, SCANS = f"stamps-{_VERSION}", f"scans-{_VERSION}"
# Longest side of a background that images of the bundled layouts enlarge four times and more; and
# of a thing that is too small for most of them, however far they may enlarge it.
COARSE_PX, TINY_PX = 160, 48
# A file may change again within the clock's grain; only older ones are trusted by their stamp.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Scan:
    """What one picture is: as in `Foreground`, or size and digest only for a background; or the
    `problem` that makes it unusable (`lacks_alpha` if that is all). `notes` say what is doubtful in
    a picture that is used; `is_shape` that it shows a grey shape and no more, as an alpha does;
    `content` names the picture's own file by what is in it, `alpha_digest` the alpha's pixels where
    that is a file of its own; `touches` where the thing meets the frame of its picture, in words;
    `seems` what a background may show that does not belong there; `ground` where its ground seems
    to be; `look` what the picture looks like (`likeness`).

    All of it follows from the content of the picture's files, their purpose and what is fixed."""

    size_hw: tuple[int, int] = (0, 0)
    digest: str = ""
    softness: float = 0.0
    opacity: float = 1.0
    fill: float = 1.0
    cut_edges: tuple[str, ...] = ()
    problem: str = ""
    lacks_alpha: bool = False
    notes: tuple[str, ...] = ()
    is_shape: bool = False
    content: str = ""
    alpha_digest: str = ""
    touches: str = ""
    seems: tuple[str, ...] = ()
    ground: tuple[float, float] | None = None
    look: str = ""


def scan(
    packs: Sequence[Pack], cache: Path, progress: Progress | None, workers: int = 0
) -> list[list[Scan]]:
    """For each pack, one Scan per picture, in the order of `Pack.pictures`.

    What `cache` holds is not decoded again; the rest is, by `workers` workers (0: one per
    processor), with `progress(done, total)` called after each. What is decoded is kept at once, so
    that an interrupted scan goes on where it was.
    """
    books = [cache / STAMPS / f"{_hash(bytes(p.root.resolve()))}.json" for p in packs]
    stamps = [_read_stamps(book) for book in books]
    scans: dict[tuple[int, int], Scan] = {}
    todo: list[tuple[int, int]] = []
    for i, pack in enumerate(packs):
        for j, picture in enumerate(pack.pictures):
            hashes = [_known(pack.root, path, stamps[i]) for path in paths(picture)]
            if (found := _recall(cache, _key(picture, hashes))) is not None:
                scans[i, j] = found
            else:
                todo.append((i, j))
    total = len(scans) + len(todo)
    unknown = [(packs[i].root, packs[i].pictures[j], cache) for i, j in todo]
    looks = spread(_look, unknown, workers=workers, threads=True)
    try:
        for (i, j), (hashes_now, found) in zip(todo, looks, strict=True):
            scans[i, j] = found
            stamps[i].update(hashes_now)
            if progress is not None:
                progress(len(scans), total)
    finally:
        before = time.time_ns() - _SETTLED_NS
        for i in {i for i, _ in todo} | _forget_gone(packs, stamps):
            settled = {path: entry for path, entry in stamps[i].items() if entry[0][2] < before}
            written = {"root": str(packs[i].root.resolve()), "files": settled}
            files.write_cache(books[i], json.dumps(written).encode())
    for book in books:  # when the pack was last used
        files.touch(book)
    return [[scans[i, j] for j in range(len(pack.pictures))] for i, pack in enumerate(packs)]


def _forget_gone(packs: Sequence[Pack], stamps: Sequence[Stamps]) -> set[int]:
    """Drops the stamps of files that are not there any more; the numbers of the packs with such."""
    changed = set()
    for i, pack in enumerate(packs):
        read = {path for picture in pack.pictures for path in paths(picture)}
        # What is not read now may belong to another pack in the same folder.
        gone = [path for path in stamps[i].keys() - read if not (pack.root / path).exists()]
        for path in gone:
            del stamps[i][path]
            changed.add(i)
    return changed


def _look(root: Path, picture: AssetFile, cache: Path) -> tuple[Stamps, Scan]:
    """The scan of a picture, from the cache by its files' content or by decoding; and the content
    hashes of its files with the stamps they had before reading."""
    hashes: Stamps = {}
    try:
        contents, known_as = [], []
        for path in paths(picture):
            stamp = _stamp(root / path)
            contents.append(files.read_bytes(root / path))
            known_as.append(_hash(contents[-1]))
            hashes[path] = (stamp, known_as[-1])
        key = _key(picture, known_as)
        if (known := _recall(cache, key)) is not None:
            return hashes, known
        found = replace(_measure(picture, contents), content=known_as[0])
    except InputError as error:
        problem = str(error).removeprefix(f"{root / picture.path}: ")
        return hashes, Scan(problem=problem, lacks_alpha=error.problem == image_io.NO_ALPHA)
    files.write_cache(_scan_file(cache, key), json.dumps(to_json(found)).encode())
    return hashes, found


def _measure(picture: AssetFile, contents: list[bytes]) -> Scan:
    if not isinstance(picture.label, Label):
        doubts: list[str] = []
        pixels = image_io.decode_rgb(contents[0], "", doubts=doubts)
        height, width = pixels.shape[:2]
        if min(height, width) < cutouts.SMALLEST_PX:
            raise InputError("", f"is only {width}×{height} pixels")
        if max(height, width) < COARSE_PX:
            doubts.append(f"is only {width}×{height} pixels: images before it are enlarged")
        return Scan(
            (height, width),
            cutouts.pixel_digest(pixels),
            notes=tuple(doubts),
            seems=background_checks.doubts(pixels),
            ground=background_checks.ground(pixels),
            look=likeness.signature(pixels),
        )
    if contents[1:] == contents[:1]:
        raise InputError("", "is identical to its alpha file", todo="put the image in its place")
    is_mixed = bool(picture.alpha_path) and not picture.own_colors
    cutout = cutouts.decode(
        contents[0],
        contents[1] if picture.alpha_path else None,
        picture.fix,
        examine="photograph" if is_mixed else "alpha",
    )
    alpha = cutout.rgba[..., 3]
    height, width = alpha.shape
    said = f"shows something of only {width}×{height} pixels: too small for most layouts"
    return Scan(
        size_hw=(height, width),
        digest=cutout.digest,
        softness=round(alphas.softness(alpha), 4),
        opacity=round(alphas.opacity(alpha), 4),
        fill=round(float(alpha.mean()) / 255, 4),
        cut_edges=cutout.cut_edges,
        is_shape=_is_shape(cutout.rgba),
        notes=(*cutout.notes, *((said,) if max(height, width) < TINY_PX else ())),
        alpha_digest=cutouts.pixel_digest(alpha) if picture.alpha_path else "",
        touches=cutout.touches,
        look=likeness.signature(cutout.rgba),
    )


def _is_shape(rgba: npt.NDArray[np.uint8]) -> bool:
    """Whether all visible pixels are white, or black, or as bright as they are opaque."""
    seen = rgba[rgba[..., 3] >= cutouts.SEEN].astype(np.int16)
    grey, alpha = seen[:, 1], seen[:, 3]
    if np.abs(seen[:, :3] - grey[:, None]).max() > 2:
        return False
    return bool(grey.min() >= 250 or grey.max() <= 5 or np.abs(grey - alpha).mean() <= 2)


def standing(label: BackgroundLabel, found: Scan) -> tuple[tuple[float, float] | None, GroundFrom]:
    """Where feet may stand in a background, and who says so. Who labelled its horizon has looked at
    its ground."""
    if label.ground is not None or label.horizon is not None:
        return label.ground, label.ground_from
    if background_checks.NO_GROUND & {*found.seems}:
        return None, "refused"
    return found.ground, "unknown" if found.ground is None else "estimated"


def paths(picture: AssetFile) -> list[str]:
    """The files of a picture, below its pack's root."""
    return [picture.path, picture.alpha_path] if picture.alpha_path else [picture.path]


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    # The time of the last change of any kind cannot be set back by a user, the other can; a link
    # that leads elsewhere now leads to another inode.
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def _known(root: Path, path: str, stamps: Stamps) -> str:
    """The content hash of a file untouched since it was last read, or empty."""
    entry = stamps.get(path)
    try:
        return entry[1] if entry and entry[0] == _stamp(root / path) else ""
    except InputError:
        return ""


def _read_stamps(book: Path) -> Stamps:
    try:
        data: Any = json.loads(book.read_bytes())["files"]
        return {str(path): (tuple(stamp), str(known)) for path, (stamp, known) in data.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _key(picture: AssetFile, hashes: list[str]) -> str:
    """Names what a scan depends on; empty if one of the files is not known."""
    use = "b"
    if isinstance(picture.label, Label):
        use = "o" if picture.own_colors else "f"
    return "-".join([use, *hashes, *picture.fix]) if all(hashes) else ""


def _scan_file(cache: Path, key: str) -> Path:
    return cache / SCANS / key[2:4] / f"{key}.json"


def _recall(cache: Path, key: str) -> Scan | None:
    try:
        return from_json(Scan, json.loads(_scan_file(cache, key).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None
