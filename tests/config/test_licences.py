"""Names of licences, as packs and people write them."""

from __future__ import annotations

import pytest

from refmatte_engine.config import licences

NAMES = (
    "CC0-1.0", "CC BY 4.0", "CC-BY-3.0", "CC-BY-SA-4.0", "cc_by_nc_4.0", "CC BY-NC", "MIT",
    "MIT agreement of its authors", "GPL-2.0-or-later", "GPL-3.0-only", "Apache 2.0", "not stated",
    "photographs [see there] under terms of their own", "CC-BY 4.0 International",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_allows_itself_however_it_is_spelt(name: str) -> None:
    for said in (name, name.upper(), name.replace("-", " "), name.replace(" ", "  ")):
        assert licences.allows([said], name)
    assert not licences.allows(["CC-BY-ND"], name)
    assert licences.allows(["x", "*"], name)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("CC0", {"CC0-1.0"}),
        ("cc-by", {"CC BY 4.0", "CC-BY-3.0", "CC-BY 4.0 International"}),
        ("CC-BY-4.0", {"CC BY 4.0", "CC-BY 4.0 International"}),
        ("CC-BY*", {"CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY 4.0 International"}),
        ("CC BY-NC", {"cc_by_nc_4.0", "CC BY-NC"}),
        ("GPL", {"GPL-2.0-or-later", "GPL-3.0-only"}),
        ("GPL-2.0", {"GPL-2.0-or-later"}),
        ("GPL-2.0+", {"GPL-2.0-or-later"}),
        ("mit", {"MIT"}),
        ("MIT agreement*", {"MIT agreement of its authors"}),
        ("*[see there]*", {"photographs [see there] under terms of their own"}),
        ("apache", {"Apache 2.0"}),
        ("", set()),
    ],
)
def test_what_a_word_allows(wanted: str, found: set[str]) -> None:
    assert {name for name in NAMES if licences.allows([wanted], name)} == found


def test_commerce_and_silence() -> None:
    limited = [
        *("CC BY-NC", "non-commercial", "for research only", "Adobe's agreement for universities"),
        "photographs Creative Commons, mattes CC BY-NC-SA",
    ]
    assert all(map(licences.forbids_commerce, limited))
    assert not any(map(licences.forbids_commerce, ("CC0-1.0", "GPL-2.0", "MIT", "INC terms")))
    assert licences.is_unsaid(" Not stated")
    assert not licences.is_unsaid("MIT")
    assert licences.hub_name("CC0 1.0") == "cc0-1.0"
