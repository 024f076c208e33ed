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
