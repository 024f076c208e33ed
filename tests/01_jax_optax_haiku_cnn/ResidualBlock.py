import functools
import re
import zlib

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "ResidualBlock"

x, other = normal(1, 3, 6, 5, 4), 2 * normal(2, 3, 6, 5, 4) + 0.5


def pure(ResidualBlock, *args):
    """init and apply of a block."""

    def call(x, is_training):
        return ResidualBlock(*args, name="block")(x, is_training)

    return hk.without_apply_rng(hk.transform_with_state(call))


@functools.cache
def facts(ResidualBlock, *args, images=x.shape):
    """The block's functions, and the shapes of its parameters and its state."""
    block = pure(ResidualBlock, *args)
    key, given = jax.random.key(0), jnp.zeros(images)
    return block, jax.eval_shape(lambda key: block.init(key, given, True), key)


def plain(path, leaf):
    """A path without Haiku's marks."""
    return re.sub(r"/~[^/]*", "", f"{path}/{leaf}")


def shapes(tree):
    found = {plain(p, n): a.shape for p, leaves in tree.items() for n, a in leaves.items()}
    return sorted(found.items())


def filled(tree, norm_2=None):
    """Numbers that depend on path and shape alone; norm_2 sets that norm's scale."""
    new = {}
    for path, leaves in tree.items():
        for leaf, facts in leaves.items():
            stream = np.random.RandomState(zlib.crc32(plain(path, leaf).encode()))
            value = stream.normal(size=facts.shape) / np.sqrt(max(facts.shape[:1] or (1,)))
            if norm_2 is not None and "norm_2/scale" in plain(path, leaf):
                value = np.full(facts.shape, norm_2)
            new.setdefault(path, {})[leaf] = jnp.asarray(value, jnp.float32)
    return new


def fresh(tree):
    """The state of a new block: zeros."""
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), tree)


def values(ResidualBlock, *args, inputs=(x,), norm_2=None, last=True, other=other):
    """The output for each input in training, with the state handed on, then for `other` in evaluation."""
    block, (params, state) = facts(ResidualBlock, *args, images=inputs[0].shape)
    params, state, outputs = filled(params, norm_2), fresh(state), []
    for batch in inputs:
        out, state = run(block.apply, params, state, batch, True)
        outputs.append(out)
    if not last:
        return {"in training": outputs}
    in_evaluation, _ = run(block.apply, params, state, other, False)
    return {"in training": outputs, "in evaluation": in_evaluation}


@test_case(name="4 channels in and out, stride 1: 304 parameters", points=0)
def parameters(ResidualBlock):
    expect(shapes(facts(ResidualBlock, 4)[1][0]))


@test_case(name="in training, then in evaluation", points=0)
def same_shape(ResidualBlock):
    expect(values(ResidualBlock, 4), rtol=1e-3, atol=1e-3)


@test_case(name="stride 3, the same channels: the shortcut is a convolution", points=0)
def strided(ResidualBlock):
    expect(shapes(facts(ResidualBlock, 4, 3)[1][0]))
    expect(values(ResidualBlock, 4, 3, last=False), rtol=1e-3, atol=1e-3)


@test_case(name="2 channels out of 4, stride 1: the same", points=0)
def fewer_channels(ResidualBlock):
    params, state = facts(ResidualBlock, 2)[1]
    expect([shapes(params), shapes(state)])
    expect(values(ResidualBlock, 2, inputs=(x, other)), rtol=1e-3, atol=1e-3)


@test_case(name="a second batch, and evaluation with the averages of both", points=0)
def second_batch(ResidualBlock):
    expect(values(ResidualBlock, 4, inputs=(other, x - 1)), rtol=1e-3, atol=1e-3)


# --- hidden: nothing below this line is released ---


@test_case(name="more channels: the shortcut is a convolution", points=1.5, hidden=True)
def more_channels(ResidualBlock):
    expect(shapes(facts(ResidualBlock, 6)[1][0]))
    images = normal(5, 2, 7, 8, 3)
    expect(
        values(ResidualBlock, 6, inputs=(images, 3 * images), other=images + 1),
        rtol=1e-3,
        atol=1e-3,
    )


@test_case(name="stride 2 with the same channels, another one with more", points=1.5, hidden=True)
def stride_2(ResidualBlock):
    expect(shapes(facts(ResidualBlock, 4, 2)[1][0]))
    expect(values(ResidualBlock, 4, 2), rtol=1e-3, atol=1e-3)
    expect(values(ResidualBlock, 6, 3, last=False), rtol=1e-3, atol=1e-3)


@test_case(name="without the second norm's scale the input passes", points=1.5, hidden=True)
def nothing_added(ResidualBlock):
    expect(values(ResidualBlock, 4, norm_2=0.0), rtol=1e-3, atol=1e-3)


@test_case(name="two batches, then evaluation with their averages", points=2, hidden=True)
def two_batches(ResidualBlock):
    expect(values(ResidualBlock, 4, inputs=(x, 3 * other)), rtol=1e-3, atol=1e-3)


@test_case(name="the state has averages of every norm", points=1.5, hidden=True)
def state_tree(ResidualBlock):
    expect(shapes(facts(ResidualBlock, 4)[1][1]))
    expect(shapes(facts(ResidualBlock, 6)[1][1]))
