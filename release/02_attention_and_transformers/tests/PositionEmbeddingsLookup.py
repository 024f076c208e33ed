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
