"""The colours of people and their clothes, by name."""

import numpy as np

CLOTH = {
    "red": "c4161c", "orange": "e8701a", "yellow": "f2b51d", "green": "2f8f3f",
    "blue": "1f5fc4", "light blue": "86b9e6", "dark blue": "1b2a55", "purple": "6f3a9c",
    "pink": "ee7fa8", "brown": "6e4022", "black": "17171b", "white": "f1eee6",
    "gray": "80858c", "beige": "d3b98c", "dark green": "1f4a32",
}  # fmt: skip
SKIN = {"fair": "f0b99b", "light": "e2a27c", "tan": "c07f52", "brown": "8a5230", "deep": "643a22"}
HAIR = {"black": "0d0b0a", "brown": "4e2a14", "blond": "dfa35c", "red": "a8440f",
        "gray": "8d8d90", "white": "dcdad6"}  # fmt: skip
IRIS = {"brown": "4a2a12", "blue": "2f6fb0", "green": "3f7d4a", "hazel": "7a5a22"}


def rgb(hexa):
    """sRGB hex to linear RGB, what shaders expect."""
    c = np.array([int(hexa[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(c < 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
