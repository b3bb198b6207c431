"""Images in and out: size-checked before decoding, upright, 8-bit sRGB, or refused with a reason.

Doubts about a picture that is read all the same are added to `doubts`, in plain words.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from refmatte_engine.errors import InputError
from refmatte_engine.images import png, signatures
from refmatte_engine.records import U8, U16
from refmatte_engine.storage.files import read_bytes

MAX_PX = 89_000_000
MAX_JPEG_PX = 65_500  # libjpeg's
GREY_WITHIN = 16  # levels that the channels of a grey picture may differ by
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
NO_ALPHA = "has no alpha channel"

# How pixels stored with an EXIF orientation become upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_rgb(path: Path, max_px: int = MAX_PX, doubts: list[str] | None = None) -> U8:
    """The picture at `path` as uint8 H×W×3 sRGB. InputError as in `decode_rgb`."""
    return decode_rgb(read_bytes(path), path, max_px, doubts)


def read_rgba(path: Path, max_px: int = MAX_PX) -> U8:
    """The picture at `path` as uint8 H×W×4, straight alpha. InputError as in `decode_rgba`."""
    return decode_rgba(read_bytes(path), path, max_px)


def read_alpha(path: Path, max_px: int = MAX_PX) -> U8:
    """The alpha at `path` as uint8 H×W. InputError as in `decode_alpha`."""
    return decode_alpha(read_bytes(path), path, max_px)


def read_matte(path: Path, size_hw: tuple[int, ...]) -> U8:
    """The alpha at `path` of a picture of `size_hw`, as uint8 H×W. InputError as in `decode_alpha`,
    and if it is not as large."""
    alpha = read_alpha(path)
    refuse_size(path, alpha.shape, size_hw)
    return alpha


def refuse_size(where: object, found_hw: tuple[int, ...], size_hw: tuple[int, ...]) -> None:
    """InputError unless a matte of `found_hw` is as large as its picture of `size_hw`."""
    if found_hw != size_hw:
        size, allowed = (f"{width}×{height}" for height, width in (found_hw, size_hw))
        raise InputError(where, f"has {size} pixels", allowed=f"its picture's {allowed}")


def decode_rgb(
    data: bytes, where: object, max_px: int = MAX_PX, doubts: list[str] | None = None
) -> U8:
    """The encoded picture as uint8 H×W×3 sRGB, upright; an alpha channel is dropped.

    InputError if it is broken, truncated, larger than `max_px`, or in colours that cannot be
    converted. `where` names it in errors.
    """
    said = [] if doubts is None else doubts
    image = _opened(data, where, max_px, said)
    plain = image.mode == "RGB" and "icc_profile" not in image.info
    if image.format == "JPEG" and plain and _orientation(image) == 1 and _is_whole_jpeg(data):
        with _decoding(where):
            return np.asarray(_by_cv2(data, cv2.IMREAD_COLOR_RGB))
    pixels = _decoded(image, where, said)
    if pixels.shape[2] == 4 and (clear := float(np.mean(pixels[..., 3] < 255))):
        said.append(f"its alpha is not used; {_percent(clear)} of it is not opaque")
    return np.ascontiguousarray(pixels[..., :3])


def decode_rgba(
    data: bytes, where: object, max_px: int = MAX_PX, doubts: list[str] | None = None
) -> U8:
    """The encoded picture as uint8 H×W×4 with straight alpha, upright.

    InputError as in `decode_rgb`, and if the picture has no alpha.
    """
    said = [] if doubts is None else doubts
    image = _opened(data, where, max_px, said)
    if not image.has_transparency_data:
        todo = "save it with one, or give its alpha as a separate file"
        raise InputError(where, NO_ALPHA, todo=todo)
    return _decoded(image, where, said)


def decode_alpha(
    data: bytes, where: object, max_px: int = MAX_PX, doubts: list[str] | None = None
) -> U8:
    """`decode_levels` rounded to 8 bits: uint8 H×W."""
    return rounded(decode_levels(data, where, max_px, doubts))


def decode_levels(
    data: bytes, where: object, max_px: int = MAX_PX, doubts: list[str] | None = None
) -> U8 | U16:
    """The encoded alpha as stored, upright: uint16 H×W for a 16-bit grey PNG, else uint8 H×W. An
    alpha is a grey picture (also one with equal channels, or a palette), or the alpha channel of a
    picture whose colours are uniform or equal to it.

    InputError as in `decode_rgb`, and if the picture has colours.
    """
    image = _opened(data, where, max_px, [] if doubts is None else doubts)
    with _decoding(where):
        if isinstance(image, PngImageFile) and png.is_grey(data) and png.bits(data) == 16:
            image.load()
            wide: U16 = _by_cv2(image.info["data"], cv2.IMREAD_UNCHANGED)
            turn = _TURNS.get(_orientation(image))
            return wide if turn is None else np.array(Image.fromarray(wide).transpose(turn))
        was_palette = image.mode == "P"
        # A matte is a measurement, not a colour: no profile may bend it.
        image.info.pop("icc_profile", None)
        upright = _upright(image)
        if upright.mode == "L" and not upright.has_transparency_data:
            return np.array(upright)
        pixels = np.array(_srgb(upright, []))
        colors = pixels[..., :3]
        if pixels.shape[2] == 4 and pixels[..., 3].min() < 255:
            if colors.min() < colors.max() and (colors != pixels[..., 3:]).any():
                raise InputError(
                    "",
                    "has both colours and an alpha",
                    allowed="a grey picture",
                    todo="save its alpha channel as one, or use it as a foreground",
                )
            return np.ascontiguousarray(pixels[..., 3])
        spread = np.ptp(colors, axis=2)
        if 0 < spread.max() <= GREY_WITHIN:  # as lossy formats leave it
            return np.rint(colors.mean(axis=2)).astype(np.uint8)
        if spread.any():
            problem = f"is in colour: its channels differ by up to {spread.max()} of 255"
            todo = "save the channel that holds it as one"
            packed = colors.astype(np.uint32) @ np.array([1, 256, 65536], np.uint32)
            if was_palette or len(np.unique(packed)) <= 32:
                problem = "has only a few colours: a label map?"
                todo = "make a mask of 0 and 255 per thing"
            allowed = "a grey picture, white where opaque"
            raise InputError("", problem, allowed=allowed, todo=todo)
        return np.ascontiguousarray(colors[..., 0])


def rounded(levels: U8 | U16) -> U8:
    """16-bit levels rounded to 8 bits; 8-bit levels unchanged."""
    if levels.dtype == np.uint8:
        return np.asarray(levels, np.uint8)
    return ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def orientation(data: bytes) -> int:
    """The EXIF orientation of an encoded picture: 1 (upright) to 8."""
    with _decoding(""):
        return _orientation(_opened(data, "", MAX_PX, []))


def size_hw(path: Path, max_px: int = MAX_PX) -> tuple[int, int]:
    """The height and width of the picture in a file, upright; its pixels stay unread. InputError as
    in `read_rgb`, as far as its header shows."""
    image = _opened(read_bytes(path), path, max_px, [])
    width, height = image.size
    return (width, height) if _orientation(image) >= 5 else (height, width)


def encode_jpeg(image: U8, quality: int = 95) -> bytes:
    """`image` (uint8 H×W×3 RGB) as JPEG, colour at half resolution (4:2:0). InputError if it is too
    large for a JPEG."""
    if max(image.shape) > MAX_JPEG_PX:
        size = f"a picture of {image.shape[1]}×{image.shape[0]} px"
        allowed = f"sides up to {MAX_JPEG_PX}"
        raise InputError(size, "is too large for a JPEG", allowed=allowed, todo="make a PNG")
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def encode_png(pixels: U8 | U16) -> bytes:
    """`pixels` as a PNG (see `png.encode`)."""
    return png.encode(pixels)


def encode_alpha_png(alpha: U8) -> bytes:
    """`alpha` (uint8 H×W) as an 8-bit grey PNG."""
    return encode_png(alpha)


@contextmanager
def _decoding(where: object) -> Iterator[None]:
    """Reports whatever fails inside as an error about the file `where`."""
    try:
        yield
    except InputError as error:
        raise InputError(where, error.problem, allowed=error.allowed, todo=error.todo) from None
    except Exception as error:  # what decoders raise on hostile bytes is no closed list
        said = (str(error).splitlines() or [""])[0][:80]
        problem = f"is broken or truncated ({said})" if said else "is broken or truncated"
        raise InputError(where, problem, todo="download or copy it again") from None


def _opened(data: bytes, where: object, max_px: int, doubts: list[str]) -> Image.Image:
    """The picture with its header read and checked; no pixel is decoded yet. Its `info` has the
    bytes that the decoder sees as "data"."""
    with _decoding(where):
        image: Image.Image
        # Each by its class: Image.open tries others, hides why, and has a bound of its own.
        if png.is_png(data):
            data, profile = png.plain(data, doubts)
            image = PngImageFile(io.BytesIO(data))
            if profile is not None:
                image.info["icc_profile"] = profile
        elif data.startswith(b"\xff\xd8\xff"):
            image = JpegImageFile(io.BytesIO(data))
        elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            image = WebPImageFile(io.BytesIO(data))
        else:
            raise signatures.not_read(data)
        width, height = image.size
        if width * height > max_px:
            problem = f"has {width}×{height} pixels, {width * height / 1e6:,.4g} million"
            allowed = f"up to {max_px / 1e6:g} million"
            raise InputError("", problem, allowed=allowed, todo="shrink it")
        if getattr(image, "n_frames", 1) > 1:
            raise InputError("", "is an animation", todo="save one frame of it")
        image.info["data"] = data
        return image


def _decoded(image: Image.Image, where: object, doubts: list[str]) -> U8:
    """All pixels as uint8 H×W×3, or H×W×4 if there is transparency."""
    with _decoding(where):
        return np.array(_srgb(_upright(image), doubts))


def _upright(image: Image.Image) -> Image.Image:
    """The decoded picture, turned upright by its EXIF, at most 8 bits per channel."""
    turn, data = _TURNS.get(_orientation(image)), image.info["data"]
    image.load()
    if image.format == "PNG" and png.bits(data) == 16:
        # Pillow cuts 16-bit channels to their high byte; this rounds.
        wide = _by_cv2(data, cv2.IMREAD_UNCHANGED)
        if 0 < wide.max() <= 255:
            problem = f"has 16 bits, and no value above {wide.max()} of 65535"
            raise InputError("", problem, todo="save it with 8 bits, or multiply it by 257")
        small = rounded(wide)
        if small.ndim == 3:
            small[..., :3] = small[..., 2::-1].copy()
        profile = image.info.get("icc_profile")
        image = Image.fromarray(small)
        if profile is not None:
            image.info["icc_profile"] = profile
    return image if turn is None else image.transpose(turn)


def _srgb(image: Image.Image, doubts: list[str]) -> Image.Image:
    """The picture in mode RGB or RGBA."""
    profile = image.info.get("icc_profile")
    clear = image.has_transparency_data
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if clear else "RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        raise InputError("", f"has the colour mode {image.mode}", todo="save it as sRGB")
    if profile is None or (_is_srgb(profile) and image.mode != "CMYK"):
        if image.mode == "CMYK":
            doubts.append("is CMYK without a colour profile: its colours are only approximate")
        return image.convert("RGBA" if clear else "RGB")
    alpha = image.convert("RGBA").getchannel("A") if clear else None
    colors = image if image.mode == "CMYK" else image.convert(image.mode.removesuffix("A"))
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(colors, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # As browsers do. What a grey or RGB picture loses is slight, ink is only guessed.
        own, kind = {"L": "grey"}.get(colors.mode, colors.mode), _KINDS.get(profile[16:20], "")
        fault = f"is for {kind}" if kind not in ("", own) else "is broken"
        taken = "its colours are only approximate" if own == "CMYK" else "read as sRGB"
        doubts.append(f"its colour profile {fault}, the picture is {own}: {taken}")
        converted = colors.convert("RGB")
    assert converted is not None
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


# What a colour profile says that it is for.
_KINDS = {b"RGB ": "RGB", b"GRAY": "grey", b"CMYK": "CMYK", b"Lab ": "Lab"}


def _is_srgb(profile: bytes) -> bool:
    """Whether the profile is named sRGB; converting would only add rounding."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _percent(share: float) -> str:
    return f"{max(1, round(100 * share))} %"


def _by_cv2(data: bytes, flags: int) -> Any:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ValueError("no pixels")
    return pixels


def _orientation(image: Image.Image) -> int:
    try:
        turn = int(image.getexif().get(0x0112, 1))
    except Exception:  # EXIF is often damaged, and the pixels none the worse
        return 1
    return turn if turn in _TURNS else 1  # many write 0, which says nothing


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether the end-of-image marker is present; without it, OpenCV invents the missing pixels."""
    return data.rstrip(b"\0").endswith(b"\xff\xd9")
