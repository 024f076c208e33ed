"""What the pictures of all practicals share: colours, axes, arrows and boxes, animations."""

import io
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from functools import wraps
from textwrap import shorten
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import FancyBboxPatch
from numpy.typing import ArrayLike
from PIL import Image as Picture
from PIL import PngImagePlugin

Point = tuple[float, float]

# Okabe and Ito's colours, which look different to everyone
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, BLACK, GREY, PALE = "#56B4E9", "#CC79A7", "#222222", "#8A8A8A", "#EDEDED"

plt.rcParams.update(
    {
        "figure.dpi": 100,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "figure.titlesize": 14,
        "font.size": 12,
        "axes.titlesize": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)

# ---------------------------------------------------------------- axes


def show_image(ax: Axes, image: ArrayLike, **style: Any) -> AxesImage:
    """An image (H, W, C) or (H, W) without ticks; one channel is drawn as ink on paper."""
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim == 2:
        style = {"cmap": "gray_r", "vmin": 0, "vmax": 1} | style
    shown = ax.imshow(pixels, **style)
    no_ticks(ax)
    ax.spines[:].set(visible=True, color="#CCCCCC")
    return shown


def no_ticks(ax: Axes) -> None:
    """An axes for a picture: no ticks, no frame."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def diverging(values: ArrayLike) -> dict[str, Any]:
    """Style for numbers around 0: orange below, purple above, the same distance on both sides."""
    most = float(np.abs(np.asarray(values)).max()) or 1.0
    return {"cmap": "PuOr", "vmin": -most, "vmax": most}


def band(ax: Axes, x: ArrayLike, runs: ArrayLike, color: str, label: str) -> None:
    """The mean of several runs (runs, points) as a line, from the lowest to the highest as a band."""
    lines = np.asarray(runs)
    ax.fill_between(x, lines.min(axis=0), lines.max(axis=0), color=color, alpha=0.2, lw=0)
    ax.plot(x, lines.mean(axis=0), color=color, lw=2, label=label)


# ---------------------------------------------------------------- arrows and boxes


def arrow(ax: Axes, start: Point, end: Point, color: str = BLACK, lw: float = 1.3) -> None:
    """An arrow from one point to another."""
    style = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "lw": lw}
    ax.annotate("", end, start, arrowprops=style)


def box(ax: Axes, corner: Point, size: Point, **style: Any) -> None:
    """A box with slightly rounded corners."""
    pad = style.pop("pad", 0.02)
    ax.add_patch(FancyBboxPatch(corner, *size, boxstyle=f"round,pad={pad}", **style))


def frame(ax: Axes, corner: Point, size: Point, color: str, **style: Any) -> None:
    """A dashed frame around boxes."""
    style |= {"facecolor": "none", "edgecolor": color, "linestyle": (0, (4, 3)), "lw": 1.2}
    box(ax, corner, size, **style)


# ---------------------------------------------------------------- few colours

MOST_COLORS = 254  # what a palette holds, with room for one that nobody sees
PHOTO = 1 << 14  # more colours than this are a photo's
AREA, EDGE = 10, 4000  # how far a colour may move, see few_colors


def few_colors(pictures: Sequence[np.ndarray] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, height, width, 3) as numbers of colours (n, height, width) and the palette."""
    pictures = np.asarray(pictures)
    sheet = Picture.fromarray(pictures.reshape(-1, *pictures.shape[2:]))
    found = sheet.getcolors(PHOTO)
    if found is None:
        sheet = sheet.quantize(MOST_COLORS, dither=Picture.Dither.NONE)
        palette = np.array(sheet.getpalette(), np.uint8).reshape(-1, 3)[:MOST_COLORS]
        return np.asarray(sheet).reshape(pictures.shape[:3]), palette
    counts, colors = (np.array(part) for part in zip(*found))
    position = np.zeros(1 << 24, np.uint16)
    position[_codes(colors)] = np.arange(len(colors))
    numbers = np.stack([position[_codes(picture)] for picture in pictures])
    areas = _in_areas(numbers, counts)
    colors, counts = colors.astype(np.float32), counts / len(pictures)
    # areas have to come near, or a scale of colours gets steps and greys get a tint; on the edges
    # of letters and lines it is seen less, most of all where few pixels have the colour
    allowed = np.where(areas, AREA, EDGE / np.sqrt(counts))
    palette = _palette(colors, counts * np.where(areas, 20, 1), allowed)
    nearest = _nearest(colors, palette).astype(np.uint8)
    return nearest[numbers], palette.round().astype(np.uint8)


def _in_areas(numbers, counts):
    """Whether most pixels of a colour have the same colour beside them, or most have it below."""
    across = numbers[..., 1:][numbers[..., 1:] == numbers[..., :-1]]
    down = numbers[:, 1:][numbers[:, 1:] == numbers[:, :-1]]
    pairs = [np.bincount(each, minlength=len(counts)) for each in (across, down)]
    return np.maximum(*pairs) > 0.7 * counts


def _codes(colors):
    """Red, green and blue (..., 3) in one whole number."""
    red, green, blue = (colors[..., n].astype(np.uint32) for n in range(3))
    return red << 16 | green << 8 | blue


def _nearest(colors, palette):
    return ((palette**2).sum(axis=1) - 2 * colors @ palette.T).argmin(axis=1)


def _palette(colors, weights, allowed):
    """As few colours as bring all within the squared distances (n,) that are allowed."""
    palette = colors[[weights.argmax()]]
    far = np.full(len(colors), np.inf)
    while len(palette) < MOST_COLORS:
        far = np.minimum(far, ((colors - palette[-1]) ** 2).sum(axis=1))
        worst = (far / allowed).argmax()
        if far[worst] <= allowed[worst]:
            break
        palette = np.vstack([palette, colors[worst]])
    for _ in range(3):  # each becomes the mean of what it stands for (k-means)
        group = _nearest(colors, palette)
        sums = [np.bincount(group, weights * part, len(palette)) for part in (*colors.T, 1)]
        palette = np.stack(sums[:3], axis=1) / np.maximum(sums[3], 1e-9)[:, None]
    return palette


def _with_palette(numbers, palette):
    """A picture with a palette; one colour more than the palette has is transparent."""
    picture = Picture.fromarray(numbers)
    # with at most 16 colours Pillow puts two pixels into a byte, which takes more room here
    spare = np.full((max(17 - len(palette), 1), 3), 255, np.uint8)
    picture.putpalette(np.vstack([palette, spare]).tobytes())
    return picture


# ---------------------------------------------------------------- figures


def describe(fig: Figure) -> str:
    """What a screen reader says of a figure: its titles."""
    titles = [fig.get_suptitle(), *(ax.get_title() for ax in fig.axes)]
    titles = [title for title in titles if len(title) > 3]  # no row of digits over a gallery
    return shorten("; ".join(titles), 300, placeholder=" …")


def small_png(png: bytes) -> bytes:
    """A PNG in fewer colours, a third as large; one that is a photo or transparent stays."""
    picture = Picture.open(io.BytesIO(png)).convert("RGBA")
    opaque = picture.getchannel("A").getextrema()[0] == 255
    picture = picture.convert("RGB")
    if not opaque or picture.getcolors(PHOTO) is None:
        return png
    numbers, palette = few_colors([np.asarray(picture)])
    data = io.BytesIO()
    _with_palette(numbers[0], palette).save(data, "PNG", optimize=True)
    return data.getvalue()


def show_small() -> None:
    """Let a notebook show all its figures as small PNGs; where none is shown, do nothing."""
    shell = get_ipython()
    if shell is None:
        return
    if "inline" in plt.get_backend():
        plt.switch_backend(plt.get_backend())  # or the first figure would undo what follows
    formatter = shell.display_formatter.formatters["image/png"]
    try:
        usual = formatter.lookup_by_type(Figure)
    except KeyError:  # figures are shown in windows, or as SVG
        return
    usual = getattr(usual, "__wrapped__", usual)

    @wraps(usual)
    def small(fig):
        made = usual(fig)
        if not made:  # a figure without axes
            return made
        data, metadata = made if isinstance(made, tuple) else (made, {})
        data = small_png(data if isinstance(data, bytes) else b64decode(data))
        alt = {"alt": describe(fig)} if describe(fig) else {}
        return b64encode(data).decode(), metadata | alt

    formatter.for_type(Figure, small)


show_small()


def show_photo(fig: Figure) -> None:
    """Show a figure with photos, as a JPEG: these have too many colours for a small PNG."""
    data = io.BytesIO()
    style = {"quality": 75, "subsampling": 0, "optimize": True}
    fig.savefig(data, format="jpeg", bbox_inches="tight", pil_kwargs=style)
    plt.close(fig)
    display(Image(data.getvalue(), format="jpeg", alt=describe(fig)))


# ---------------------------------------------------------------- animations


def film(pictures: Sequence[np.ndarray], milliseconds: int, alt: str = "a film") -> None:
    """Show pictures (height, width, 3) one after the other; they play without any program."""
    numbers, palette = few_colors(pictures)
    changes = numbers.copy()  # only what a picture changes is drawn, over the one before
    changes[1:][numbers[1:] == numbers[:-1]] = len(palette)
    times = [milliseconds] * (len(numbers) - 1) + [1200]  # a rest before it begins anew
    made = (_moving(each, palette, times) for each in (numbers, changes))
    display(Image(min(made, key=len), alt=alt))


def _moving(frames, palette, times):
    """An animated PNG of frames, drawn one over the other."""
    first, *rest = (_with_palette(each, palette) for each in frames)
    for picture in (first, *rest):
        picture.info["transparency"] = len(palette)
    data, blend = io.BytesIO(), PngImagePlugin.Blend.OP_OVER
    style = {"duration": times, "loop": 0, "blend": blend, "optimize": True}
    first.save(data, "PNG", save_all=True, append_images=rest, **style)
    return data.getvalue()


def animate(fig: Figure, draw: Callable[[int], object], frames: int, milliseconds: int) -> None:
    """Show what draw(n) makes of a figure for each n, as a picture that moves."""
    canvas, pictures = FigureCanvasAgg(fig), []
    for n in range(frames):
        draw(n)
        canvas.draw()
        fig.set_layout_engine("none")  # the first frame's layout serves all
        pictures.append(np.array(canvas.buffer_rgba())[..., :3])
    plt.close(fig)
    film(pictures, milliseconds, alt=describe(fig))
