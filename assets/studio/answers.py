"""What a recipe says of the thing it built: its looks, and where the camera should stand."""

from __future__ import annotations


def answer(colors, material, params, camera, pattern="plain", transparent=False, **label):
    return {
        "attributes": {
            "color": colors,
            "material": material,
            "pattern": pattern,
            "transparent": transparent,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": camera,
        "label": label,
    }


def view(rng, low, high, swing=20):
    """A camera between `low` and `high` degrees up, at most `swing` to either side."""
    return {"elevation_deg": rng.uniform(low, high), "azimuth_deg": rng.uniform(-swing, swing)}


def solid(rng, colors, material, pattern="plain", low=8, high=20, swing=25, label=None, **params):
    """The answer of a thing with nothing finer than a pixel, with a camera within the limits."""
    angles = {"azimuth_deg": rng.uniform(-swing, swing), "elevation_deg": rng.uniform(low, high)}
    camera = {key: round(angle, 1) for key, angle in angles.items()}
    words = list(dict.fromkeys(c for c in colors if c))
    return {**answer(words, material, params, camera, pattern, **(label or {})), "solid": True}
