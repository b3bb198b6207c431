"""Pictures in and out: bounded before decoding, upright, 8-bit sRGB, or refused with a reason."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from isal import isal_zlib
from PIL import Image, ImageCms

from refmatte_engine.errors import InputError

Bytes = npt.NDArray[np.uint8]

MAX_FILE_BYTES = 500_000_000
# Just below the size at which Pillow itself begins to warn.
MAX_PX = 89_000_000
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP")
_PNG = b"\x89PNG\r\n\x1a\n"

# Pillow looks at the size before we can; its warning must not pass as mere output.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

# EXIF orientation → how the stored pixels become upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_rgb(path: Path, max_px: int = MAX_PX) -> Bytes:
    """The picture at `path` as uint8 H×W×3 sRGB. InputError as in `decode_rgb`."""
    return decode_rgb(read_bytes(path), path, max_px)


def read_rgba(path: Path, max_px: int = MAX_PX) -> Bytes:
    """The picture at `path` as uint8 H×W×4, straight alpha. InputError as in `decode_rgba`."""
    return decode_rgba(read_bytes(path), path, max_px)


def read_alpha(path: Path, max_px: int = MAX_PX) -> Bytes:
    """The alpha at `path` as uint8 H×W. InputError as in `decode_alpha`."""
    return decode_alpha(read_bytes(path), path, max_px)


def read_bytes(path: Path) -> bytes:
    """The file's bytes. InputError if it cannot be read or is larger than MAX_FILE_BYTES."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(path, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    return data


def decode_rgb(data: bytes, where: object, max_px: int = MAX_PX) -> Bytes:
    """The encoded picture as uint8 H×W×3 sRGB, upright; an alpha channel is dropped.

    InputError if it is broken, cut short, larger than `max_px`, or in colours that cannot be
    converted. `where` names it in errors.
    """
    image = _opened(data, where, max_px)
    plain = image.mode == "RGB" and "icc_profile" not in image.info
    if image.format == "JPEG" and plain and _orientation(image) == 1 and _is_whole_jpeg(data):
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        return _by_cv2(data, flags, where)
    return _decoded(image, data, where)[..., :3]


def decode_rgba(data: bytes, where: object, max_px: int = MAX_PX) -> Bytes:
    """The encoded picture as uint8 H×W×4 with straight alpha, upright.

    InputError as in `decode_rgb`, and if the picture has no alpha.
    """
    image = _opened(data, where, max_px)
    if not image.has_transparency_data:
        raise InputError(where, "has no alpha channel")
    return _decoded(image, data, where)


def decode_alpha(data: bytes, where: object, max_px: int = MAX_PX) -> Bytes:
    """The encoded alpha as uint8 H×W: a grey picture (of equal channels, or as a palette), or the
    alpha channel of one whose colours say nothing.

    InputError as in `decode_rgb`, and if the picture has colours.
    """
    image = _opened(data, where, max_px)
    # A matte is a measurement, not a colour: no profile may bend it.
    image.info.pop("icc_profile", None)
    pixels = _decoded(image, data, where)
    if pixels.shape[2] == 4:
        if np.ptp(pixels[..., 3]) and not np.ptp(pixels[..., :3]):
            return np.ascontiguousarray(pixels[..., 3])
        if pixels[..., 3].min() < 255:
            raise InputError(where, "has both a picture and an alpha", allowed="a grey picture")
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    if not (np.array_equal(red, green) and np.array_equal(red, blue)):
        raise InputError(where, "is in colour", allowed="a grey picture, white where opaque")
    return np.ascontiguousarray(red)


def encode_jpeg(image: Bytes, quality: int = 95) -> bytes:
    """`image` (uint8 H×W×3 RGB) as JPEG, colour at half resolution (4:2:0)."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def encode_alpha_png(alpha: Bytes) -> bytes:
    """`alpha` (uint8 H×W) as an 8-bit grey PNG.

    Every line but the first is stored as its difference from the one above: on mattes 10 to 20 %
    smaller than plain lines and as fast.
    """
    height, width = alpha.shape
    lines = np.empty((height, width + 1), np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = alpha[0]
    np.subtract(alpha[1:], alpha[:-1], out=lines[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", isal_zlib.compress(lines, 1)), (b"IEND", b""))
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", isal_zlib.crc32(name + body))
        for name, body in parts
    )


def _opened(data: bytes, where: object, max_px: int) -> Image.Image:
    """The picture with its header read and checked; no pixel is decoded yet."""
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(where, f"has more than {max_px // 1_000_000} million pixels") from None
    except Image.UnidentifiedImageError:
        raise InputError(where, "is not a picture", allowed="JPEG, PNG, WebP") from None
    except Exception as error:
        raise _broken(where, error) from None
    width, height = image.size
    if width * height > max_px:
        problem = f"has {width}×{height} pixels, more than {max_px / 1e6:g} million"
        raise InputError(where, problem, todo="shrink it")
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise InputError(where, "is an animation", todo="save one frame of it")
    return image


def _decoded(image: Image.Image, data: bytes, where: object) -> Bytes:
    """All pixels as uint8 H×W×3, or H×W×4 where there is transparency."""
    orientation = _orientation(image)
    try:
        image.load()
        if image.format == "PNG" and data[24] == 16:
            # Pillow cuts 16-bit channels to their high byte; this rounds.
            upright = Image.fromarray(_sixteen_bits(data, where))
            upright.info = dict(image.info)
        else:
            upright = image
        if orientation in _UPRIGHT:
            upright = upright.transpose(_UPRIGHT[orientation])
            upright.info = dict(image.info)
        return np.array(_srgb(upright, where))
    except InputError:
        raise
    except Exception as error:  # what decoders raise on hostile bytes is not a closed list
        raise _broken(where, error) from None


def _srgb(image: Image.Image, where: object) -> Image.Image:
    """The picture in mode RGB or RGBA."""
    profile = image.info.get("icc_profile")
    clear = image.has_transparency_data
    if image.mode in ("1", "P"):
        image = image.convert("RGBA" if clear else "RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        raise InputError(where, f"has colours of the mode {image.mode}", todo="save it as sRGB")
    if profile is None or _is_srgb(profile):
        if image.mode == "CMYK":
            raise InputError(where, "is CMYK without a profile", todo="save it as sRGB")
        return image.convert("RGBA" if clear else "RGB")
    alpha = image.convert("RGBA").getchannel("A") if clear else None
    colours = image if image.mode in ("L", "CMYK") else image.convert(image.mode.rstrip("A"))
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        raise InputError(
            where, f"has a colour profile that does not fit ({image.mode})", todo="save it as sRGB"
        ) from None
    assert converted is not None
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _is_srgb(profile: bytes) -> bool:
    """Whether the profile calls itself sRGB; converting would only add rounding."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _sixteen_bits(data: bytes, where: object) -> Bytes:
    wide = _by_cv2(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION, where)
    pixels: Any = ((wide.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if pixels.ndim == 3:
        order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
        pixels = cv2.cvtColor(pixels, order)
    return np.asarray(pixels)


def _by_cv2(data: bytes, flags: int, where: object) -> Any:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise _broken(where, error) from None
    if pixels is None:
        raise InputError(where, "is broken or cut short")
    return pixels


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # EXIF is often damaged; the pixels are none the worse
        return 1


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether the end-of-image mark is there. libjpeg would make up what is missing."""
    return data.rstrip(b"\0").endswith(b"\xff\xd9")


def _broken(where: object, error: Exception) -> InputError:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(where, f"is broken or cut short: {said[:80]}")
