"""Sections 8 and 9: parameters as a table, pooling, convolution at work."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from workbook.draw import BLUE, GREY, ORANGE, animate, diverging, no_ticks, show_image

# ---------------------------------------------------------------- section 8


def parameter_table(params):
    """Path, shape, dtype and first numbers of every parameter."""
    rows = [
        [
            path,
            name,
            str(a.shape),
            str(a.dtype),
            a.size,
            np.array2string(a.ravel()[:3], precision=2),
        ]
        for path, leaves in sorted(params.items())
        for name, a in sorted(leaves.items())
    ]
    _, ax = plt.subplots(figsize=(8.6, 0.6 + 0.4 * len(rows)))
    head = ["module", "name", "shape", "dtype", "numbers", "the first ones"]
    table = ax.table(rows, colLabels=head, loc="center", cellLoc="center", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(11)
    table.scale(1, 1.5)
    ax.axis("off")
    total = sum(row[4] for row in rows)
    ax.set_title(f"All that such a network can learn lives in {total} numbers, in plain sight")


def outputs_by_width(linear_network, widths=(16, 128, 1024)):
    """The spread of the outputs, for inputs of spread 1."""
    rng = np.random.RandomState(0)
    own, bare = [], []
    for width in widths:
        x = jnp.asarray(rng.normal(size=(200, width)), jnp.float32)
        network = linear_network(50)
        params = network.init(jax.random.key(0), x)
        own.append(float(network.apply(params, x).std()))
        bare.append(float((x @ rng.normal(size=(width, 50)).astype(np.float32)).std()))
    _, ax = plt.subplots(figsize=(7, 3.4))
    ax.loglog(widths, bare, "o-", color=ORANGE, label="weights of spread 1")
    ax.loglog(widths, own, "o-", color=BLUE, label="yours, spread 1/√d_in")
    ax.set_xticks(widths, widths)
    ax.set_yticks([1, 10, 30], [1, 10, 30])
    ax.minorticks_off()
    ax.set(xlabel="width of the input, d_in", ylabel="spread of the outputs")
    ax.set_title("The spread 1/√d_in keeps outputs as large as inputs")
    ax.legend(frameon=False)


# ---------------------------------------------------------------- section 9


SIX_BY_SIX = np.array(
    [
        [1, 9, 3, 0, 2, 7],
        [4, 2, 8, 5, 6, 1],
        [0, 3, 1, 6, 4, 9],
        [4, 1, 2, 0, 5, 3],
        [7, 2, 5, 1, 0, 3],
        [6, 8, 0, 4, 2, 1],
    ]
)


def pooled(max_pool, image):
    """A digit, its maximum pooling, and a mean pooling beside it."""
    maximum = np.asarray(max_pool(jnp.asarray(image), 2))
    mean = np.asarray(image).reshape(1, 4, 2, 4, 2, 1).mean(axis=(2, 4))
    fig, axes = plt.subplots(1, 3, figsize=(9, 3.4))
    titles = ("8 × 8 pixels", "largest of each 2 × 2: 4 × 4", "mean of each 2 × 2")
    for ax, picture, title in zip(axes, (image, maximum, mean), titles):
        show_image(ax, picture[0])
        ax.set_title(title)
    for n in range(1, 4):
        axes[0].axhline(2 * n - 0.5, color=ORANGE, lw=1)
        axes[0].axvline(2 * n - 0.5, color=ORANGE, lw=1)
    fig.suptitle("A quarter of the numbers, and strokes stay dark under the maximum")


EDGES = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], np.float32) / 4
KERNELS = {
    "blur": np.full((3, 3), 1 / 9, np.float32),
    "left against right": EDGES,
    "above against below": EDGES.T,
}


def _convolve(conv2d, image, kernels):
    w = jnp.stack([jnp.asarray(k) for k in kernels], axis=-1)[:, :, None]
    return np.asarray(conv2d(jnp.asarray(image), w, jnp.zeros(w.shape[-1]), padding="SAME"))


def edges(conv2d, image, own):
    """A digit and what three hand-made kernels and one of your own, all 3 × 3, see in it."""
    kernels = KERNELS | {"yours": np.asarray(own, np.float32)}
    maps = _convolve(conv2d, image, kernels.values())[0]
    fig, axes = plt.subplots(2, 5, figsize=(13, 5), height_ratios=[1, 2.4])
    axes[0, 0].axis("off")
    show_image(axes[1, 0], image[0])
    axes[1, 0].set_title("image")
    style = diverging(maps[..., :3])
    for n, (name, kernel) in enumerate(kernels.items(), start=1):
        axes[0, n].imshow(kernel, **diverging(kernel if name == "yours" else 1.0))
        axes[0, n].set_title(name)
        for (i, j), weight in np.ndenumerate(kernel):
            ink = "white" if abs(weight) > 0.7 * max(1, np.abs(kernel).max()) else "black"
            axes[0, n].text(j, i, f"{weight:.3g}", ha="center", va="center", size=8, color=ink)
        own_style = diverging(maps[..., 3]) if name == "yours" else style
        shown = axes[1, n].imshow(maps[..., n - 1], **own_style)
        no_ticks(axes[0, n])
        no_ticks(axes[1, n])
        if n in (3, 4):
            fig.colorbar(shown, ax=axes[1, n], shrink=0.7, label="output")
    fig.suptitle("Four kernels, four views: each is one channel of the output")


def sliding(conv2d, image):
    """The kernel on its way over a digit, and the output that it leaves behind."""
    full = _convolve(conv2d, image[None], [EDGES])[0, ..., 0]
    padded = np.pad(np.asarray(image)[..., 0], 1)
    fig = Figure(figsize=(8.4, 4), dpi=70, layout="constrained")
    left, right = fig.subplots(1, 2)
    left.imshow(padded, cmap="gray_r", vmin=0, vmax=1)
    left.add_patch(Rectangle((0.5, 0.5), 8, 8, fill=False, ec=GREY, ls="--"))
    frame = left.add_patch(Rectangle((-0.5, -0.5), 3, 3, fill=False, ec=ORANGE, lw=3))
    written = right.imshow(np.full_like(full, np.nan), **diverging(full))
    place = right.add_patch(Rectangle((-0.5, -0.5), 1, 1, fill=False, ec=ORANGE, lw=3))
    left.set_title("the image, with zeros around it (SAME)")
    fig.suptitle("One window, one number: the kernel slides, the output fills up")
    for ax in (left, right):
        no_ticks(ax)
    right.spines[:].set(visible=True, color="#CCCCCC")
    title = right.set_title("output")

    def draw(n):
        row, column = divmod(n, 8)
        frame.set_xy((column - 0.5, row - 0.5))
        place.set_xy((column - 0.5, row - 0.5))
        seen = np.arange(64).reshape(8, 8) <= n
        written.set_data(np.where(seen, full, np.nan))
        title.set_text(f"output: {full[row, column]:+.2f} here")

    animate(fig, draw, 64, milliseconds=150)
