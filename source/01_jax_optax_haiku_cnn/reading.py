"""Section 11: what a trained classifier does."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREEN, GREY, ORANGE, RED, diverging, no_ticks, show_image


class Trained:
    """Parameters before and after training, the losses, and accuracies by number of steps."""

    def __init__(self, network, params):
        self.before = self.after = params
        self.losses, self.checked = [], {}
        self._apply = jax.jit(network.apply)

    def logits(self, images):
        """The network's logits, with the parameters as they are now."""
        return self._apply(self.after, images)

    def right(self, part):
        """For each image whether it is read correctly."""
        return np.asarray(self.logits(part.images).argmax(axis=-1)) == part.labels

    def judged(self, part):
        """For each image: the prediction, its probability, and the loss."""
        log_p = np.asarray(jax.nn.log_softmax(self.logits(part.images)))
        found, rows = log_p.argmax(axis=-1), np.arange(len(log_p))
        return found, np.exp(log_p[rows, found]), -log_p[rows, part.labels]


def report(trained, part):
    """How many parameters a trained network has, and how many images it reads."""
    numbers, steps = sum(leaf.size for leaf in jax.tree.leaves(trained.after)), len(trained.losses)
    share = trained.right(part).mean()
    print(
        f"{numbers} parameters, {steps} steps: {share:.1%} of {len(part.labels)} images are right"
    )


def curves(trained):
    """Loss of each batch, and accuracy on the validation images."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
    left.semilogy(trained.losses, color=BLUE, lw=1)
    left.set(xlabel="step", ylabel="cross-entropy", title="loss of each batch")
    right.plot(
        list(trained.checked), [100 * a for a in trained.checked.values()], "o-", color=ORANGE
    )
    right.axhline(10, color=GREY, ls="--", lw=1)
    right.text(len(trained.losses), 11, "guessing", color=GREY, ha="right", va="bottom")
    right.set(
        xlabel="step (a dot after each epoch)", ylabel="validation images right (%)", ylim=(0, 103)
    )
    right.set_title("accuracy on images it doesn't train on")
    last = trained.checked[max(trained.checked)]
    numbers = sum(leaf.size for leaf in jax.tree.leaves(trained.after))
    fig.suptitle(f"{numbers} numbers have learnt to read {last:.0%} of the validation images")


def predictions(trained, part, shown=25):
    """The first images with what they are taken for; a dot is green or red, and has a shape too."""
    found, _, _ = trained.judged(part)
    fig, axes = plt.subplots(5, 5, figsize=(7, 7.6))
    for n, ax in enumerate(axes.flat[:shown]):
        good = found[n] == part.labels[n]
        show_image(ax, part.images[n])
        words = f"{found[n]}" if good else f"{found[n]}, is {part.labels[n]}"
        ax.set_title(words, fontsize=11, color=GREEN if good else RED)
        ax.plot(0.93, 0.93, "o" if good else "X", color=GREEN if good else RED, ms=9, transform=ax.transAxes, clip_on=False)  # fmt: skip
    count = int((found[:shown] == part.labels[:shown]).sum())
    fig.suptitle(f"{count} of the first {shown} test images are read correctly")


def filters(trained):
    """The kernels of the first convolution, before and after training."""
    path = next(p for p in trained.after if p.endswith("conv_0"))
    tables = [np.asarray(p[path]["w"]).mean(axis=2) for p in (trained.before, trained.after)]
    style = diverging(np.stack(tables))
    fig, axes = plt.subplots(4, 9, figsize=(11, 5.2), width_ratios=[1] * 4 + [0.35] + [1] * 4)
    for half, table, title in zip((axes[:, :4], axes[:, 5:]), tables, ("before", "after")):
        for ax, kernel in zip(half.flat, np.moveaxis(table, -1, 0)):
            shown = ax.imshow(kernel, **style)
        half[0, 0].set_title(f"{title} training", loc="left")
    for ax in axes.flat:
        no_ticks(ax)
    for ax in axes[:, 4]:
        ax.axis("off")
    fig.colorbar(shown, ax=axes, label="weight", shrink=0.8)
    fig.suptitle(
        "The sixteen 3 × 3 kernels of the first layer: training sharpens some of the noise"
    )


def four_corners(trained, part, shown=4, sure=0.8):
    """Right or wrong, sure or unsure: the images with the largest loss of each kind."""
    found, p, loss = trained.judged(part)
    right = found == part.labels
    fig = plt.figure(figsize=(11, 6))
    for panel, (title, chosen) in zip(
        fig.subfigures(2, 2).flat,
        {
            "right and sure": right & (p >= sure),
            "right and unsure": right & (p < sure),
            "wrong and sure": ~right & (p >= sure),
            "wrong and unsure": ~right & (p < sure),
        }.items(),
    ):
        order = sorted(np.flatnonzero(chosen), key=lambda n: -loss[n])
        cost = f", mean loss {loss[chosen].mean():.2f}" if len(order) else ""
        panel.suptitle(f"{title}: {len(order)} of {len(p)}{cost}", fontsize=12)
        for ax, n in zip(panel.subplots(1, shown), [*order, *[None] * shown]):
            ax.axis("off")
            if n is not None:
                show_image(ax, part.images[n])
                ax.set_title(f"says {found[n]} (p = {p[n]:.2f})\nis {part.labels[n]}, loss {loss[n]:.2f}", fontsize=9)  # fmt: skip
    fig.suptitle(
        f"Four corners: p is the probability of the class it says, sure means p ≥ {sure}; largest losses first"
    )


def confusion(trained, part):
    """Which class is taken for which."""
    found, _, _ = trained.judged(part)
    table = np.zeros((10, 10), int)
    np.add.at(table, (part.labels, found), 1)
    off = table - np.diag(np.diag(table))
    _, ax = plt.subplots(figsize=(5.8, 5))
    ax.imshow(np.where(off > 0, off, np.nan), cmap="Oranges", vmin=0, vmax=2 * max(3, off.max()))
    for i in range(10):
        for j in range(10):
            if table[i, j]:
                ax.text(
                    j, i, table[i, j], ha="center", va="center", color=GREY if i == j else "black"
                )
    ax.set(xticks=range(10), yticks=range(10), xlabel="taken for", ylabel="is")
    pairs = np.argwhere(off == off.max())
    worst = f"; most often {pairs[0][0]} is taken for {pairs[0][1]}" if len(pairs) == 1 else ""
    ax.set_title(f"{off.sum()} errors{worst}" if off.sum() else "No errors at all")
