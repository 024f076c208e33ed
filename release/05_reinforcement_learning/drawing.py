"""What the pictures of this practical share: colours, lines with bands, moving pictures."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
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
        "legend.frameon": False,
    }
)


def band(ax, x, runs, color, label):
    """The mean of several runs (runs, points) as a line, from the lowest to the highest as a band."""
    runs = np.asarray(runs)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, lw=0)
    ax.plot(x, runs.mean(axis=0), color=color, lw=2, label=label)


def smooth(values, width=5):
    """Means over the last `width` points of the last axis, fewer at the beginning."""
    values = np.asarray(values, float)
    total = np.cumsum(values, axis=-1)
    total[..., width:] = total[..., width:] - total[..., :-width]
    return total / np.minimum(np.arange(1, values.shape[-1] + 1), width)


def film(pictures, milliseconds, colors=64):
    """Show pictures (height, width, 3) one after the other; they play without any program."""
    pictures = [Picture.fromarray(picture) for picture in pictures]
    width, height = pictures[0].size
    samples = pictures[:: max(1, len(pictures) // 6)]
    sheet = Picture.new("RGB", (width, height * len(samples)))
    for n, picture in enumerate(samples):
        sheet.paste(picture, (0, n * height))
    palette = sheet.quantize(colors, kmeans=1)  # one for all, or colours would flicker
    palette.putpalette([255 if level > 250 else level for level in palette.getpalette()])
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
        pictures.append(np.asarray(canvas.buffer_rgba())[..., :3])
    plt.close(fig)
    film(pictures, milliseconds, colors=128)
