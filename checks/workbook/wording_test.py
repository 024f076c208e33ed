"""Errors in words: real ones, raised as a beginner raises them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from workbook.cases import describe_failure, run_case
from workbook.key import failure_text
from workbook.values import Failure
from workbook.wording import error_in_words

CODE = {
    "an if on a tracer": ("jax.jit(lambda x: x if x > 0 else 0.0)(1.0)", "no Python `if`"),
    "a float of a tracer": ("jax.jit(lambda x: float(x))(1.0)", "as a Python number"),
    "NumPy on a tracer": ("jax.jit(lambda x: np.exp(np.asarray(x)))(1.0)", "`np` where `jnp` is meant"),
    "a range of a tracer": ("jax.jit(lambda n: [0 for _ in range(n)])(3)", "Python index or length"),
    "a mask as an index": ("jax.jit(lambda x: x[x > 0])(jnp.ones(3))", "A mask as an index"),
    "a power": ("jnp.ones(2) ^ 2", "`^` is Python's exclusive or"),
    "a power of floats": ("2.0 ^ 2", "`^` is Python's exclusive or"),
    "and between arrays": ("jnp.ones(2) and jnp.ones(2)", "one truth value"),
    "a step that notes nothing": ("jax.lax.scan(lambda c, x: c + x, 0.0, jnp.ones(3))", "two things"),
    "an axis too far": ("jax.nn.log_softmax(jnp.float32(1))", "how many axes has it there"),
    "a flag turned round": ("~jnp.ones(2)", "`~` turns truth values round"),
    "None": ("None + 1", "Something here is `None`"),
    "a part of None": ("None.shape", "Something here is `None`"),
    "in place": ("jnp.zeros(3).__setitem__(0, 1)", "can't be changed in place"),
    "no such function": ("jnp.soft_max(jnp.ones(2))", "There is no `soft_max`"),
    "no such method": ("jnp.ones(2).softmax()", "There is no `softmax`"),
    "a wrong name": ("quary @ key", "Nothing is called `quary`"),
    "brackets": ("jnp.ones(2)(0)", "Round brackets call"),
    "shapes": ("jnp.ones((2, 3)) + jnp.ones((4,))", "shapes (2, 3) and (4,) don't fit"),
    "a product": ("jnp.ones((2, 3)) @ jnp.ones((4, 2))", "don't fit together"),
    "a reshape": ("jnp.ones(6).reshape(4, 2)", "don't fit together"),
    "a gradient of many": ("jax.grad(lambda x: x)(jnp.ones(2))", "one number"),
    "a gradient of ints": ("jax.grad(lambda x: x)(1)", "Whole numbers have no gradient"),
    "too many to unpack": ("(lambda: [a for a, b in [(1, 2, 3)]])()", "names more or fewer things"),
    "arguments": ("(lambda a: a)(1, 2)", "too many or too few arguments"),
    "a keyword": ("(lambda a: a)(b=1)", "a keyword that it doesn't know"),
    "a key": ("{}['w']", "a key that it doesn't have"),
    "an index": ("jnp.ones(2)[0, 0]", "outside of what it picks from"),
    "an endless call": ("(f := lambda: f())()", "calls itself without an end"),
    "a float index": ("jnp.ones(3)[jnp.float32(1)]", "An index must be a whole number"),
    "an array for a number": ("[1, 2][np.ones(2)]", "An array stands where one whole number"),
}  # fmt: skip


def failure(code):
    env = {"jax": jax, "jnp": jnp, "np": np}
    exec(f"def f():\n    return {code}", env)
    return run_case(lambda f: f(), env).failure


@pytest.mark.parametrize(("code", "words"), CODE.values(), ids=CODE.keys())
def test_an_error_in_words(code, words):
    seen = failure(code)
    assert seen, "it must fail"
    assert words in str(error_in_words(seen)), seen.message


@pytest.mark.parametrize("code", [code for code, _ in CODE.values()], ids=CODE.keys())
def test_of_a_hidden_case_nothing_is_repeated(code):
    words = error_in_words(failure(code), reveal=False) or ""
    for chosen in ("soft_max", "softmax", "quary", "(2, 3)", "(4,)"):
        assert chosen not in words


OWN = {
    "raise": ("raise ValueError('odd')", True),
    "assert": ("assert False, 'odd'", True),
    "Python's": ("int('odd')", False),
    "a call's": ("jnp.ones(2) @ jnp.ones(3)", False),
}


@pytest.mark.parametrize(("code", "own"), OWN.values(), ids=OWN.keys())
def test_who_raised_an_error_is_known(code, own):
    env = {"jnp": jnp}
    exec(f"def f():\n    {code}", env)
    seen = run_case(lambda f: f(), env).failure
    assert seen.own == own
    if own:
        assert error_in_words(seen) is None


def test_an_error_of_the_codes_own_is_known_whatever_it_says():
    one, other = Failure("ValueError", "too long", own=True), Failure("ValueError", "no", own=True)
    assert failure_text(one) == failure_text(other)
    assert failure_text(one) != failure_text(Failure("ValueError", "no"))


def test_a_cases_own_assert_is_the_contracts():
    def case(f):
        assert f() == 1, "it isn't 1"

    env = {"f": lambda: 2}
    seen = run_case(case, env).failure
    assert (seen.type, seen.message[:10], seen.own) == ("AssertionError", "it isn't 1", False)


def test_what_is_raised_while_something_else_is_handled_is_no_error_here():
    with pytest.raises(KeyError) as raised:
        raise KeyError("k")
    assert describe_failure(raised.value, {}).own is False
