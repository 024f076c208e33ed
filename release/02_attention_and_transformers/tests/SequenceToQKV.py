import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, module, normal, run

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
        f"{kind_of(result)} came back, not the triple (q, k, v)"
    )
    q, k, v = result
    expect({"q": q, "k": k, "v": v})


@test_case(name="the first weights have the spread of the contract", points=0)
def first_weights(SequenceToQKV):
    params = module(SequenceToQKV, 90).init(normal(4, 1, 2, 20))
    expect({path.split("/")[-1]: np.std(params[path]["w"]) for path in params}, rtol=0.1)
