"""What an English sentence of the shipped templates claims, read from its words alone.

The words stand here once more, written down from how people use them and not taken from the
engine's vocabularies. What comes out has the form of the records' programs: clauses with `op`,
`name`, `value`, `part`, `negated` and `targets`; what is named is a clause of its own, `noun`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Clause = dict[str, Any]


class Unread(ValueError):
    """A sentence, or a part of one, that the reader has no words for."""


COLORS = {"black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink",
          "brown", "beige"}  # fmt: skip
PICTURE = r"(?: of the (?:picture|image|photo))"
PLACES = {
    "far_left": rf"on the far left{PICTURE}?|at the most left side{PICTURE}"
    rf"|farthest to the left{PICTURE}",
    "far_right": rf"on the far right{PICTURE}?|at the most right side{PICTURE}"
    rf"|farthest to the right{PICTURE}",
    "left_edge": rf"at the left(?:most)? edge{PICTURE}",
    "right_edge": rf"at the right(?:most)? edge{PICTURE}",
    "top_edge": rf"at the top edge{PICTURE}",
    "bottom_edge": rf"at the bottom edge{PICTURE}",
    "left": rf"on the left(?: side)?(?:{PICTURE}|(?! of| side))|in the left half{PICTURE}",
    "right": rf"on the right(?: side)?(?:{PICTURE}|(?! of| side))|in the right half{PICTURE}",
    "top": rf"in the upper part{PICTURE}|in the (?:upper|top) half{PICTURE}|on top{PICTURE}",
    "bottom": rf"in the lower part{PICTURE}|in the (?:lower|bottom) half{PICTURE}",
    "center": rf"in the (?:middle|center){PICTURE}?",
    "top_left": rf"in the upper left(?: part{PICTURE})?",
    "top_right": rf"in the upper right(?: part{PICTURE})?",
    "bottom_left": rf"in the lower left(?: part{PICTURE})?",
    "bottom_right": rf"in the lower right(?: part{PICTURE})?",
}
SIDE = "(?:to|on|at) the {0}(?: side)? of"
RELATIONS = {
    "left_of": SIDE.format("left"), "right_of": SIDE.format("right"),
    "above": "above|over", "below": "below|under|underneath", "in_front_of": "in front of",
    "behind": "behind|(?:at|in) the back of", "next_to": "next to|beside",
    "near": "close to|near", "between": "between",
}  # fmt: skip
SIMPLE = {
    "striped": ("pattern", "striped"), "polka-dot": ("pattern", "dotted"),
    "dotted": ("pattern", "dotted"), "checkered": ("pattern", "checkered"),
    "checked": ("pattern", "checkered"), "floral": ("pattern", "floral"),
    "spotted": ("pattern", "spotted"), "wooden": ("material", "wood"),
    "woolly": ("material", "wool"), "knitted": ("material", "knitted"),
    **{word: ("material", word) for word in
       
       ("ceramic", "metal", "plastic", "plush", "leather", "stone", "clay", "wicker", "rubber",
        "felt")},
    "old": ("age", "senior"), "elderly": ("age", "senior"), "bald": ("hair", "bald"),
    "transparent": ("transparent", "true"), "non-transparent": ("transparent", "false"),
    "salient": ("salient", "true"), "non-salient": ("salient", "false"),
    "male": ("gender", "male"), "female": ("gender", "female"),
}  # fmt: skip
HAIR = {"long", "short", "curly", "wavy", "straight"}
HAIRDOS = {"bun", "pigtails", "bob", "ponytail", "braids"}
FACING = {"facing left": "left", "facing to the left": "left", "facing right": "right",
          "facing to the right": "right", "facing the camera": "front",
          "facing away": "back"}  # fmt: skip
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
FROM = {"from the left": "left", "from the right": "right", "from the top": "top"}
FIRST = {
    "leftmost": "left", "rightmost": "right", "highest": "top", "topmost": "top",
    "lowest": "bottom", "largest": "large", "biggest": "large", "smallest": "small",
    "left-hand": "left", "right-hand": "right", "upper": "top", "lower": "bottom",
    "larger": "large", "bigger": "large", "smaller": "small",
}  # fmt: skip
# Where a noun ends: whatever may follow it.
AFTER = re.compile(
    r",|(?:who|that|which) (?:is|are)\b|with\b|wearing\b|facing\b|farthest\b|between\b|beside\b"
    r"|(?:in|on|at|to|from) (?:the|front|top)\b|above\b|over\b|below\b|under\b|underneath\b"
    r"|behind\b|next to\b|close to\b|near\b|and\b"
)


def read(text: str, css: bool = False, names: Iterable[str] = ()) -> list[list[Clause]]:
    """The things that a sentence names, each as its clauses. `css`: colours are CSS's names.
    `names` that begin with an adjective are known as such: a green pepper may be red."""
    reader = _Reader(text.strip(), css, [name.lower() for name in names if " " in name])
    found = [reader.thing()]
    while reader.take(r"and (?=the\b|all\b)"):
        found.append(reader.thing())
    if reader.rest:
        raise Unread(f"{text!r}: nothing is known of {reader.rest!r}")
    return found


def fact(name: str, value: str, part: str = "", negated: bool = False) -> Clause:
    return {"op": "attribute", "name": name, "value": value, "part": part, "negated": negated}


class _Reader:
    """The part of a sentence that was not yet read."""

    def __init__(self, text: str, css: bool, names: list[str]) -> None:
        self.rest, self.css, self.names = text, css, names

    def take(self, pattern: str) -> str:
        """What stands next, if it is this; it is then read."""
        found = re.match(
            rf"(?:{pattern})(?![\w-])" if pattern[-1].isalpha() else pattern, self.rest
        )
        if not found:
            return ""
        self.rest = self.rest[found.end() :].lstrip()
        return found[0].strip()

    def word(self, words: Any) -> str:
        """The next word, if it is one of these; it is then read."""
        found = re.match(r"[\w\'-]+", self.rest)
        return self.take(re.escape(found[0])) if found and found[0] in words else ""

    def thing(self) -> list[Clause]:
        everything = bool(self.take("all the"))
        if not everything and not self.take("the"):
            raise Unread(f"no thing in {self.rest!r}")
        clauses: list[Clause] = []
        last: list[Clause] = []
        if number := self.word(NUMBERS):
            last.append({"op": "count", "name": "", "value": str(NUMBERS[number])})
        rank = ORDINALS.get(self.word(ORDINALS), 0)
        if first := self.word(FIRST):
            last.append({"op": "order", "name": FIRST[first], "value": "1"})
        noun, looks = self.named()
        clauses += [{"op": "noun", "name": noun}, *looks]
        if rank:
            side = self.take("|".join(FROM))
            last.append({"op": "order", "name": FROM[side], "value": str(rank)})
        while more := self.more():
            clauses += more
        return [*clauses, *last]

    def named(self) -> tuple[str, list[Clause]]:
        """Adjectives and a noun; the noun may look like an adjective ("the orange")."""
        looks: list[Clause] = []
        before: list[tuple[str, list[Clause]]] = []
        while True:
            before.append((self.rest, looks))
            whole = any(self.rest.lower().startswith(name) for name in self.names)
            found = [] if whole else self.look()
            if not found:
                break
            looks = [*looks, *found]
            if re.match(r"(,|and) ", self.rest):
                self.take(",") or self.take("and")
        for self.rest, looks in reversed(before):
            end = min(
                (m.start() for m in AFTER.finditer(self.rest) if self._apart(m.start())),
                default=len(self.rest),
            )
            noun = self.rest[:end].strip()
            if noun:
                self.rest = self.rest[end:].lstrip()
                return noun, looks
        raise Unread(f"no noun in {self.rest!r}")

    def _apart(self, at: int) -> bool:
        return at == 0 or self.rest[at] == "," or self.rest[at - 1] == " "

    def look(self, part: str = "") -> list[Clause]:
        """One adjective."""
        if word := self.word(SIMPLE):
            name, value = SIMPLE[word]
            return [fact(name, value, part)]
        if color := self.color():
            return [fact("css_color" if self.css and not part else "color", color, part)]
        return []

    def color(self) -> str:
        if self.css:
            from PIL import ImageColor

            return self.word(set(ImageColor.colormap) | COLORS) or self.shade()
        one = self.shade()
        kept = self.rest
        if one and self.take("and"):
            if other := self.shade():
                return f"{one}/{other}"
            self.rest = kept
        return one

    def shade(self) -> str:
        kept = self.rest
        light = self.word({"dark", "light"})
        if color := self.word(COLORS):
            return f"{light} {color}".strip()
        self.rest = kept
        return ""

    def more(self) -> list[Clause]:
        """What is said of a thing after its noun; nothing at the end, or where another begins."""
        kept = self.rest
        self.take(",")
        if self.take("(?:who|that|which) (?:is|are)"):
            return self.predicate()
        if found := self.place() or self.relation() or self.facing() or self.worn():
            return found
        if self.take("and") and (found := self.place() or self.relation() or self.worn()):
            return found
        self.rest = kept
        return []

    def predicate(self) -> list[Clause]:
        if self.take("not wearing"):
            self.take("an?")
            return [fact("clothes", self.garment(), negated=True)]
        if self.take("not"):
            return [fact("color", self.color(), negated=True)]
        found: list[Clause] = []
        while look := self.look():
            found += look
            if not re.match(r"and (?!the\b|all\b)", self.rest):
                return found
            self.take("and")
        more = self.place() or self.relation() or self.facing() or self.worn()
        if not more:
            raise Unread(f"what is {self.rest!r}")
        return [*found, *more]

    def place(self) -> list[Clause]:
        for name, pattern in PLACES.items():
            if self.take(f"(?:{pattern})(?![\\w-])(?! (?:side|half|part|edge)\\b)(?! of the )"):
                return [{"op": "position", "name": name}]
        return []

    def relation(self) -> list[Clause]:
        for name, pattern in RELATIONS.items():
            if self.take(f"(?:{pattern}) (?=the\\b)"):
                targets = [self.thing()]
                if name == "between":
                    if not self.take("and"):
                        raise Unread(f"between what and {self.rest!r}")
                    targets.append(self.thing())
                return [{"op": "relation", "name": name, "targets": targets}]
        return []

    def facing(self) -> list[Clause]:
        way = self.take("|".join(sorted(FACING, key=len, reverse=True)))
        return [fact("facing", FACING[way])] if way else []

    def worn(self) -> list[Clause]:
        if self.take("with"):
            found = self.hair()
            if found and self.take(r"and (?!the\b|all\b|who\b|on\b|in\b|at\b|to\b)"):
                return [*found, *self.clothed()]
            return found or self.clothed()
        return self.clothed() if self.take("wearing") or self.take("in(?= the)") else []

    def hair(self) -> list[Clause]:
        kept, found = self.rest, []
        if word := self.word(HAIR):
            found.append(fact("hair", word))
        if color := self.word(COLORS | {"blond"}):
            found.append(fact("hair_color", color))
        if self.take("hair"):
            return found
        self.rest = kept
        self.take("an?")
        if word := self.word(HAIRDOS):
            return [fact("hair", word)]
        if word := self.word({"beard", "mustache"}):
            return [fact("facial_hair", word)]
        self.rest = kept
        return []

    def clothed(self) -> list[Clause]:
        self.take("the") or self.take("an?")
        found: list[Clause] = []
        css, self.css = self.css, False
        while not self.rest.startswith("woolly hat") and (look := self.look("?")):
            found += look
        self.css = css
        part = self.garment()
        return [fact("clothes", part), *({**clause, "part": part} for clause in found)]

    def garment(self) -> str:
        found = re.match(r"woolly hat|denim jacket|[\w-]+", self.rest)
        if not found:
            raise Unread("no garment")
        self.rest = self.rest[found.end() :].lstrip()
        return {"woolly hat": "beanie"}.get(found[0], found[0].lower())
