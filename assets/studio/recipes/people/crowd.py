"""The second cast: people of all ages in natural proportions."""

from recipes.people.cast import F, M, attributes, person
from recipes.people.palettes import CLOTH, IRIS, SKIN

CROWD = [
    person(F, "adult", "deep", "black", "afro", "hips",
           "floral yellow/red dress", None, "brown", hem=0.55, smile="open"),
    person(M, "adult", "fair", "red", "short", "walk",
           "checkered red/black shirt", "dark blue trousers", "brown", beard="beard", iris="green"),
    person(F, "adult", "tan", "black", "braids", "stand",
           "striped white/blue t-shirt", "red skirt", "white", hem=0.42, tie="red"),
    person(M, "adult", "brown", "black", "cropped", "strap",
           "gray/white hoodie", "beige trousers", "white", backpack="orange", smile="open"),
    person(F, "senior", "fair", "gray", "wavy", "hip",
           "light blue coat", "white trousers", "dark blue", glasses="black",
           scarf="checkered red/white scarf", iris="blue"),
    person(M, "child", "light", "brown", "short", "wave",
           "dotted orange/white t-shirt", "blue shorts", "red", cap="green", smile="open"),
    person(F, "adult", "light", "blond", "ponytail", "walk left",
           "purple/white hoodie", "black trousers", "pink", tie="purple", iris="blue"),
    person(M, "senior", "deep", "white", "cropped", "stand",
           "dark green sweater", "brown trousers", "black", beard="beard", glasses="blue",
           girth=1.15),
    person(F, "child", "deep", "black", "afro", "open",
           "striped pink/white dress", None, "white", hem=0.42, smile="open"),
    person(M, "adult", "tan", "black", "topknot", "hip left",
           "white/black t-shirt", "green trousers", "orange", beard="mustache", sunglasses="black"),
    person(F, "adult", "fair", "red", "wavy", "welcome",
           "dotted dark green/white dress", None, "beige", hem=0.75, iris="green"),
    person(M, "adult", "light", "brown", "bald", "stand",
           "blue/white jacket", "gray trousers", "brown", beard="beard", girth=1.12, iris="hazel"),
    person(F, "adult", "brown", "black", "curly", "wave left",
           "orange coat", "dark blue trousers", "yellow", smile="open", scarf="purple scarf"),
    person(F, "child", "fair", "blond", "braids", "wave",
           "striped red/white sweater", "blue trousers", "yellow", tie="yellow", iris="blue"),
    person(M, "senior", "light", "gray", "short", "hips",
           "striped light blue/white shirt", "beige trousers", "brown", straw="black",
           beard="mustache", girth=1.1),
    person(F, "senior", "brown", "white", "bun", "stand",
           "floral purple/white dress", None, "black", hem=0.78, glasses="red"),
    person(F, "adult", "tan", "brown", "bob", "strap",
           "checkered yellow/white shirt", "blue shorts", "brown", backpack="red", straw="red"),
    person(M, "child", "brown", "black", "afro", "stand",
           "green/yellow hoodie", "gray shorts", "blue", backpack="red", smile="open"),
    person(M, "adult", "deep", "black", "curly", "open",
           "pink shirt", "white trousers", "brown", sunglasses="brown", smile="open"),
    person(F, "adult", "light", "black", "long", "stand",
           "black coat", "red trousers", "black", sunglasses="red"),
]  # fmt: skip
TOPS = {
    M: ("t-shirt", "shirt", "sweater", "hoodie", "coat", "jacket"),
    F: ("t-shirt", "shirt", "sweater", "hoodie", "coat", "jacket", "dress", "dress"),
}
PRINTS = {"t-shirt": ("striped", "dotted"), "shirt": ("striped", "checkered"),
          "sweater": ("striped",), "skirt": ("dotted", "checkered", "floral"),
          "dress": ("floral", "dotted", "striped")}  # fmt: skip
CALLED = {"afro": "curly", "cropped": "short", "topknot": "bun"}
POSES = (
    "stand",
    "wave",
    "wave left",
    "hips",
    "hip",
    "hip left",
    "open",
    "walk",
    "walk left",
    "welcome",
)


def stranger(rng):
    """Somebody at random, for as many variants as are asked."""
    pick, chance = rng.choice, lambda p: rng.random() < p
    gender, age, tone = pick((F, M)), pick(("adult", "adult", "child", "senior")), pick(tuple(SKIN))
    colors = {"fair": ("brown", "blond", "red"), "light": ("black", "brown", "blond", "red")}
    color = pick(("gray", "white") if age == "senior" else colors.get(tone, ("black", "brown")))
    dark = tone in ("brown", "deep")
    hair = (
        ["curly", "short", "cropped", "topknot"]
        if gender == M
        else ["wavy", "bob", "ponytail", "curly"]
    )
    hair += ["afro", "afro"] if dark else ["short"] if gender == M else ["long"]
    hair += ["braids"] if gender == F and age != "senior" else []
    more = {
        "iris": pick(tuple(IRIS)),
        "smile": pick(("open", "closed")),
        "hem": pick((0.42, 0.55, 0.75)),
    }
    free = list(CLOTH)
    rng.shuffle(free)

    def cloth(kind):
        print_ = f"{pick(PRINTS[kind])} " if kind in PRINTS and chance(0.5) else ""
        second = "white" if print_ and free[-1] != "white" else free[-2]
        return f"{print_}{free.pop()}/{second} {kind}"

    top = cloth(pick(TOPS[gender]))
    legs = ("trousers", "shorts", "skirt") if gender == F else ("trousers", "shorts")
    kind = "trousers" if top.endswith("coat") else pick(legs)
    bottom = None if top.endswith("dress") else "blue trousers" if chance(0.25) else cloth(kind)
    if gender == M and age != "child":
        more["beard"] = pick(("", "", "beard", "mustache"))
    extra = pick(("", "", "glasses", "sunglasses", "cap", "straw", "backpack", "scarf"))
    if extra:
        more[extra] = cloth("scarf") if extra == "scarf" else free.pop()
    style = "short" if extra in ("cap", "straw") and gender == M else pick(hair)
    style = "bob" if extra in ("cap", "straw") and style in ("afro", "ponytail") else style
    return person(gender, age, tone, color, style, pick(POSES), top, bottom, free.pop(), **more)


def seen(who):
    """What a viewer can see: the first cast's attributes and what only this one wears."""
    found = attributes({**who, "hair": CALLED.get(who["hair"], who["hair"])})
    for key, kind in (("cap", "cap"), ("sunglasses", "sunglasses"), ("backpack", "backpack")):
        if who.get(key):
            found["clothes"].append({"type": kind, "color": who[key], "pattern": "plain"})
    if who.get("straw"):
        found["clothes"].append({"type": "hat", "color": "beige", "pattern": "plain"})
    return found
