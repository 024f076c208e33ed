"""Section 9: features that become alike, and the accuracy of deep stacks."""

from collections.abc import Callable, Mapping

import jax
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREEN, GREY, ORANGE, RED

Table = Mapping[tuple[int, str], jax.Array]


def rounds_of(step: Callable, start: jax.Array, count: int = 60) -> list[jax.Array]:
    """The features at the start and after each round."""
    features = [start]
    for _ in range(count - 1):
        features.append(step(features[-1]))
    return features


def smoothing(
    dirichlet_energy: Callable, adj: jax.Array, start: jax.Array, steps: Mapping[str, Callable]
) -> None:
    """One feature of every node over the rounds, and the energy of all on a log axis."""
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.9))
    root = np.sqrt(1 + np.asarray(adj).sum(axis=1))
    energy = jax.jit(dirichlet_energy)
    for (name, step), color in zip(steps.items(), (BLUE, ORANGE)):
        features = rounds_of(step, start)
        right.semilogy([float(energy(x, adj)) for x in features], ".-", color=color, label=name)
        if color == BLUE:
            values = np.array([np.asarray(x)[:, 0] / root for x in features[:31]])
            left.plot(values, color=color, alpha=0.5, lw=1)
    left.set(xlabel="round", ylabel=r"feature divided by $\sqrt{\tilde d}$")
    left.set_title("34 members, one feature: all lines become one")
    right.set(xlabel="round", ylabel="Dirichlet energy")
    right.set_title("Smoothing takes the same share each round")
    right.legend(frameon=False)
    plt.show()


def accuracies(table: Table) -> None:
    """Each seed a dot, the median a bar: accuracy by depth, plain and residual."""
    _, ax = plt.subplots(figsize=(8.5, 4))
    depths = sorted({depth for depth, _ in table})
    for name, color, shift in (("plain", RED, -0.17), ("residual", GREEN, 0.17)):
        for place, depth in enumerate(depths):
            values = np.asarray(table[depth, name])
            x = place + shift + np.linspace(-0.09, 0.09, len(values))
            label = name if place == 0 else None
            ax.plot(x, values, "o", color=color, ms=6, alpha=0.75, mew=0, label=label)
            ax.hlines(
                np.median(values), place + shift - 0.14, place + shift + 0.14, color=color, lw=3
            )
    ax.axhline(0.5, color=GREY, lw=1, ls=":")
    ax.text(0.5, 0.505, "all in one club", color=GREY, ha="center", va="bottom")
    ax.set_xticks(range(len(depths)), [f"{depth} layers" for depth in depths])
    ax.set(ylim=(0.4, 1.02), ylabel="share of members placed right")
    ax.set_title("Plain stacks break down with depth, residual ones mostly hold")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 0.25))
    plt.show()
