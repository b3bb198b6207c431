"""What an unreadable picture file really is, told from its first bytes."""

from __future__ import annotations

import re
import struct

from refmatte_engine.errors import InputError

READ = "JPEG, PNG or WebP"
_TO_PNG = "convert it to PNG"
_AGAIN = "download or copy it again"

# First bytes, what they begin, what to do.
_BEGINNINGS = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the picture", "run: git lfs pull"),
    (b"/annex/objects/", "is a git-annex pointer, not the picture", "run: git annex get"),
    (b"GIF8", f"is a GIF, not {READ}", _TO_PNG),
    (b"II*\0", f"is a TIFF or a camera's raw file, not {READ}", _TO_PNG),
    (b"MM\0*", f"is a TIFF or a camera's raw file, not {READ}", _TO_PNG),
    (b"II+\0", f"is a TIFF, not {READ}", _TO_PNG),
    (b"MM\0+", f"is a TIFF, not {READ}", _TO_PNG),
    (b"8BPS", f"is a Photoshop document, not {READ}", "save a copy of it as PNG"),
    (b"gimp xcf", f"is a GIMP document, not {READ}", "export it as PNG"),
    (b"\0\0\0\x0cjP  ", f"is a JPEG 2000, not {READ}", _TO_PNG),
    (b"\xffO\xffQ", f"is a JPEG 2000, not {READ}", _TO_PNG),
    (b"\xff\x0a", f"is a JPEG XL, not {READ}", _TO_PNG),
    (b"\0\0\0\x0cJXL ", f"is a JPEG XL, not {READ}", _TO_PNG),
    (b"v/1\x01", f"is an OpenEXR picture, not {READ}", "convert it to a PNG of 8 or 16 bits"),
    (b"#?RADIANCE", f"is an HDR picture, not {READ}", _TO_PNG),
    (b"DDS ", f"is a DDS texture, not {READ}", _TO_PNG),
    (b"qoif", f"is a QOI picture, not {READ}", _TO_PNG),
    (b"\0\0\x01\0", f"is an icon, not {READ}", _TO_PNG),
    (b"icns", f"is an icon, not {READ}", _TO_PNG),
    (b"%PDF", "is a PDF, not a picture", "export its picture as PNG"),
    (b"%!PS", "is PostScript, not a picture", "export its picture as PNG"),
    (b"PK\x03\x04", "is a ZIP archive, not a picture", "unpack it"),
    (b"\x1f\x8b", "is gzip-compressed, not a picture", "unpack it"),
    (b"7z\xbc\xaf", "is a 7-Zip archive, not a picture", "unpack it"),
    (b"Rar!", "is a RAR archive, not a picture", "unpack it"),
    (b"\x93NUMPY", "is a NumPy array, not a picture", "save it as PNG"),
    (b"\x1aE\xdf\xa3", "is a video, not a picture", "save one frame of it as PNG"),
    (b"\0\x05\x16\x07", "is macOS metadata about a file, not the picture", "delete it"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBI", "is a PNG in the format of iPhone apps", _TO_PNG),
    (b"\x89PNG\n", "is a PNG damaged by conversion as text", "copy it as a binary file"),
    (b"\x89PNG\r\r\n", "is a PNG damaged by conversion as text", "copy it as a binary file"),
    (b"\x89PNG", "is a PNG with a broken header", _AGAIN),
    (b"\xef\xbf\xbdPNG", "is a PNG that was saved as text", "copy it as a binary file"),
    (b"\xff\xd8", "is a JPEG that ends at once", _AGAIN),
    (b"RIFF", f"is audio, video or part of a WebP, not {READ}", ""),
)  # fmt: skip
# The kinds of file in the container that MP4 and HEIC share.
_BRANDS = {
    "AVIF": (b"avif", b"avis"),
    "HEIC": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "a camera's raw file": (b"crx ",),
}


def not_read(data: bytes) -> InputError:
    """Why a file that is not a JPEG, PNG or WebP is not read, and what to do."""
    if not data:
        return InputError("", "is empty (0 bytes)", todo=_AGAIN)
    if not data.strip(b"\0"):
        return InputError("", "contains only zeros", todo=_AGAIN)
    for beginning, problem, todo in _BEGINNINGS:
        if data.startswith(beginning):
            return InputError("", problem, todo=todo)
    if data[257:262] == b"ustar":
        return InputError("", "is a TAR archive, not a picture", todo="unpack it")
    if data.startswith(b"BM") and data[15:18] == b"\0\0\0":
        return InputError("", f"is a BMP, not {READ}", todo=_TO_PNG)
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *struct.unpack("4s4s4s4s", data[16:32].ljust(16))}
        for name, known in _BRANDS.items():
            if brands & set(known):
                return InputError("", f"is {name}, not {READ}", todo=_TO_PNG)
        return InputError("", "is a video, not a picture", todo="save one frame of it as PNG")
    if re.match(rb"P[1-7][\s#]", data):
        return InputError("", f"is a PNM picture, not {READ}", todo=_TO_PNG)
    if data[:64].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith((b"\x89PNG\r\n", b"\xff\xd8\xff")):
        return InputError("", "has whitespace or a byte order mark before it", todo=_AGAIN)
    if (text := _text(data)) is not None:
        return _of_text(text)
    return InputError("", f"is not a {READ}", todo=_TO_PNG)


def _text(data: bytes) -> str | None:
    head = data[:4096]
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = head.decode(encoding, "replace")
    unreadable = sum(not (x.isprintable() or x.isspace()) or x == "\ufffd" for x in text)
    return text.strip() if unreadable <= 0.05 * len(text) else None


def _of_text(text: str) -> InputError:
    begins = text[:400].lower()
    if "<svg" in text.lower():
        return InputError("", f"is an SVG drawing, not {READ}", todo="export it as PNG")
    if begins.startswith(("<!doctype html", "<html", "<head", "<body", "<script")):
        return InputError("", "is a web page, not a picture", todo=_AGAIN)
    if "<html" in begins or begins.startswith("<"):
        return InputError("", "is a web page or XML, not a picture", todo=_AGAIN)
    if begins.startswith(("{", "[")):
        return InputError("", "is JSON, not a picture", todo=_AGAIN)
    if begins.startswith("data:image"):
        todo = "decode it: what follows the comma is base64"
        return InputError("", "is a data URL as text, not a picture", todo=todo)
    return InputError("", "is text, not a picture", todo=_AGAIN)
