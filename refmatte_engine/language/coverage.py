"""Coverage: which parts of its templates a dataset used, and which it never used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from refmatte_engine.language.pattern_check import ALTERNATIVE
from refmatte_engine.language.templates import Templates


def coverage(found: Templates, used: Iterable[str]) -> dict[str, int]:
    """How often each alternative of the templates, and each wording of a position or a relation
    ("relation left_of.2"), was used, what was never used first. `used` are the `template` fields
    of a dataset's expressions; what the templates say is in their `written`."""
    counts = Counter(part for path in used for part in ALTERNATIVE.findall(path))
    words = found.vocabulary
    patterns = [template.pattern for made in found.kinds.values() for template in made]
    patterns += [p for phrases in (words.positions, words.relations) for ways in phrases.values()
                 for p in ways]  # fmt: skip
    every = {part for pattern in patterns for part in ALTERNATIVE.findall(pattern.path)}
    return {part: counts[part] for part in sorted(every, key=lambda part: (counts[part], part))}
