"""PNG as bytes: a fast encoder, and a reader that skips everything but pixels."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from refmatte_engine.errors import InputError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PROFILE_BYTES = 16_000_000
_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"tRNS")
_BESIDES = (b"eXIf", b"acTL")  # how the picture is turned, and whether it moves
# Up to so many bytes ISA-L (2.32) deflates one by one. In the first of more, its x86 assembly looks
# for the third byte by what a register happens to hold: the address of its own state. So now and
# then a process would write another stream of the same pixels.
_FIRST_BYTES = 16


def is_png(data: bytes) -> bool:
    """Whether the data begin with a PNG's signature and header."""
    return data.startswith(SIGNATURE) and data[12:16] == b"IHDR" and len(data) > 33


def bits(data: bytes) -> int:
    """The bits per channel of a PNG (`is_png`)."""
    return data[24]


def is_grey(data: bytes) -> bool:
    """Whether a PNG (`is_png`) has a grey channel and no other."""
    return data[25] == 0


def plain(data: bytes, doubts: list[str]) -> tuple[bytes, bytes | None]:
    """The PNG reduced to what its pixels need, and its colour profile, if it has one.

    Text of any length, and all else that does not affect pixels, is dropped; damage there is added
    to `doubts`. InputError if a checksum of the pixels is wrong (decoders ignore it).
    """
    parts: list[bytes | memoryview] = [SIGNATURE]
    profile, has_pixels, at = None, False, len(SIGNATURE)
    whole, size = memoryview(data), len(data)
    while at + 12 <= size:
        length, name = struct.unpack(">I4s", whole[at : at + 8])
        after = at + 12 + length
        body = whole[at + 8 : after - 4]
        if after > size:
            if name == b"IDAT" or not has_pixels:
                return b"".join([*parts, whole[at:]]), profile
            doubts.append("its end, after the pixels, is missing")
            break
        is_sound = isal_zlib.crc32(whole[at + 4 : after - 4]) == int.from_bytes(
            whole[after - 4 : after], "big"
        )
        if not is_sound and name in _PIXELS:
            todo = "download or copy it again"
            raise InputError("", "is broken: a checksum of its pixels is wrong", todo=todo)
        if not is_sound and name != b"IEND":
            doubts.append(f"the checksum of its {_shown(name)} is wrong: it is ignored")
        elif name == b"iCCP":
            profile = _profile(bytes(body), doubts)
        elif name in _PIXELS or name in _BESIDES:
            parts.append(whole[at:after])
        has_pixels |= name == b"IDAT"
        at = after
        if name == b"IEND":
            break
    else:
        doubts.append("its end, after the pixels, is missing")
    return b"".join([*parts, _chunk(b"IEND", b"")]), profile


def _profile(body: bytes, doubts: list[str]) -> bytes | None:
    _, _, packed = body.partition(b"\0")
    try:
        unpacking = zlib.decompressobj()
        profile = unpacking.decompress(packed[1:], MOST_PROFILE_BYTES)
        if unpacking.eof:
            return profile
    except zlib.error:
        pass
    doubts.append("its colour profile is broken: read as sRGB")
    return None


def _shown(name: bytes) -> str:
    return {b"iCCP": "colour profile", b"eXIf": "EXIF"}.get(name, ascii(name)[2:-1])


def encode(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> bytes:
    """`pixels` (uint8 or uint16; H×W grey, H×W×3 RGB or H×W×4 RGBA) as a PNG of 8 or 16 bits.

    Every line but the first is stored as its difference from the one above: on mattes 10 to 20 %
    smaller than plain lines and as fast.
    """
    height, width = pixels.shape[:2]
    size = pixels.itemsize
    plain_lines = np.ascontiguousarray(pixels, f">u{size}").reshape(height, -1).view(np.uint8)
    lines: Any = np.empty((height, plain_lines.shape[1] + 1), np.uint8)
    lines[0, 1:] = plain_lines[0]
    np.subtract(plain_lines[1:], plain_lines[:-1], out=lines[1:, 1:])
    color = 0 if pixels.ndim == 2 else {3: 2, 4: 6}[pixels.shape[2]]
    return _encoded(lines, width, 8 * size, color)


def encode_part(part: npt.NDArray[np.uint8], at_xy: tuple[int, int], hw: tuple[int, int]) -> bytes:
    """A grey picture of height and width `hw` that is 0 but for `part` (uint8 H×W), whose upper
    left pixel is at `at_xy`: the bytes that `encode` makes of it."""
    (x, y), (height, width), (high, wide) = at_xy, hw, part.shape
    lines = np.zeros((height, width + 1), np.uint8)
    there = lines[:, 1 + x : 1 + x + wide]
    there[y] = part[0]
    np.subtract(part[1:], part[:-1], out=there[y + 1 : y + high])
    if y + high < height:
        np.negative(part[-1], out=there[y + high])
    return _encoded(lines, width, 8, 0)


def _encoded(lines: npt.NDArray[np.uint8], width: int, depth: int, color: int) -> bytes:
    """The PNG of lines of differences, of which the first byte is free."""
    lines[:, 0] = 2
    header = struct.pack(">IIBBBBB", width, len(lines), depth, color, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", _deflated(lines.reshape(-1))), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _deflated(data: npt.NDArray[np.uint8]) -> bytes:
    """The bytes as a zlib stream, which depends on them alone."""
    packing = isal_zlib.compressobj(1)
    first = packing.compress(data[:_FIRST_BYTES]) + packing.flush(isal_zlib.Z_SYNC_FLUSH)
    return first + packing.compress(data[_FIRST_BYTES:]) + packing.flush()


def _chunk(name: bytes, body: bytes) -> bytes:
    check = isal_zlib.crc32(body, isal_zlib.crc32(name))
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)
