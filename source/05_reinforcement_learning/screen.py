"""CartPole on the screen: gymnasium's own pictures, put together to films that play anywhere."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # pygame draws into memory, without a screen

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from workbook import draw as drawing
from workbook.draw import BLACK, BLUE, GREY, ORANGE

NAMES = ("position", "velocity", "angle", "angular velocity")
UNITS = ("m", "m/s", "rad", "rad/s")
TOP, BOTTOM = 118, 330  # the part of the picture where something moves
STEADY = np.array([0.3, 0.8, 1.9, 1.2], np.float32)  # weights that a search has found


def film(act, seed=0, every=4, steps=500):
    """Every few steps a picture of one episode of act(observation), and its number of steps."""
    env = gym.make("CartPole-v1", render_mode="rgb_array")
    seen, _ = env.reset(seed=seed)
    pictures, ended, t = [], False, 0
    while not ended and t < steps:
        if t % every == 0:
            pictures.append(_picture(env))
        seen, _, terminated, truncated, _ = env.step(int(act(seen)))
        ended, t = terminated or truncated, t + 1
    pictures.append(_picture(env))
    env.close()
    return pictures, t


def _picture(env):
    return np.ascontiguousarray(env.render()[TOP:BOTTOM])


def show(act, caption, seed=0, every=4, steps=500):
    """One episode as a film with its number of steps above it."""
    pictures, lasted = film(act, seed, every, steps)
    text = f"{caption}: {lasted} steps"
    drawing.film([_with_text(picture, text) for picture in pictures], 20 * every, text)


def _with_text(picture, text):
    image = Image.fromarray(picture)
    style = {"fill": BLACK, "font": ImageFont.load_default(18)}
    ImageDraw.Draw(image).text((12, 8), text, **style)
    return np.asarray(image)


def side_by_side(seed=1, steps=240):
    """A random agent and one that weighs four numbers, from the same beginning."""
    rng = np.random.RandomState(4)
    left, fell = film(lambda _: rng.randint(2), seed, steps=steps)
    right, _ = film(lambda obs: STEADY @ obs > 0, seed, steps=steps)
    left += [left[-1]] * (len(right) - len(left))
    films = [
        [_with_text(p[:, 60:540], text) for p in pictures]
        for pictures, text in (
            (left, f"random pushes: falls after {fell} steps"),
            (right, "pushes chosen by four weights"),
        )
    ]
    bar = np.full((films[0][0].shape[0], 6, 3), 160, np.uint8)
    text = "two poles on carts: one falls, the other is kept upright"
    drawing.film([np.hstack([a, bar, b]) for a, b in zip(*films)], 80, text)


def what_it_sees(seed=5, steps=24):
    """One picture of an episode, with the four numbers that an agent gets instead of it."""
    env = gym.make("CartPole-v1", render_mode="rgb_array")
    seen, _ = env.reset(seed=seed)
    for t in range(steps):
        seen, *_ = env.step(int(STEADY @ seen + 0.8 * np.sin(t / 6) > 0))
    _, ax = plt.subplots(figsize=(9, 3.4))
    ax.imshow(env.render()[TOP:BOTTOM], extent=(-2.4, 2.4, -0.24, 1.456))
    env.close()
    text = [f"{name} {x:+.3f} {unit}" for name, x, unit in zip(NAMES, seen, UNITS)]
    for n, (line, color) in enumerate(zip(text, (BLUE, BLUE, ORANGE, ORANGE))):
        ax.text(0.6, 1.3 - 0.16 * n, line, color=color, family="monospace", fontsize=11)
    ax.axvline(0, color=GREY, lw=1, ls=":")
    ax.set_yticks([])
    ax.set_xlabel("position of the cart (m)")
    ax.set_title("All that the agent gets to see of this are four numbers")
