"""A photo, the digits, and the pictures of section 10."""

from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits, load_sample_image

from workbook.draw import BLUE, ORANGE, RED, show_photo

BATCH = 64


def photo():
    """scikit-learn's sample photo of a temple, cropped and halved: (1, 192, 288, 3) floats."""
    image = load_sample_image("china.jpg")[20:404:2, 30:606:2]
    return jnp.asarray(image[None] / np.float32(255))


def mosaic(image, patches):
    """A photo, its patches with gaps, and the patches in another order."""
    patches = np.asarray(patches)[0]
    size, columns = patches.shape[1], image.shape[2] // patches.shape[1]
    order = np.random.RandomState(3).permutation(len(patches))
    panels = [("the photo", None, 0), ("its patches, row by row", np.arange(len(patches)), 6)]
    panels.append(("the same patches, shuffled", order, 6))
    fig, axes = plt.subplots(1, 3, figsize=(8.4, 2.5))
    for ax, (title, which, gap) in zip(axes, panels):
        shown = image[0] if which is None else _laid_out(patches[which], columns, gap)
        ax.imshow(shown)
        ax.set_title(title)
        ax.axis("off")
    fig.suptitle(f"{len(patches)} patches of {size} × {size} pixels hold the whole picture")
    show_photo(fig)


def _laid_out(patches, columns, gap):
    """Patches put side by side, row by row, with white between them."""
    size, step = patches.shape[1], patches.shape[1] + gap
    rows = len(patches) // columns
    sheet = np.ones((rows * step - gap, columns * step - gap, 3), np.float32)
    for n, patch in enumerate(patches):
        y, x = step * (n // columns), step * (n % columns)
        sheet[y : y + size, x : x + size] = patch
    return sheet


# ---------------------------------------------------------------- digits


@dataclass
class Digits:
    """Images (n, 8, 8, 1) between 0 and 1 and labels (n,), for training and for testing."""

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def digits():
    """scikit-learn's 1797 digits, shuffled once, the last fifth for testing."""
    data = load_digits()
    order = np.random.RandomState(0).permutation(len(data.target))
    images = (data.images / 16).astype(np.float32)[order, :, :, None]
    labels, cut = data.target[order].astype(np.int32), len(order) - len(order) // 5
    return Digits(images[:cut], labels[:cut], images[cut:], labels[cut:])


def class_counts(data):
    """How many images of each digit are in each part, and whether the parts share any."""
    parts = {"training": (data.images, data.labels), "test": (data.test_images, data.test_labels)}
    for name, (images, labels) in parts.items():
        counts = np.bincount(labels, minlength=10)
        print(f"{name:>8}: {len(images):>4} images, of the digits 0 to 9: {counts.tolist()}")
    seen = {image.tobytes() for image in data.images}
    twice = sum(image.tobytes() in seen for image in data.test_images)
    print(f"test images that are also in the training part: {twice}")


@dataclass
class Classifier:
    """A trained classifier: logits of images, parameters before and after, test accuracies."""

    logits: Callable
    before: dict
    after: dict
    data: Digits
    losses: list = field(default_factory=list)
    checked: dict = field(default_factory=dict)  # step: test accuracy

    def note(self, params, loss):
        """Keep the parameters and the loss after one step; now and then test them."""
        self.after = params
        self.losses.append(float(loss))
        if len(self.losses) in (1, 25, 50, 100) or len(self.losses) % 100 == 0:
            found = self.logits(params, self.data.test_images).argmax(axis=-1)
            self.checked[len(self.losses)] = float((found == self.data.test_labels).mean())


def untrained(model, data, seed=0):
    """A classifier of digits before its first step."""
    params = jax.jit(model.init)(jax.random.key(seed), data.images[:2])
    return Classifier(jax.jit(model.apply), params, params, data)


def batches(data, steps, seed=0):
    """As many batches of 64 images and labels, drawn at random."""
    rng = np.random.RandomState(seed)
    for _ in range(steps):
        rows = rng.randint(0, len(data.labels), BATCH)
        yield data.images[rows], data.labels[rows]


def results(vit, shown=6):
    """Loss, test accuracy on the way, and test digits that are taken for others."""
    fig = plt.figure(figsize=(13.5, 3.8))
    left, right = fig.subfigures(1, 2, width_ratios=[1.5, 1])
    loss, accuracy = left.subplots(1, 2)
    loss.semilogy(np.asarray(vit.losses), color=BLUE, lw=1)
    loss.set(xlabel="step", ylabel="loss (nats a digit)", title="loss of each batch")
    accuracy.plot(list(vit.checked), [100 * a for a in vit.checked.values()], "o-", color=ORANGE)
    accuracy.set(xlabel="step", ylabel="test images right (%)", ylim=(0, 103))
    accuracy.set_title("accuracy on the test part")
    data = vit.data
    found = np.asarray(vit.logits(vit.after, data.test_images).argmax(axis=-1))
    wrong = np.flatnonzero(found != data.test_labels)
    numbers = sum(leaf.size for leaf in jax.tree.leaves(vit.after))
    for ax, n in zip(right.subplots(2, shown // 2).flat, [*wrong, *[None] * shown]):
        ax.axis("off")
        if n is not None:
            ax.imshow(data.test_images[n, :, :, 0], cmap="gray_r")
            ax.set_title(f"{data.test_labels[n]}, taken for {found[n]}", color=RED, fontsize=11)
    right.suptitle(f"some of the {len(wrong)} errors", fontsize=12)
    share = vit.checked[max(vit.checked)]
    fig.suptitle(
        f"{numbers:,} numbers learn to read {share:.1%} of the test digits".replace(",", " ")
    )


def likeness_maps(vit):
    """For each position, how alike its learned vector is to those of all 16, before and after."""
    tables = [params["positions"]["position_embedding"] for params in (vit.before, vit.after)]
    fig = plt.figure(figsize=(11.5, 5.4))
    halves = fig.subfigures(1, 2, width_ratios=[1, 1.21])
    for half, table, when in zip(halves, tables, ("before training", "after training")):
        rows = np.asarray(table) / np.linalg.norm(table, axis=1, keepdims=True)
        axes = half.subplots(4, 4)
        for n, ax in enumerate(axes.flat):
            image = ax.imshow((rows @ rows[n]).reshape(4, 4), cmap="PuOr", vmin=-1, vmax=1)
            ax.plot(n % 4, n // 4, "w.", ms=5)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        half.supxlabel(
            f"{when}: a map for each patch (dot), laid out like the picture", fontsize=11
        )
    half.colorbar(image, ax=axes, label="cosine of the angle", shrink=0.8)
    corners = rows[0] @ rows[12]
    pairs = [(n, n + 1) for n in range(16) if n % 4 < 3] + [(n, n + 4) for n in range(12)]
    beside = np.mean([rows[a] @ rows[b] for a, b in pairs])
    fig.suptitle(
        f"After training: cosine {corners:.2f} for the two left corners, "
        f"{beside:.2f} for neighbours on average"
    )
