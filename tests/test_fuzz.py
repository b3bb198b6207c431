"""Damaged pictures, packs and YAML files end in success or in a one-line error, and soon."""

from __future__ import annotations

import io
import json
import shutil
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image, ImageCms

from refmatte_engine.config.resources import TEMPLATES
from refmatte_engine.config.run import load_run
from refmatte_engine.errors import RefMatteError
from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog, listing, pixels
from tests.conftest import disc, landscape, make_pack, write_png

Rng = np.random.Generator
# The costliest takes 0.3; a clock on the wall would judge the machine.
SECONDS_A_CASE = 10
QUICK = {"pictures": range(160), "packs": range(50), "runs": range(100)}
REST = {"pictures": range(160, 1500), "packs": range(50, 350), "runs": range(100, 800)}


@contextmanager
def must_end_well(case: str) -> Iterator[None]:
    """Success or one line of the engine's own errors, within SECONDS_A_CASE of the processor's."""
    began = time.process_time()
    try:
        yield
    except RefMatteError as error:
        one_line(case, str(error))
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{case}: {type(error).__name__}: {str(error)[:200]}") from error
    assert (took := time.process_time() - began) < SECONDS_A_CASE, f"{case} took {took:.1f} s"


def one_line(case: str, message: str) -> None:
    """What is shown of an error can be printed, on one line, and read."""
    assert len(message.splitlines()) == 1, f"{case}: {message}"
    assert len(message.encode()) < 2000, f"{case}: {message[:200]}"


def damaged(data: bytes, rng: Rng) -> bytes:
    """The bytes with a few of them changed, removed, repeated, or cut off."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if not changed:
            break
        at = int(rng.integers(len(changed)))
        # Half of the damage goes where formats keep sizes and types.
        at = at if rng.random() < 0.5 else at % 64
        length = int(rng.integers(1, 40))
        match int(rng.integers(6)):
            case 0:
                changed[at] ^= 1 << int(rng.integers(8))
            case 1:
                changed[at : at + length] = rng.bytes(length)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                changed[at : at + 4] = struct.pack(">I", int(rng.choice([0, 1, 2**31, 2**32 - 1])))
            case _:
                del changed[int(rng.integers(len(changed))) :]
    return bytes(changed)


def mended(data: bytes) -> bytes:
    """A PNG whose checksums fit again, so that damage gets past them."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        body = data[at + 4 : at + 8 + min(length, len(data))]
        parts.append(data[at : at + 4] + body + struct.pack(">I", zlib.crc32(body)))
        at += 12 + length
    return b"".join(parts)


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    """Small valid pictures of every kind that is read, and some that are refused."""
    photo, thing = Image.fromarray(landscape(1, (60, 80))), Image.fromarray(disc((200, 40, 40)))
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wanted: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (photo, "PNG", {}),
        (photo, "PNG", {"icc_profile": profile}),
        (thing, "PNG", {"exif": exif}),
        (thing.getchannel("A"), "PNG", {}),
        (photo.convert("1"), "PNG", {}),
        (thing.quantize(9), "PNG", {}),
        (photo, "JPEG", {}),
        (photo, "JPEG", {"progressive": True}),
        (photo, "JPEG", {"exif": exif, "icc_profile": srgb.replace(b"sRGB", b"tRGB")}),
        (photo.convert("L"), "JPEG", {}),
        (photo.convert("CMYK"), "JPEG", {"icc_profile": srgb}),
        (photo, "WEBP", {}),
        (thing, "WEBP", {"exif": exif}),
        (thing, "WEBP", {"lossless": True}),
        (
            thing,
            "WEBP",
            {"save_all": True, "append_images": [photo.convert("RGBA").resize((96, 96))]},
        ),
        (photo, "GIF", {}),
    ]
    made = []
    for image, form, options in wanted:
        file = io.BytesIO()
        image.save(file, form, **options)
        made.append(file.getvalue())
    wide = np.asarray(photo).astype(np.uint16) * 257
    made.append(cv2.imencode(".png", wide)[1].tobytes())
    made.append(cv2.imencode(".png", wide[..., 0])[1].tobytes())
    return made


def check_picture(pictures: list[bytes], index: int) -> None:
    rng = np.random.default_rng([1, index])
    data = damaged(pictures[index % len(pictures)], rng)
    if data[:4] == b"\x89PNG" and rng.random() < 0.7:
        data = mended(data)
    decoders: tuple[tuple[Callable[..., Any], int], ...] = (
        (image_io.decode_rgb, 3),
        (image_io.decode_rgba, 4),
        (image_io.decode_alpha, 0),
    )
    for decode, channels in decoders:
        with must_end_well(f"picture {index}, {decode.__name__}"):
            array = decode(data, "x.png")
            assert array.dtype == np.uint8
            assert array.shape[2:] == ((channels,) if channels else ())
            assert array.flags.c_contiguous


ODD: list[Any] = [
    *(None, True, -1, 0, 1e308, float("nan"), 10**30, "", " ", "\n", "\ud800", "x" * 5000),
    *("../../etc/passwd", "/etc", ".", "*", "null", "on", [], {}, [[]], {"": {}}, [None], "🦊"),
    *({"type": "x"}, {"value": 1}, [{"type": []}], list(range(50)), {"a": {"b": {"c": []}}}),
]


def bent(value: Any, rng: Rng) -> Any:
    """The value with one place in it replaced by something odd, or one key misspelt or gone."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = list(value)[int(rng.integers(len(value)))]
        rest = {k: v for k, v in value.items() if k != key}
        match int(rng.integers(6)):
            case 0:
                return rest
            case 1:
                return rest | {str(key)[::-1]: value[key]}
            case _:
                return value | {key: bent(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = int(rng.integers(len(value)))
        return [*value[:at], bent(value[at], rng), *value[at + 1 :]]
    odd = ODD[int(rng.integers(len(ODD)))]
    return nested(int(rng.integers(2, 3000)), rng) if rng.random() < 0.05 else odd


def nested(depth: int, rng: Rng) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value


def as_json(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "[" * 2000 + "]" * 2000


def as_text(value: Any, rng: Rng) -> bytes:
    """YAML or JSON (which is YAML), sometimes damaged."""
    try:
        text = as_json(value) if rng.random() < 0.5 else yaml.safe_dump(value)
    except RecursionError:
        text = "[" * 2000 + "]" * 2000
    data = text.encode("utf-8", "surrogatepass")
    return damaged(data, rng) if rng.random() < 0.4 else data


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a valid pack to copy, a cache, and room for copies."""
    home = tmp_path_factory.mktemp("packs")
    root = make_pack(home / "whole")
    thing = disc((90, 90, 200))
    write_png(root / "foregrounds/vase/pair.png", thing[..., :3])
    write_png(root / "alphas/vase/pair.png", thing[..., 3])
    with (root / "pack.yaml").open("a") as about:
        about.write("colors: own\n")
    catalog.load([home / "whole"], cache=home / "cache")
    return home


def check_pack(home: Path, index: int) -> None:
    rng = np.random.default_rng([2, index])
    root = home / str(index)
    shutil.copytree(home / "whole", root)
    for _ in range(int(rng.integers(1, 4))):
        files = sorted(path for path in root.rglob("*") if path.is_file())
        file = files[int(rng.integers(len(files)))]
        match int(rng.integers(9)):
            case 0:
                file.unlink()
            case 1:
                file.rename(file.with_name(str(rng.choice(["\udcff.png", "b.png", "a\nb.png"]))))
            case 2:
                file.write_bytes(files[int(rng.integers(len(files)))].read_bytes())
            case 3 | 4:
                file.write_bytes(damaged(file.read_bytes(), rng))
            case 5:
                about = root / "pack.yaml"
                if about.exists():
                    value = yaml.safe_load((home / "whole/pack.yaml").read_text())
                    value["defaults"] = {"kind": "object", "attributes": {"color": ["red"]}}
                    about.write_bytes(as_text(bent(value, rng), rng))
            case 6:
                lines = (home / "whole/labels.jsonl").read_text().splitlines()
                labels = {json.loads(line).pop("file"): json.loads(line) for line in lines}
                (root / "labels.yaml").write_bytes(as_text(bent(labels, rng), rng))
                (root / "labels.jsonl").unlink(missing_ok=True)
            case _:
                lines = (home / "whole/labels.jsonl").read_text().splitlines()
                at = int(rng.integers(len(lines)))
                lines[at] = as_json(bent(json.loads(lines[at]), rng))
                (root / "labels.jsonl").write_text("\n".join(lines))
    with must_end_well(f"pack {index}"):
        loaded = catalog.load([root], cache=home / "cache", strict=bool(rng.random() < 0.2))
        listing.as_text(listing.listing(loaded)).encode()
        for problem in loaded.problems:
            one_line(f"pack {index}", str(problem))
        for foreground in list(loaded.foregrounds.values())[:2]:
            pixels.of_foreground(foreground, loaded, (30, 30))
    shutil.rmtree(root)


def check_run(home: Path, index: int) -> None:
    rng = np.random.default_rng([3, index])
    templates = sorted((TEMPLATES / "runs").glob("*.yaml"))
    layouts = sorted((TEMPLATES / "layouts").glob("*.yaml"))
    run = yaml.safe_load(templates[index % len(templates)].read_text())
    if rng.random() < 0.4:
        layout = yaml.safe_load(layouts[index % len(layouts)].read_text())
        (home / "layout.yaml").write_bytes(as_text(bent(layout, rng), rng))
        run["layout"] = "layout.yaml"
    else:
        run = bent(run, rng)
    (home / "run.yaml").write_bytes(as_text(run, rng))
    with must_end_well(f"run {index}"):
        load_run(home / "run.yaml")


def test_some_damaged_pictures(pictures):
    for index in QUICK["pictures"]:
        check_picture(pictures, index)


def test_some_damaged_packs(packs):
    for index in QUICK["packs"]:
        check_pack(packs, index)


def test_some_damaged_run_files(tmp_path):
    for index in QUICK["runs"]:
        check_run(tmp_path, index)


@pytest.mark.slow
def test_many_damaged_pictures(pictures):
    for index in REST["pictures"]:
        check_picture(pictures, index)


@pytest.mark.slow
def test_many_damaged_packs(packs):
    for index in REST["packs"]:
        check_pack(packs, index)


@pytest.mark.slow
def test_many_damaged_run_files(tmp_path):
    for index in REST["runs"]:
        check_run(tmp_path, index)


def test_two_thousand_cases_are_looked_at():
    assert sum(len(cases) for part in (QUICK, REST) for cases in part.values()) >= 2000
