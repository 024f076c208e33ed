"""Section 10: a loss that doesn't overflow, beside one that does."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, RED


def stable_and_naive(cross_entropy):
    """The loss of a label whose logit lies further and further below the largest."""
    gaps = jnp.linspace(0, 200, 201)
    logits = jnp.stack([0 * gaps, -gaps, 0 * gaps - 300], axis=1)
    label = jnp.array([1])
    stable = jax.vmap(lambda z: cross_entropy(z[None], label))(logits)
    naive = -jnp.log(jax.nn.softmax(logits)[:, 1])
    end = float(gaps[np.isfinite(naive)].max())
    _, ax = plt.subplots(figsize=(8, 3.8))
    ax.plot(gaps, stable, color=BLUE, lw=5, alpha=0.5, label="yours")
    ax.plot(gaps, naive, color=RED, lw=2, label="softmax, then logarithm")
    ax.plot(end, end, "o", color=RED)
    ax.annotate(f"−log 0 = ∞ beyond {end:.0f}", (end, end), (end - 75, end + 50), color=RED, arrowprops={"arrowstyle": "->", "color": RED})  # fmt: skip
    ax.set(xlabel="how far the label's logit is below the largest", ylabel="loss")
    ax.set_title("The naive loss leaves the plot where it matters most")
    ax.legend(frameon=False, loc="lower right")
