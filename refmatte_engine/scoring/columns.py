"""What each row adds to each figure of a table: to what is summed, and to what that is divided
by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from refmatte_engine.records import F64
from refmatte_engine.scoring import presence
from refmatte_engine.scoring.score import Result

TIMES_1000 = " × 1000"  # after the name of such a figure
OUTCOMES = ("found", "wrong", "missed")
ERRORS = ("SAD", "MSE", "MAD")
PER_IMAGE = slice(len(ERRORS), 2 * len(ERRORS))  # whose rows share their image's one voice
MULTIPLIED = ("MSE", "MAD")  # how figures begin that may be shown × 1000


def of(results: Sequence[Result]) -> dict[str, tuple[F64, F64]]:
    """For each figure, what each row adds to the numerator and to the denominator; always the same
    figures for what was measured."""

    def named(name: str) -> F64:
        return np.array([getattr(result, name) for result in results], float)

    one = np.ones(len(results))
    found = {name: (named(name.lower()), one) for name in ERRORS}
    found |= {f"{name}(E)": column for name, column in found.items()}
    if results[0].grad is None:
        return found
    meant = np.array([bool(result.row.referents) for result in results], float)
    outcomes = [result.outcome for result in results]
    intersection, union = named("intersection_px"), named("union_px")
    iou = np.divide(intersection, union, out=np.ones_like(union), where=union > 0)
    found |= {"GRAD": (named("grad"), one), "GRAD_aim": (named("grad_aim"), one)}
    found |= {"CONN": (named("conn"), one), "soft IoU": (named("soft_iou") * meant, meant)}
    ends = {name: np.array([each == name for each in outcomes], float) for name in OUTCOMES}
    found |= {name: (own, meant) for name, own in ends.items()}
    found["located SAD"] = (found["SAD"][0] * ends["found"], ends["found"])
    found |= {
        f"SAD on {part}": (named(f"sad_on_{part}"), one)
        for part in ("referent", "others", "background")
    }
    found |= {"oIoU": (intersection * meant, union * meant), "mIoU": (iou * meant, meant)}
    found |= {f"P@{x}": ((iou >= x) * meant, meant) for x in (0.5, 0.6, 0.7, 0.8, 0.9)}
    return found | presence.columns(results)


def kept(divisors: Mapping[str, float]) -> list[str]:
    """The figures that there are, by the sums that each is divided by."""
    none = presence.without_meaning(divisors)
    return [name for name, divisor in divisors.items() if divisor > 0 and name not in none]


def values(sums: F64, names: Sequence[str]) -> F64:
    """The figures of sums (… × figures × 2), NaN where there is nothing to divide by; at the end
    the one that is made of two, if both are there."""
    none = np.full(sums.shape[:-1], np.nan)
    found = np.divide(sums[..., 0], sums[..., 1], out=none, where=sums[..., 1] > 0)
    if presence.ABSENT not in names or presence.PRESENT not in names:
        return found
    told = (sums[..., names.index(name), :] for name in (presence.ABSENT, presence.PRESENT))
    return np.concatenate([found, presence.correlation(*told)[..., None]], -1)
