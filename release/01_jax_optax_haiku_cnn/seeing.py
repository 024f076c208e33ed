"""Receptive fields: the field of view of a stack, computed and measured."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from workbook.draw import BLUE, no_ticks

SIZE = 31
STACKS = {
    "one convolution": [(3, 1, 1)],
    "convolve, pool, convolve": [(3, 1, 1), (2, 2, 1), (3, 1, 1)],
    "three convolutions": [(3, 1, 1)] * 3,
    "dilations 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
}


def _influence(layers):
    """How much each pixel moves one output in the middle, when all kernels are means."""

    def output(image):
        x = image[None, :, :, None]
        for k, s, d in layers:
            w = jnp.full((k, k, 1, 1), 1 / k**2)
            names = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(
                x, w, (s, s), "VALID", rhs_dilation=(d, d), dimension_numbers=names
            )
        return x[0, x.shape[1] // 2, x.shape[2] // 2, 0]

    return np.asarray(jax.jit(jax.grad(output))(jnp.zeros((SIZE, SIZE))))


def _weights(layers):
    """The numbers in all kernels; a layer with a stride is a pooling here, which has none."""
    return sum(kernel**2 for kernel, stride, _ in layers if stride == 1)


def fields(receptive_field):
    """The pixels that an output depends on, and a frame of the computed size around them."""
    fig, axes = plt.subplots(1, 4, figsize=(13, 4.3))
    for ax, (name, layers) in zip(axes, STACKS.items()):
        seen = _influence(layers)
        size, jump = receptive_field(layers)
        ax.imshow(np.where(seen > 0, seen, np.nan), cmap="Oranges", vmin=0, vmax=seen.max())
        rows, columns = np.nonzero(seen)
        corner = (columns.min() - 0.5, rows.min() - 0.5)
        ax.add_patch(Rectangle(corner, size, size, fill=False, ec=BLUE, lw=2.5))
        ax.set(xlim=(-0.5, SIZE - 0.5), ylim=(SIZE - 0.5, -0.5))
        ax.set_title(f"{name}\nsize {size}, jump {jump}, {_weights(layers)} weights", fontsize=11)  # fmt: skip
        no_ticks(ax)
        ax.add_patch(Rectangle((-0.5, -0.5), SIZE, SIZE, fill=False, ec="#BBBBBB"))
    fig.suptitle("What one output depends on (orange), and what you computed (blue)")
