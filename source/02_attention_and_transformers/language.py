"""A small language model: its first numbers, what is noted while it learns, its curves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLACK, BLUE, GREY, ORANGE
from stories import END, PADDING, START, least_nats, plain, unigram_entropy

BATCH, HEADS = 16, 4


@dataclass
class Corpus:
    """Stories as token ids (n, longest), and where a word begins that was told before."""

    ids: np.ndarray
    remembered: np.ndarray


def tokenise(stories: list[str], split: Callable, encode: Callable) -> Corpus:
    """Tokens of stories from start to end; each different piece of text is encoded once."""
    known: dict[str, list[int]] = {}
    rows = []
    for story in stories:
        tokens, marks = [START], [False]
        for piece in split(story):
            bare = plain(piece)
            if bare not in known:
                known[bare] = list(encode(bare))
            tokens += known[bare]
            marks += [piece != bare] + [False] * (len(known[bare]) - 1)
        rows.append(([*tokens, END], [*marks, False]))
    shape = len(rows), max(len(tokens) for tokens, _ in rows)
    corpus = Corpus(np.full(shape, PADDING, np.int32), np.zeros(shape, bool))
    for ids, remembered, (tokens, marks) in zip(corpus.ids, corpus.remembered, rows):
        ids[: len(tokens)], remembered[: len(marks)] = tokens, marks
    return corpus


def batches(corpus: Corpus, steps: int, seed: int = 0) -> Iterator[np.ndarray]:
    """As many batches of 16 stories, drawn at random."""
    rng = np.random.RandomState(seed)
    for _ in range(steps):
        yield corpus.ids[rng.randint(0, len(corpus.ids), BATCH)]


def parameters(vocabulary: int, width: int, layers: int, places: int, seed: int = 0) -> dict:
    """First numbers as in GPT-2: what layers add to the shortcut is small when there are many."""
    rng = np.random.RandomState(seed)

    def draw(inputs, *shape):
        return jnp.asarray((rng.normal(size=shape) / np.sqrt(inputs)).astype(np.float32))

    def layer():
        square, wide = (width, width), (width, 4 * width)
        inside = {name: draw(width, *square) for name in ("wq", "wk", "wv")}
        added = {"wo": draw(2 * layers * width, *square)}
        added["w2"] = draw(2 * layers * wide[1], *wide[::-1])
        return inside | added | {"w1": draw(width, *wide)}

    tables = {"embed": draw(width, vocabulary, width), "pos": draw(100, places, width)}
    return tables | {"layers": [layer() for _ in range(layers)]}


@dataclass
class Teller:
    """A language model: its parameters, and what was noted while it learned."""

    params: dict
    loss_of: Callable  # (params, ids) -> loss
    forward: Callable  # (params, ids, heads) -> logits
    unseen: Corpus
    steps: int
    losses: list = field(default_factory=list)
    checked: dict = field(default_factory=dict)  # step: loss, and share of remembered words right

    def __post_init__(self):
        self.loss_of = jax.jit(self.loss_of)
        self.forward = jax.jit(self.forward, static_argnums=2)

    def note(self, params: dict, loss: jax.Array) -> None:
        """Keep the parameters and the loss after one step; now and then test them."""
        self.params = params
        self.losses.append(float(loss))
        if len(self.losses) % (self.steps // 12) == 0:
            ids, marks = self.unseen.ids, self.unseen.remembered[:, 1:]
            found = np.asarray(self.forward(params, ids[:, :-1], HEADS)).argmax(axis=-1)
            right = float((found == ids[:, 1:])[marks].mean())
            self.checked[len(self.losses)] = float(self.loss_of(params, ids)), right


def curves(teller: Teller, learned: Corpus) -> None:
    """Losses of training and unseen stories, and how often a word told before is the likeliest."""
    steps, ids = np.array(list(teller.checked)), teller.unseen.ids
    unseen, right = np.array(list(teller.checked.values())).T
    least = least_nats() * len(ids) / np.count_nonzero(ids[:, 1:] != PADDING)
    alone = unigram_entropy(learned.ids, ids)
    fig, (left, other) = plt.subplots(1, 2, figsize=(11, 4))
    left.plot(np.arange(1, teller.steps + 1), teller.losses, color=BLUE, lw=1, label="each batch")
    left.plot(steps, unseen, "o-", color=ORANGE, lw=2, ms=4, label="unseen stories")
    for value, what, side in (
        (alone, "each token by its frequency alone", "bottom"),
        (least, "what the dice cost", "top"),
    ):
        left.axhline(value, ls="--", color=GREY)
        left.text(teller.steps, value, f"{what}: {value:.2f}", ha="right", va=side, color=BLACK)
    left.set(xlabel="step", ylabel="loss (nats a token)", yscale="log", title="the loss")
    left.set_ylim(0.9 * min(least, 0.5), None)
    left.set_yticks([0.5, 1, 2, 4, 8], [0.5, 1, 2, 4, 8])
    left.minorticks_off()
    left.legend(loc="upper right", bbox_to_anchor=(1, 0.8))
    other.plot(steps, 100 * right, "o-", color=ORANGE, lw=2, ms=4)
    other.axhline(50, ls="--", color=GREY)
    other.text(teller.steps, 52, "one of the two things at random", ha="right")
    other.set(xlabel="step", ylabel="right (%)", ylim=(0, 104), title="words that were told before")
    fig.suptitle(
        f"Unseen stories: {unseen[-1]:.2f} nats a token, "
        f"and {right[-1]:.0%} of the words told before are foretold right"
    )
