"""Words to spell backwards, greedy writing, experiments, and the pictures of section 8."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREY, ORANGE, PURPLE
from tables import weight_map

PADDING, START, END = 0, 1, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # tokens 3 to 28
LONGEST = 10
BATCH = 64

# ---------------------------------------------------------------- words


@cache
def words():
    """(train, test): the words of 3 to 10 letters in Python's own help texts, the last tenth apart."""
    from pydoc_data.topics import topics

    found = sorted(set(re.findall(r"\b[a-z]{3,10}\b", " ".join(topics.values()).lower())))
    np.random.RandomState(0).shuffle(found)
    cut = len(found) - len(found) // 10
    return found[:cut], found[cut:]


def pairs(some_words):
    """Token ids of words and of what is to be written: `source` (B, 10), `written`, `target` (B, 11)."""
    source = np.zeros((len(some_words), LONGEST), np.int32)
    target = np.zeros((len(some_words), LONGEST + 1), np.int32)
    for n, word in enumerate(some_words):
        ids = [LETTERS.index(letter) + 3 for letter in word]
        source[n, : len(ids)] = ids
        target[n, : len(ids) + 1] = [*ids[::-1], END]
    written = np.roll(target, 1, axis=1)
    written[:, 0] = START
    written[written == END] = PADDING  # nothing follows the end
    return {"source": source, "written": written, "target": target}


def batches(steps, seed=0):
    """As many batches of 64 words to learn from, drawn at random."""
    data, rng = pairs(words()[0]), np.random.RandomState(seed)
    for _ in range(steps):
        rows = rng.randint(0, len(data["source"]), BATCH)
        yield {name: ids[rows] for name, ids in data.items()}


# ---------------------------------------------------------------- a speller


@dataclass
class Speller:
    """A model that spells: its parameters, and what was noted while it learned."""

    apply: Callable
    params: dict
    steps: int
    losses: list = field(default_factory=list)
    checked: dict = field(default_factory=dict)  # step: share of unseen words exactly right

    def note(self, params, loss):
        """Keep the parameters and the loss after one step; now and then let it spell."""
        self.params = params
        self.losses.append(float(loss))
        if len(self.losses) % (self.steps // 5) == 0:
            test = pairs(words()[1][:300])
            right = exact(self._greedy(params, test["source"]), test["target"])
            self.checked[len(self.losses)] = right

    @cached_property
    def _greedy(self):
        return jax.jit(partial(write, self.apply))

    @cached_property
    def _logits(self):
        return jax.jit(lambda *inputs: self.apply(*inputs)[0])

    @cached_property
    def _maps(self):
        return jax.jit(partial(self.apply, return_weights=True))

    def next_logits(self, word, written=""):
        """The logits (29,) of the token after the letters that are written."""
        tokens = np.zeros((1, LONGEST + 1), np.int32)
        tokens[0, : len(written) + 1] = [START, *(LETTERS.index(c) + 3 for c in written)]
        logits = self._logits(self.params, pairs([word])["source"], tokens)
        return np.asarray(logits[0, len(written)])

    def all_logits(self, data):
        """The logits (B, 11, 29) at all places, the truth given so far."""
        return np.asarray(self._logits(self.params, data["source"], data["written"]))

    def spell(self, word):
        """What it writes for a word, always taking the likeliest letter."""
        if not re.fullmatch(f"[a-z]{{1,{LONGEST}}}", word):
            return f"only words of 1 to {LONGEST} small letters a to z"
        written = ""
        while len(written) < LONGEST:
            best = int(self.next_logits(word, written).argmax())
            if best <= END:
                break
            written += LETTERS[best - 3]
        return written

    def cross_weights(self, some_words):
        """The last layer's cross-attention, mean of its heads, (B, 11, 10), while writing the truth."""
        data = pairs(some_words)
        *_, cross = self._maps(self.params, data["source"], data["written"])
        return np.asarray(cross[:, -1].mean(axis=1))


def untrained(model, steps, seed=0):
    """A speller (its model's apply gives logits first) before the first of some steps."""
    two = pairs(words()[0][:2])
    params = jax.jit(model.init)(jax.random.key(seed), two["source"], two["written"])
    return Speller(model.apply, params, steps)


def write(apply, params, source):
    """Write greedily: (B, 11) token ids, each the likeliest after those before it."""

    def next_letter(place, written):
        logits = apply(params, source, written)[0][:, place]
        return written.at[:, place + 1].set(logits.argmax(axis=-1), mode="drop")

    empty = jnp.zeros((len(source), LONGEST + 1), jnp.int32).at[:, 0].set(START)
    written = jax.lax.fori_loop(0, LONGEST, next_letter, empty)
    last = apply(params, source, written)[0][:, LONGEST].argmax(axis=-1)
    return jnp.concatenate([written[:, 1:], last[:, None]], axis=1)


def exact(written, target):
    """The share of words that are right from the first letter to the end."""
    written, target = np.asarray(written), np.asarray(target)
    return float(np.all((written == target) | (target == PADDING), axis=1).mean())


def own_letter(data):
    """True (B, 11, 10) where the letter that is to be written stands in the source."""
    lengths = (data["source"] != PADDING).sum(axis=1)[:, None, None]
    place, key = np.arange(LONGEST + 1)[:, None], np.arange(LONGEST)
    return key == lengths - 1 - place


def other_letter(data):
    """True (B, 11, 10) at one other letter of the source, drawn for each letter to be written."""
    rng, own = np.random.RandomState(0), own_letter(data)
    chance = rng.uniform(size=own.shape) * ((data["source"] != PADDING)[:, None] & ~own)
    return chance == chance.max(axis=-1, keepdims=True)


def neighbour(data):
    """True (B, 11, 10) at the letter before the own one in the source, or behind it if none is."""
    last = (data["source"] != PADDING).sum(axis=1)[:, None, None] - 1
    own, key = last - np.arange(LONGEST + 1)[:, None], np.arange(LONGEST)
    return (own >= 0) & (key == np.where(own > 0, own - 1, 1))


def silence(params, head, heads=4):
    """Parameters in which a head of the last cross-attention hands on nothing."""
    silent = dict(params)
    [layer] = [n for n in params if "decoder_1/" in n and "cross_" in n and n.endswith("/output")]
    weights = np.array(params[layer]["w"])
    width = len(weights) // heads
    weights[head * width : (head + 1) * width] = 0
    silent[layer] = {**params[layer], "w": jnp.asarray(weights)}
    return silent


def letters_right(logits, data):
    """The share of letters that are likeliest where they belong, all letters before them given."""
    letters = data["target"] > END
    return float((np.asarray(logits).argmax(axis=-1) == data["target"])[letters].mean())


def looks_right(trained, some_words):
    """The share of written letters whose largest cross weight lies on the letter they stand for."""
    hits = [
        weights[: len(word), : len(word)].argmax(axis=1) == np.arange(len(word))[::-1]
        for word, weights in zip(some_words, trained.cross_weights(some_words))
    ]
    return float(np.concatenate(hits).mean())


# ---------------------------------------------------------------- pictures


def curves(rate=None, **runs):
    """Loss and exact matches on unseen words, for one run or several; with rate also its steps."""
    fig, (*first, left, right) = plt.subplots(1, 3 if rate else 2, figsize=(13 if rate else 11, 4))
    for (name, run), color, marker in zip(runs.items(), (BLUE, ORANGE), "os"):
        label = name.replace("_", " ")
        left.semilogy(np.arange(1, run.steps + 1), run.losses, color=color, label=label)
        shares = 100 * np.array(list(run.checked.values()))
        right.plot(list(run.checked), shares, marker=marker, color=color, lw=2, label=label)
        style = {"textcoords": "offset points", "xytext": (0, 7), "ha": "center", "color": color}
        right.annotate(f"{shares[-1]:.0f}%", (list(run.checked)[-1], shares[-1]), **style)
    left.set(xlabel="step", ylabel="loss (nats a letter)", title="loss of each batch")
    right.set(xlabel="step", ylabel="unseen words right (%)", ylim=(-3, 110))
    right.set_title("words right to the last letter")
    if rate:
        _warm_up(first[0], rate, run.steps)
    if len(runs) > 1:
        left.legend()
        right.legend(loc="lower right")
    last = [f"{run.checked[max(run.checked)]:.0%}" for run in runs.values()]
    fig.suptitle(
        f"After {run.steps} steps the model spells {last[0]} of the unseen words backwards"
        if len(runs) == 1
        else f"Unseen words right after {run.steps} steps: {last[0]} with the whole source, "
        f"{last[1]} with the triangle"
    )


def _warm_up(ax, rate, steps):
    """The learning rate from step to step."""
    ax.plot(1000 * rate(jnp.arange(steps)), color=PURPLE, lw=2)
    ax.set(xlabel="step", ylabel="learning rate (thousandths)", title="warm-up, then a cosine")


def maps(some_words, finding, **runs):
    """Cross-attention of the last layer while each word is written: a row of maps for each model."""
    shape = (len(runs), len(some_words))
    fig, axes = plt.subplots(*shape, figsize=(13.5, 3.1 * len(runs) + 0.4), squeeze=False)
    for row, (name, run) in zip(axes, runs.items()):
        for ax, word, weights in zip(row, some_words, run.cross_weights(some_words)):
            table = weights[: len(word), : len(word)]
            image = weight_map(ax, table, word[::-1], word, rotation=0)
            ax.set_xlabel("letter that is read")
        row[0].set_ylabel(
            "letter to be written"
            if len(runs) == 1
            else f"{name.replace('_', ' ')}:\nletter to be written"
        )
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle(finding)


def twin_maps(some_words, trained, twin, unseen):
    """The maps of both models, and how often each reads most of the letter that it writes."""
    shares = [looks_right(run, unseen) for run in (trained, twin)]
    finding = (
        f"Unseen words: in {shares[0]:.0%} of all rows the letter to be written is the brightest; "
    )
    finding += f"with the triangle in {shares[1]:.0%}"
    maps(some_words, finding, whole_source=trained, with_the_triangle=twin)


def show_teacher_forcing(word):
    """What the encoder reads, what the decoder is given, and what it should write."""
    data = pairs([word])
    names = {PADDING: "pad", START: "‹start›", END: "‹end›"}
    _, ax = plt.subplots(figsize=(10, 2.3))
    for y, (name, ids) in enumerate(data.items()):
        ax.text(-0.8, -y, name, ha="right", va="center", family="monospace")
        for x, i in enumerate(ids[0]):
            shown = names.get(int(i)) if i <= END else LETTERS[i - 3]
            face = "#DCECF7" if i else "white"
            ax.add_patch(plt.Rectangle((x - 0.45, -y - 0.38), 0.9, 0.76, fc=face, ec=GREY))
            ax.text(x, -y, shown, ha="center", va="center", fontsize=9 if i <= END else 12)
    ax.set(xlim=(-2.6, 10.6), ylim=(-2.6, 0.6))
    ax.axis("off")
    ax.set_title("Teacher forcing: in each column, what is given above, what should follow below")
