"""What the pictures of all practicals share: colours, axes, arrows and boxes, animations."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
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

# ---------------------------------------------------------------- axes


def show_image(ax, image, **style):
    """An image (H, W, C) or (H, W) without ticks; one channel is drawn as ink on paper."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim == 2:
        style = {"cmap": "gray_r", "vmin": 0, "vmax": 1} | style
    shown = ax.imshow(image, **style)
    no_ticks(ax)
    ax.spines[:].set(visible=True, color="#CCCCCC")
    return shown


def no_ticks(ax):
    """An axes for a picture: no ticks, no frame."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def diverging(values):
    """Style for numbers around 0: orange below, purple above, the same distance on both sides."""
    most = float(np.abs(np.asarray(values)).max()) or 1.0
    return {"cmap": "PuOr", "vmin": -most, "vmax": most}


def band(ax, x, runs, color, label):
    """The mean of several runs (runs, points) as a line, from the lowest to the highest as a band."""
    runs = np.asarray(runs)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, lw=0)
    ax.plot(x, runs.mean(axis=0), color=color, lw=2, label=label)


# ---------------------------------------------------------------- arrows and boxes


def arrow(ax, start, end, color=BLACK, lw=1.3):
    """An arrow from one point to another."""
    style = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "lw": lw}
    ax.annotate("", end, start, arrowprops=style)


def box(ax, corner, size, **style):
    """A box with slightly rounded corners."""
    pad = style.pop("pad", 0.02)
    ax.add_patch(FancyBboxPatch(corner, *size, boxstyle=f"round,pad={pad}", **style))


def frame(ax, corner, size, color, **style):
    """A dashed frame around boxes."""
    style |= {"facecolor": "none", "edgecolor": color, "linestyle": (0, (4, 3)), "lw": 1.2}
    box(ax, corner, size, **style)


# ---------------------------------------------------------------- animations


def film(pictures, milliseconds, colors=64):
    """Show pictures (height, width, 3) one after the other; they play without any program."""
    pictures = [Picture.fromarray(picture) for picture in pictures]
    width, height = pictures[0].size
    samples = pictures[:: max(1, len(pictures) // 6)]
    sheet = Picture.new("RGB", (width, height * len(samples)))
    for n, picture in enumerate(samples):
        sheet.paste(picture, (0, n * height))
    palette = sheet.quantize(colors, kmeans=1)  # one for all, or colours would flicker
    palette.putpalette([255 if level > 244 else level for level in palette.getpalette()])
    first, *rest = (p.quantize(palette=palette, dither=Picture.Dither.NONE) for p in pictures)
    times = [milliseconds] * len(rest) + [1200]  # a rest before it begins anew
    data = io.BytesIO()
    first.save(data, "PNG", save_all=True, append_images=rest, duration=times, loop=0)
    display(Image(data.getvalue()))


def animate(fig, draw, frames, milliseconds):
    """Show what draw(n) makes of a figure for each n, as a picture that moves."""
    canvas, pictures = FigureCanvasAgg(fig), []
    for n in range(frames):
        draw(n)
        canvas.draw()
        fig.set_layout_engine("none")  # the first frame's layout serves all
        pictures.append(np.array(canvas.buffer_rgba())[..., :3])
    plt.close(fig)
    film(pictures, milliseconds, colors=128)
