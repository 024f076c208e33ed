import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal, run

OK_FORMAT = False
name = "SequenceToQKV"

X = normal(1, 2, 3, 4)  # batch 2, 3 tokens, width 4


@test_case(name="three named layers, each with weights and a bias", points=0)
def parameters(SequenceToQKV):
    expect(module(SequenceToQKV, 5).shapes(X))


@test_case(name="query, key and value are three different views of a token", points=0)
def three_views(SequenceToQKV):
    layer = module(SequenceToQKV, 5)
    result = layer(layer.fill(X), X)
    assert isinstance(result, tuple | list) and len(result) == 3, (
        f"a {type(result).__name__} came back, not the triple (q, k, v)"
    )
    q, k, v = result
    expect({"q": q, "k": k, "v": v})
