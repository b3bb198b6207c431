"""Who is who: the cast, and passers-by dressed by dice."""

from recipes.people.body import POSES
from recipes.people.palettes import CLOTH, IRIS, SKIN


def garment(text):
    """(type, color, pattern, second color) of, say, "striped green/white sweater"."""
    *words, kind = text.split()
    pattern = words.pop(0) if words[0] in ("striped", "dotted", "checkered", "floral") else "plain"
    color, _, second = " ".join(words).partition("/")
    return kind, color, pattern, second or color


def person(gender, age, tone, hair_color, hair, pose, top, bottom, shoes, **more):
    wear = {
        "top": top,
        "bottom": bottom,
        "scarf": more.pop("scarf", ""),
        "hat": more.pop("hat", ""),
    }
    wear = {key: garment(text) if text else None for key, text in wear.items()}
    body = {"gender": gender, "age": age, "skin": tone, "hair": hair, "hair_color": hair_color}
    return {**body, "pose": pose, "shoes": shoes, **wear, **more}


F, M = "female", "male"
CAST = [
    person(F, "adult", "light", "brown", "long", "hips",
           "red sweater", "dark blue trousers", "white"),
    person(M, "adult", "brown", "black", "short", "wave",
           "checkered blue/white shirt", "beige trousers", "brown", smile="open"),
    person(F, "adult", "fair", "blond", "bun", "hip left",
           "floral blue/white dress", None, "red", iris="blue"),
    person(M, "child", "deep", "black", "curly", "wave left",
           "striped yellow/white t-shirt", "dark green shorts", "red", smile="open"),
    person(F, "child", "fair", "red", "pigtails", "open",
           "dotted pink/white dress", None, "purple", iris="green", smile="open"),
    person(M, "adult", "light", "brown", "bald", "hip",
           "striped green/white sweater", "gray trousers", "black", beard="beard", iris="hazel"),
    person(M, "senior", "fair", "white", "short", "stand",
           "brown coat", "gray trousers", "black", scarf="striped red/white scarf",
           beard="mustache", glasses="black", iris="blue"),
    person(F, "senior", "tan", "gray", "bun", "stand",
           "purple sweater", "dotted beige/brown skirt", "brown", glasses="red"),
    person(F, "child", "tan", "black", "bob", "wave",
           "yellow coat", "blue trousers", "green", smile="open"),
    person(M, "adult", "tan", "brown", "curly", "walk",
           "orange/white jacket", "black trousers", "white"),
    person(F, "adult", "deep", "black", "curly", "hip",
           "striped white/red t-shirt", "green skirt", "yellow", smile="open"),
    person(M, "child", "fair", "blond", "short", "hips",
           "striped blue/white sweater", "brown trousers", "orange", iris="blue"),
    person(F, "senior", "fair", "white", "curly", "hip",
           "checkered green/white dress", None, "black", scarf="pink scarf"),
    person(M, "senior", "brown", "gray", "short", "wave",
           "striped white/blue shirt", "dark blue trousers", "brown", hat="beige/brown hat",
           smile="open"),
    person(F, "child", "light", "blond", "long", "walk",
           "purple/white jacket", "yellow skirt", "white", iris="blue"),
    person(M, "adult", "deep", "black", "short", "hip left",
           "orange/white t-shirt", "blue shorts", "gray", beard="beard"),
    person(F, "adult", "tan", "black", "long", "walk left",
           "pink shirt", "white trousers", "pink", smile="open"),
    person(M, "child", "brown", "black", "curly", "stand",
           "red/white jacket", "gray trousers", "blue", hat="striped blue/white beanie"),
    person(F, "adult", "fair", "red", "bob", "open",
           "dark green coat", "black trousers", "brown", scarf="checkered yellow/white scarf",
           iris="green"),
    person(M, "adult", "light", "red", "short", "stand",
           "beige sweater", "green trousers", "white", hat="orange beanie", beard="beard",
           iris="blue"),
]  # fmt: skip
COLD = ("sweater", "coat", "jacket")
PRINTS = {"sweater": ("striped",), "shirt": ("striped", "checkered"), "dress": ("floral", "dotted"),
          "t-shirt": ("striped", "dotted"), "skirt": ("dotted", "checkered")}  # fmt: skip


def passer_by(rng):
    """Somebody at random; what does not go together, such as a child's beard, is left out."""
    pick, chance = rng.choice, lambda p: rng.random() < p
    gender, age = pick((F, M)), pick(("adult", "adult", "child", "senior"))
    tone = pick(tuple(SKIN))
    dark = ("black",) if tone in ("brown", "deep") else ("black", "brown")
    colors = {"fair": ("brown", "blond", "red"), "light": ("black", "brown", "blond", "red")}
    color = pick(("gray", "white") if age == "senior" else colors.get(tone, dark))
    long = ("long", "bun", "bob", "curly") + (("pigtails",) if age == "child" else ())
    hair = pick(long if gender == F else ("short", "curly"))
    more = {"iris": pick(tuple(IRIS)), "smile": pick(("open", "closed"))}
    if gender == M and age != "child":
        hair = "bald" if chance(0.2) else hair
        more["beard"] = pick(("", "", "beard", "mustache"))
    used = set()

    def cloth(kind):
        free = [name for name in CLOTH if name not in used]
        main, second = rng.sample(free, 2) if kind == "jacket" else (pick(free), "white")
        used.add(main)
        if main == "white":
            second = pick(("red", "blue", "green"))
        prints = PRINTS.get(kind, ())
        words = [pick(prints)] if prints and chance(0.4) else []
        return " ".join([*words, f"{main}/{second}", kind])

    tops = ("t-shirt", "shirt", *COLD)
    top = cloth("dress" if gender == F and chance(0.3) else pick(tops))
    kind = top.split()[-1]
    legs = ("trousers", "shorts" if gender == M else "skirt")
    bottom = None if kind == "dress" else cloth("trousers" if kind == "coat" else pick(legs))
    if kind in COLD and chance(0.3):
        more["scarf"] = cloth("scarf")
    if hair in ("short", "curly") and chance(0.3):
        more["hat"] = cloth("beanie" if kind in COLD else "hat")
    if chance(0.2):
        more["glasses"] = pick(("black", "red", "blue"))
    shoes = pick([name for name in CLOTH if name not in used])
    return person(gender, age, tone, color, hair, pick(tuple(POSES)), top, bottom, shoes, **more)


def attributes(who):
    """What a viewer can see; made from the same description that builds the figure."""
    clothes = []
    if who["top"][0] == "jacket":  # worn open
        clothes.append({"type": "t-shirt", "color": who["top"][3], "pattern": "plain"})
    for item in (who["top"], who["bottom"], who.get("scarf"), who.get("hat")):
        if item:
            clothes.append({"type": item[0], "color": item[1], "pattern": item[2]})
    if who["top"][0] == "dress":
        clothes.append({"type": "belt", "color": who["top"][3], "pattern": "plain"})
    if who.get("glasses"):
        clothes.append({"type": "glasses", "color": who["glasses"], "pattern": "plain"})
    clothes.append({"type": "shoes", "color": who["shoes"], "pattern": "plain"})
    seen = {key: who[key] for key in ("gender", "age", "hair", "hair_color")}
    if who.get("beard"):
        seen |= {"facial_hair": who["beard"], "facial_hair_color": who["hair_color"]}
    if who["hair"] == "bald":
        del seen["hair_color"]
    return {**seen, "clothes": clothes}
