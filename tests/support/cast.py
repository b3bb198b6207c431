"""Made-up entities to talk about: no pixels, only what the words need."""

from __future__ import annotations

import random
from dataclasses import replace

from refmatte_engine.records import Attribute, Box, Entity

CANVAS_HW = (960, 1440)

# category, kind, attributes; values as a recipe would label them.
THINGS: dict[str, dict[str, list[str]]] = {
    "mug": {"color": ["red", "blue", "white", "green/white"], "material": ["ceramic"],
            "pattern": ["plain", "striped", "dotted"]},
    "apple": {"color": ["red", "green", "yellow"]},
    "pumpkin": {"color": ["orange", "white"]},
    "chair": {"color": ["brown", "blue", "dark green"], "material": ["wood"]},
    "lamp": {"color": ["yellow", "black"]},
    "book": {"color": ["red", "dark blue", "green"]},
    "ball": {"color": ["red/white", "blue", "yellow"], "pattern": ["plain", "striped"]},
    "balloon": {"color": ["red", "pink", "light blue"]},
    "cactus": {"color": ["green"]},
    "umbrella": {"color": ["red", "purple", "black"], "pattern": ["plain", "dotted"]},
    "gift box": {"color": ["red/yellow", "blue/white"]},
    "cupcake": {"color": ["pink", "brown"]},
    "wine glass": {"material": ["glass"], "transparent": ["true"]},
    "bottle": {"color": ["green", "blue"], "transparent": ["true"], "material": ["glass"]},
    "vase": {"color": ["blue", "white"], "material": ["glass", "ceramic"]},
    "light bulb": {"transparent": ["true"]},
    "soap bubble": {"transparent": ["true"]},
    "dandelion": {"color": ["white"]},
    "feather": {"color": ["white", "blue"]},
    "fern": {"color": ["green"]},
    "lace doily": {"color": ["white"]},
    "smoke": {"color": ["gray", "white"]},
    "teddy bear": {"color": ["brown", "white", "beige"], "material": ["plush"]},
    "rabbit": {"color": ["white", "gray"]},
    "sheep": {"color": ["white", "black"]},
    "cat": {"color": ["orange", "gray", "black"], "pattern": ["plain", "striped"]},
    "chick": {"color": ["yellow"]},
    "pompom": {"color": ["pink", "red", "blue"]},
    "fur hat": {"color": ["brown", "white"]},
    "gizmo": {},
}  # fmt: skip
FLOATING = {"balloon", "soap bubble", "feather", "smoke", "lamp", "light bulb"}
CLOTHES = ("sweater", "shirt", "t-shirt", "dress", "coat", "jacket", "skirt", "trousers", "shorts")
EXTRAS = ("hat", "scarf", "glasses", "beanie")
COLORS = ("red", "blue", "green", "yellow", "black", "white", "dark blue", "pink")


def entity(
    index: int, category: str, box: Box, attributes: tuple[Attribute, ...] = (),
    covered_by: tuple[tuple[int, float], ...] = (),
) -> Entity:  # fmt: skip
    """An entity that fills 60 % of its box."""
    x0, y0, x1, y1 = box
    kind = "human" if category == "human" else "object"
    hidden = sum(share for _, share in covered_by)
    return Entity(
        index, f"made/{category}", category, kind, box, ((x0 + x1) / 2, (y0 + y1) / 2),
        0.6 * (x1 - x0) * (y1 - y0) * (1 - hidden), 1 - hidden, covered_by, attributes,
        stands=category not in FLOATING,
    )  # fmt: skip


def facts(**values: str) -> tuple[Attribute, ...]:
    """Attributes known from a recipe, such as facts(color="red")."""
    return tuple(Attribute(name, value, "recipe") for name, value in values.items())


def person(dice: random.Random) -> tuple[Attribute, ...]:
    found = list(
        facts(
            gender=dice.choice(("male", "female")),
            age=dice.choice(("child", "adult", "adult", "senior")),
            hair=dice.choice(("long", "short", "curly", "bun", "bald")),
            hair_color=dice.choice(("black", "brown", "blond", "gray")),
        )
    )
    found.append(Attribute("beard", "false", "recipe"))
    for worn in (*dice.sample(CLOTHES, 1), *dice.sample(EXTRAS, dice.randrange(2)), "shoes"):
        found.append(Attribute("clothes", worn, "recipe"))
        found.append(Attribute("color", dice.choice(COLORS), "recipe", part=worn))
        pattern = dice.choice(("plain", "plain", "striped", "checkered"))
        found.append(Attribute("pattern", pattern, "recipe", part=worn))
    return tuple(found)


def thing(dice: random.Random, category: str) -> tuple[Attribute, ...]:
    found = [
        Attribute(name, dice.choice(values), "recipe") for name, values in THINGS[category].items()
    ]
    if "transparent" not in THINGS[category]:
        found.append(Attribute("transparent", "false", "recipe"))
    return tuple(found)


def boxes(dice: random.Random, count: int, layout: str) -> list[Box]:
    """Where things are: side by side, one above the other, or one before the other."""
    height, width = CANVAS_HW
    found = []
    for i in range(count):
        if layout == "left_right":
            w, h = dice.uniform(0.55, 0.9) / count, dice.uniform(0.35, 0.8)
            x, y = (i + 0.5) / count + dice.uniform(-0.02, 0.02), dice.uniform(0.4, 0.6)
        elif layout == "top_bottom":
            w, h = dice.uniform(0.25, 0.5), dice.uniform(0.6, 0.9) / count
            x, y = dice.uniform(0.3, 0.7), (i + 0.5) / count
        else:
            w, h = dice.uniform(0.35, 0.5), dice.uniform(0.5, 0.8)
            x, y = 0.38 + 0.24 * i + dice.uniform(-0.05, 0.05), 0.5 + 0.05 * i
        x0, x1 = round((x - w / 2) * width), round((x + w / 2) * width)
        found.append((x0, round((y - h / 2) * height), x1, round((y + h / 2) * height)))
    if layout != "front_behind":
        dice.shuffle(found)
    return found


def scene(dice: random.Random, same: float = 0.4, people: float = 0.3) -> tuple[Entity, ...]:
    """Two or three entities; with probability `same` the next is of the first one's category."""
    layout = dice.choices(("left_right", "top_bottom", "front_behind"), (7, 2, 1))[0]
    count = 2 if layout == "front_behind" else dice.choice((2, 3))
    found: list[Entity] = []
    for i, box in enumerate(boxes(dice, count, layout), 1):
        category = "human" if dice.random() < people else dice.choice(list(THINGS))
        if found and dice.random() < same:
            category = found[0].category
        known = person(dice) if category == "human" else thing(dice, category)
        covered = ((2, dice.uniform(0.15, 0.4)),) if layout == "front_behind" and i == 1 else ()
        found.append(entity(i, category, box, known, covered))
    return tuple(found)


def mirrored(found: Entity) -> Entity:
    """The entity in the mirrored picture."""
    x0, y0, x1, y1 = found.box_xyxy
    width = CANVAS_HW[1]
    x, y = found.centroid_xy
    return replace(found, box_xyxy=(width - x1, y0, width - x0, y1), centroid_xy=(width - x, y))
