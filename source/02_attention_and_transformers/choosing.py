"""The draw of the next letter: its picture, and spelling by drawing."""

import matplotlib.pyplot as plt
import numpy as np

from spelling import END, pairs
from workbook.draw import BLUE, GREY, PALE

TOKENS = ["‹pad›", "‹start›", "‹end›", *"abcdefghijklmnopqrstuvwxyz"]
SETTINGS = {
    "temperature": [{"temperature": value} for value in (0.5, 1.0, 2.0)],
    "top_k": [{"top_k": value} for value in (1, 3, 6)],
    "top_p": [{"top_p": value} for value in (0.2, 0.7, 0.95)],
}


def in_doubt(trained, some_words):
    """The word, and what is written of it, where a speller is least sure of its next letter."""
    data = pairs(some_words)
    logits = np.asarray(trained.all_logits(data), np.float64)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    entropy = -np.sum(weights * np.log(weights + 1e-30), axis=-1) * (data["target"] > END)
    row, place = np.unravel_index(entropy.argmax(), entropy.shape)
    return some_words[row], some_words[row][::-1][:place]


def nine_settings(filter_logits, trained, word, written, shown=12):
    """One distribution of a speller under three settings each of temperature, top-k and top-p."""
    logits = trained.next_logits(word, written)
    order = np.argsort(-logits)[:shown]
    unfiltered = _softmax(logits)[order]
    fig, axes = plt.subplots(3, 3, figsize=(11.5, 6.6), sharex=True, sharey=True)
    for row, settings in zip(axes, SETTINGS.values()):
        for ax, setting in zip(row, settings):
            kept = _softmax(np.asarray(filter_logits(logits, **setting)))[order]
            ax.bar(range(shown), unfiltered, color=PALE, edgecolor=GREY, width=0.85)
            ax.bar(range(shown), kept, color=BLUE, width=0.5)
            [(name, value)] = setting.items()
            left = int((kept > 0).sum())
            stay = f": {left} stay{'s' if left == 1 else ''}" if name != "temperature" else ""
            ax.set_title(f"{name}={value}{stay}")
        row[0].set_ylabel("probability")
    for ax in axes[-1]:
        ax.set_xticks(range(shown), [TOKENS[i] for i in order], rotation=60, ha="right")
        ax.set_xlabel("next token")
    after = f"after “{written}”" if written else "at the start"
    for label in ax.get_xticklabels():
        label.set_rotation_mode("anchor")
    fig.suptitle(
        "Temperature reshapes all probabilities; top-k and top-p cut the tail off\n"
        f"spelling “{word}”, {after}: the {shown} likeliest of 29 tokens "
        "(grey: your model, blue: what is drawn)"
    )


def _softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def spellings(trained, filter_logits, word, count=6, **settings):
    """Spellings of a word, each letter drawn from the filtered logits."""
    rng, found = np.random.RandomState(0), []
    for _ in range(count):
        written = ""
        while len(written) < 10:
            logits = filter_logits(trained.next_logits(word, written), **settings)
            token = rng.choice(len(TOKENS), p=_softmax(np.asarray(logits, np.float64)))
            if token < 3:
                break
            written += TOKENS[token]
        found.append(written)
    return found
