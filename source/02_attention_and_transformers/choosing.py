"""The draw of the next letter: its picture, and spelling by drawing."""

import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREY, PALE

# Logits of a trained speller that has to go on after "ytrew" when it spells "qwerty", an unseen word
# with rare letters: padding, start, end, then a to z.
# fmt: off
LOGITS = np.array(
    [0.19, 1.02, 3.16, -3.22, -2.74, -1.83, -4.09, -2.5, -0.04, -2.2, -1.72, -3.6, -2.16, 2.49, -2.6,
     -2.91, -1.14, 2.14, -0.92, 4.53, 2.91, -3.05, -0.25, 2.12, 4.44, 2.51, 1.79, 4.46, -1.96],
    np.float32,
)
# fmt: on
TOKENS = ["‹pad›", "‹start›", "‹end›", *"abcdefghijklmnopqrstuvwxyz"]
SETTINGS = {
    "temperature": [{"temperature": value} for value in (0.5, 1.0, 2.0)],
    "top_k": [{"top_k": value} for value in (1, 3, 6)],
    "top_p": [{"top_p": value} for value in (0.2, 0.7, 0.95)],
}


def nine_settings(filter_logits, shown=12):
    """One distribution under three settings each of temperature, top-k and top-p."""
    order = np.argsort(-LOGITS)[:shown]
    unfiltered = _softmax(LOGITS)[order]
    fig, axes = plt.subplots(3, 3, figsize=(12.5, 7.2), sharex=True, sharey="row")
    for row, settings in zip(axes, SETTINGS.values()):
        for ax, setting in zip(row, settings):
            kept = _softmax(np.asarray(filter_logits(LOGITS, **setting)))[order]
            ax.bar(range(shown), unfiltered, color=PALE, edgecolor=GREY, width=0.85)
            ax.bar(range(shown), kept, color=BLUE, width=0.5)
            [(name, value)] = setting.items()
            left = int((kept > 0).sum())
            ax.set_title(f"{name}={value}" + (f": {left} stay" if name != "temperature" else ""))
        row[0].set_ylabel("probability")
    for ax in axes[-1]:
        ax.set_xticks(range(shown), [TOKENS[i] for i in order], rotation=60, ha="right")
    for label in ax.get_xticklabels():
        label.set_rotation_mode("anchor")
    fig.suptitle("One doubt, nine draws (grey: the model's own probabilities, blue: what is drawn)")


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
