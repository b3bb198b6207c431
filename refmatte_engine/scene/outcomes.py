"""What was asked of a sample that is made, and what of it was given up."""

from __future__ import annotations

from refmatte_engine.records import Sample
from refmatte_engine.scene.plan import Plan, sample_plan
from refmatte_engine.scene.quotas import Wish


def planned_as(sample: Sample) -> int:
    """The index of the image whose plan is the sample's, too: of its twin, or of the first of its
    siblings, or its own."""
    if sample.siblings:
        return sample.index - sample.sibling + 1
    return sample.index - (sample.index % 2 if sample.twin else 0)


def asked(plan: Plan, sample: Sample) -> tuple[str, ...]:
    """The foregrounds of a sample's first attempt; nothing if they are its own."""
    if not sample.attempt:
        return ()
    first = sample_plan(plan, planned_as(sample))
    placed = {p.foreground for p in sample.scene.placements}
    return () if placed == set(first.foregrounds) else tuple(sorted(first.foregrounds))


def given_up(plan: Plan, wanted: Wish, sample: Sample) -> tuple[str, ...]:
    """What was wished of a sample but given up, for the counts."""
    is_alone = plan.run.siblings is not None and not sample.siblings
    lost = (
        ("layout", sample.scene.layout != wanted.layout),
        ("level", sample.level != wanted.level),
        ("entities", len(sample.entities) != wanted.entities),
        ("twin", bool(wanted.change) and not sample.twin and sample.index % 2 == 0),
        ("siblings", is_alone and sample.index % (plan.run.siblings or 1) == 0),
    )
    return tuple(reason for reason, is_so in lost if is_so)
