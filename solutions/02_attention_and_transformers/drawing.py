"""What the pictures of this practical share: colours, axes of tables, boxes, animations."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.patches import FancyBboxPatch
from PIL import Image as Picture

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

# ---------------------------------------------------------------- tables


def labels(sentence, length):
    """The words of a sentence, then padding."""
    words = sentence.split()
    return words + ["(pad)"] * (length - len(words))


def label_axes(ax, rows, columns=(), rotation=60):
    """Words along the axes of a table."""
    ax.set_yticks(range(len(rows)), rows)
    style = {"rotation": rotation, "ha": "right" if rotation else "center"}
    ax.set_xticks(range(len(columns)), columns, rotation_mode="anchor", **style)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def weight_map(ax, weights, rows, columns, most=1.0, rotation=60):
    """Weights as colours; a weight of exactly 0 is left grey."""
    colors = plt.get_cmap("viridis").with_extremes(bad=PALE)
    weights = np.asarray(weights)
    image = ax.imshow(np.where(weights > 0, weights, np.nan), cmap=colors, vmin=0, vmax=most)
    label_axes(ax, rows, columns, rotation)
    return image


def mask_table(ax, mask, rows, columns, color=BLUE):
    """A mask as a table of squares: coloured ones may be read."""
    ax.imshow(mask, cmap=ListedColormap([PALE, color]), vmin=0, vmax=1)
    label_axes(ax, rows, columns)
    ax.set_xticks(np.arange(mask.shape[1]) - 0.5, minor=True)
    ax.set_yticks(np.arange(mask.shape[0]) - 0.5, minor=True)
    ax.grid(which="minor", color="white", lw=1.5)
    ax.tick_params(which="minor", length=0)


# ---------------------------------------------------------------- boxes and arrows


def box(ax, corner, size, **style):
    """A box with slightly rounded corners."""
    pad = style.pop("pad", 0.02)
    ax.add_patch(FancyBboxPatch(corner, *size, boxstyle=f"round,pad={pad}", **style))


def frame(ax, corner, size, color, **style):
    """A dashed frame around boxes."""
    style |= {"facecolor": "none", "edgecolor": color, "linestyle": (0, (4, 3)), "lw": 1.2}
    box(ax, corner, size, **style)


def arrow(ax, start, end, color=BLACK, lw=1.3):
    """An arrow from one point to another."""
    style = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "lw": lw}
    ax.annotate("", end, start, arrowprops=style)


# ---------------------------------------------------------------- animations


def animate(fig, draw, frames, milliseconds):
    """Show what draw(n) makes of a figure for each n, as a picture that moves."""
    canvas, pictures = FigureCanvasAgg(fig), []
    for n in range(frames):
        draw(n)
        canvas.draw()
        fig.set_layout_engine("none")  # the first frame's layout serves all
        pictures.append(Picture.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))
    display(_animated_png(pictures, milliseconds))


def _animated_png(pictures, milliseconds):
    """256 colours for all frames; it plays in notebooks and web pages without any program."""
    width, height = pictures[0].size
    samples = pictures[:: max(1, len(pictures) // 6)]
    sheet = Picture.new("RGB", (width, height * len(samples)))
    for n, picture in enumerate(samples):
        sheet.paste(picture, (0, n * height))
    palette = sheet.quantize(256, kmeans=3)
    palette.putpalette([255 if level > 250 else level for level in palette.getpalette()])
    first, *rest = (p.quantize(palette=palette, dither=Picture.Dither.NONE) for p in pictures)
    data = io.BytesIO()
    first.save(data, "PNG", save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return Image(data.getvalue())
