"""Images to train on: scikit-learn's digits, which it brings along, or larger ones from openml.org."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import show_image

SETS = {  # openml.org: name, version, height, width, channels, largest number
    "mnist": ("mnist_784", 1, 28, 28, 1, 255),
    "cifar10": ("CIFAR_10", 1, 32, 32, 3, 255),
}


class Part(NamedTuple):
    """Images (N, H, W, C) with numbers from 0 to 1, and their labels (N,)."""

    images: np.ndarray
    labels: np.ndarray


class Data(NamedTuple):
    """Images to train on, to make decisions with, and for the very end."""

    train: Part
    validation: Part
    test: Part


def load(name="digits"):
    """The data of that name, shuffled and split; "mnist" and "cifar10" are downloaded once."""
    if name == "digits":
        images, labels = _digits()
        return split(images, labels, 1197, 300, 300)
    images, labels = download(name)
    return split(images, labels, 10_000, 1000, 1000)


def split(images, labels, *counts):
    """Parts of the given sizes, in an order that never changes."""
    order, parts = np.random.RandomState(0).permutation(len(labels)), []
    for count in counts:
        chosen, order = order[:count], order[count:]
        parts.append(Part(images[chosen], labels[chosen]))
    return Data(*parts)


def _digits():
    from sklearn.datasets import load_digits

    found = load_digits()
    images = (found.images[..., None] / 16).astype(np.float32)
    return images, found.target.astype(np.int32)


def download(name):
    """Images and labels from openml.org; scikit-learn keeps them for the next time."""
    from sklearn.datasets import fetch_openml

    if name not in SETS:
        raise ValueError(f'DATA is "digits", "mnist" or "cifar10", not {name!r}')
    title, version, height, width, channels, most = SETS[name]
    numbers, labels = fetch_openml(
        title, version=version, return_X_y=True, as_frame=False, parser="liac-arff"
    )
    images = np.asarray(numbers, np.float32).reshape(-1, channels, height, width) / most
    return np.moveaxis(images, 1, -1), np.asarray(labels).astype(np.int32)


def gallery(part, rows=3, columns=10):
    """One image of each class in every row."""
    fig, axes = plt.subplots(rows, columns, figsize=(10.5, 3.6))
    for label, column in enumerate(axes.T):
        for ax, image in zip(column, part.images[part.labels == label]):
            show_image(ax, image)
        column[0].set_title(label)
    height, width = part.images.shape[1:3]
    fig.suptitle(f"{height} × {width} pixels are enough to tell the classes apart, mostly")
