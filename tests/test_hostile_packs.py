"""Packs made to do harm: each ends in plain words, within bounds of memory, and nothing is written
but to the cache. (Packs damaged at random: `test_fuzz`.)"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RED, disc, write_png

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\n"
PICTURE = "foregrounds/mug/x.png"
MOST_MB = 700  # the pixels of the largest picture that is read are 356 MB


def chunk(name: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + check


def png(width: int, height: int, lines: int, *more: bytes, color: int = 6, bits: int = 8) -> bytes:
    """A PNG whose header and pixels need not fit: `lines` zeros, packed."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(lines), 9))
    begin = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return begin + b"".join(more) + pixels + chunk(b"IEND", b"")


def swollen(name: bytes) -> bytes:
    """A chunk beside the pixels that unpacks to 100 MB."""
    return chunk(name, b"a\0\0" + zlib.compress(bytes(100_000_000), 9))


def webp(side: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + (side - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def put(root: Path, name: str, content: bytes | str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def about(line: str) -> Callable[[Path], None]:
    return lambda root: put(root, "pack.yaml", f"{HEAD}{line}\n")


def picture(content: bytes) -> Callable[[Path], None]:
    return lambda root: put(root, PICTURE, content)


def pipes(root: Path) -> None:
    (root / PICTURE).parent.mkdir(parents=True)
    for name in (PICTURE, "labels.yaml", "labels.jsonl", "foregrounds/pipe"):
        os.mkfifo(root / name)


def links(root: Path) -> None:
    (root / PICTURE).parent.mkdir(parents=True)
    for name, target in (("x", "/dev/zero"), ("y", "../../../outside/secret.png"), ("z", "z.png")):
        (root / f"foregrounds/mug/{name}.png").symlink_to(target)


def deep(root: Path) -> None:
    before = Path.cwd()
    os.chdir(root / "foregrounds")
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    os.chdir(before)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "root is a file": (about("root: pack.yaml"), "root: there is no folder 'pack.yaml'"),
    "root holds devices": (about("root: /dev"), "/dev: has no pictures in its folders"),
    "root with NUL": (about('root: "a\\0b"'), "it must be printable text"),
    "folder outside": (about("foregrounds: ../outside"), "points outside the pack"),
    "folder by its whole path": (about("foregrounds: /etc"), "points outside the pack"),
    "categories outside": (about("category_from: ../c.json"), "there is no file"),
    "links": (links, "is a link that points outside the pack"),
    "pipes": (pipes, "is neither a file nor a folder"),
    "deep folders": (deep, "cannot be read: File name too long"),
    "PNG that unpacks to more": (picture(png(50, 50, 200_000_000)), "shows nothing"),
    "PNG of any size": (picture(png(2**31 - 1, 2**31 - 1, 99)), "allowed: up to 89 million"),
    "PNG of 100 Mpx": (
        picture(png(10_000, 10_000, 12_510_000, color=0, bits=1)),
        "has 10000×10000 pixels, 100 million; allowed: up to 89 million; shrink it",
    ),
    "PNG with a swollen profile": (
        picture(png(50, 50, 201 * 50, swollen(b"iCCP"), swollen(b"zTXt"))),
        "shows nothing: its alpha is empty",
    ),
    "WebP of 268 Mpx": (picture(webp(16_383)), "is broken or truncated"),
    "TIFF": (picture(b"II*\0" + bytes(99)), "is a TIFF"),
    "ZIP": (picture(b"PK\x03\x04" + bytes(99)), "is a ZIP archive, not a picture; unpack it"),
    "TAR": (
        picture(b"../../x.png".ljust(257, b"\0") + b"ustar\0" + bytes(250)),
        "is a TAR archive, not a picture; unpack it",
    ),
    "aliases": (lambda root: put(root, "labels.yaml", "a: &a [x]\nb: [*a, *a]\n"), "anchors are"),
    "nested YAML": (lambda root: put(root, "labels.yaml", "[" * 100_000), "is nested more than 40"),
    "nested JSON": (
        lambda root: put(root, "labels.jsonl", "[" * 100_000),
        "is nested too deeply",
    ),
    "labels of strangers": (
        lambda root: put(root, "labels.jsonl", '{"file": "../../\\u0000x"}\n' * 30_000),
        "has 29000 more labels that fit no picture",
    ),
    "swollen categories": (
        lambda root: (
            put(root, "c.json", "[" + "[]," * 11_000_000 + "1]"),
            about("category_from: c.json")(root),
        ),
        "is too large to be one of categories; allowed: up to 32 MB",
    ),
}

# One process for all: what it has at most taken is the most that any has.
CHILD = """
import json, sys
from pathlib import Path
from refmatte_engine.errors import RefMatteError
from refmatte_engine.packs import catalog
said = {}
for root in sys.argv[2:]:
    try:
        loaded = catalog.load([root], cache=Path(sys.argv[1]), workers=1)
        said[root] = [str(problem) for problem in loaded.problems]
    except RefMatteError as error:
        said[root] = [str(error)]
# Not ru_maxrss, which remembers the process that started this one. Only Linux tells it.
status = Path("/proc/self/status")
most_kb = status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0
print(json.dumps([said, int(most_kb) // 1000]))
"""


def everything(folder: Path) -> dict[str, int]:
    """What lies in the folder, as far as its names can be followed, by when it was changed."""
    found = {}
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(OSError):  # too long a name
                found[f"{above}/{name}"] = Path(above, name).lstat().st_mtime_ns
    return found


def test_hostile_packs_end_in_plain_words_within_bounds(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.png", b"secret")
    for number, (make, _) in enumerate(HOSTILE.values()):
        root = tmp_path / str(number)
        put(root, "pack.yaml", HEAD)
        write_png(root / "foregrounds/cup/ok.png", disc(RED))
        make(root)
    before = everything(tmp_path)
    roots = [str(tmp_path / str(number)) for number in range(len(HOSTILE))]
    cache = tmp_path.parent / f"{tmp_path.name} cache"
    done = subprocess.run(
        [sys.executable, "-c", CHILD, cache, *roots], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said, most_mb = json.loads(done.stdout)
    for root, (name, (_, expected)) in zip(roots, HOSTILE.items(), strict=True):
        assert any(expected in line for line in said[root]), (name, said[root][:3])
        for line in said[root]:
            assert len(line.splitlines()) == 1, (name, line)
            assert len(line) < 12_000, (name, line)
    assert most_mb < MOST_MB
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "words",
    [
        "catalog {}",
        "generate smoke --pack {} --out {}/out --workers 1",
        "ingest rgba_folder {} -o {}/out",
        "export {} --to coco -o {}/out",
    ],
)
def test_a_command_does_not_wait_for_a_pipe(tmp_path: Path, cli, words: str) -> None:  # type: ignore[no-untyped-def]
    """Where pack.yaml, a manifest or a picture is expected, a pipe is none."""
    for name in ("pack.yaml", "manifest.json", "labels.jsonl", "x.png"):
        os.mkfifo(tmp_path / name)
    assert cli(*words.format(*[tmp_path] * 3).split())[0] == 2
