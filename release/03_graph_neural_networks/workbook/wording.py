"""Errors of Python, NumPy and JAX in words, for those who meet them for the first time."""

import re

from workbook.values import Failure

SHAPE = re.compile(r"\(\d[\d, ]{0,60}\)")

# (type or "", what the message has, words); the first that fits. {0} is what the pattern's group found.
_OF_TRACERS = (
    (
        "TracerBoolConversionError",
        re.compile(""),
        "Under jit, vmap or grad a value isn't known yet, so no Python `if`, `while`, `and` or `not` can ask for it: where does yours?",
    ),
    (
        "TracerArrayConversionError",
        re.compile(""),
        "NumPy was handed a value that jit, vmap or grad is still tracing: which call of yours is `np` where `jnp` is meant?",
    ),
    (
        "TracerIntegerConversionError",
        re.compile(""),
        "A traced value can't be a Python index or length: where is an index of a list, a `range` or a shape made of one?",
    ),
    (
        "ConcretizationTypeError",
        re.compile(""),
        "Under jit, vmap or grad this value isn't known yet: what asks for it as a Python number (`int`, `float`, `.item()`, `range`, a shape)?",
    ),
    (
        "NonConcreteBooleanIndexError",
        re.compile(""),
        "A mask as an index picks a number of entries that nobody knows under jit: can all entries stay, and the mask decide what they are?",
    ),
    (
        "UnexpectedTracerError",
        re.compile(""),
        "A traced value was kept and used after its function had ended: is something stored outside of it?",
    ),
    (
        "",
        re.compile("non-hashable static arguments"),
        "An argument that jit takes as static must be hashable: an array isn't. Which one is it?",
    ),
)
_OF_PYTHON = (
    (
        "TypeError",
        re.compile(r"for \^:|bitwise_xor|xor does not accept"),
        "`^` is Python's exclusive or: what is the operator for a power?",
    ),
    (
        "TypeError",
        re.compile(r"bad operand type for unary ~|'invert' not supported|\bnot does not accept"),
        "`~` turns truth values round, and here it meets a float: of which kind is it?",
    ),
    (
        "TypeError",
        re.compile("NoneType"),
        "Something here is `None`: does every function of yours end in `return`?",
    ),
    (
        "AttributeError",
        re.compile("NoneType"),
        "Something here is `None`: does every function of yours end in `return`?",
    ),
    (
        "TypeError",
        re.compile("immutable|does not support item assignment"),
        "A JAX array can't be changed in place: what makes a changed copy of it?",
    ),
    (
        "AttributeError",
        re.compile(r"object has no attribute '([\w.]{1,40})'"),
        "There is no `{0}` on this kind of object: what kind is it, and what is it called there?",
    ),
    (
        "AttributeError",
        re.compile(r"has no attribute '([\w.]{1,40})'"),
        "There is no `{0}` in that module: where does it live, and how is it spelt?",
    ),
    (
        "NameError",
        re.compile(r"name '(\w{1,40})' is not defined"),
        "Nothing is called `{0}` here: is it spelt as where it is made, and did that cell run?",
    ),
    (
        "UnboundLocalError",
        re.compile(r"variable '(\w{1,40})'"),
        "`{0}` is read before it has a value on this path: which branch leaves it out?",
    ),
    (
        "TypeError",
        re.compile("object is not callable"),
        "Round brackets call what stands before them: is that a function, or were square brackets meant?",
    ),
    (
        "TypeError",
        re.compile("object is not subscriptable"),
        "Square brackets take a part of what stands before them, and this has no parts: is it a function that was to be called?",
    ),
    (
        "TypeError",
        re.compile("unexpected keyword argument"),
        "A function is handed a keyword that it doesn't know: how is the argument called in its signature?",
    ),
    (
        "TypeError",
        re.compile(r"missing \d+ required|positional arguments? but"),
        "A function is called with too many or too few arguments: compare the call with its signature.",
    ),
    (
        "ValueError",
        re.compile("to unpack"),
        "The left side of an assignment names more or fewer things than the right side has: how many come back there?",
    ),
    (
        "ValueError",
        re.compile("truth value of an array|truth value of a"),
        "`if`, `and`, `or` and `not` ask for one truth value, and here they get a whole array: is each entry meant, or whether there is an array at all?",
    ),
    (
        "TypeError",
        re.compile("scan body output must be a pair"),
        "What `scan` calls hands back two things: what it carries on, and what it notes for this step.",
    ),
    ("RecursionError", re.compile(""), "The function calls itself without an end: what stops it?"),
    (
        "ZeroDivisionError",
        re.compile(""),
        "Something is divided by a number that can be 0: which one, and when?",
    ),
    (
        "KeyError",
        re.compile(""),
        "A dictionary is asked for a key that it doesn't have: which keys are there?",
    ),
    (
        "IndexError",
        re.compile(""),
        "An index lies outside of what it picks from, or there are more indices than axes: what are the sizes there?",
    ),
)
_OF_ARRAYS = (
    (
        "",
        re.compile("axis -?[0-9]+ is out of bounds"),
        "An axis is named that the array doesn't have: how many axes has it there?",
    ),
    (
        "TypeError",
        re.compile("Gradient only defined for scalar-output functions"),
        "`grad` wants a function that gives one number: what does this one give?",
    ),
    (
        "TypeError",
        re.compile("grad requires real- or complex-valued inputs"),
        "Whole numbers have no gradient: which argument must be a float?",
    ),
    (
        "TypeError",
        re.compile("Only integer scalar arrays can be converted|only integer scalar arrays"),
        "An array stands where one whole number is wanted: which one?",
    ),
    (
        "TypeError",
        re.compile("Indexer must have integer or boolean type|indexer must have integer"),
        "An index must be a whole number or a mask, and here it is a float: where does it come from?",
    ),
    (
        "TypeError",
        re.compile("carry"),
        "What a loop hands on must keep its structure, shapes and dtypes from step to step: compare what goes in with what comes out.",
    ),
    (
        "TypeError",
        re.compile("branch|true_fun and false_fun"),
        "Both branches must give the same shapes and dtypes: compare what each gives.",
    ),
    (
        "TypeError",
        re.compile("requires arguments to have the same shape|requires arguments of dtype"),
        "Two arrays meet here that differ in shape or dtype: print both before this line.",
    ),
)
_MISFITS = (
    "shape",
    "broadcast",
    "dimension",
    "reshape",
)


def error_in_words(failure: Failure, reveal: bool = True) -> str | None:
    """What an error is about; None where its own words are all there is to say.

    Args:
        reveal: whether names and shapes of the error's message may be told.
    """
    if failure.own:  # its author chose the words
        return None
    for kind, pattern, words in (*_OF_TRACERS, *_OF_PYTHON, *_OF_ARRAYS):
        if kind in ("", failure.type) and (found := pattern.search(failure.message)):
            named = found.group(1) if found.groups() and reveal else ""
            return words.format(named) if named or "{0}" not in words else None
    return _misfit(failure, reveal)


def _misfit(failure, reveal):
    """Two arrays whose shapes don't go together, both named where they may be."""
    if failure.type not in ("TypeError", "ValueError"):
        return None
    if not any(word in failure.message.lower() for word in _MISFITS):
        return None
    shapes = list(dict.fromkeys(SHAPE.findall(failure.message)))
    if reveal and len(shapes) == 2:
        return f"Arrays of the shapes {shapes[0]} and {shapes[1]} don't fit together here: which axis of one should meet which axis of the other?"
    return (
        "Two arrays meet here whose shapes don't fit together: print both shapes before this line."
    )
