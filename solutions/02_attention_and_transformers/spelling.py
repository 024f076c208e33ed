"""Words to spell backwards, a training loop, greedy writing, and the pictures of section 8."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

from workbook.draw import BLUE, GREY, ORANGE
from tables import weight_map
from training import training_step

PADDING, START, END = 0, 1, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # tokens 3 to 28
LONGEST = 10
BATCH = 64

# ---------------------------------------------------------------- words


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


# ---------------------------------------------------------------- training


@dataclass
class Trained:
    """A trained speller: its parameters, and how it got there."""

    apply: Callable
    params: dict
    losses: list = field(default_factory=list)
    checked: dict = field(default_factory=dict)  # step: share of unseen words exactly right

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


def train(model, loss_fn, steps=500, seed=0):
    """Train a speller (its apply gives logits first) by Adam, with warm-up and cosine decay."""
    learn, unseen = words()
    data, test = pairs(learn), pairs(unseen[:300])
    params = jax.jit(model.init)(jax.random.key(seed), data["source"][:2], data["written"][:2])
    rate = optax.warmup_cosine_decay_schedule(0.0, 3e-3, steps // 10, steps)
    optimizer = optax.adam(rate)

    def loss_of(params, batch):
        return loss_fn(model.apply(params, batch["source"], batch["written"])[0], batch)

    step, state = training_step(loss_of, optimizer), optimizer.init(params)
    greedy, rng = jax.jit(partial(write, model.apply)), np.random.RandomState(seed)
    done = Trained(model.apply, params)
    for n in range(1, steps + 1):
        rows = rng.randint(0, len(learn), BATCH)
        batch = {name: ids[rows] for name, ids in data.items()}
        done.params, state, loss = step(done.params, state, batch)
        done.losses.append(loss)
        if n % (steps // 5) == 0:
            done.checked[n] = exact(greedy(done.params, test["source"]), test["target"])
    done.losses = [float(loss) for loss in done.losses]
    return done


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


def looks_right(trained, some_words):
    """The share of written letters whose largest cross weight lies on the letter they stand for."""
    hits = [
        weights[: len(word), : len(word)].argmax(axis=1) == np.arange(len(word))[::-1]
        for word, weights in zip(some_words, trained.cross_weights(some_words))
    ]
    return float(np.concatenate(hits).mean())


# ---------------------------------------------------------------- pictures


def curves(**runs):
    """Loss and exact matches on unseen words, for one training run or several."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for (name, run), color, marker in zip(runs.items(), (BLUE, ORANGE), "os"):
        label = name.replace("_", " ")
        left.semilogy(np.arange(1, len(run.losses) + 1), run.losses, color=color, label=label)
        shares = 100 * np.array(list(run.checked.values()))
        right.plot(list(run.checked), shares, marker=marker, color=color, lw=2, label=label)
        style = {"textcoords": "offset points", "xytext": (0, 7), "ha": "center", "color": color}
        right.annotate(f"{shares[-1]:.0f} %", (list(run.checked)[-1], shares[-1]), **style)
    left.set(xlabel="step", ylabel="loss (nats a letter)", title="loss of each batch")
    right.set(xlabel="step", ylabel="unseen words right (%)", ylim=(-3, 110))
    right.set_title("words that are right to the last letter")
    if len(runs) > 1:
        left.legend()
        right.legend(loc="lower right")
    reached = max(run.checked[max(run.checked)] for run in runs.values())
    fig.suptitle(
        f"After {len(run.losses)} steps the model spells {reached:.0%} of the unseen words backwards"
        if len(runs) == 1
        else "With the triangle on cross-attention the model learns more slowly"
    )


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
            "letter that is written" if len(runs) == 1 else f"{name.replace('_', ' ')}\nwritten"
        )
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle(finding)


def twin_maps(some_words, trained, twin, unseen):
    """The maps of both models, and how often each looks at the letter that it writes."""
    shares = [looks_right(run, unseen) for run in (trained, twin)]
    finding = f"{shares[0]:.0%} of the letters look most at themselves in the source; "
    finding += f"with the triangle {shares[1]:.0%}"
    maps(some_words, finding, whole_source=trained, with_the_triangle=twin)


def show_teacher_forcing(word):
    """What the encoder reads, what the decoder is given, and what it should write."""
    data = pairs([word])
    names = {PADDING: "", START: "‹start›", END: "‹end›"}
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
