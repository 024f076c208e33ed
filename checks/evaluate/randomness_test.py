"""Rules of random numbers: the same bits as XLA's, under vmap and in every width."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend import random as inner
from workbook.evaluate.randomness import threefry

from checks.evaluate.held import covers, each, hold

SEEDS = np.array([0, 1, -1, 7, 2**31 - 1, -(2**31)], np.int32)
random = jax.random


@covers("random_seed", "random_wrap", "random_unwrap", "random_clone")
def test_keys():
    old = np.array([[1, 2], [2**32 - 1, 0]], np.uint32)

    def f(seeds, old, key):
        yield random.key(seeds[0]), random.PRNGKey(seeds[1]), random.clone(key)
        yield jax.vmap(random.key)(seeds), jax.vmap(random.key)(seeds.astype("uint32"))
        yield random.key(np.uint8(200)), random.key(seeds[3].astype("int8"))
        yield random.wrap_key_data(old), random.key_data(key), random.key_data(random.split(key, 3))
        yield random.bits(old[0]), random.split(old[1]), random.fold_in(old[0], 5)

    hold(lambda *xs: list(f(*xs)), SEEDS, old, random.key(3))


@covers("random_bits", "random_split", "random_fold_in")
def test_bits():
    def f(key, keys, numbers):
        for width in ("uint8", "uint16", "uint32"):
            for shape in ((), (5,), (2, 3), (0, 4)):
                yield random.bits(key, shape, width)
            yield jax.vmap(lambda k: random.bits(k, (2, 3), width))(keys)  # noqa: B023
        yield from (random.split(key), random.split(key, (2, 3)), random.split(key, 0))
        yield from (jax.vmap(random.split)(keys), random.fold_in(key, 5))
        yield from (random.fold_in(key, numbers[0]), jax.vmap(random.fold_in)(keys, numbers))
        yield jax.vmap(random.fold_in, (None, 0))(key, numbers)
        yield jax.vmap(random.fold_in, (0, None))(keys, numbers[1])
        yield jax.vmap(jax.vmap(random.fold_in, (None, 0)), (0, None))(keys, numbers)

    keys = random.split(random.key(1), 4)
    hold(
        lambda *xs: list(f(*xs)), random.key(7), keys, np.array([0, 1, 2**31, 2**32 - 1], np.uint32)
    )
    hold(lambda k, n: jax.vmap(random.fold_in)(k, n), keys, np.array([-1, 2, 3, -9], np.int32))


@covers("threefry2x32", "iota_2x32_shape")
def test_the_hash_itself():
    def f(a, b, x, y):
        bits = [inner.threefry_prng_impl.random_bits(x[:2], n, (2, 3)) for n in (8, 32)]
        return inner.threefry2x32_p.bind(a, b, x, y), bits

    words = np.arange(12, dtype=np.uint32).reshape(4, 3) * np.uint32(123456789)
    hold(f, *words)
    assert [x.dtype for x in threefry(*words)] == [np.uint32] * 2


@each(["float32", "float16", "bfloat16"])
def test_real_numbers(kind):
    def f(key, keys):
        yield random.uniform(key, (50,), kind)
        yield jax.vmap(lambda k: random.uniform(k, (3,), kind))(keys)

    def normals(key, keys):
        yield random.uniform(key, (9,), kind, -2.0, 3.0)  # XLA may multiply and add at once
        yield random.normal(key, (50,), kind), random.truncated_normal(key, -1.0, 2.0, (9,), kind)
        yield jax.vmap(lambda k: random.normal(k, (2, 2), kind))(keys)
        yield random.exponential(key, (9,), kind), random.gumbel(key, (9,), kind)
        yield random.laplace(key, (9,), kind), random.cauchy(key, (9,), kind)

    inputs = random.key(7), random.split(random.key(1), 4)
    hold(lambda *xs: list(f(*xs)), *inputs, ulps=0)
    hold(lambda *xs: list(normals(*xs)), *inputs, ulps=8 if kind == "float32" else 2**16, scale=1)


def test_whole_numbers_and_choices():
    def f(key, keys, logits, x):
        for kind in ("int32", "uint8", "int8", "uint32"):
            yield random.randint(key, (20,), 0, 100, kind)
        yield random.randint(key, (20,), -(2**31), 2**31 - 1)
        yield random.permutation(key, 20), random.permutation(key, x), random.permutation(key, x, 1)
        yield random.bernoulli(key, 0.3, (20,)), jax.vmap(random.bernoulli)(keys)
        yield random.categorical(key, logits), random.categorical(key, logits, shape=(6, 4))
        yield jax.vmap(random.categorical)(keys, logits)
        yield random.choice(key, 9, (5,)), random.choice(key, x, (3,), replace=False)
        yield random.choice(key, x, (6,), p=jnp.array([0.1, 0.2, 0.3, 0.4]))
        yield jax.vmap(lambda k: random.permutation(k, 5))(keys)
        yield random.rademacher(key, (5,)), random.ball(key, 3)[:0]

    logits = np.array([[0, 1, -np.inf], [2, 2, 2], [0, 0, 9], [1, 2, 3]], np.float32)
    x = np.arange(12).reshape(4, 3).astype(np.int32)
    hold(
        lambda *xs: list(f(*xs)),
        random.key(7),
        random.split(random.key(1), 4),
        logits,
        x,
        may_refuse=True,
    )


@pytest.mark.parametrize(
    "f",
    [
        lambda keys, at: keys[at],
        lambda keys, at: keys[at[0]],
        lambda keys, at: keys[at + 3],
        lambda keys, at: keys.at[at + 3].set(keys),
        lambda keys, at: jnp.take(keys, at - 7),
        lambda keys, at: keys[1:3],
        lambda keys, at: keys.reshape(2, 2).T,
        lambda keys, at: jnp.concatenate([keys, keys[:1]]),
        lambda keys, at: jnp.stack([keys, keys]),
        lambda keys, at: jnp.where(at > 1, keys, keys[0]),
        lambda keys, at: keys == keys[0],
        lambda keys, at: lax.dynamic_update_slice(keys, keys[:1], (at[1],)),
        lambda keys, at: keys.at[at].set(keys[0]),
        lambda keys, at: jnp.broadcast_to(keys, (2, 4)),
        lambda keys, at: jax.vmap(lambda k, n: jax.lax.switch(n, [lambda k: k] * 3, k))(keys, at),
        lambda keys, at: lax.scan(
            lambda k, x: (random.split(k)[0], (x, random.bits(k))), keys[0], keys
        ),
        lambda keys, at: lax.fori_loop(0, 3, lambda n, k: random.fold_in(k, n), keys[0]),
        lambda keys, at: jnp.expand_dims(keys, 1).squeeze(1)[::-1],
        lambda keys, at: jnp.take(keys, at),
        lambda keys, at: jnp.flip(keys),
        lambda keys, at: jnp.repeat(keys, 2),
        lambda keys, at: jnp.tile(keys, 2),
        lambda keys, at: jnp.split(keys, 2),
    ],
)
def test_arrays_of_keys(f):
    keys = random.split(random.key(1), 4)
    hold(f, keys, np.array([2, 0, 3, 1], np.int32))


@pytest.mark.parametrize("kind", ["rbg", pytest.param("unsafe_rbg", marks=pytest.mark.slow)])
def test_other_generators(kind):
    # XLA's own: never drawn here, and never as if they were Threefry's
    key = random.key(3, impl=kind)
    for f in (
        lambda key, seed: random.normal(key, (3,)),
        lambda key, seed: random.bits(random.key(seed, impl=kind), (3,)),
        lambda key, seed: random.split(random.key(seed, impl=kind), 2),
        lambda key, seed: jax.vmap(random.bits)(random.split(key, 2)),
        lambda key, seed: random.key_data(key) + random.key_data(random.key(seed, impl=kind)),
    ):
        hold(f, key, np.int32(5), may_refuse=True)
