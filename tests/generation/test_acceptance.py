"""What is said where no scene is accepted fits the reason."""

from __future__ import annotations

import re

import pytest

from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.generation import acceptance
from tests.support.modules import ENGINE

# Of pairs and groups, in whose place there are single images.
TOGETHER = {"no_twin", "siblings_ground", "siblings_seen", "siblings_told"}
REASONS = {
    reason
    for file in ENGINE.values()
    for line in re.findall(r"\bRejected\((.*)\)", file.read_text("utf-8"))
    for reason in re.findall(r'"(\w+)"', line)
}


def test_every_reason_has_a_cure() -> None:
    assert len(REASONS) > 8
    assert acceptance.CURES.keys() == REASONS - TOGETHER


@pytest.mark.parametrize("reason", [*acceptance.CURES, "no_relative_expression", "no_name"])
def test_a_cure_names_keys_that_a_layout_has(reason: str) -> None:
    said = acceptance.advice({"too_small": 2, "no_room": 1, reason: 9})
    assert said == acceptance.advice({reason: 1})
    found = re.search(r", or .* \(in a copy of the layout: (.+)\)$", said)
    assert found is not None
    known = {*LayoutRules.model_fields, *(f"canvas.{key}" for key in Canvas.model_fields)}
    assert set(found[1].split(", ")) <= known


def test_reasons_of_one_cure_count_together() -> None:
    said = acceptance.advice(
        {"too_small": 3, "no_basic_expression": 2, "no_relative_expression": 2}
    )
    assert said == acceptance.advice({"no_name": 1})
