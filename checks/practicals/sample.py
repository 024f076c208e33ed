"""Which known mistakes go through the sandbox once more, and which of them together.

The builder runs every one. `make test` sends a few of each exercise through the sandbox too, others
each day (DAY=2025-11-25 takes that day's), and all with ALL=1.
"""

import datetime
import os
import random
from collections.abc import Iterator, Mapping, Sequence

from autograder.authoring.material import Material
from autograder.authoring.mistakes import Variant
from autograder.authoring.percent import Exercise

WHOLE = bool(os.environ.get("ALL"))
DAY = os.environ.get("DAY") or datetime.date.today().isoformat()
MISTAKES_A_DAY = 3


def sampled(exercise: str, variants: Sequence[Variant]) -> list[Variant]:
    """Every accepted variant; of the mistakes, which the build has run, some that the day chooses."""
    mistakes = [variant for variant in variants if not variant.accepted]
    if not WHOLE:
        day = random.Random(f"{DAY} {exercise}")
        mistakes = day.sample(mistakes, min(MISTAKES_A_DAY, len(mistakes)))
    return [variant for variant in variants if variant.accepted or variant in mistakes]


def rounds(material: Material) -> Iterator[dict[str, Variant]]:
    """Variants of several exercises at once, never of two where one needs the other."""
    related = _related(material.practical.exercises)
    left = {name: sampled(name, material.variants[name]) for name in related}
    while any(left.values()):
        chosen: dict[str, Variant] = {}
        for name in sorted(left, key=lambda name: -len(left[name])):
            if left[name] and not related[name] & chosen.keys():
                chosen[name] = left[name].pop()
        yield chosen


def _related(exercises: Mapping[str, Exercise]) -> dict[str, set[str]]:
    """By exercise, those that it needs or that need it, directly or through others."""
    needed: dict[str, set[str]] = {}
    for name, exercise in exercises.items():
        needed[name] = set(exercise.needs).union(*(needed[need] for need in exercise.needs))
    return {
        name: needed[name] | {other for other in exercises if name in needed[other]}
        for name in exercises
    }
