"""Practical 01's images: the bundled digits, and the optional download on made-up data."""

import socket
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring.running import imports_from

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "source" / "01_jax_optax_haiku_cnn"


@pytest.fixture
def images():
    with imports_from(FOLDER):
        import images

        yield images


def test_digits_are_bundled_scaled_and_split_once(images, monkeypatch):
    monkeypatch.setattr(socket, "socket", None)  # nothing is fetched
    data = images.load()
    assert [len(part.labels) for part in data] == [1197, 300, 300]
    pixels = np.concatenate([part.images for part in data])
    assert pixels.shape == (1797, 8, 8, 1)
    assert (pixels.dtype, pixels.min(), pixels.max()) == (np.float32, 0, 1)
    assert data.train.labels.dtype == np.int32
    assert np.array_equal(images.load().test.labels, data.test.labels)


@pytest.mark.parametrize(("name", "shape"), [("mnist", (28, 28, 1)), ("cifar10", (32, 32, 3))])
def test_downloads_become_images_with_channels_last(images, monkeypatch, name, shape):
    height, width, channels = shape
    planes = np.random.RandomState(0).randint(0, 256, (40, channels, height, width))

    def made_up(title, **options):
        assert options["return_X_y"] and not options["as_frame"]
        return planes.reshape(40, -1).astype(np.int64), np.array(list("0123456789") * 4)

    monkeypatch.setattr("sklearn.datasets.fetch_openml", made_up)
    pixels, labels = images.download(name)
    assert (pixels.shape, pixels.dtype) == ((40, *shape), np.float32)
    assert pixels[7, 2, 5, -1] == pytest.approx(planes[7, -1, 2, 5] / 255)
    assert (labels.dtype, labels[13]) == (np.int32, 3)
    small = images.split(pixels, labels, 20, 12, 8)
    assert [len(part.images) for part in small] == [20, 12, 8]
    used = np.concatenate([part.images for part in small]).sum(axis=(1, 2, 3))
    assert np.allclose(np.sort(used), np.sort(pixels.sum(axis=(1, 2, 3))))  # each image once


def test_another_name_is_refused(images):
    with pytest.raises(ValueError, match='"digits", "mnist" or "cifar10"'):
        images.load("imagenet")
