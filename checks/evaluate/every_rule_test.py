"""No rule without a test."""

import importlib

from workbook.evaluate import program
from workbook.evaluate.rules import RULES

from checks.evaluate.held import COVERED

TESTS = ("elementwise", "shapes", "indexing", "contractions", "randomness", "control")
# Names that other versions of JAX have for what is tested under another one.
SAME_AS = {
    "pjit": "jit",
    "closed_call": "jit",
    "core_call": "jit",
    "call": "jit",
    "remat": "remat2",
    "checkpoint": "remat2",
    "custom_vjp_call_jaxpr": "custom_vjp_call",
    "copy_p": "copy",
    "expand_dims": "squeeze",
    "empty2": "empty",
    "scatter_add": "scatter-add",
    "scatter_sub": "scatter-sub",
    "scatter_mul": "scatter-mul",
    "scatter_min": "scatter-min",
    "scatter_max": "scatter-max",
}
# Only other versions of JAX, or programs on several devices, have these: identities.
UNMET = {"stop_gradient", "sharding_constraint"}


def test_every_rule_has_a_test():
    for name in TESTS:
        importlib.import_module(f"checks.evaluate.{name}_test")
    assert program.RULES is RULES
    assert set(RULES) - COVERED - set(SAME_AS) - UNMET == set()
    assert COVERED - set(RULES) == set()


def test_other_names_have_the_rule_that_is_tested():
    assert {name: RULES[name] for name in SAME_AS} == {
        name: RULES[other] for name, other in SAME_AS.items()
    }
