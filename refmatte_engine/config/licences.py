"""Names of licences: which of them a person's word allows, and what they say of commerce."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

# What SPDX, Creative Commons and people put beside a licence's name without changing it.
_BESIDE = {"international", "unported", "license", "licence", "the", "version", "v"}
_VERSION = re.compile(r"v?\d+(\.\d+)*")
_PART = re.compile(r"\d+(?:\.\d+)+|[^\W_]+|\*")
# "nc" as Creative Commons has it, and what others write.
_LIMITED = re.compile(
    r"(?<![a-z])nc(?![a-z])|non-?\s?commercial|research|academic|universit|educational"
)
_UNSAID = ("", "not stated", "unknown", "none")
# The Hub's names of licences that packs are known to have; of any other it says "other".
_HUB = {
    "apache-2.0", "cc0-1.0", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
    "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "gpl-2.0", "gpl-3.0", "mit",
}  # fmt: skip


def allows(wanted: Iterable[str], name: str) -> bool:
    """Whether one of the licences `wanted` is `name`. Case, spaces and hyphens do not matter; a
    name without a version means all of its versions; `*` stands for any text, for terms in words.

    >>> [allows(["CC-BY"], name) for name in ("CC BY 4.0", "cc-by-3.0", "CC-BY-SA-4.0", "CC-BY-NC")]
    [True, True, False, False]
    >>> allows(["GPL-2.0"], "GPL-2.0-or-later"), allows(["CC-BY-4.0"], "CC-BY-3.0")
    (True, False)
    >>> [allows([wanted], "MIT agreement of its authors") for wanted in ("MIT", "mit agreement*")]
    [False, True]
    """
    parts = _parts(name)
    family = _family(parts)
    for each in wanted:
        asked = _parts(each)
        if "*" in asked and fnmatchcase(_words(name), _words(each).replace("[", "[[]")):
            return True
        if asked == parts or asked in (family, _plain(parts)):
            return True
    return False


def forbids_commerce(name: str) -> bool:
    """Whether the terms speak of non-commercial use or of research.

    >>> [forbids_commerce(name) for name in ("CC-BY-NC-4.0", "for research use", "CC-BY-4.0")]
    [True, True, False]
    """
    return bool(_LIMITED.search(name.lower()))


def is_unsaid(name: str) -> bool:
    """Whether there are no terms at all, so that nobody knows what is allowed."""
    return name.strip().lower() in _UNSAID


def hub_name(name: str) -> str:
    """What the Hugging Face Hub calls the licence, or nothing.

    >>> hub_name("CC BY-SA 4.0"), hub_name("GPL-2.0-or-later"), hub_name("terms of its authors")
    ('cc-by-sa-4.0', 'gpl-2.0', '')
    """
    said = "-".join(_plain(_parts(name)))
    return said if said in _HUB else ""


def _parts(name: str) -> tuple[str, ...]:
    found = _PART.findall(name.lower().replace("cc-0", "cc0").replace("+", " or later "))
    return tuple(part for part in found if part not in _BESIDE)


def _plain(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Without what SPDX adds about later versions."""
    for end in (("or", "later"), ("only",)):
        if parts[-len(end) :] == end:
            return parts[: -len(end)]
    return parts


def _family(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Without the version, too."""
    rest = _plain(parts)
    return rest[:-1] if len(rest) > 1 and _VERSION.fullmatch(rest[-1]) else rest


def _words(text: str) -> str:
    return " ".join(text.lower().split())
