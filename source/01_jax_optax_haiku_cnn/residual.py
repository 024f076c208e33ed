"""Residual blocks: a network with shortcuts, and what they do to gradients."""

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

from workbook.draw import BLUE, GREY, ORANGE, RED


def train(network, cross_entropy, optimizer, data, steps=150, batch=64, seed=0):
    """The loop of the notebook, with the state of norms passed along: losses, accuracy, size."""
    init = jax.jit(network.init, static_argnums=2)
    params, state = init(jax.random.key(seed), data.train.images[:1], True)

    def loss_fn(params, state, images, labels):
        logits, state = network.apply(params, state, images, True)
        return cross_entropy(logits, labels), state

    @jax.jit
    def step(params, state, opt_state, images, labels):
        gradient = jax.value_and_grad(loss_fn, has_aux=True)
        (loss, state), grads = gradient(params, state, images, labels)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), state, opt_state, loss

    opt_state, rng, losses = optimizer.init(params), np.random.RandomState(seed), []
    for _ in range(steps):
        rows = rng.randint(0, len(data.train.labels), batch)
        inputs, labels = data.train.images[rows], data.train.labels[rows]
        params, state, opt_state, loss = step(params, state, opt_state, inputs, labels)
        losses.append(float(loss))
    read = jax.jit(lambda images: network.apply(params, state, images, False)[0].argmax(axis=-1))
    share = float((np.asarray(read(data.validation.images)) == data.validation.labels).mean())
    return losses, share, sum(leaf.size for leaf in jax.tree.leaves(params))


def compare(networks, cross_entropy, optimizer, data):
    """Networks that are trained in the same way, on the same batches."""
    _, ax = plt.subplots(figsize=(8, 3.4))
    shares = {}
    for (name, network), color in zip(networks.items(), (BLUE, RED)):
        losses, shares[name], size = train(network, cross_entropy, optimizer, data)
        ax.semilogy(losses, color=color, lw=1, label=f"{name} ({size} numbers)")
    ax.set(xlabel="step", ylabel="cross-entropy of the batch")
    words = ", ".join(f"{share:.1%} {name}" for name, share in shares.items())
    ax.set_title(f"Of the validation images {words} are right after {len(losses)} steps")
    ax.legend(frameon=False)


class PlainBlock(hk.Module):
    """The two convolutions of a residual block, without the shortcut."""

    def __init__(self, channels, stride=1, name=None):
        super().__init__(name=name)
        self.channels, self.strides = channels, (stride, 1)

    def __call__(self, x, is_training):
        for n, stride in enumerate(self.strides, 1):
            x = hk.Conv2D(self.channels, 3, stride, with_bias=False, name=f"conv_{n}")(x)
            x = jax.nn.relu(hk.BatchNorm(True, True, 0.9, name=f"norm_{n}")(x, is_training))
        return x


def _gradient_norms(Block, blocks=20, channels=8, seed=0):
    """How large the gradient by the input of each block is; each is compiled once, for all."""
    block = hk.without_apply_rng(
        hk.transform_with_state(lambda x: Block(channels, name="block")(x, True))
    )
    x = jnp.asarray(np.random.RandomState(seed).normal(size=(32, 8, 8, channels)), jnp.float32)
    init = jax.jit(block.init)
    forward = jax.jit(lambda params, state, x: block.apply(params, state, x)[0])

    @jax.jit
    def backward(params, state, x, cotangent):
        return jax.vjp(lambda x: block.apply(params, state, x)[0], x)[1](cotangent)[0]

    inputs, drawn = [], []
    for key in jax.random.split(jax.random.key(seed), blocks):
        drawn.append(init(key, x))
        inputs.append(x)
        x = forward(*drawn[-1], x)
    rng = np.random.RandomState(seed + 1)
    cotangent, norms = jnp.asarray(rng.normal(size=x.shape), jnp.float32), []
    norms.append(float(jnp.linalg.norm(cotangent)))
    for (params, state), x in zip(drawn[::-1], inputs[::-1]):
        cotangent = backward(params, state, x, cotangent)
        norms.append(float(jnp.linalg.norm(cotangent)))
    return np.array(norms) / norms[0]


def gradients_by_depth(ResidualBlock):
    """The gradient on its way back through 20 blocks, with shortcuts and without."""
    _, ax = plt.subplots(figsize=(8, 3.8))
    ends = []
    for Block, color, label in ((PlainBlock, RED, "plain"), (ResidualBlock, BLUE, "residual")):
        norms = _gradient_norms(Block)
        ends.append(norms[-1])
        ax.semilogy(range(len(norms)), norms, "o-", color=color, ms=4, label=f"{label} blocks")
    ax.axhline(1, color=GREY, lw=0.8, ls="--")
    ax.set(xlabel="blocks passed on the way back", ylabel="size of the gradient")
    ax.set_xticks(range(0, len(norms), 4))
    ax.set_title(
        f"20 untrained blocks make the gradient {ends[0]:.0f} times as large, with shortcuts {ends[1]:.0f} times"
    )
    ax.legend(frameon=False)
