"""Pictures: few colours where nobody sees it, all frames of a film, what a notebook shows."""

import base64
import io

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from workbook import draw


def png_of(fig):
    data = io.BytesIO()
    fig.savefig(data, format="png", bbox_inches="tight")
    plt.close(fig)
    return data.getvalue()


def lines():
    fig, ax = plt.subplots(figsize=(9, 4))
    for n in range(5):
        ax.plot(np.sin(np.linspace(0, 9, 200) + n), label=f"wave {n}")
    ax.set_title("Five waves")
    ax.legend()
    return fig


def scale(upright):
    """A figure of a colour scale with 256 steps and a line of text."""
    fig, ax = plt.subplots(figsize=(6, 4))
    steps = np.arange(256)[:, None] if upright else np.arange(256)[None]
    ax.imshow(steps, cmap="viridis", aspect="auto")
    ax.set_title("from dark to light")
    return fig


def pixels(data):
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_a_figure_becomes_a_third_as_large_and_looks_the_same():
    usual = png_of(lines())
    small = draw.small_png(usual)
    with Image.open(io.BytesIO(small)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "P")
    before, after = pixels(usual), pixels(small)
    assert len(small) < len(usual) / 2.5, (len(small), len(usual))
    assert before.shape == after.shape
    assert (after[(before == 255).all(-1)] == 255).all(), "the background stays white"
    assert np.sqrt(((before - after) ** 2).sum(-1).mean()) < 3


@pytest.mark.parametrize("upright", [True, False])
def test_a_scale_of_colours_has_no_steps(upright):
    usual = png_of(scale(upright))
    before, after = pixels(usual), pixels(draw.small_png(usual))
    inside = np.index_exp[80:-80, 80:-80]
    assert len(np.unique(before[inside].reshape(-1, 3), axis=0)) > 100
    assert np.abs(before - after)[inside].max() <= 4


def test_grey_cells_beside_coloured_lines_stay_grey():
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), width_ratios=[1, 4])
    left.imshow(np.arange(64).reshape(8, 8) / 63, cmap="gray_r")
    for n in range(12):
        color = (draw.BLUE, draw.GREY)[n % 2]
        right.plot(np.random.RandomState(n).rand(300).cumsum(), color=color, lw=2, alpha=0.6)
    usual = png_of(fig)
    middle = pixels(usual).shape[0] // 2
    cells = np.index_exp[middle - 60 : middle + 60, 50:170]
    before, after = pixels(usual)[cells], pixels(draw.small_png(usual))[cells]
    assert (np.ptp(before, axis=-1) == 0).all()
    assert np.ptp(after, axis=-1).max() <= 1


@pytest.mark.parametrize("transparent", [False, True])
def test_a_photo_and_a_transparent_figure_stay(transparent):
    if transparent:
        fig = lines()
        fig.set_facecolor("none")
    else:
        fig, ax = plt.subplots(figsize=(4, 3))
        ax.imshow(np.random.RandomState(0).rand(200, 300, 3))
    usual = png_of(fig)
    assert draw.small_png(usual) == usual


@pytest.fixture
def shown(monkeypatch):
    """What draw shows."""
    seen = []
    monkeypatch.setattr(draw, "display", seen.append)
    return seen


def frames_of(image):
    with Image.open(io.BytesIO(image.data)) as film:
        frames, times = [], []
        for n in range(film.n_frames):
            film.seek(n)
            frames.append(np.asarray(film.convert("RGB")))
            times.append(film.info["duration"])
    return frames, times


@pytest.mark.parametrize("moving", ["a square on grey", "the whole picture"])
def test_a_film_has_all_its_frames_and_times(shown, moving):
    pictures = []
    for n in range(12):
        picture = np.full((120, 200, 3), 240, np.uint8)
        picture[40:80, 10 * n : 10 * n + 40] = draw_color(n)
        pictures.append(picture if moving.startswith("a") else np.roll(picture, 31 * n, 0))
    draw.film(pictures, 80, "a square goes right")
    frames, times = frames_of(shown[0])
    np.testing.assert_array_equal(frames, pictures)
    assert times == [80] * 11 + [1200]
    assert len(shown[0].data) < 9_000
    assert shown[0]._repr_mimebundle_()[1]["image/png"]["alt"] == "a square goes right"


def draw_color(n):
    return (0, 114, 178) if n % 2 else (213, 94, 0)


def test_a_film_that_stands_still_keeps_its_time(shown):
    dark, light = (np.full((20, 30, 3), level, np.uint8) for level in (7, 200))
    draw.film([dark, dark, light, light, light, dark], 100)
    frames, times = frames_of(shown[0])
    assert sum(times) == 5 * 100 + 1200
    assert [frame[0, 0, 0] for frame in frames][-1] == 7


def test_a_film_of_one_picture_is_a_picture(shown):
    draw.film([np.full((20, 30, 3), 7, np.uint8)] * 4, 100)
    assert (pixels(shown[0].data) == 7).all()


def test_a_film_of_photos_keeps_its_frames(shown):
    photos = np.random.RandomState(0).randint(0, 256, (3, 100, 120, 3)).astype(np.uint8)
    draw.film(photos, 100)
    assert len(frames_of(shown[0])[0]) == 3


def test_an_animated_figure_is_small_and_tells_its_title(shown):
    fig, ax = plt.subplots(figsize=(6, 4))
    ax.set_title("A wave grows")
    (line,) = ax.plot(np.zeros(100))
    ax.set_ylim(-20, 20)
    draw.animate(fig, lambda n: line.set_ydata(n * np.sin(np.arange(100) / 9)), 20, 50)
    assert len(frames_of(shown[0])[0]) == 20
    assert len(shown[0].data) < 40_000
    assert shown[0].alt == "A wave grows"
    assert not plt.get_fignums()


def test_a_photo_is_a_jpeg(shown):
    fig, ax = plt.subplots(figsize=(4, 3))
    y, x = np.mgrid[:200, :300]
    ax.imshow(np.stack([x * y / 6e4, x / 300, y / 200], axis=-1))
    ax.set_title("a slope")
    draw.show_photo(fig)
    with Image.open(io.BytesIO(shown[0].data)) as picture:
        assert picture.format == "JPEG"
    assert len(shown[0].data) < 30_000
    assert shown[0].alt == "a slope"
    assert not plt.get_fignums()


CELLS = [
    "import matplotlib.pyplot as plt\nfrom workbook import draw",
    "plt.plot([1, 3, 2])\nplt.title('a line');",  # the first figure sets up the shell's formats
    "%matplotlib inline\nplt.plot([1, 3, 2])\nplt.show()",
    "plt.figure();",
    "import importlib\nimportlib.reload(draw)\nplt.plot([1, 3, 2]);",
    "%config InlineBackend.figure_formats = ['svg']\nplt.plot([1, 3, 2]);",
]


@pytest.mark.slow
def test_a_notebook_shows_small_figures_and_warns_of_nothing():
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    nbformat.validate(notebook)
    _, first, again, empty, reloaded, svg = (cell.outputs for cell in notebook.cells)
    assert not [o for cell in notebook.cells for o in cell.outputs if o.output_type == "stream"]
    assert first[0].metadata["image/png"]["alt"] == "a line"
    for outputs in (first, again, reloaded):
        data = base64.b64decode(outputs[0].data["image/png"])
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.mode == "P"
        assert len(data) < 10_000
    assert "image/png" not in empty[0].data
    assert "image/svg+xml" in svg[0].data, "whoever asks for SVG gets it"
