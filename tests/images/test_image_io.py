import io
import struct
import threading
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io, png
from tests.conftest import landscape

greys = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))
colors = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20).map(lambda hw: (*hw, 3))
)
PICTURE = landscape(1)
SOFT = np.rint(np.linspace(0, 255, 240) * np.ones((160, 1))).astype(np.uint8)


def encoded(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def pil(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@given(greys)
def test_an_alpha_survives_and_others_can_read_it(alpha):
    data = image_io.encode_alpha_png(alpha)
    assert np.array_equal(image_io.decode_alpha(data, ""), alpha)
    assert np.array_equal(pil(data), alpha)
    assert Image.open(io.BytesIO(data)).mode == "L"
    assert np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), -1), alpha)


@given(greys, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_a_part_is_encoded_as_the_picture_that_is_black_around_it(part, left, top, right, bottom):
    whole = np.pad(part, ((top, bottom), (left, right)))
    assert png.encode_part(part, (left, top), whole.shape) == png.encode(whole)


def test_a_png_is_the_same_wherever_in_memory_it_is_made():
    """Each thread has a stack of its own, and what each holds moves what is allocated next."""
    clear = [np.zeros(size_hw, np.uint8) for size_hw in ((1, 17), (2, 9), (4, 5), (3, 10))]
    pictures = [*clear, np.tile(np.uint8([9, 7, 5, 3, 8, 2]), (1, 4)), SOFT]
    made, held, all_made = set(), [], threading.Event()

    def make():
        for picture in pictures:
            held.append(bytearray(1 << 16))
            made.add(png.encode(picture))
        all_made.wait()

    before = threading.stack_size(1 << 20)
    try:
        threads = [threading.Thread(target=make) for _ in range(200)]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
        all_made.set()
    for thread in threads:
        thread.join()
    assert len(made) == len(pictures)


@given(colors)
@settings(max_examples=30)
def test_a_png_survives_and_others_can_read_it(image):
    data = image_io.encode_png(image)
    assert np.array_equal(image_io.decode_rgb(data, ""), image)
    assert np.array_equal(pil(data), image)


def test_views_and_slices_encode_like_copies():
    part = PICTURE[::2, 10:50]
    assert image_io.encode_png(part) == image_io.encode_png(part.copy())
    assert image_io.encode_alpha_png(SOFT.T) == image_io.encode_alpha_png(SOFT.T.copy())


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_the_quick_way_through_a_jpeg_gives_pillows_pixels(options):
    data = encoded(Image.fromarray(PICTURE), "JPEG", quality=90, **options)
    assert np.array_equal(image_io.decode_rgb(data, ""), pil(data))


def test_a_jpeg_of_ours_is_close_to_the_picture():
    again = image_io.decode_rgb(image_io.encode_jpeg(PICTURE, 95), "")
    assert np.abs(again.astype(int) - PICTURE).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_obeyed(orientation, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(PICTURE)
    for form, options in (("PNG", {}), ("JPEG", {"quality": 95})):
        data = encoded(stored, form, exif=exif, **options)
        shown = image_io.decode_rgb(data, "")
        upright = {
            1: lambda a: a,
            2: lambda a: a[:, ::-1],
            3: lambda a: a[::-1, ::-1],
            4: lambda a: a[::-1],
            5: lambda a: a.transpose(1, 0, 2),
            6: lambda a: np.rot90(a, -1),
            7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
            8: lambda a: np.rot90(a, 1),
        }[orientation]
        assert np.array_equal(shown, upright(pil(data)))
        (tmp_path / "picture").write_bytes(data)
        assert image_io.size_hw(tmp_path / "picture") == shown.shape[:2]


def test_palette_grey_and_one_bit_become_colours():
    grey = Image.fromarray(PICTURE).convert("L")
    expected = np.repeat(np.asarray(grey)[..., None], 3, axis=2)
    assert np.array_equal(image_io.decode_rgb(encoded(grey), ""), expected)
    palette = Image.fromarray(PICTURE).quantize(17)
    assert np.array_equal(
        image_io.decode_rgb(encoded(palette), ""), np.asarray(palette.convert("RGB"))
    )
    assert set(np.unique(image_io.decode_rgb(encoded(grey.convert("1")), ""))) == {0, 255}


def test_transparent_palettes_have_an_alpha():
    picture = Image.fromarray(np.dstack((PICTURE, SOFT // 200 * 255))).quantize(9)
    rgba = image_io.decode_rgba(encoded(picture), "")
    assert rgba.shape == (160, 240, 4)
    assert {0, 255} <= set(np.unique(rgba[..., 3]))


def test_sixteen_bits_are_rounded_not_cut():
    wide = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    expected = np.floor(wide / 257 + 0.5)
    done, data = cv2.imencode(".png", wide)
    assert done
    assert np.array_equal(image_io.decode_alpha(data.tobytes(), ""), expected)
    done, data = cv2.imencode(".png", np.dstack((wide, wide[::-1], wide.T, wide)))
    rgba = image_io.decode_rgba(data.tobytes(), "")
    assert np.array_equal(rgba[..., 2], expected)
    assert np.array_equal(rgba[..., 1], expected[::-1])
    assert np.array_equal(rgba[..., 0], expected.T)
    assert np.array_equal(rgba[..., 3], expected)


def test_a_colour_profile_is_applied():
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = encoded(Image.fromarray(PICTURE), icc_profile=srgb)
    assert np.array_equal(image_io.decode_rgb(same, ""), PICTURE)
    # Linear light of level 128 is level 188 in sRGB.
    data = encoded(Image.new("RGB", (9, 9), (128, 128, 128)), icc_profile=gamma_profile(1.0))
    assert np.abs(image_io.decode_rgb(data, "").astype(int) - 188).max() <= 1
    doubts: list[str] = []
    other = encoded(Image.fromarray(PICTURE), icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    assert np.array_equal(image_io.decode_rgb(other, "", doubts=doubts), PICTURE)
    assert doubts == ["its colour profile is for Lab, the picture is RGB: read as sRGB"]


def test_a_profile_leaves_the_alpha_alone():
    picture = Image.fromarray(np.dstack((PICTURE, SOFT)))
    data = encoded(picture, icc_profile=gamma_profile(1.0))
    assert np.array_equal(image_io.decode_rgba(data, "")[..., 3], SOFT)
    grey = encoded(Image.fromarray(SOFT), icc_profile=gamma_profile(1.0))
    assert np.array_equal(image_io.decode_alpha(grey, ""), SOFT)


def gamma_profile(gamma: float) -> bytes:
    """An RGB profile with sRGB's primaries, D50-adapted, and a plain power curve."""

    def s15(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + s15(x) + s15(y) + s15(z)

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    text = b"text\0\0\0\0none\0\0\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
    tags = [
        (b"desc", name),
        (b"cprt", text),
        (b"wtpt", xyz(0.9642, 1, 0.8249)),
        (b"rXYZ", xyz(0.4360, 0.2225, 0.0139)),
        (b"gXYZ", xyz(0.3851, 0.7169, 0.0971)),
        (b"bXYZ", xyz(0.1431, 0.0606, 0.7141)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for tag, content in tags:
        content += b"\0" * (-len(content) % 4)
        table += tag + struct.pack(">II", offset + len(body), len(content))
        body += content
    head = struct.pack(
        ">I4sI4s4s4s", offset + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + s15(0.9642) + s15(1) + s15(0.8249)
    head += b"\0" * (128 - len(head))
    return head + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_an_alpha_may_be_stored_in_several_ways(mode):
    stored = Image.fromarray(SOFT).convert(mode)
    assert np.array_equal(image_io.decode_alpha(encoded(stored), ""), SOFT)


def test_an_alpha_may_be_the_alpha_of_nothing():
    white = np.full((160, 240, 3), 255, np.uint8)
    stored = Image.fromarray(np.dstack((white, SOFT)))
    assert np.array_equal(image_io.decode_alpha(encoded(stored), ""), SOFT)


def refused(decode, data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        decode(data, "x.png")
    return str(caught.value)


def test_what_cannot_be_used_is_refused_with_a_reason():
    frames = [Image.new("RGB", (9, 9), c) for c in ("red", "blue")]
    moving = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    both = encoded(Image.fromarray(np.dstack((PICTURE, SOFT))))
    whole = encoded(Image.fromarray(PICTURE))
    assert refused(image_io.decode_rgb, moving) == ("x.png: is an animation; save one frame of it")
    assert refused(image_io.decode_rgba, whole) == (
        "x.png: has no alpha channel; save it with one, or give its alpha as a separate file"
    )
    assert refused(image_io.decode_alpha, both) == (
        "x.png: has both colours and an alpha; allowed: a grey picture; "
        "save its alpha channel as one, or use it as a foreground"
    )
    assert refused(image_io.decode_alpha, whole) == (
        "x.png: is in colour: its channels differ by up to 115 of 255; allowed: a grey "
        "picture, white where opaque; save the channel that holds it as one"
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_picture_cut_short_is_refused(form, share):
    data = encoded(Image.fromarray(PICTURE), form)
    assert "x.png: is" in refused(image_io.decode_rgb, data[: int(len(data) * share)])


def test_a_progressive_jpeg_cut_short_is_refused():
    data = encoded(Image.fromarray(PICTURE), "JPEG", progressive=True)
    for share in (0.3, 0.6, 0.95):
        assert "truncated" in refused(image_io.decode_rgb, data[: int(len(data) * share)])


@pytest.mark.parametrize("side", [10_000, 60_000, 2**31 - 1])
def test_the_size_is_checked_before_anything_is_decoded(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    assert "million" in refused(image_io.decode_rgb, data)


def test_the_bound_can_be_lowered():
    data = encoded(Image.fromarray(PICTURE))
    with pytest.raises(
        InputError,
        match=r"240×160 pixels, 0\.0384 million; allowed: up to 0\.01 million; shrink it",
    ):
        image_io.decode_rgb(data, "x.png", max_px=10_000)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.png: cannot be read: No such file"):
        image_io.read_rgb(tmp_path / "none.png")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        image_io.read_alpha(tmp_path)


def test_a_jpeg_holds_no_more_than_it_can() -> None:
    with pytest.raises(InputError, match="70000×2 px: is too large for a JPEG; allowed"):
        image_io.encode_jpeg(np.zeros((2, 70_000, 3), np.uint8))


def chunk(name: bytes, body: bytes, damage: int = 0) -> bytes:
    check = zlib.crc32(name + body) ^ damage
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)


def with_chunk(png: bytes, more: bytes, before: bytes = b"IDAT") -> bytes:
    at = png.index(before) - 4
    return png[:at] + more + png[at:]


PNG = encoded(Image.fromarray(PICTURE))
WIDE = cv2.imencode(".png", PICTURE[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
LONG = b"workflow\0" + b'{"node": 1} ' * 1_000_000
PROFILE = gamma_profile(1.0)


@pytest.mark.parametrize("png", [PNG, WIDE], ids=["8", "16"])
@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        (chunk(b"tEXt", LONG), ""),
        (chunk(b"zTXt", b"workflow\0\0" + zlib.compress(LONG)), ""),
        (chunk(b"iTXt", b"prompt\0\1\0\0\0" + zlib.compress(LONG)), ""),
        (chunk(b"tEXt", b"half\0a", 1), "the checksum of its tEXt is wrong: it is ignored"),
        (chunk(b"gAMA", b"\0\0\xb1\x8f", 1), "the checksum of its gAMA is wrong"),
        (chunk(b"eXIf", b"MM", 1), "the checksum of its EXIF is wrong"),
        (chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff"), ""),
        (chunk(b"iCCP", b"x\0\0" + zlib.compress(PROFILE), 1), "its colour profile is wrong"),
        (chunk(b"iCCP", b"x\0\0" + b"\xff" * 90), "its colour profile is broken: read as sRGB"),
        (chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile")), "its colour profile is broken"),
        (chunk(b"prVW", b"\0" * 99, 7), "the checksum of its prVW is wrong"),
    ],
)
def test_nothing_beside_the_pixels_keeps_a_png_from_being_read(png, before, more, doubt):
    doubts: list[str] = []
    found = image_io.decode_rgb(with_chunk(png, more, before), "", doubts=doubts)
    assert np.array_equal(found, PICTURE)
    assert len(doubts) == bool(doubt)
    assert not doubt or doubt in doubts[0]


def test_a_large_profile_is_applied():
    big = chunk(b"iCCP", b"x\0\0" + zlib.compress(PROFILE + b"\0" * 3_000_000))
    grey = encoded(Image.new("RGB", (9, 9), (128, 128, 128)))
    assert np.abs(image_io.decode_rgb(with_chunk(grey, big), "").astype(int) - 188).max() <= 1


@pytest.mark.parametrize("png", [PNG, WIDE], ids=["8", "16"])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_no_flipped_bit_of_a_png_changes_its_pixels_in_silence(png, data):
    at = data.draw(st.integers(8, len(png) - 1))
    harmed = bytearray(png)
    harmed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = image_io.decode_rgb(bytes(harmed), "")
    except InputError:
        return
    assert np.array_equal(found, PICTURE)


def test_a_png_without_its_end_is_whole_if_its_pixels_are():
    doubts: list[str] = []
    assert np.array_equal(image_io.decode_rgb(PNG[:-12], "", doubts=doubts), PICTURE)
    assert doubts == ["its end, after the pixels, is missing"]
    half = PNG[: PNG.index(b"IDAT") - 4]
    half += chunk(b"IDAT", PNG[PNG.index(b"IDAT") + 4 :][:9000])
    assert "truncated" in refused(image_io.decode_rgb, half)


INK = Image.fromarray(PICTURE).convert("CMYK")
GREY = Image.fromarray(PICTURE).convert("L")


@pytest.mark.parametrize(
    ("data", "expected", "doubt"),
    [
        (
            encoded(GREY, "JPEG", quality=95, icc_profile=PROFILE),
            GREY.convert("RGB"),
            "its colour profile is for RGB, the picture is grey: read as sRGB",
        ),
        (
            encoded(Image.fromarray(PICTURE), "JPEG", quality=95, icc_profile=b"broken"),
            PICTURE,
            "its colour profile is broken, the picture is RGB: read as sRGB",
        ),
        (
            encoded(INK, "JPEG", quality=95, icc_profile=PROFILE),
            PICTURE,
            "its colour profile is for RGB, the picture is CMYK: its colours are only approximate",
        ),
        (
            encoded(INK, "JPEG", quality=95),
            PICTURE,
            "is CMYK without a colour profile: its colours are only approximate",
        ),
        (
            encoded(Image.fromarray(np.dstack((PICTURE, SOFT)))),
            PICTURE,
            "its alpha is not used; 100 % of it is not opaque",
        ),
        (encoded(Image.fromarray(PICTURE).convert("RGBA")), PICTURE, ""),
    ],
)
def test_a_doubt_is_said_and_the_picture_read(data, expected, doubt):
    doubts: list[str] = []
    found = image_io.decode_rgb(data, "", doubts=doubts)
    assert np.abs(found.astype(int) - np.asarray(expected)).mean() < 4
    assert doubts == ([doubt] if doubt else [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty (0 bytes); download or copy it again"),
        (b"\0" * 5000, "contains only zeros; download or copy it again"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
            "is a Git LFS pointer, not the picture; run: git lfs pull",
        ),
        (b"\n<!DOCTYPE html><p>404", "is a web page, not a picture; download or copy it again"),
        ("\ufeff<html>".encode("utf-16-le"), "is a web page, not a picture"),
        (b'<?xml version="1.0"?><Error>', "is a web page or XML, not a picture"),
        (b'<?xml version="1.0"?>\n<svg/>', "is an SVG drawing, not JPEG, PNG or WebP; export it"),
        (b'{"message": "Not Found"}', "is JSON, not a picture"),
        (b"no picture at all", "is text, not a picture"),
        (b"data:image/png;base64,iVBO", "is a data URL as text, not a picture; decode it"),
        (encoded(GREY, "GIF"), "is a GIF, not JPEG, PNG or WebP; convert it to PNG"),
        (encoded(GREY, "BMP"), "is a BMP, not JPEG"),
        (encoded(GREY, "TIFF"), "is a TIFF or a camera's raw file, not JPEG"),
        (encoded(GREY, "PPM"), "is a PNM picture, not JPEG"),
        (encoded(Image.fromarray(PICTURE), "AVIF"), "is AVIF, not JPEG, PNG or WebP; convert"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is HEIC, not JPEG, PNG or WebP; convert"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomavc1", "is a video, not a picture; save one frame"),
        (b"8BPS\0\1", "is a Photoshop document, not JPEG, PNG or WebP; save a copy"),
        (b"PK\x03\x04", "is a ZIP archive, not a picture; unpack it"),
        (PNG.replace(b"\r\n", b"\n", 1), "is a PNG damaged by conversion as text"),
        (b"/annex/objects/SHA256E-s9--ab.png\n", "is a git-annex pointer, not the picture; run"),
        (
            b"\r\n" + PNG,
            "has whitespace or a byte order mark before it; download or copy it again",
        ),
        (b"\xef\xbb\xbf\xff\xd8\xff\xe0", "has whitespace or a byte order mark before it"),
        (b"\xff\xd8", "is a JPEG that ends at once; download or copy it again"),
        (bytes(range(256)), "is not a JPEG, PNG or WebP; convert it to PNG"),
        (
            cv2.imencode(".png", PICTURE.astype(np.uint16))[1].tobytes(),
            "has 16 bits, and no value above 213 of 65535; save it with 8 bits, or mul",
        ),
    ],
)
def test_what_is_no_picture_is_told_apart(data, said):
    for decode in (image_io.decode_rgb, image_io.decode_rgba):
        if "16 bits" in said and decode is image_io.decode_rgba:
            continue
        assert refused(decode, data).startswith(f"x.png: {said}")


def test_levels_of_sixteen_bits_are_kept_and_turned():
    wide = np.arange(60 * 80, dtype=np.uint16).reshape(60, 80) * 13
    data = image_io.encode_png(wide)
    assert np.array_equal(image_io.decode_levels(data, ""), wide)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = with_chunk(data, chunk(b"eXIf", exif.tobytes()[6:]))
    assert np.array_equal(image_io.decode_levels(turned, ""), np.rot90(wide, -1))
    assert image_io.decode_levels(image_io.encode_png(SOFT), "").dtype == np.uint8


@pytest.mark.parametrize("written", [0, 9, 255])
def test_an_orientation_that_there_is_not_turns_nothing(written):
    exif = Image.Exif()
    exif[0x0112] = written
    assert image_io.orientation(encoded(Image.fromarray(PICTURE), "JPEG", exif=exif)) == 1


def test_an_alpha_may_stand_in_all_four_channels():
    assert np.array_equal(
        image_io.decode_alpha(image_io.encode_png(np.dstack([SOFT] * 4)), ""), SOFT
    )


def test_a_map_of_labels_in_colours_is_named():
    areas = Image.fromarray(np.repeat(np.arange(4, dtype=np.uint8), 30)[None].repeat(9, 0))
    areas.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])
    for form in (areas, areas.convert("RGB")):
        assert refused(image_io.decode_alpha, encoded(form)) == (
            "x.png: has only a few colours: a label map?; allowed: a grey picture, white where "
            "opaque; make a mask of 0 and 255 per thing"
        )


def test_a_grey_matte_may_have_lost_a_little_of_its_grey():
    stored = encoded(Image.fromarray(SOFT), "WEBP", quality=60)
    assert np.abs(image_io.decode_alpha(stored, "").astype(int) - SOFT).max() <= 8
