import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, module, normal, raises, run

OK_FORMAT = False
name = "PositionEmbeddingsLookup"

tokens = integers(1, 3, 29, 2, 5)  # batch 2, 5 tokens


@test_case(name="one table is learned", points=0)
def parameters(PositionEmbeddingsLookup):
    expect(module(PositionEmbeddingsLookup, 9, 4).shapes(tokens))


@test_case(name="five tokens get the first five rows", points=0)
def first_rows(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 9, 4)
    expect(lookup(lookup.fill(tokens), tokens))


@test_case(name="vectors get the same rows as ids", points=0)
def rows_for_vectors(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 8, 3)
    for X in (normal(6, 4, 7, 5), normal(7, 4, 6, 3)):
        expect(lookup(lookup.fill(X), X))


@test_case(name="only what is longer than the table is refused", points=0)
def longer_ones(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 6, 4)
    params = lookup.fill(tokens)
    expect([raises(ValueError, lookup, params, np.ones((2, n), np.int32)) for n in (6, 7, 20)])


@test_case(name="the table begins with small random numbers", points=0)
def first_table(PositionEmbeddingsLookup):
    params = module(PositionEmbeddingsLookup, 80, 50).init(tokens)
    expect([np.std(table) for group in params.values() for table in group.values()], rtol=0.1)


# --- hidden: nothing below this line is released ---


@test_case(name="vectors get the same rows as tokens", points=0.75, hidden=True)
def vectors(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 7, 4)
    few, many = normal(2, 2, 5, 4), normal(3, 6, 3, 5)
    expect(lookup(lookup.fill(few), few))
    expect(lookup(lookup.fill(many), many))


@test_case(name="a sequence may be as long as the table, not longer", points=0.75, hidden=True)
def longest(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 9, 4)
    params = lookup.fill(tokens)
    tokens_of = [integers(4, 3, 29, 2, length) for length in (10, 9, 12, 8)]
    refused = [raises(ValueError, lookup, params, longer) for longer in tokens_of]
    expect(refused)
    if not refused[1]:
        expect(lookup(params, integers(5, 3, 29, 2, 9)))


@test_case(name="only rows in use learn", points=0.75, hidden=True)
def learning(PositionEmbeddingsLookup):
    lookup = module(PositionEmbeddingsLookup, 9, 4)
    slopes = jax.grad(lambda params: (lookup(params, tokens) ** 2).sum())
    expect(list(run(slopes, lookup.fill(tokens)).values()))


@test_case(name="the first table is small and random", points=0.75, hidden=True)
def initial_table(PositionEmbeddingsLookup):
    params = module(PositionEmbeddingsLookup, 97, 64).init(tokens)
    expect(
        {name: np.std(table) for group in params.values() for name, table in group.items()},
        rtol=0.1,
    )
