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


# --- hidden: nothing below this line is released ---


@test_case(name="another batch and a smaller width work as well", points=0.75, hidden=True)
def smaller(SequenceToQKV):
    layer, X = module(SequenceToQKV, 3), normal(2, 5, 2, 6)
    expect(layer(layer.fill(X), X))


@test_case(name="the query depends on the query layer alone", points=1.75, hidden=True)
def independent(SequenceToQKV):
    layer = module(SequenceToQKV, 5)
    params = layer.fill(X)
    slopes = run(jax.grad(lambda params: layer(params, X)[0].sum()), params)
    expect({path.split("/")[-1]: slopes[path] for path in slopes})


@test_case(name="calling one layer twice uses the same parameters", points=0.75, hidden=True)
def called_twice(SequenceToQKV):
    def twice(output_size):
        layer = SequenceToQKV(output_size)
        return lambda X, Y: (layer(X), layer(Y))

    pair, Y = module(twice, 5), normal(3, 2, 3, 4)
    expect(pair.shapes(X, Y))
    expect(pair(pair.fill(X, Y), X, Y))


@test_case(name="first weights are drawn as the contract says", points=0.75, hidden=True)
def initial_weights(SequenceToQKV):
    for width in (25, 160):
        params = module(SequenceToQKV, 64).init(np.asarray(normal(5, 2, 3, width)))
        spread = {path.split("/")[-1]: np.std(params[path]["w"]) for path in params}
        expect(spread, rtol=0.1)
