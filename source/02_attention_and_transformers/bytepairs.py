"""A text to learn byte pairs from, and a page coloured by token."""

import pydoc_data.topics

import matplotlib.pyplot as plt
from workbook.draw import BLACK, BLUE, GREY
from matplotlib.patches import FancyBboxPatch, Patch

COLUMNS = 66  # letters in a line of the page
SIZE_COLORS = ["#EEEEEE", "#BFDFF3", "#79BDE6", "#F5D48A", "#E69F00"]  # 1, 2, 3, 4, more bytes


def manual(letters=40_000):
    """The beginning of Python's own help pages: plain English about programming."""
    return " ".join(" ".join(pydoc_data.topics.topics.values()).split())[:letters]


def coloured_page(ids, merges):
    """Texts with a frame around each token ({language: ids}), and their bytes per token."""
    tokens = {language: _tokens(numbers, merges) for language, numbers in ids.items()}
    pages = {language: _lines(texts) for language, texts in tokens.items()}
    heights = [1, *map(len, pages.values())]
    fig = plt.figure(figsize=(12.8, 0.42 * sum(heights) + 0.5 * len(heights) + 1.3))
    grid = fig.add_gridspec(len(heights), 2, width_ratios=[4.4, 1], height_ratios=heights)
    learned = _tokens(range(256, 256 + min(len(merges), 22)), merges)
    _page(fig.add_subplot(grid[0, 0]), [learned], "learned first, in English", gap=0.5)
    for row, (language, lines) in enumerate(pages.items(), start=1):
        count = len(tokens[language])
        _page(fig.add_subplot(grid[row, 0]), lines, f"{language}: {count} tokens")
    _bars(fig.add_subplot(grid[1:, 1]), tokens)
    names = ["1", "2", "3", "4", "5 or more"]
    patches = [Patch(fc=color, ec=GREY, label=name) for color, name in zip(SIZE_COLORS, names)]
    fig.legend(handles=patches, title="bytes in a token", loc="outside lower left", ncols=5)
    counts = ", ".join(f"{len(texts)} in {language}" for language, texts in tokens.items())
    fig.suptitle(f"The same four sentences, in the tokens of English manuals: {counts}")


def _tokens(numbers, merges):
    """The bytes behind ids."""
    return [b"".join(merges[n - 256]) if n > 255 else bytes((n,)) for n in numbers]


def _shown(token):
    """(letters, whether they are bytes in hexadecimal): half a letter can't be drawn."""
    try:
        return token.decode().replace(" ", "␣").replace("\n", "⏎"), False
    except UnicodeDecodeError:
        return token.hex(), True


def _lines(tokens):
    """Tokens in lines of at most COLUMNS letters, broken before white space."""
    words, lines = [], [[]]
    for token in tokens:
        if token[:1].isspace() or not words:
            words.append([])
        words[-1].append(token)
    for word in words:
        if lines[-1] and _width(lines[-1] + word) > COLUMNS:
            lines.append([])
        lines[-1] += word
    return lines


def _width(tokens):
    return sum(len(_shown(token)[0]) for token in tokens)


def _page(ax, lines, title, gap=0.0):
    for y, line in enumerate(lines):
        x = 0.0
        for token in line:
            x += _box(ax, x, y, token) + gap
    ax.set(xlim=(-0.2, COLUMNS + 0.2), ylim=(len(lines) - 0.45, -0.55))
    ax.set_title(title, loc="left")
    ax.axis("off")


def _box(ax, x, y, token):
    """One token in its frame; returns its width."""
    letters, is_half = _shown(token)
    color = SIZE_COLORS[min(len(token), len(SIZE_COLORS)) - 1]
    corner, width = (x + 0.08, y - 0.38), len(letters) - 0.16
    style = {"boxstyle": "round,pad=0,rounding_size=0.15", "mutation_aspect": 0.4}
    ax.add_patch(FancyBboxPatch(corner, width, 0.76, fc=color, ec=GREY, lw=0.9, **style))
    for column, letter in enumerate(letters):
        look = {"color": GREY if letter in "␣⏎" else BLACK, "size": 10 if is_half else 13}
        where = (x + column + 0.5, y + 0.03)
        ax.text(*where, letter, family="monospace", ha="center", va="center_baseline", **look)
    return len(letters)


def _bars(ax, tokens):
    rates = [sum(map(len, texts)) / len(texts) for texts in tokens.values()]
    bars = ax.barh(list(tokens), rates, color=BLUE, height=0.5)
    ax.bar_label(bars, [f"{rate:.2f}" for rate in rates], padding=4)
    ax.invert_yaxis()
    ax.set(xlabel="bytes per token", xlim=(0, 1.25 * max(rates)))
    ax.set_title("more is cheaper", loc="left")
