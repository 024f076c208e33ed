# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook:
#   title: "Attention and transformers"
#   minutes: 240
#   rubric: "Every prompt: 0 = missing or wrong, 1 = a right statement without reason or evidence, 2 = statement, reason and a look at own figures (the student's own outputs, named or quoted). Prompts of 4 points count double. Give the lower mark when the text would read the same without the notebook. Length, spelling and style don't count."
# ---

# %% [markdown]
# # Attention and transformers
#
# Nobody translates a long sentence from memory alone. We look back, each time at the words that matter for the next one. **Attention** is that look back, written as arithmetic that gradients can flow through. A **transformer** is a stack of such looks, and nearly all of today's language models are transformers.
#
# Here you build one, box by box. Run the next two cells to see where each box goes.

# %% provided="setup"
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Num
from workbook import Notebook

import helpers
import wiring

grader = Notebook()

# %% demo="journey"
wiring.journey()

# %% [markdown]
# The coloured square shows a finished model at work. It has learned to spell words backwards, and spells one that it never saw. Each row is the moment before a letter is written; the brighter a field, the more it reads there of that letter. Nobody told it where to look.
#
# **How to work.** Each exercise has a blank, a check and a picture. Replace the line that raises `NotImplementedError`, run the cell, then run the check under it. When the answer is right, the cell below draws the picture. More cases are tried after you hand in. A laptop is enough. Exercises {no:core} and the quiz are the core, about four hours; {no:further} and a language model go further, another two hours. You need practical 01: `jit`, `vmap`, `grad`, `hk.Module` and `hk.transform`.
#
# ## Conventions, from here to the end
#
# A **token** is one piece of a text, here a word or a letter, stored as a whole number. Don't learn this list: each word comes back where it is needed.
#
# - **Letters.** $B$ is the batch, $T$ a length ($T_q$ of what asks, $T_k$ of what is read), $d$ a width ($d_m$ that of a whole attention layer), $N$ the number of heads, $d_h=d_m/N$ the width of one head. $V$ in a *shape* is the number of tokens to choose from, elsewhere the values. Indices start at 0, as in code.
# - **Tokens are rows.** A sentence is $X\in\mathbb R^{T\times d}$, a batch has the shape $(B, T, d)$, and a linear layer is $XW+b$. Floats are float32.
# - **Signatures show shapes.** `Float[Array, "T_q d"]` is an array of floats with the shape $(T_q, d)$. Nothing enforces these notes.
# - **A mask says who may be read.** Rows are queries, columns are keys, *true* means *may be read*. Its shape is $(T_q, T_k)$, $(B, T_q, T_k)$ or, when it is the same for every query, $(B, 1, T_k)$.
# - **Weights** are what a softmax gives; what is learned is called *parameters*. (Keys of attention aren't those of `jax.random.key`.)
# - **A query that may read nothing** gets weights of zero and an output of zero. Never `nan`.
# - **Padding is token 0**, the start of a sentence 1, its end 2.
# - **Names count.** Checks find parameters by name: when a contract names a layer `query`, write `hk.Linear(..., name="query")`.
#
# Haiku modules work inside a function that `hk.transform` has split into `init`, which draws the parameters, and `apply`, which uses them. `functional` does so for a single module.


# %% provided="functional"
def functional(Module, *args, **kwargs):
    """The functions init and apply of a Haiku module, for the pictures."""

    def call(*inputs, **options):
        return Module(*args, **kwargs)(*inputs, **options)

    return hk.without_apply_rng(hk.transform(call))


# %% [markdown]
# ## {section}. Looking things up softly
#
# A dictionary answers one key with one value, or with an error. Attention is a dictionary that never commits itself: it compares the question with *every* key, turns the comparisons into weights that add up to one, and answers with a blend of all values. So everything has a gradient.
#
# In early neural translation models an *encoder* (a network that reads) turned a sentence into one vector for each word, called *hidden states*, the rows $h_i$ of $H$. Before writing word $t$, the *decoder* (a network that writes) asked with the state that the words before had left it in, $s_t$: its *previous state*. Then
#
# $$w_t=\operatorname{softmax}(s_tH^\top),\qquad c_t=\sum_i w_{ti}\,h_i .$$
#
# The weight $w_{ti}$ says how much $s_t$ reads of $h_i$; the *context* $c_t$ is what it has read. Here the dot product judges what fits.
#
# ::: Another judge
# In the translation model of Bahdanau, Cho and Bengio (2014) a small network judges, $\tanh(h_iW_1+s_tW_2)\,u^\top$, where $W_1$, $W_2$ and $u$ are learned; that is called *additive* attention. The same look-up, another judge.
# :::
#
# Our first dictionary is six words with hand-made vectors.

# %% demo="toy_words"
words = {
    "cat": (1.5, 0.2),
    "kitten": (1.2, 0.7),
    "plum": (-0.7, 1.3),
    "pear": (-1.2, 0.9),
    "bus": (-0.6, -1.3),
    "tram": (0.1, -1.5),
}

# %% [markdown]
# ### {exercise}: look something up softly
# Everything here is built on this one step.
#
# **Contract.** `hidden_states` ($T_h, d$), the rows $h_i$, are read; `previous_state` ($T_p, d$), the decoder's states, a row $s_t$ for each $t$, asks. Return `weights` ($T_p, T_h$), whose rows add up to 1, and `contexts` ($T_p, d$). Scores are bare dot products, and may be as large as ±100 000. The function works under `jit` and `vmap`.
#
# *One number:* the state (0.5, 1) has the scores 0.5, 2 and 1.5 with (1, 0), (0, 2) and (1, 1). Its weights are (0.122, 0.547, 0.331), its context is (0.453, 1.425).


# %% solution="dot_product_attention" points=4 minutes=10 level="beginner"
def dot_product_attention(
    hidden_states: Float[Array, "T_h d"], previous_state: Float[Array, "T_p d"]
) -> tuple[Float[Array, "T_p T_h"], Float[Array, "T_p d"]]:
    """How much each state reads of each hidden state, and the blend that it gets."""
    ### BEGIN SOLUTION
    scores = previous_state @ hidden_states.T
    weights = jax.nn.softmax(scores, axis=-1)
    return weights, weights @ hidden_states
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# One matrix product gives all scores. `jax.nn.softmax` has an argument `axis`.
#
# ::: Hint: the shape of the answer
# Three lines: scores ($T_p, T_h$), weights of the same shape, and a second matrix product.
#
# ::: Help: I get nan or inf
# `exp(1000)` overflows. Subtracting the largest score of a row doesn't change its softmax; `jax.nn.softmax` does so for you.

# %% demo="circling_query"
if grader.ready("dot_product_attention"):
    helpers.circling_query(dot_product_attention, words)

# %% [markdown]
# **Look:** why does the orange context never leave the dashed outline of the words?
#
# ::: Answer
# Its weights are not negative and add up to one, so it is a weighted mean of the words. Make the query longer (`helpers.circling_query(dot_product_attention, words, length=8)`) and the softmax gets sharper: the context then hurries from corner to corner. A longer query is a more certain one.
#
# ## {section}. Questions, keys, answers
#
# So far a word's vector had three jobs: to ask, to be found, and to be read. In *the cat slept because it was tired*, the word *it* asks who is meant, *cat* has to be found by that question, and what it hands over is what is known about the cat. One vector can hardly be all three, so each token gets three, by three learned matrices:
#
# $$Q=XW_Q+b_Q,\qquad K=XW_K+b_K,\qquad V=XW_V+b_V .$$
#
# The matrices are the same for all tokens.
#
# ### {exercise}: give every token three roles
# Queries ask, keys are found, values are read.
#
# **Contract.** `X` ($B, T, d$) becomes the triple `(q, k, v)`, each ($B, T$, `output_size`), by three `hk.Linear` with bias, **named** `query`, `key` and `value`. Each draws its matrix with `w_init=hk.initializers.VarianceScaling(0.5)`. Called again, the module uses the same parameters.
#
# *One number:* with $d=4$ and `output_size=5` the module has 6 arrays that hold 3·(4·5 + 5) = 75 numbers.


# %% solution="SequenceToQKV" points=4 minutes=10 level="beginner"
class SequenceToQKV(hk.Module):
    """Queries, keys and values of a sequence, by three linear layers."""

    def __init__(self, output_size: int, name: str | None = None):
        super().__init__(name=name)
        self.output_size = output_size

    def __call__(self, X: Float[Array, "B T d"]) -> tuple[Float[Array, "B T output_size"], ...]:
        """The triple (q, k, v)."""
        ### BEGIN SOLUTION
        w_init = hk.initializers.VarianceScaling(0.5)
        query = hk.Linear(self.output_size, w_init=w_init, name="query")
        key = hk.Linear(self.output_size, w_init=w_init, name="key")
        value = hk.Linear(self.output_size, w_init=w_init, name="value")
        return query(X), key(X), value(X)
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `hk.Linear(width, w_init=..., name=...)` makes a layer that works on the last axis of what it is called on.
#
# ::: Hint: the shape of the answer
# Three layers, three calls, one tuple.
#
# ::: Help: the parameters are called linear, linear_1, linear_2
# Haiku numbers layers without a `name=`.

# %% demo="three_roles"
if grader.ready("SequenceToQKV"):
    X = jnp.array(list(words.values()))[None]
    layer = functional(SequenceToQKV, 2)
    q, k, v = layer.apply(layer.init(jax.random.key(107), X), X)
    helpers.three_roles(words, query=q[0], key=k[0], value=v[0])

# %% [markdown]
# **Look:** walk along each dashed outline. The words come in the same order everywhere, if perhaps the other way round. Why?
#
# ::: Answer
# A linear layer can turn, mirror, stretch and squash, but it maps lines to lines: what lies halfway between two words stays halfway between them, and what lies at the edge stays there. And a thought: one layer three times as wide, cut into three, could do the same work. Many programs do that; here the names ask for three.
#
# ### Why scores are divided by √d
#
# Suppose that the entries of a query and a key are independent, with mean 0 and variance 1. Then each of the $d$ products in $q\cdot k$ has mean 0 and variance 1, so their sum has variance $d$ and a typical size of $\sqrt d$. With $d=1024$ that is 32, and the softmax of 32, −5 and 17 gives the first nearly everything. Worse, its derivative $\partial w_i/\partial z_j=w_i(\delta_{ij}-w_j)$ for scores $z$ ($\delta_{ij}$ is 1 if $i=j$, else 0) is then close to zero for all $i$ and $j$: the layer can hardly learn. Dividing by $\sqrt d$ brings the variance back to 1, whatever the width.

# %% demo="saturation"
helpers.saturation()

# %% [markdown]
# **Look:** why divide by $\sqrt d$ and not by $d$?
#
# ::: Answer
# The lower row hardly changes with the width, because the variance of $q\cdot k/\sqrt d$ is always 1. That of $q\cdot k/d$ is $1/d$: for large $d$ all scores would be nearly equal, and so would the weights.
#
# ## {section}. Who may read whom
#
# Two rules limit reading. The short sentences of a batch are filled up with *padding*, which means nothing and must not be read. And a model that learns to write must not read the words it has yet to write: its attention is *causal*. Both rules are masks, tables with a row for each query and a column for each key, true where the query may read the key.
#
# A mask is applied to the scores, **before** the softmax, so that the keys that may be read share all the attention.

# %% demo="sentences"
sentences = ["the cat watched the birds all day", "the dog chased the cat", "we dance"]
tokens = helpers.to_tokens(sentences)  # shape (3, 7): the short ones end in padding
print(tokens)

# %% [markdown]
# ### {exercise}: write down who may read
# One small function makes every mask that an encoder and a decoder need.
#
# **Contract.** `query_tokens` ($B, T_q$) and `key_tokens` ($B, T_k$) are token ids, and padding may stand anywhere. Return booleans ($B, T_q, T_k$): true where the **key** is not `pad_id` and, with `causal=True`, its index is not larger than the query's. Whether the *query* is padding doesn't matter: nobody uses its row. The function works under `jit`; `causal` and `pad_id` are plain Python values, known while tracing.
#
# *One example:* for the keys (5, 9, 0) each row is (true, true, false). With `causal=True` the row of query 0 becomes (true, false, false).


# %% solution="attention_mask" points=5 minutes=10 level="beginner"
def attention_mask(
    query_tokens: Int[Array, "B T_q"],
    key_tokens: Int[Array, "B T_k"],
    *,
    causal: bool = False,
    pad_id: int = 0,
) -> Bool[Array, "B T_q T_k"]:
    """True where a query may read a key: never padding and, if causal, never the future."""
    ### BEGIN SOLUTION
    batch, t_q = query_tokens.shape
    t_k = key_tokens.shape[1]
    mask = jnp.broadcast_to((key_tokens != pad_id)[:, None, :], (batch, t_q, t_k))
    if causal:
        mask = mask & jnp.tril(jnp.ones((t_q, t_k), bool))
    return mask
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `key_tokens != pad_id` has no axis for the queries yet. For the triangle see `jnp.tril`, or compare two `jnp.arange`.
#
# ::: Hint: the shape of the answer
# ($B, 1, T_k$) for the keys, ($T_q, T_k$) for the triangle. Where both say yes the answer is yes. Does it have a row for each query without the triangle, too?
#
# ::: Help: my mask has the shape (B, 1, T_k)
# The contract asks for a row for each query.


# %% demo="mask_gallery"
def three_masks():
    return {
        "padding": attention_mask(tokens, tokens),
        # no token is -1, so nothing counts as padding
        "causal": attention_mask(tokens, tokens, causal=True, pad_id=-1),
        "both": attention_mask(tokens, tokens, causal=True),
    }


if grader.ready("attention_mask"):
    helpers.mask_gallery(three_masks(), sentences)

# %% [markdown]
# **Look:** compare *causal* and *both*, word by word. Which rows differ?
#
# ::: Answer
# Only rows of padding, which nobody uses. Padding at the end lies in the future of every word, so a causal mask hides it anyway. With padding in front, the rows of words would differ too.
#
# ### {exercise}: scaled dot-product attention
# In one form or another, this function runs in every layer of a transformer, so all of it is worth getting right.
#
# $$A=\operatorname{softmax}\!\Big(\frac{QK^\top}{\sqrt d}\Big),\qquad O=AV$$
#
# **Contract.** `query` (…, $T_q, d$), `key` (…, $T_k, d$) and `value` (…, $T_k, d_v$) have the same leading axes, any number of them. Return `output` (…, $T_q, d_v$) and `weights` (…, $T_q, T_k$), in this order. `mask` is `None` or broadcasts to the weights; it holds booleans or numbers, and what isn't zero may be read. A weight where the mask is false is exactly 0; the others of its row add up to 1. A row in which nothing may be read gives zeros. Scores may be as large as ±100 000, masked ones too. Values **and gradients** stay finite, in such rows too. The function works under `jit`.
#
# *One number:* the query (1, 0, 2, 1) with the keys (0, 1, 0, 0), (1, 0, 1, 1) and (2, 1, 0, 0) has the scaled scores 0, 2, 1 and the weights (0.090, 0.665, 0.245). If the second key is masked, they are (0.269, 0, 0.731).


# %% solution="scaled_dot_product_attention" points=8 minutes=15 level="intermediate" needs="dot_product_attention"
def scaled_dot_product_attention(
    query: Float[Array, "... T_q d"],
    key: Float[Array, "... T_k d"],
    value: Float[Array, "... T_k d_v"],
    mask: Array | None = None,
) -> tuple[Float[Array, "... T_q d_v"], Float[Array, "... T_q T_k"]]:
    """What each query reads, and how much of it comes from each key."""
    ### BEGIN SOLUTION
    scores = query @ jnp.swapaxes(key, -1, -2) / jnp.sqrt(query.shape[-1])
    if mask is None:
        weights = jax.nn.softmax(scores, axis=-1)
    else:
        mask = mask.astype(bool)
        scores = jnp.where(mask, scores, -1e30)
        weights = jax.nn.softmax(scores, axis=-1) * mask
    return weights @ value, weights
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `.T` reverses all axes; `jnp.swapaxes(key, -1, -2)` swaps the last two. `jnp.where(mask, scores, ...)` fills what may not be read.
#
# ::: Hint: the shape of the answer
# Scores; a very large negative number where nothing may be read; softmax over the keys; exact zeros where nothing may be read; a product with `value`. What happens to a row in which *all* scores are filled?
#
# ::: Help: I get nan where nothing may be read
# If all scores of a row are $-\infty$, the softmax is 0/0. Fill in something finite, and set the weights to zero afterwards.
#
# ::: Help: values are right, gradients are nan
# `jnp.where(bad, 0, f(x))` hides a `nan` from the value only: the chain rule multiplies the `nan` slope of `f` by zero, which is `nan`. Make the input of `f` harmless first.

# %% demo="sentence_maps"
if grader.ready("attention_mask", "scaled_dot_product_attention"):
    X = helpers.embed(tokens, 8)  # a random vector for each word, no learned matrices yet
    masks = three_masks()
    allowed = {"no mask": jnp.ones_like(masks["padding"])} | masks
    # [1][1]: of the pair the weights, of the batch the second sentence
    maps = {k: scaled_dot_product_attention(X, X, X, m)[1][1] for k, m in allowed.items()}
    helpers.sentence_maps(maps, sentences[1])

# %% [markdown]
# **Look:** *the* stands in this sentence twice. Why are its two rows the same in the first two panels, and what makes them differ in the last two?
#
# ::: Answer
# The same word has the same vector, hence the same query: the scores don't know where a word stands. The causal mask does: it gives the two places different pasts. {Ref:order} is about this.
#
# ## {section:heads}. Several heads
#
# One attention gives each word one blend. But a word may want several things: its verb, the word before it, the name that it stands for. So transformers run $N$ attentions side by side, each with narrow queries, keys and values of its own, and mix what they find:
#
# $$\operatorname{head}_n=\operatorname{Att}(XW_Q^n,\,XW_K^n,\,XW_V^n),\qquad \operatorname{MHA}(X)=[\operatorname{head}_0,\dots,\operatorname{head}_{N-1}]\,W_O .$$
#
# (The layers have biases too.) Code needs no loop over heads. One layer makes queries of the full width $d_m$, and head $n$ takes the $n$-th slice of $d_h=d_m/N$ columns.

# %% demo="splitting_heads"
helpers.splitting_heads()

# %% [markdown]
# If queries come from one sequence, keys and values from another, it is called *cross-attention*. It has the same four layers, with parameters of its own.
#
# ### {exercise}: multi-head attention
# The one part of a transformer that carries information from word to word.
#
# **Contract.** Call it with `X` ($B, T, d_\text{in}$) for self-attention, or with `Q` ($B, T_q, d_1$), `K` and `V` ($B, T_k, d_2$) for cross-attention.
#
# 1. If `d_m` is not a multiple of `num_heads`, raise a `ValueError`.
# 2. **In both cases** what is given goes through linear layers named `query`, `key`, `value`, each of width `d_m`: `X` through all three, `Q`, `K` and `V` through one each. The layers are made in this module ({ref:SequenceToQKV}'s has one input for all three).
# 3. Head $n$ gets the $n$-th run of `d_m // num_heads` neighbouring columns, and attends as in {ref:scaled_dot_product_attention}.
# 4. The heads are put side by side in order, and a linear layer `output` of width `d_m` mixes them.
#
# Return the output ($B, T_q, d_m$); with `return_weights=True` the pair of it and the weights ($B, N, T_q, T_k$). All heads obey the same `mask`, of any shape from the conventions. Initialisers are free.
#
# *One number:* `X` (3, 5, 7) with 2 heads and `d_m=8` gives an output (3, 5, 8) and weights (3, 2, 5, 5). Head 0 works on columns 0–3, head 1 on columns 4–7, and scores are divided by $\sqrt 4$.


# %% solution="MultiHeadAttention" points=8 minutes=25 level="intermediate" needs="SequenceToQKV scaled_dot_product_attention"
class MultiHeadAttention(hk.Module):
    """Several attentions side by side, each on its own slice of the features."""

    def __init__(self, num_heads: int, d_m: int, name: str | None = None):
        super().__init__(name=name)
        self.num_heads, self.d_m = num_heads, d_m

    def __call__(
        self,
        X: Float[Array, "B T d_in"] | None = None,
        Q: Float[Array, "B T_q d_1"] | None = None,
        K: Float[Array, "B T_k d_2"] | None = None,
        V: Float[Array, "B T_k d_2"] | None = None,
        mask: Array | None = None,
        return_weights: bool = False,
    ):
        """What every token reads; with return_weights also how much, for each head."""
        ### BEGIN SOLUTION
        if self.d_m % self.num_heads:
            raise ValueError(f"{self.num_heads} heads can't share d_m={self.d_m} evenly")
        if X is not None:
            Q, K, V = X, X, X

        def heads(x, name):
            x = hk.Linear(self.d_m, name=name)(x)
            x = x.reshape(x.shape[0], x.shape[1], self.num_heads, -1)
            return x.swapaxes(1, 2)

        if mask is not None and mask.ndim == 3:
            mask = mask[:, None]
        q, k, v = heads(Q, "query"), heads(K, "key"), heads(V, "value")
        out, weights = scaled_dot_product_attention(q, k, v, mask)
        out = out.swapaxes(1, 2).reshape(Q.shape[0], Q.shape[1], self.d_m)
        out = hk.Linear(self.d_m, name="output")(out)
        return (out, weights) if return_weights else out
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# {Ref:scaled_dot_product_attention} takes any leading axes: with queries of shape ($B, N, T_q, d_h$) it does all heads at once. `X` alone means $Q=K=V=X$.
#
# ::: Hint: the shape of the answer
# ($B, T, d_m$) → reshape to ($B, T, N, d_h$) → swap axes 1 and 2 → attend → swap back → reshape to ($B, T, d_m$). A mask ($B, T_q, T_k$) needs an axis where the heads are.
#
# ::: Help: shapes fit, numbers don't
# A reshape from ($B, T, d_m$) straight to ($B, N, T, d_h$) mixes words with features. Split the last axis first, then swap.
#
# ::: Help: the mask and the scores don't broadcast
# Shapes are lined up from the right: in ($B, T_q, T_k$) the batch meets the heads. If $B=N$ there isn't even an error.

# %% demo="four_heads"
sentence = helpers.embed(tokens[:1], 32)
heads = functional(MultiHeadAttention, 4, 32)

if grader.ready("MultiHeadAttention"):
    params = heads.init(jax.random.key(0), sentence)
    out, weights = heads.apply(params, sentence, return_weights=True)
    helpers.four_heads(weights[0], sentences[0])

    drawn = [heads.init(jax.random.key(seed), sentence) for seed in (1, 2, 3)]
    maps = [heads.apply(p, sentence, return_weights=True)[1][0].mean(axis=0) for p in drawn]
    helpers.untrained_maps(maps, sentences[0])

# %% [markdown]
# **Look:** in each map you can find a pair of words that seems to *mean* something. What do three untrained layers say about such finds?
#
# ::: Answer
# Nothing has been learned yet, and the pattern changes with the seed: the meaning is in the eye of the reader. Before you believe a map of a trained model, put it beside those of an untrained one, of other heads and of other sentences.
#
# ## {section:order}. Order
#
# *Dog bites man* is not *man bites dog*. Does attention know? Shuffle a sentence and see.

# %% demo="shuffled_sentence"
if grader.ready("MultiHeadAttention"):
    order = jnp.array([4, 1, 6, 0, 2, 5, 3])
    params = heads.init(jax.random.key(0), sentence)
    before, after = heads.apply(params, sentence)[0], heads.apply(params, sentence[:, order])[0]
    helpers.shuffled(before, after, order, sentences[0])

# %% [markdown]
# The outputs are the same, in the new order. Attention without a mask is *permutation equivariant*, and so is all that works on each position alone. To a stack of such layers a sentence is a bag of words. So position must be put into the vectors.
#
# The transformer of 2017 (Vaswani and others, *Attention is all you need*) adds a fixed pattern to them, sines and cosines at $d/2$ speeds. For position $t$ and pair $i=0,\dots,d/2-1$:
#
# $$PE_{t,2i}=\sin(t\,\omega_i),\qquad PE_{t,2i+1}=\cos(t\,\omega_i),\qquad \omega_i=10000^{-2i/d}.$$
#
# The pairs turn like the hands of many clocks: the first by one radian a step, the last, with the exponent $-(d-2)/d$, thousands of times more slowly when $d$ is large.
#
# ### {exercise}: waves for positions
# A position code that needs no learning.
#
# First, on paper: write $10000^{-2i/d}$ as an exponential.
#
# ::: Answer
# $a^b=e^{b\ln a}$, so $10000^{-2i/d}=\exp\!\big(-\tfrac{2i}{d}\ln 10000\big)$. In this form nothing can overflow on the way, as integer powers may.
# :::
#
# **Contract.** Return the table (`length`, `d_model`): row $t$ is position $t$, beginning with 0; sines in the even columns, cosines in the odd ones. An odd `d_model` raises a `ValueError`. Positions in the thousands are right to 0.001.
#
# *One number:* `sinusoidal_positions(3, 4)` has the speeds 1 and 0.01. Row 0 is (0, 1, 0, 1), row 1 is (0.8415, 0.5403, 0.0100, 0.99995).


# %% solution="sinusoidal_positions" points=4 minutes=10 level="beginner"
def sinusoidal_positions(length: int, d_model: int) -> Float[Array, "length d_model"]:
    """A row of sines (even columns) and cosines (odd columns) for each position."""
    ### BEGIN SOLUTION
    if d_model % 2:
        raise ValueError(f"sines and cosines come in pairs: d_model={d_model} is odd")
    rates = jnp.exp(-jnp.arange(0, d_model, 2) / d_model * jnp.log(10000.0))
    angles = jnp.arange(length)[:, None] * rates
    return jnp.stack([jnp.sin(angles), jnp.cos(angles)], axis=-1).reshape(length, d_model)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.arange(0, d_model, 2)` holds all $2i$. A column of positions times a row of speeds gives all angles.
#
# ::: Hint: the shape of the answer
# Angles (`length`, `d_model // 2`); then `jnp.stack` on a new last axis and `reshape`, or `table.at[:, 0::2].set(...)`.
#
# ::: Help: all sines come first, then all cosines
# `concatenate` does that. Here a sine and its cosine are neighbours.

# %% demo="stripes"
if grader.ready("sinusoidal_positions"):
    helpers.stripes(sinusoidal_positions(60, 64))

# %% [markdown]
# **Look:** what are the slow columns good for? And why do the marks of all $u$ coincide?
#
# ::: Answer
# The fast columns tell neighbours apart, but repeat every few steps; the slow ones tell early from late, as an hour hand does. And since $\sin a\sin b+\cos a\cos b=\cos(a-b)$, we have $PE_u\cdot PE_t=\sum_i\cos\big((u-t)\,\omega_i\big)$: only the gap counts, and only its size: two back and two ahead look the same. That holds for bare rows; once they are added to words and multiplied by $W_Q$ and $W_K$, nothing promises it.
#
# ### {exercise}: learn the positions instead
# BERT and GPT-2, two language models of 2018 and 2019, learn a table with a row for each position, and can't read beyond its end.
#
# **Contract.** One parameter `position_embedding` (`max_sequence_len`, `d_model`), drawn by `hk.initializers.TruncatedNormal(0.02)`. `sequence` is either ids ($B, T$) or vectors ($B, T, d$). Return the first $T$ rows of the table, shape ($T$, `d_model`). If $T$ is larger than `max_sequence_len`, raise a `ValueError`: slicing past the end would go wrong in silence.
#
# *One example:* a table of 9 rows of width 4 and ids of shape (2, 5) give the first five rows, shape (5, 4).


# %% solution="PositionEmbeddingsLookup" points=3 minutes=8 level="beginner"
class PositionEmbeddingsLookup(hk.Module):
    """A learned vector for each position."""

    def __init__(self, max_sequence_len: int, d_model: int, name: str | None = None):
        super().__init__(name=name)
        self.max_sequence_len, self.d_model = max_sequence_len, d_model

    def __call__(self, sequence: Array) -> Float[Array, "T d_model"]:
        """The rows of the table for the positions of a sequence."""
        ### BEGIN SOLUTION
        length = sequence.shape[1]
        if length > self.max_sequence_len:
            raise ValueError(f"{length} tokens, but only {self.max_sequence_len} positions")
        init = hk.initializers.TruncatedNormal(0.02)
        shape = (self.max_sequence_len, self.d_model)
        table = hk.get_parameter("position_embedding", shape, init=init)
        return table[:length]
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `hk.get_parameter(name, shape, init=...)` makes the table. One axis of `sequence` is the length, for ids and for vectors alike.
#
# ::: Hint: the shape of the answer
# Refuse what is too long, get the table, slice it.
#
# ::: Help: right for ids, wrong for vectors
# The last axis of vectors is their width.

# %% demo="table_before_training"
if grader.ready("sinusoidal_positions", "PositionEmbeddingsLookup"):
    lookup = functional(PositionEmbeddingsLookup, 60, 64)
    ids = jnp.ones((1, 60), int)
    learned = lookup.apply(lookup.init(jax.random.key(0), ids), ids)
    helpers.likeness(sinusoidal_positions(60, 64), learned)

# %% [markdown]
# **Look:** what does the fixed code know that the table still has to learn?
#
# ::: Answer
# That neighbours are alike. In the untrained table any two positions are strangers. It has to learn from data that 7 lies beside 8, and it can learn other things too. {Ref:pictures} shows such a table after training.
#
# ## {section}. The block
#
# Attention carries information between positions. What is made of it there is the work of a small network, the same for each position. Around each of the two runs a shortcut, followed by a normalisation:
#
# $$x\leftarrow\operatorname{LN}\big(x+\operatorname{MHA}(x)\big),\qquad x\leftarrow\operatorname{LN}\big(x+\mathrm{gelu}(xW_1+b_1)\,W_2+b_2\big).$$
#
# The shortcut lets a layer *add* to what is there and gives gradients a way past it. The normalisation keeps the numbers at one size:
#
# $$\operatorname{LN}(x)=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,$$
#
# where $\mu$ and $\sigma^2$ are the mean and the variance of **one position's** $d$ features, and $\gamma$ and $\beta$ are learned. The block here is *post-norm*, as in 2017: add, then normalise. Most newer models are *pre-norm*, $x\leftarrow x+f(\operatorname{LN}(x))$ with the attention or the network as $f$, which is easier to train when there are many layers.
#
# ### {exercise}: a network for each position
# With the usual factor of 4, about two thirds of an encoder block's parameters are in here.
#
# **Contract.** `x` (…, $d$) → (…, $d$): a linear layer `widen` to `widening_factor` · $d$, a GELU, a linear layer `shrink` back to $d$. GELU is $x\,\Phi(x)$ with the standard normal distribution function $\Phi$; `jax.nn.gelu` computes a close approximation with a tanh, and both are accepted, here and in all that is built on it. No shortcut here: that comes next.
#
# *One number:* with $d=5$ and `widening_factor=2` there are 4 arrays with 5·10 + 10 + 10·5 + 5 = 115 numbers.


# %% solution="FeedForwardBlock" points=3 minutes=6 level="beginner"
class FeedForwardBlock(hk.Module):
    """Two linear layers with a GELU between them, the same for each position."""

    def __init__(self, widening_factor: int = 4, name: str | None = None):
        super().__init__(name=name)
        self.widening_factor = widening_factor

    def __call__(self, x: Float[Array, "... d"]) -> Float[Array, "... d"]:
        """Each position's features, widened, bent and shrunk."""
        ### BEGIN SOLUTION
        d = x.shape[-1]
        x = hk.Linear(self.widening_factor * d, name="widen")(x)
        return hk.Linear(d, name="shrink")(jax.nn.gelu(x))
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# The width is `x.shape[-1]`; `hk.Linear` works on the last axis.
#
# ::: Hint: the shape of the answer
# `widen`, `jax.nn.gelu`, `shrink`: (…, $d$) → (…, $4d$) → (…, $4d$) → (…, $d$).
#
# ::: Help: small differences everywhere
# Which activation do you call?

# %% demo="gelu_or_relu"
if grader.ready("FeedForwardBlock"):
    x = jnp.linspace(-4, 4, 201)[:, None]
    block = functional(FeedForwardBlock, 1)
    drawn = block.init(jax.random.key(0), x)
    plain = jax.tree.map(lambda p: jnp.full_like(p, p.ndim == 2), drawn)  # matrices 1, biases 0
    helpers.gelu_or_relu(x[:, 0], block.apply(plain, x)[:, 0])  # only the activation is left

# %% [markdown]
# **Look:** what can a unit with input −1 still do with GELU, but not with ReLU?
#
# ::: Answer
# Learn from this input. ReLU's derivative is 0 there, so no gradient comes through. GELU's is about −0.08: small, even negative, but not 0. And GELU has no kink at 0.
#
# ### {exercise}: add, then normalise
# The part that makes depth possible.
#
# **Contract.** `x` and `processed_x` have the same shape (…, $d$). Return the LayerNorm of their sum over the **last axis**, as a submodule `layer_norm` with the parameters `scale` ($\gamma$) and `offset` ($\beta$); $\epsilon=10^{-5}$ stands inside the root. `hk.LayerNorm` may be used.
#
# *One number:* if the sum is (1, 2, 3, 6), its mean is 3 and its variance 3.5. The result is (−1.069, −0.535, 0, 1.604), as long as $\gamma=1$ and $\beta=0$.


# %% solution="AddNorm" points=3 minutes=6 level="beginner"
class AddNorm(hk.Module):
    """A shortcut around a layer, then LayerNorm."""

    def __init__(self, name: str | None = None):
        super().__init__(name=name)

    def __call__(
        self, x: Float[Array, "... d"], processed_x: Float[Array, "... d"]
    ) -> Float[Array, "... d"]:
        """The sum of both, normalised for each position."""
        ### BEGIN SOLUTION
        return hk.LayerNorm(-1, True, True, name="layer_norm")(x + processed_x)
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `hk.LayerNorm(axis, create_scale, create_offset, name=...)`; its ε is $10^{-5}$ already.
#
# ::: Hint: the shape of the answer
# A norm, called on a sum.
#
# ::: Help: two parameters are expected
# `hk.LayerNorm` makes a scale and an offset only when asked.

# %% demo="twelve_blocks"
if grader.ready("MultiHeadAttention", "FeedForwardBlock", "AddNorm"):
    helpers.twelve_blocks(MultiHeadAttention, FeedForwardBlock, AddNorm)

# %% [markdown]
# **Look:** two towers keep their numbers at one size. What does the one without a shortcut lack?
#
# ::: Answer
# Look at the right panel. Without a shortcut a block hands on nothing but what attention has blended, and after two or three blocks all positions say the same. A shortcut keeps what each position had of its own, for several times as many blocks (untrained blocks drift together in the end; training can hold against it). With shortcuts alone the numbers grow with depth. AddNorm has both: the size stays, and words stay themselves for several blocks longer than without a shortcut (not longer than with shortcuts alone).
#
# ### {exercise}: an encoder block
# Your parts, put together. A stack of these blocks is an encoder: it has read the whole sentence, word by word in the light of all the others.
#
# **Contract.** `X` ($B, T, d_m$) passes four submodules: `attention` (self-attention), `add_norm_1`, `feed_forward`, `add_norm_2`, as in the two lines at the head of this section. Return the pair of the new sequence ($B, T, d_m$) and the weights ($B, N, T, T$), or the sequence alone with `return_att_weight=False`. `mask` may be `None`. Under `jit`, too, values and gradients stay finite, in rows that may read nothing as well. No positions are added here.
#
# *One number:* with $d_m=8$ and `widening_factor=4` the block has 16 arrays: 8 of attention, 4 of the network, 2 of each norm. They hold 288 + 552 + 32 = 872 numbers.


# %% solution="EncoderBlock" points=5 minutes=12 level="intermediate" needs="MultiHeadAttention FeedForwardBlock AddNorm"
class EncoderBlock(hk.Module):
    """Self-attention and a network for each position, each with a shortcut and a norm."""

    def __init__(self, num_heads: int, d_m: int, widening_factor: int = 4, name: str | None = None):
        super().__init__(name=name)
        self.num_heads, self.d_m, self.widening_factor = num_heads, d_m, widening_factor

    def __call__(
        self,
        X: Float[Array, "B T d_m"],
        mask: Array | None = None,
        return_att_weight: bool = True,
    ):
        """The sequence after the block; with return_att_weight also how much each head reads."""
        ### BEGIN SOLUTION
        attention = MultiHeadAttention(self.num_heads, self.d_m, name="attention")
        attended, weights = attention(X, mask=mask, return_weights=True)
        X = AddNorm(name="add_norm_1")(X, attended)
        processed = FeedForwardBlock(self.widening_factor, name="feed_forward")(X)
        X = AddNorm(name="add_norm_2")(X, processed)
        return (X, weights) if return_att_weight else X
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# Exercises {no:MultiHeadAttention}, {no:FeedForwardBlock} and {no:AddNorm}, each made with a `name=`. What is the second argument of your attention's call?
#
# ::: Hint: the shape of the answer
# Attend, add and normalise, process, add and normalise: the second shortcut begins after the first norm.
#
# ::: Help: the mask has no effect
# `attention(X, mask)` hands the mask over as `Q`. Which parameter is the second one in the signature of {ref:MultiHeadAttention}?

# %% demo="padded_batch"
import blocks

if grader.ready("attention_mask", "EncoderBlock"):
    X = helpers.embed(tokens, 32)
    block = functional(EncoderBlock, 4, 32)
    _, weights = block.apply(block.init(jax.random.key(0), X), X, attention_mask(tokens, tokens))
    blocks.padded_batch(weights, sentences)

# %% [markdown]
# **Look:** rows of padding read words, too. Is that an error?
#
# ::: Answer
# No. What comes out of these rows is read by nobody: in the next block their columns are masked again, and the loss leaves them out. Only columns matter.
#
# ## {section}. Encoder and decoder
#
# The *encoder* reads the source; what leaves its last block is the *memory*. The *decoder* writes the target. Each of its blocks attends twice: to what is written so far, and then, by cross-attention, to the memory. That makes three attentions with three masks:
#
# - **encoder:** the padding of the source may not be read;
# - **decoder, itself:** neither padding nor the future of the target;
# - **cross:** only the padding of the source is hidden. The whole source is known before the first word is written, so there is no future in it: the decoder's triangle has no business here.
#
# Positions are added once, at the two entrances. And every decoder block reads the memory, the output of the **last** encoder block.

# %% demo="wiring_with_shapes"
blocks.wiring_with_shapes()
if grader.ready("attention_mask"):
    blocks.three_masks(attention_mask)

# %% [markdown]
# ### {exercise}: the whole transformer
# Two classes that join exercises {no:scaled_dot_product_attention} to {no:sinusoidal_positions} and {no:FeedForwardBlock} to {no:EncoderBlock}; the masks of {ref:attention_mask} come in from outside.
#
# **Contract.** `DecoderBlock` has the submodules `self_attention`, `add_norm_1`, `cross_attention`, `add_norm_2`, `feed_forward`, `add_norm_3`, in this order; the cross-attention asks with `X` and reads `memory`. From `X` ($B, T_d, d_m$) and `memory` ($B, T_e, d_m$) it makes `(X, self weights, cross weights)`, or `X` alone with `return_att_weight=False`.
#
# `Transformer` gets vectors ($B, T_e, d_m$) and ($B, T_d, d_m$), adds `sinusoidal_positions` to each, and runs the blocks `encoder_0`, `encoder_1`, … and then `decoder_0`, …. It returns the outputs ($B, T_d, d_m$); with `return_weights=True` four results: outputs, encoder weights, decoder self-attention weights, cross weights, each kind of shape ($B$, layers, $N$, queries, keys). Every mask may be `None`.
#
# *One number:* with $d_m=8$ one layer holds 872 numbers in the encoder block and 872 + 288 + 16 = 1176 in the decoder block.


# %% solution="Transformer" points=8 minutes=25 level="intermediate" needs="sinusoidal_positions EncoderBlock"
class DecoderBlock(hk.Module):
    """Attention to what is written, attention to the memory, a network for each position."""

    def __init__(self, num_heads: int, d_m: int, widening_factor: int = 4, name: str | None = None):
        super().__init__(name=name)
        self.num_heads, self.d_m, self.widening_factor = num_heads, d_m, widening_factor

    def __call__(self, X, memory, mask=None, cross_mask=None, return_att_weight=True):
        """The target after the block; with return_att_weight also self and cross weights."""
        ### BEGIN SOLUTION
        own = MultiHeadAttention(self.num_heads, self.d_m, name="self_attention")
        attended, self_weights = own(X, mask=mask, return_weights=True)
        X = AddNorm(name="add_norm_1")(X, attended)
        cross = MultiHeadAttention(self.num_heads, self.d_m, name="cross_attention")
        asked = {"Q": X, "K": memory, "V": memory, "mask": cross_mask}
        attended, cross_weights = cross(**asked, return_weights=True)
        X = AddNorm(name="add_norm_2")(X, attended)
        processed = FeedForwardBlock(self.widening_factor, name="feed_forward")(X)
        X = AddNorm(name="add_norm_3")(X, processed)
        return (X, self_weights, cross_weights) if return_att_weight else X
        ### END SOLUTION


class Transformer(hk.Module):
    """An encoder, and a decoder that reads what comes out of it."""

    def __init__(self, num_heads, num_layers, d_m, widening_factor=4, name=None):
        super().__init__(name=name)
        self.num_layers, self.sizes = num_layers, (num_heads, d_m, widening_factor)

    def __call__(self, X_encoder, X_decoder, encoder_mask=None, decoder_mask=None, cross_mask=None, return_weights=False):  # fmt: skip
        """Outputs (B, T_d, d_m); with return_weights also encoder, decoder and cross weights."""
        ### BEGIN SOLUTION
        memory = X_encoder + sinusoidal_positions(*X_encoder.shape[1:])
        X = X_decoder + sinusoidal_positions(*X_decoder.shape[1:])
        read, own, cross = [], [], []
        for n in range(self.num_layers):
            memory, weights = EncoderBlock(*self.sizes, name=f"encoder_{n}")(memory, encoder_mask)
            read.append(weights)
        for n in range(self.num_layers):
            block = DecoderBlock(*self.sizes, name=f"decoder_{n}")
            X, self_weights, cross_weights = block(X, memory, decoder_mask, cross_mask)
            own.append(self_weights)
            cross.append(cross_weights)
        stacked = (jnp.stack(weights, axis=1) for weights in (read, own, cross))
        return (X, *stacked) if return_weights else X
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# The decoder block is the encoder block with one more attention and one more norm: `Q=X`, `K` and `V` the memory.
#
# ::: Hint: the shape of the answer
# Two sums with positions; a loop over encoder blocks; a loop over decoder blocks, all with the same memory; weights collected in lists and stacked on axis 1.
#
# ::: Help: the parameters have other names
# Each block needs its name, `name=f"encoder_{n}"`, with numbers from 0. A second block of the same name would be renamed by Haiku.
#
# ::: Help: outputs are right without masks only
# Which of the three masks goes where? Look at the picture above.

# %% demo="untrained_transformer"
if grader.ready("attention_mask", "Transformer"):
    blocks.who_hears_whom(functional(Transformer, 4, 2, 32), attention_mask)

# %% [markdown]
# **Look:** each source word was changed in turn (a column each), then each target word. Which outputs notice, and which must not?
#
# ::: Answer
# Every output hears of the source's last word (column 3; 4 and 5 are padding), the first one too: nothing hides the source. Of target word 2 only output 2 and later ones hear. A test like this finds a wrong mask in seconds, where training would take minutes to show it.
#
# ## {section:training}. Training and decoding
#
# The task: read a word, spell it backwards. The model has to find out by itself where to look.
#
# The words are those of 3 to 10 letters in Python's own help texts. A tenth of them is set aside, the *unseen* words. Letters are the tokens 3 to 28.
#
# In training the decoder gets the right letters so far, whatever it would have written itself: *teacher forcing*. Its input is the start, then the target, shifted by one place. So one pass trains all places at once, and the causal mask keeps each from reading its own answer.

# %% demo="words_backwards"
import spelling

learn, unseen = spelling.words()
print(f"{len(learn)} words to learn from, {len(unseen)} unseen ones, such as {unseen[0]!r}")
spelling.show_teacher_forcing("khipu")

# %% [markdown]
# ### {exercise}: a loss for words of different length
# For each letter the model has to choose one of $V$ tokens. Words differ in length, the rest of a row is padding, and padding has nothing to teach.
#
# **Contract.** `logits` ($B, T, V$) and `data["target"]` ($B, T$), token ids with 0 for padding. Return one number, the mean of $-\ln\operatorname{softmax}(\text{logits})_\text{target}$ over all positions **of the whole batch** that aren't padding, which may stand anywhere. A batch of padding only has the loss 0. $V$ is read from the logits, `data` may hold other arrays. Values and gradients stay finite for logits as large as ±1000; at padding the gradient is exactly 0. The function works under `jit`.
#
# *One number:* if all logits are 0, each of $V$ letters has the probability $1/V$, and the loss is $\ln V$: for 29 letters 3.367 *nats*, the unit of natural logarithms.


# %% solution="sequence_loss_fn" points=6 minutes=12 level="intermediate"
def sequence_loss_fn(
    logits: Float[Array, "B T V"], data: dict[str, Int[Array, "B T"]]
) -> Float[Array, ""]:
    """The mean of -log p(target) over all letters of a batch that aren't padding."""
    ### BEGIN SOLUTION
    target = data["target"]
    real = target != 0
    log_probs = jax.nn.log_softmax(logits)
    losses = -jnp.take_along_axis(log_probs, target[..., None], axis=-1)[..., 0]
    return jnp.sum(losses * real) / jnp.maximum(real.sum(), 1)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.nn.log_softmax` works on the last axis. `jnp.take_along_axis` picks one entry of each row; it wants an index array with as many axes as the logits.
#
# ::: Hint: the shape of the answer
# Losses ($B, T$); which of them are real ($B, T$); a sum divided by a count.
#
# ::: Help: the loss is nan or inf
# The logarithm of a softmax underflows where `jax.nn.log_softmax` doesn't. And a batch without letters has the count 0.
#
# ::: Help: it fails under jit
# Under `jit` values aren't known while tracing, so neither `if` on a sum nor indexing with a mask, `losses[real]`, works. Multiply by the mask instead.
#
# ### Spell it backwards
#
# Here is the whole model, about 135 000 numbers: a vector for each letter, your transformer with its three masks, and logits for the next letter. Letters in source and target share their vectors. The loop below it trains this model and, later, two more: a step on each batch with Adam.
#
# ::: How does `train` hand out its steps?
# `train` doesn't return: at each `yield` it hands out parameters and loss, and waits until the `for` loop that called it asks for the next step. `run.note` keeps them, and spells unseen words five times in a run.


# %% demo="speller"
def spell(source, written, causal_cross=False, readable=True, return_weights=False):
    """Logits (B, T_d, 29) of the letter that follows each letter written; source is (B, T_e)."""
    # readable is for an experiment further down
    # 29 tokens: padding, start, end and 26 letters; hk.Embed is a table of 29 vectors
    embed = hk.Embed(29, 48, name="letters")
    own = attention_mask(written, written, causal=True)
    cross = attention_mask(written, source, causal=causal_cross) & readable
    masks = attention_mask(source, source), own, cross
    model = Transformer(4, 2, 48)  # 4 heads, 2 layers, width 48
    out = model(embed(source), embed(written), *masks, return_weights)
    vectors, *weights = out if return_weights else (out,)
    # a tuple: the logits first, then weights if asked for
    return hk.Linear(29, name="logits")(vectors), *weights


speller = hk.without_apply_rng(hk.transform(spell))

# %% demo="training_loop"
import optax


def train(loss_of, params, optimizer, batches):
    """Follow the gradient, batch by batch; hand out the parameters and the loss of each step."""

    @jax.jit
    def step(params, state, batch):
        loss, gradient = jax.value_and_grad(loss_of)(params, batch)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(params, updates), state, loss

    state = optimizer.init(params)
    for batch in batches:
        params, state, loss = step(params, state, batch)
        yield params, loss


# %% [markdown]
# Transformers are touchy at the start, when gradients are large and Adam has seen few of them. So the learning rate rises from 0 for a tenth of the steps (*warm-up*) and then falls along a *cosine*. Now and then the model writes the unseen words *greedily*: it takes the likeliest letter, reads it back in as its own, and goes on until it writes the end.


# %% demo="spell_it_backwards"
def train_speller(model, steps=500):
    """A speller after some steps on words drawn at random, and the learning rates."""

    def loss_of(params, batch):
        logits = model.apply(params, batch["source"], batch["written"])[0]
        return sequence_loss_fn(logits, batch)

    rate = optax.warmup_cosine_decay_schedule(0.0, 3e-3, steps // 10, steps)
    run = spelling.untrained(model, steps)
    for params, loss in train(loss_of, run.params, optax.adam(rate), spelling.batches(steps)):
        run.note(params, loss)
    return run, rate


can_train = grader.ready("attention_mask", "Transformer", "sequence_loss_fn")
if can_train:
    trained, rate = train_speller(speller)
    spelling.curves(rate, trained=trained)

# %% demo="where_it_looks"
if can_train:
    shown = [word for word in unseen if len(word) in (7, 8)][:5]
    # a row is the place that is about to write its label; it has only seen the letters above
    share = spelling.looks_right(trained, unseen)
    finding = (
        f"in {share:.0%} of all rows of unseen words the letter to be written is the brightest"
    )
    spelling.maps(shown, "Nobody told it: " + finding, trained=trained)

# %% [markdown]
# **Look:** in the first picture of this notebook and here the bright squares run from one corner to the other. What does the model do at the blurred places?
#
# ::: Answer
# A row that spreads over two neighbours is no error by itself: the encoder may have mixed neighbours, so that a letter can also be read beside its own place. These maps are means over four heads, in the last layer. They say where was read, not what was made of it.
# :::
#
# Your turn. *j*, *q* and *z* hardly occur in the words that it learned from.

# %% demo="your_word"
if can_train:
    for word in ("transform", "notebook", "jazz", "module"):
        seen = "it learned from this word" if word in learn else "unseen"
        print(f"{word:>10} → {trained.spell(word)} ({seen})")

# %% [markdown]
# ### Is a bright square a reason?
#
# A map shows where a model reads, not whether it needs to. Try: hide one letter of the source from each letter to be written, in both layers, by the cross mask; or silence a head of the last layer, by setting its rows in the layer `output` to zero. All letters before are given.

# %% demo="forbid_and_silence"
if can_train:
    data, apply = spelling.pairs(unseen), jax.jit(speller.apply)
    own, other = spelling.own_letter(data), spelling.other_letter(data)  # both (B, 11, 10)
    free, learned = np.ones_like(own), trained.params
    trials = {"as trained": (learned, free), "the letter itself hidden": (learned, ~own)}
    trials["a neighbour of it hidden"] = (learned, ~spelling.neighbour(data))
    trials["any other letter hidden"] = (learned, ~other)
    for head in range(4):
        trials[f"head {head} of the last cross-attention silent"] = (
            spelling.silence(learned, head),
            free,
        )
    for name, (params, readable) in trials.items():
        logits, *_ = apply(params, data["source"], data["written"], readable=readable)
        print(f"{name:>40}: {spelling.letters_right(logits, data):4.0%} of the letters right")

# %% [markdown]
# **Look:** which of the hidden letters costs most? And what would you have said about the model, had all cost the same?
#
# ::: Answer
# Where hiding the letter itself costs far more than hiding another one, the model needs to read it at that place. What is still right comes by other ways: the encoder may have handed the letter on to its neighbours, an earlier place may have read it, and many a next letter can be guessed. Had all cost the same, the map would be decoration. Compare the four heads: if they cost differently, they share the work unevenly; one that costs little when it falls silent is not idle for certain, since others may step in.
#
# ### What a wrong mask costs
#
# A mistake that is easily made: the decoder's triangle on cross-attention too. The first letter to be written may then read only the first letter of the source, and needs the last. No error is raised. What happens?

# %% demo="twin"
if can_train:
    wrong = hk.without_apply_rng(hk.transform(lambda *x, **k: spell(*x, causal_cross=True, **k)))
    twin, _ = train_speller(wrong)  # as many steps, the same words in the same order
    spelling.curves(whole_source=trained, with_the_triangle=twin)
    spelling.twin_maps(shown[:4], trained, twin, unseen)

# %% [markdown]
# **Look:** the model with the triangle still gets many words right. Who does the reversing there?
#
# ::: Answer
# The encoder: it reads the whole word, so it can carry the last letter to the first place, where the decoder is allowed to look. That is harder to learn; whether more steps would close the gap, try `train_speller(wrong, steps=2000)`. (Its maps couldn't look like the others: the triangle lets no more than about half of the letters look at themselves.) A wrong mask seldom stops a model; it makes it worse, in silence. That is why masks deserve tests.
#
# ## {section}. Choosing the next token
#
# Your speller always takes the likeliest letter. That is right where there is one right answer. A model that writes stories would tell the same one each time, so the next token is drawn, with the model's probabilities.
#
# Three controls shape the draw. The *temperature* $\tau$ divides the logits: below 1 the likely becomes likelier, above 1 all become more alike. *Top-k* keeps the $k$ largest. *Top-p*, also called nucleus sampling (Holtzman and others, 2019), keeps the smallest set of the most probable tokens that has at least the probability $p$. What is removed gets the logit $-\infty$.
#
# ### {exercise}: shape the draw
# Something like this function is behind the sliders of chat programs.
#
# **Contract.** `logits` (…, $V$) → the same shape. In this order, on each row:
#
# 1. divide by `temperature` (larger than 0);
# 2. keep exactly the `top_k` largest, all if there are fewer;
# 3. of these, keep the smallest set of the most probable whose probabilities add up to `top_p` or more. Probabilities are those **after** steps 1 and 2. At least one token stays. `top_p` ≥ 1 removes nothing.
#
# Kept logits are the divided ones, in their places; removed ones are $-\infty$. Of equal logits the one with the lower index goes first. A logit that is $-\infty$ already stays so; it is the least likely of all, with the probability 0. `None` leaves a step out. The function works under `vmap` and `jit`; the three keywords are plain Python values, known while tracing.
#
# *One number:* logits of the probabilities (0.1, 0.6, 0.3): `top_p=0.7` keeps the last two, `top_k=2, top_p=0.65` only the second, whose share of 0.9 is 0.667.


# %% solution="filter_logits" points=8 minutes=20 level="intermediate"
def filter_logits(
    logits: Float[Array, "... V"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Float[Array, "... V"]:
    """Logits to sample from: divided by a temperature, the unlikely ones removed."""
    ### BEGIN SOLUTION
    logits = logits / temperature
    order = jnp.argsort(logits, axis=-1, descending=True)
    ranked = jnp.take_along_axis(logits, order, axis=-1)
    rank = jnp.arange(logits.shape[-1])
    if top_k is not None:
        ranked = jnp.where(rank < top_k, ranked, -jnp.inf)
    if top_p is not None and top_p < 1:
        probs = jax.nn.softmax(ranked, axis=-1)
        before = jnp.cumsum(probs, axis=-1) - probs
        ranked = jnp.where((before < top_p) | (rank == 0), ranked, -jnp.inf)
    return jnp.take_along_axis(ranked, jnp.argsort(order, axis=-1), axis=-1)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.argsort` is stable: equal values stay in order, also with `descending=True`. `jnp.take_along_axis` puts a row in an order, and the `argsort` of an order undoes it.
#
# ::: Hint: the shape of the answer
# All three steps are easier on sorted logits. What does a token's rank decide, what the probabilities of those in front of it? And what must happen at the end?
#
# ::: Help: one token too few for p
# The token with which the sum reaches $p$ is needed to reach it. It stays if the sum *before* it is still below $p$.
#
# ::: Help: top_k keeps too many
# Comparing with the $k$-th largest value keeps all that are equal to it. Ranks have no ties.

# %% demo="nine_settings"
import choosing

if can_train and grader.ready("filter_logits"):
    doubt = choosing.in_doubt(trained, unseen)  # where it is least sure of the next letter
    choosing.nine_settings(filter_logits, trained, *doubt)

# %% [markdown]
# **Look:** in the last row, would as many tokens stay where the model is sure of its next letter? And in the row above?
#
# ::: Answer
# Top-p follows the model: where one letter has the probability 0.99, it alone stays in all three panels. Top-k always keeps $k$, needed or not. (The picture shows the place in all unseen words where your model is least sure; at nearly all others it is sure.) At a high temperature the tail gets long, so a cut usually goes with it.

# %% demo="sampled_spellings"
if can_train and grader.ready("filter_logits"):
    for temperature in (0.2, 1.0, 2.0):
        drawn = choosing.spellings(trained, filter_logits, doubt[0], temperature=temperature)
        print(f"{doubt[0]} at temperature {temperature}: {', '.join(drawn)}")

# %% [markdown]
# ## {section:pictures}. Pictures are sequences too
#
# Cut a picture into squares, take each square as a token, and a transformer reads pictures: the *vision transformer* (Dosovitskiy and others, *An image is worth 16x16 words*, 2020). Its words are patches.
#
# ### {exercise}: cut a picture into patches
# No arithmetic, only axes, and yet a step that goes wrong in silence: every wrong order has the right shape.
#
# **Contract.** `image` ($B, H, W, C$) becomes ($B, N, p, p, C$) with $p$ = `patch_size` and $N=\frac Hp\cdot\frac Wp$, row by row from the upper left. (In this section $N$ counts patches, and $H$ is a height.) Pixels and dtype stay as they are. If $H$ or $W$ is not a multiple of $p$, raise a `ValueError`.
#
# *One example:* in a picture with $H=4$ and $W=6$ let the pixel in row $r$ and column $c$ be $100r+c$. With $p=2$ there are six patches. The first is ((0, 1), (100, 101)), the second ((2, 3), (102, 103)), the fourth ((200, 201), (300, 301)).


# %% solution="image_to_patch" points=4 minutes=12 level="intermediate"
def image_to_patch(
    image: Num[Array, "B H W C"], patch_size: int
) -> Num[Array, "B N patch_size patch_size C"]:
    """The squares of a picture, row by row."""
    ### BEGIN SOLUTION
    p = patch_size
    batch, height, width, channels = image.shape
    if height % p or width % p:
        raise ValueError(f"{height} x {width} pixels can't be cut into patches of {p} x {p}")
    tiles = image.reshape(batch, height // p, p, width // p, p, channels)
    return tiles.swapaxes(2, 3).reshape(batch, -1, p, p, channels)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `reshape` may cut an axis in two: $H$ becomes ($H/p, p$), which row of patches and which row inside it.
#
# ::: Hint: the shape of the answer
# ($B, H, W, C$) → ($B, H/p, p, W/p, p, C$) → swap two axes → ($B, N, p, p, C$).
#
# ::: Help: the shape is right, the first patch isn't
# A reshape alone never moves a number: it takes the first $p\cdot p$ pixels of the first row. Which axes must stand side by side before the last reshape?

# %% demo="mosaic"
import patches

if grader.ready("image_to_patch"):
    photo = patches.photo()  # (1, 192, 288, 3)
    patches.mosaic(photo, image_to_patch(photo, 32))

# %% [markdown]
# **Look:** the picture on the right has all the patches of the left one. What would a transformer without positions say to the two?
#
# ::: Answer
# The same: to it a picture is a bag of patches, as a sentence is a bag of words. The vectors of positions are all that tells it how the pieces lie.
#
# ### A tiny vision transformer
#
# Its pictures are scikit-learn's handwritten digits, 8 × 8 pixels, cut into 16 patches of 2 × 2. Here are the classes of both parts.

# %% demo="digits"
digits = patches.digits()
patches.class_counts(digits)

# %% [markdown]
# Each patch becomes a vector of width 32, gets the learned vector of its position, and passes two encoder blocks. The mean over the 16 tokens goes through a small network with ten logits.


# %% demo="tiny_vit"
def classify(images):
    """Logits (B, 10) of digits (B, 8, 8, 1)."""
    tokens = image_to_patch(images, 2).reshape(len(images), 16, 4)
    positions = PositionEmbeddingsLookup(16, 32, name="positions")
    X = hk.Linear(32)(tokens) + positions(tokens)
    for layer in range(2):
        block = EncoderBlock(4, 32, widening_factor=2, name=f"encoder_{layer}")
        X = block(X, return_att_weight=False)
    return hk.nets.MLP([32, 10], name="classifier")(X.mean(axis=1))


can_classify = grader.ready("image_to_patch", "PositionEmbeddingsLookup", "EncoderBlock")


# %% demo="train_tiny_vit"
if can_classify:
    vit = patches.untrained(hk.without_apply_rng(hk.transform(classify)), digits)

    def digit_loss(params, batch):
        logits = vit.logits(params, batch[0])
        return optax.softmax_cross_entropy_with_integer_labels(logits, batch[1]).mean()

    optimizer = optax.adam(optax.cosine_decay_schedule(3e-3, 600))
    for params, loss in train(digit_loss, vit.before, optimizer, patches.batches(digits, 600)):
        vit.note(params, loss)
    patches.results(vit)
    patches.likeness_maps(vit)

# %% [markdown]
# **Look:** what do the patches of the two left corners have in common? And are neighbours alike?
#
# ::: Answer
# Both are blank, or nearly so, in most digits, so the model may well use both in the same way; the title says how near their vectors are in your run. Neighbours as such don't become alike: some pairs do, others point apart, and their mean stands in the title. In the large model of the paper neighbours are alike, after millions of photos: a learned table takes up what its data asks for.
#
# ## Quiz
#
# Seven cases that you haven't met. Answers and reasons come after you hand in.

# %% [markdown] quiz="quiz" points=7 minutes=10 level="beginner"
# ### {exercise}: quiz
# For each question one answer is right: write its letter, or a number where no letters are offered, into the cell below.
#
# 1. **Sums.** An attention layer without a mask reads 5 keys for each of 3 queries. What do all of its weights for one example and one head add up to?
#    - [=] 3
#    - [ ] 5 | Keys may be read a lot or a little; it is the queries that hand out a unit each.
#    - [ ] 1 | Then all queries would share one unit of attention.
#    - [ ] 15 | There are 15 weights, and few of them can be near 1.
#    - [ ] 8 | Weights are handed out by queries alone.
# 2. **A forgotten divisor.** Somebody widens the heads from 16 to 64 features and goes on dividing scores by 4. Entries of queries and keys are independent, of mean 0 and variance 1, in both models. What changes at the start of training?
#    - [x] Scores spread twice as far, weights get sharper, gradients through the softmax smaller.
#    - [ ] Scores spread half as far, and all weights are nearly equal. | The divisor stayed as it was while the sums got longer.
#    - [ ] Nothing: the softmax makes weights that add up to 1 in any case. | They add up to 1, but how they are spread depends on how far the scores lie apart.
#    - [ ] Scores spread four times as far. | Their variance is four times as large; a spread is its root.
# 3. **Cross-attention.** A source of 9 tokens ends in 2 of padding; the target has 5 tokens, the last of them padding. How many entries of the cross-attention's mask, as {ref:attention_mask} makes it for this one example, are true?
#    - [=] 35
#    - [ ] 45 | Two of the columns belong to padding of the source.
#    - [ ] 28 | Rows of padding are nobody's concern: whether the query is padding plays no part in this mask.
#    - [ ] 15 | A triangle has no place here: no part of the source lies in the decoder's future.
#    - [ ] 36 | The columns are tokens of the source, the rows those of the target.
#    - [ ] 25 | That is a mask of the target with itself; cross-attention reads the source.
# 4. **Order.** One layer of *causal* self-attention, no positions, reads *dog bites man*, then *bites dog man*. What about its last output, that of *man*?
#    - [x] It is the same in both.
#    - [ ] It changes, because a causal mask tells the order. | It tells the first words' places apart, by what they may read; the last word may read all in both sentences.
#    - [ ] It changes, because *man* has another neighbour. | Without positions attention doesn't know who stands beside whom.
#    - [ ] It becomes the output that *bites* had. | A row belongs to the word that stands in it, and asks with that word's query.
# 5. **Parameters.** Cross-attention with queries from vectors of width 32, keys and values from vectors of width 48, $d_m=64$, 4 heads and biases: how many numbers does it learn?
#    - [=] 12544
#    - [ ] 12288 | Each of the four layers has a bias, too.
#    - [ ] 8384 | The layer that mixes the heads learns as well.
#    - [ ] 50176 | The heads share the layers: each works on a quarter of the columns.
#    - [ ] 3136 | That is one head's share, a quarter: all four are learned.
#    - [ ] 16640 | Inputs are narrower than $d_m$ here: a layer has a row for each of its inputs.
# 6. **Tables.** Half as many sentences, three times as long, with twice as many heads: how many times as many numbers are all attention weights together?
#    - [=] 9
#    - [ ] 3 | Three times as long means three times as many queries and three times as many keys.
#    - [ ] 4.5 | Each head has a table of weights of its own.
#    - [ ] 18 | There are only half as many sentences.
#    - [ ] 6 | Lengths count as queries and once more as keys.
# 7. **A split.** A speller is tested on 500 words. 60 of them were also among the words that it learned from; it spells all of these right, and 330 of the others. Which percentage would you promise for words that it has never seen?
#    - [=] 75
#    - [ ] 78 | That counts the 60 words whose answers it had been told.
#    - [ ] 66 | That counts 60 words as wrong that say nothing about new ones; they should be left out of both numbers.
#    - [ ] 100 | That is what it makes of words it has learned from.
#    - [ ] 88 | That is the share of test words that are new.

# %% [markdown]
# ## {section}. Going further
#
# Four things that today's language models have are still missing: tokens between letters and words (**byte pairs**), positions that **turn** queries and keys, attention in **chunks** and a **cache** of keys and values. Then a small language model tells stories, and a block of today stands beside yours. They are harder; none needs another, but the stories need exercises {no:sequence_loss_fn}, {no:filter_logits}, {no:train_bpe} and {no:decode_step}.
#
# ### {exercise}: learn an alphabet of byte pairs
# Letters make texts long, and no list holds all words. Between them lies a rule that makes neighbours that often meet into one token. (Sennrich and others, 2016; on bytes, so that no text is left out, in GPT-2, 2019.)
#
# **Contract.** The given `split_pieces` cuts a text; pairs never cross pieces. Tokens are `bytes`, at first the single UTF-8 bytes.
#
# - `train_bpe` returns the list of pairs: in each round count neighbouring pairs, at every position, times how often the piece occurs. Of the most frequent take the **largest** pair, as Python compares tuples of bytes. Merge left to right, without overlap. Stop early when none is left.
# - `bpe_encode`: replay the merges in order. Return a list of ids: 0–255 are the bytes, 256 + i is what merge i makes (when two merges make the same bytes, either id is right).
# - `bpe_decode`: join the bytes, then decode; what isn't UTF-8 becomes �, as `decode(errors="replace")` does.
#
# `merge_pair` is a helper; no check calls it.
#
# *One example:* three merges on "banana bandana". (a, n) occurs 4 times and becomes 256. Then (b, an) and (an, a) occur twice; b is larger, so ban is 257. Last (an, a), which is 258. Now "banana" is [257, 258].


# %% provided="split_pieces"
import re
from collections import Counter
from itertools import pairwise


def split_pieces(text: str) -> list[str]:
    """Each word with the white space before it; joined, the pieces are the text."""
    return re.findall(r"\s*\S+|\s+", text)


# %% solution="train_bpe" points=8 minutes=30 level="advanced" further=true
def merge_pair(parts: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    """The parts of a piece, with this pair joined wherever it stands, from left to right."""
    ### BEGIN SOLUTION
    merged, i = [], 0
    while i < len(parts):
        step = 2 if tuple(parts[i : i + 2]) == pair else 1
        merged.append(b"".join(parts[i : i + step]))
        i += step
    return merged
    ### END SOLUTION


def train_bpe(text: str, num_merges: int) -> list[tuple[bytes, bytes]]:
    """The pairs to merge, the first one first."""
    ### BEGIN SOLUTION
    times = Counter(split_pieces(text))
    parts = {piece: [bytes([b]) for b in piece.encode()] for piece in times}
    merges = []
    while len(merges) < num_merges:
        counts = Counter()
        for piece, tokens in parts.items():
            for pair in pairwise(tokens):
                counts[pair] += times[piece]
        if not counts:
            break
        merges.append(max(counts, key=lambda pair: (counts[pair], pair)))
        parts = {piece: merge_pair(tokens, merges[-1]) for piece, tokens in parts.items()}
    return merges
    ### END SOLUTION


def bpe_encode(text: str, merges: list[tuple[bytes, bytes]]) -> list[int]:
    """The ids of a text: below 256 a byte, 256 + i the product of merge i."""
    ### BEGIN SOLUTION
    pieces = [[bytes([b]) for b in piece.encode()] for piece in split_pieces(text)]
    for pair in merges:
        pieces = [merge_pair(parts, pair) for parts in pieces]
    number = {a + b: 256 + i for i, (a, b) in enumerate(merges)}
    return [number.get(part, part[0]) for parts in pieces for part in parts]
    ### END SOLUTION


def bpe_decode(ids: list[int], merges: list[tuple[bytes, bytes]]) -> str:
    """The text of these ids; bytes that are not UTF-8 become the sign �."""
    ### BEGIN SOLUTION
    alphabet = [bytes([b]) for b in range(256)] + [a + b for a, b in merges]
    return b"".join(alphabet[i] for i in ids).decode(errors="replace")
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `piece.encode()` gives bytes; `bytes([b])` makes a token of one. `Counter` and `pairwise` are imported above. Python compares `bytes` and tuples as a dictionary sorts words, so `max` with a `key` of (count, pair) settles equals too.
#
# ::: Hint: the shape of the answer
# Keep a list of tokens for each different piece, and a `Counter` of the pieces. A round: count, choose, note, merge everywhere. Encoding: the same lists, `merge_pair` for each merge, then a dictionary from tokens to ids. Decoding: a table of 256 bytes and all products, one `join`, one `decode`.
#
# ::: Help: on aaa my merge makes too much
# After a merge go on behind *both* tokens. A `while` with its own index can take two steps at once.
#
# ::: Help: max() got an empty sequence
# Every piece is one token by now: no pair is left, and training is over.

# %% demo="coloured_page"
paragraphs = {
    "English": "My name is Kusi. I live in Cusco. My mother makes maize bread, "
    "my father works in the field. Tomorrow I will go to school.",
    "Spanish": "Me llamo Kusi. Vivo en Cusco. Mi mamá hace pan de maíz "
    "y mi papá trabaja en la chacra. Mañana iré a la escuela.",
    "Quechua": "Kusi sutiyuqmi kani. Qusqupi tiyani. Mamayqa sara t'antata ruwan, "
    "taytayqa chakrapi llamk'an. Paqarin yachay wasiman risaq.",
}

if grader.ready("train_bpe"):
    import bytepairs

    text = bytepairs.manual()  # 40 000 letters of Python's help; or open("yours.txt").read()
    merges = train_bpe(text, 120)
    ids = {language: bpe_encode(text, merges) for language, text in paragraphs.items()}
    bytepairs.coloured_page(ids, merges)

# %% [markdown]
# **Look:** the tokenizer has never seen any of the three paragraphs. Who pays for that, and where in the picture?
#
# ::: Answer
# Quechua pays most: the same four sentences take the most tokens, and models read, write and are often billed by the token: its speakers get less for their money and wait longer. English finds whole pieces, such as ␣the and ␣in, because they were frequent where the merges were learned. Quechua is left with many grey boxes, single bytes. So is Spanish, where á, é, í and ñ fall apart into halves that are no letters (their bytes are written as hexadecimal numbers). Nothing is wrong with these languages; they were not in the training text. Turn it round: with `merges = train_bpe(paragraphs["Quechua"], 40)` English pays most, 118 tokens against 59 (a gap too wide to be fair, since this paragraph is all that the tokenizer has seen).
#
# ### {exercise}: turn queries and keys
# Rotary positions (Su and others, *RoFormer*, 2021) add nothing to the words. They turn queries and keys, pair by pair: a dot product of two turned vectors sees only how far they are turned against each other.
#
# **Contract.** `x` (…, $T, d$) → the same shape. The pair of features $(2i, 2i+1)$ of the token at `positions` $t$ is turned counter-clockwise by the angle $\alpha=t\,\theta^{-2i/d}$ (with $\theta$ = `theta`):
#
# $$x'_{2i}=x_{2i}\cos\alpha-x_{2i+1}\sin\alpha,\qquad x'_{2i+1}=x_{2i}\sin\alpha+x_{2i+1}\cos\alpha.$$
#
# `positions` ($T$,) or any shape that broadcasts to (…, $T$), integers or floats, in any order. An odd $d$ raises a `ValueError`.
#
# *One number:* at position 1 the vector (1, 0, 1, 0) becomes (0.5403, 0.8415, 0.99995, 0.0100).


# %% solution="apply_rope" points=6 minutes=20 level="advanced" needs="sinusoidal_positions" further=true
def apply_rope(
    x: Float[Array, "... T d"], positions: Num[Array, "... T"], theta: float = 10000.0
) -> Float[Array, "... T d"]:
    """Vectors whose pairs of features are turned by angles that grow with the position."""
    ### BEGIN SOLUTION
    d = x.shape[-1]
    if d % 2:
        raise ValueError(f"features are turned in pairs: {d} is odd")
    rates = theta ** (-jnp.arange(0, d, 2) / d)
    angles = positions[..., None] * rates
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = jnp.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return turned.reshape(x.shape)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# The speeds are those of {ref:sinusoidal_positions}. `x[..., 0::2]` holds the first of every pair, `x[..., 1::2]` the second.
#
# ::: Hint: the shape of the answer
# Angles (…, $T, d/2$); two combinations of the same shape; `jnp.stack` on a new last axis, `reshape` back.
#
# ::: Help: right at position 0, wrong elsewhere
# Which features form a pair? Some programs pair $i$ with $i+d/2$; here neighbours do. And is the angle made of `positions`, or of the index of a row?

# %% demo="turning_pairs"
import further

if grader.ready("apply_rope"):
    further.turning_pairs(apply_rope)
    further.flat_diagonals(apply_rope)

# %% [markdown]
# **Look:** every diagonal has one colour. Why is that what a language model wants, and what is nicer here than in {ref:order}?
#
# ::: Answer
# What counts is how far back a word stands, not at which place of the text both happen to be. The waves of {ref:order} have that property only bare, one row times another. In a layer they are added to words and go through $W_Q$ and $W_K$ first, and then nothing of it is left for certain; besides, the product of two bare rows is the same for two back and two ahead. Turning comes *after* $W_Q$ and $W_K$, so the score of two given vectors depends on them and their distance alone, and it can tell back from ahead: the right panel isn't symmetric about 0. And values aren't turned: what is read stays as it was.
#
# ### {exercise}: attention in chunks
# A table of all scores grows with the square of the length. It is never needed as a whole: a softmax can be built up while the keys arrive (Milakov and Gimelshein, 2018), which FlashAttention (Dao and others, 2022) does in the fast memory of a GPU.
#
# Keep for each query the largest score $m$, the sum $\ell$ of $e^{s-m}$ and the sum $o$ of $e^{s-m}v$. When a chunk with scores $s$ arrives:
#
# $$m'=\max(m,\max s),\quad \ell'=\ell\,e^{m-m'}+\sum e^{s-m'},\quad o'=o\,e^{m-m'}+\sum e^{s-m'}v .$$
#
# At the end the output is $o/\ell$, and $m+\ln\ell$ is the logarithm of the whole sum of $e^s$.
#
# **Contract.** `q` ($B, T_q, d$), `k` ($B, T_k, d$), `v` ($B, T_k, d_v$) → `out` as in {ref:scaled_dot_product_attention} and `logsumexp` ($B, T_q$) of the scaled, masked scores. `mask` is `None` or has the shape $(T_q, T_k)$, $(B, T_q, T_k)$ or $(B, 1, T_k)$, booleans or numbers; what isn't zero may be read. Scores may be as large as ±10 million. Keys are visited `chunk` at a time, so not even one query's scores are there all at once; $T_k$ may be any number. A query that may read nothing gets the output 0 and the logsumexp $-\infty$. Without a mask no array on the way has as many as $T_q\cdot T_k$ entries for an example, as long as `chunk`, $d$ and $d_v$ are much smaller than $T_k$; a `chunk` of $T_k$ or more is one chunk of all keys. Gradients are those of the dense way and stay finite; beware of $-\infty-(-\infty)$ as long as nothing may be read. The function works under `jit` with a fixed `chunk`.
#
# *One number:* scores 1, 2, then 3 in chunks of 2: $m=2$ and $\ell=1.368$, then $m=3$ and $\ell=1.368\,e^{-1}+1=1.503$; the logsumexp is 3.408.


# %% solution="chunked_attention" points=8 minutes=30 level="advanced" needs="scaled_dot_product_attention" further=true
def chunked_attention(
    q: Float[Array, "B T_q d"],
    k: Float[Array, "B T_k d"],
    v: Float[Array, "B T_k d_v"],
    mask: Array | None = None,
    chunk: int = 16,
) -> tuple[Float[Array, "B T_q d_v"], Float[Array, "B T_q"]]:
    """What each query reads, and the logsumexp of its scores, a chunk of keys at a time."""
    ### BEGIN SOLUTION
    (batch, t_q, d), t_k = q.shape, k.shape[1]
    m = jnp.full((batch, t_q), -jnp.inf)
    total, out = jnp.zeros((batch, t_q)), jnp.zeros((batch, t_q, v.shape[-1]))
    if mask is not None:
        mask = jnp.broadcast_to(mask, (batch, t_q, t_k)).astype(bool)
    for start in range(0, t_k, chunk):
        now = slice(start, start + chunk)
        scores = q @ k[:, now].swapaxes(1, 2) / jnp.sqrt(d)
        if mask is not None:
            scores = jnp.where(mask[:, :, now], scores, -jnp.inf)
        new_m = jax.lax.stop_gradient(jnp.maximum(m, scores.max(axis=-1)))
        finite_m = jnp.where(new_m == -jnp.inf, 0, new_m)
        weights, shrink = jnp.exp(scores - finite_m[..., None]), jnp.exp(m - finite_m)
        total = total * shrink + weights.sum(axis=-1)
        out = out * shrink[..., None] + weights @ v[:, now]
        m = new_m
    total = jnp.where(total == 0, 1, total)
    return out / total[..., None], m + jnp.log(total)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# A Python loop over `range(0, T_k, chunk)` is allowed: the number of keys is known while tracing. A slice that reaches past the end is cut off.
#
# ::: Hint: the shape of the answer
# $m$ and $\ell$ ($B, T_q$), $o$ ($B, T_q, d_v$). In the loop: scores of a chunk, new maximum, factor $e^{m-m'}$ for all that is old, add what is new.
#
# ::: Help: nan with some masks
# As long as a query has nothing to read, $m'$ is $-\infty$, and $-\infty-(-\infty)$ is `nan`. Subtract a finite number in that case.
#
# ::: Help: the gradients differ
# $m$ only keeps numbers small; the result doesn't depend on it. `jax.lax.stop_gradient(m)` says so.

# %% demo="keys_arrive"
if grader.ready("chunked_attention"):
    further.keys_arrive(chunked_attention)

if grader.ready("chunked_attention", "scaled_dot_product_attention"):
    further.largest_arrays(chunked_attention, scaled_dot_product_attention)

# %% [markdown]
# **Look:** where does $\ell$ fall although keys are added, and what would the upper line mean for a text of a million tokens?
#
# ::: Answer
# Where what is lost by the new maximum, $\ell\,(1-e^{m-m'})$, is more than what the new keys add. When $\ell$ is large, a slightly larger maximum is enough (72 to 80 keys); when it is small, a clearly larger one is not (8 to 16 keys). A million tokens have $10^{12}$ scores, 4 TB in float32 for one head. In chunks, memory grows with the length alone, as long as nobody asks for gradients: `grad` keeps every chunk's weights for the way back, which are as many again as the dense table. FlashAttention computes them anew instead (`jax.checkpoint` does so in JAX). The result stays the same.
#
# ### {exercise}: remember keys and values
# A model that writes token after token computes the same keys and values of the past again at every step. A cache keeps them.
#
# Here is a small decoder without an encoder, as language models are: a dictionary of arrays, pre-norm, the table of tokens used at both ends. `params` holds `embed` ($V, d$), `pos` (`max_len`, $d$) and `layers`, a list of dictionaries with `wq`, `wk`, `wv`, `wo` ($d, d$), `w1` ($d, 4d$) and `w2` ($4d, d$); there are no biases. `causal_forward` reads a whole text at once.
#
# **Contract.** `init_cache` returns `{"k": …, "v": …}`, zeros with the axes (`layers`, `batch`, `heads`, `max_len`, `d_head`) in this order; `max_len` is the number of rows of `params["pos"]`, and head $n$ takes the $n$-th run of `d_head` columns, as in {ref:MultiHeadAttention}. `decode_step` gets the `token` ($B$,) at place `pos`, an integer that may be traced, and the cache of the places before. It returns the logits ($B, V$) after this token and a **new** cache with the token's keys and values at `pos`; the given one stays as it is. Fed one by one from place 0, tokens give the logits of `causal_forward` (the exact GELU is accepted too). What the cache holds behind `pos` doesn't matter. One compilation serves all places, so nothing can be raised: if `pos` ≥ `max_len`, all logits are `nan` and the cache comes back unchanged.
#
# *One number:* for 4 layers, 8 heads of width 32 and 2048 places, one sentence's cache holds 2·4·8·2048·32 numbers, 16.8 MB in float32.


# %% provided="causal_forward"
def layer_norm(x):
    """Mean 0 and variance 1 over the features of each place; no parameters, to stay small."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / jnp.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


def causal_forward(params, tokens, heads):
    """Logits (B, T, V) after every token of whole texts (B, T); params as in decode_step."""
    X = params["embed"][tokens] + params["pos"][: tokens.shape[1]]
    split = (*tokens.shape, heads, -1)  # (B, T, heads, d_head)
    for layer in params["layers"]:
        normed = layer_norm(X)
        q, k, v = (jnp.reshape(normed @ layer[name], split) for name in ("wq", "wk", "wv"))
        read = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        X = X + read.reshape(X.shape) @ layer["wo"]
        X = X + jax.nn.gelu(layer_norm(X) @ layer["w1"]) @ layer["w2"]
    return layer_norm(X) @ params["embed"].T


# %% solution="decode_step" points=8 minutes=30 level="advanced" needs="scaled_dot_product_attention" further=true
def init_cache(batch: int, max_len: int, layers: int, heads: int, d_head: int) -> dict[str, Array]:
    """Room for the keys "k" and values "v" of every layer, sentence, head and place."""
    ### BEGIN SOLUTION
    empty = jnp.zeros((layers, batch, heads, max_len, d_head))
    return {"k": empty, "v": empty}
    ### END SOLUTION


def decode_step(
    params: dict, token: Int[Array, "B"], cache: dict[str, Array], pos: Int[Array, ""]
) -> tuple[Float[Array, "B V"], dict[str, Array]]:
    """The logits after one more token, and the cache with its keys and values."""
    ### BEGIN SOLUTION
    _, batch, heads, max_len, _ = cache["k"].shape
    keys, values = cache["k"], cache["v"]
    readable = jnp.arange(max_len) <= pos
    x = params["embed"][token] + params["pos"][pos]
    for n, layer in enumerate(params["layers"]):
        normed = layer_norm(x)
        q, k, v = ((normed @ layer[w]).reshape(batch, heads, -1) for w in ("wq", "wk", "wv"))
        keys = keys.at[n, :, :, pos].set(k, mode="drop")
        values = values.at[n, :, :, pos].set(v, mode="drop")
        read, _ = scaled_dot_product_attention(q[:, :, None], keys[n], values[n], readable)
        x = x + read.reshape(x.shape) @ layer["wo"]
        x = x + jax.nn.gelu(layer_norm(x) @ layer["w1"]) @ layer["w2"]
    logits = layer_norm(x) @ params["embed"].T
    return jnp.where(pos < max_len, logits, jnp.nan), {"k": keys, "v": values}
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `causal_forward` is your model: write it for a single place. Heads and lengths are in the shape of the cache. `keys.at[n, :, :, pos].set(...)` returns a new array.
#
# ::: Hint: the shape of the answer
# $x$ is ($B, d$), a query ($B$, heads, 1, d_head), the keys to read ($B$, heads, max_len, d_head) with a mask over the places. Write the new key and value first, then attend.
#
# ::: Help: right at first, wrong later
# Which places may be read at `pos`? The token itself belongs to them, empty slots don't. And does each layer write to its own slots?
#
# ::: Help: the last slot changes when pos is too large
# `jax.lax.dynamic_update_slice` moves a start that is too large back into the array. Look at the argument `mode` of `.at[...].set`.

# %% demo="with_and_without_cache"
import caching
import language
import stories

# 256 bytes + 256 merges
untrained = language.parameters(vocabulary=512, width=48, layers=2, places=1024)
if grader.ready("decode_step"):
    caching.times(causal_forward, decode_step, init_cache, untrained)

# %% [markdown]
# **Look:** without a cache, why does the time per token grow with the length, and what does the flat line cost instead?
#
# ::: Answer
# Without it every step reads the whole text again, for one new token (here it also computes the logits of all earlier places again, which nobody needs). With it a step compares one query with all 1024 slots, empty or not, so its time doesn't change. The cache pays with memory: it grows with length, layers and width, and for long texts it can become as large as the model itself. So newer models let several heads share their keys and values.
#
# ### A model that tells stories
#
# Your tokens, your loss, your filter and your cache come together in the decoder of {ref:decode_step}. Its texts are little stories, made by drawing words (`stories.py`). Who owns what, where they go and what the weather does is drawn anew each time, and later sentences come back to it. The model foretells each token from those before it, so a text is its own target, shifted by one.

# %% demo="small_stories"
can_tell = grader.ready("sequence_loss_fn", "filter_logits", "train_bpe", "decode_step")
told = stories.stories(4200)  # no two are the same; * marks what an earlier sentence has told
to_learn, to_test = told[:4000], told[4000:]
print(to_test[0])  # what is found at the end needn't be what was lost: no error, part of the game
print("stories to test that are also among those to learn:", len(set(to_learn) & set(to_test)))
if can_tell:
    pairs = train_bpe(stories.plain(" ".join(to_learn[:40])), 256)
    tokenised = [
        language.tokenise(part, split_pieces, lambda piece: bpe_encode(piece, pairs))
        for part in (to_learn, to_test)
    ]


# %% demo="train_teller"
def story_loss(params, tokens):
    """How badly each token is foretold from those before it; 4 heads."""
    logits = causal_forward(params, tokens[:, :-1], 4)
    return sequence_loss_fn(logits, {"target": tokens[:, 1:]})


if can_tell:
    learned, unseen_stories = tokenised
    teller = language.Teller(untrained, story_loss, causal_forward, unseen_stories, steps=600)
    rate = optax.warmup_cosine_decay_schedule(0.0, 8e-3, 60, 600)
    some = language.batches(learned, 600)
    for params, loss in train(story_loss, untrained, optax.adam(rate), some):
        teller.note(params, loss)
    language.curves(teller, learned)

# %% [markdown]
# **Look:** why can no model stay below the lower dashed line? And what does the model know when the steep part of the left curve is over, what does it learn afterwards?
#
# ::: Answer
# Names, things and weather were drawn by dice. Nobody can foretell dice. A fair choice between $n$ things costs $\ln n$ nats, however good the model; added up over a story and divided by its tokens, that is the lower line. Single batches may be lucky. The rest can be learned. In the steep part come the frequencies and the grammar: after *Two llamas* comes *walk*, not *walks*. Memory is another matter: the right panel shows when it comes in this run. One way to know which thing follows *Ana's* is a head that finds the earlier *Ana's* and copies what stood behind it; that takes two layers together. Heads that do so are called *induction heads* (Olsson and others, 2022). Whether this model has one, or looks at the two places where its stories name things, these curves don't say.


# %% demo="tell"
def tell(params, temperature, count=40, longest=70, seed=0):
    """Stories, written side by side, token by token, with the cache."""

    @jax.jit
    def next_tokens(tokens, cache, pos):
        logits, cache = decode_step(params, tokens, cache, pos)
        kept = filter_logits(logits, temperature=temperature, top_p=0.98)
        key = jax.random.fold_in(jax.random.key(seed), pos)
        return jax.random.categorical(key, kept), cache

    cache = init_cache(count, 1024, 2, 4, 12)  # 1024 places, 2 layers, 4 heads of width 12
    tokens, written = jnp.full(count, stories.START), []
    for pos in range(longest):
        tokens, cache = next_tokens(tokens, cache, jnp.asarray(pos))
        written.append(tokens)
    return [bpe_decode(stories.until_end(ids), pairs) for ids in np.array(written).T.tolist()]


if can_tell:
    known = set(map(stories.plain, to_learn))
    for temperature in (0.5, 1.2):
        many = tell(teller.params, temperature)
        wrong, named = np.sum([stories.wrong_owners(story) for story in many], axis=0)
        new = sum(story not in known for story in many)
        print(f"temperature {temperature}: {wrong} of {named} later owners are wrong,", end=" ")
        print(f"in {len(many)} stories, {new} of them new; the first two:")
        print(*many[:2], sep="\n", end="\n\n")
    parts = causal_forward, decode_step, init_cache, teller.params
    caching.same_text(*parts, lambda ids: bpe_decode(ids, pairs))

# %% [markdown]
# **Look:** read the stories of both temperatures slowly. Who owns what, and do names, *his* and *her*, *walk* and *walks* agree? Then compare the counts.
#
# ::: Answer
# A few stories prove nothing, so compare the two counts: every *X's thing* after the first sentence is held against what that sentence says. Who guesses between the two things is wrong half of the time. In the picture above all words before were given; here the model must live with its own slips. When slips come in, of grammar, of memory or of spelling (a token may be part of a word), one can draw others after it, because the model goes on from what it has written. (Both temperatures use the same random numbers, so their stories may begin alike.) The last two lines of text come from the same model, with and without the cache. It changes the time, not the result: logits differ by rounding (with the exact GELU by a little more, since `causal_forward` has the other one).
#
# ### A block of today
#
# Many openly published decoders (Llama 3 among them) differ from your block in these points. The block is **pre-norm**. **RMSNorm** (Zhang and Sennrich, 2019) leaves out the mean and the offset. The network is **gated**: one layer says what, another how much; with the activation SiLU, $x\cdot\operatorname{sigmoid}(x)$, that is *SwiGLU* (Shazeer, 2020). With **grouped queries** (Ainslie and others, 2023) several heads share keys and values. Its linear layers have **no biases**, and it is **causal**. Rotary positions are left out here. Ungraded.


# %% demo="modern_layers"
def rms_norm(x, scale):
    """Each position divided by the root of its mean square."""
    return scale * x / jnp.sqrt(jnp.mean(x**2, axis=-1, keepdims=True) + 1e-6)


def swiglu(x, p):
    """A gated network: `up` says what, `gate` how much of it."""
    return (jax.nn.silu(x @ p["gate"]) * (x @ p["up"])) @ p["down"]


# %% demo="modern_block"
def modern_block(p, x, heads=6, groups=2):
    """Causal attention whose heads share keys and values in groups, and a gated network."""
    normed = rms_norm(x, p["norm_1"])
    q = (normed @ p["wq"]).reshape(*x.shape[:2], heads, -1)
    k, v = ((normed @ p[name]).reshape(*x.shape[:2], groups, -1) for name in ("wk", "wv"))
    read = jax.nn.dot_product_attention(q, k, v, is_causal=True)  # head n: n // (heads // groups)
    x = x + read.reshape(x.shape) @ p["wo"]
    return x + swiglu(rms_norm(x, p["norm_2"]), p)


# %% demo="two_blocks"
import modern

if grader.ready("EncoderBlock"):
    x = jax.random.normal(jax.random.key(0), (1, 128, 192))
    p = modern.parameters(width=192, hidden=512, heads=6, groups=2)
    print("a block of today:", x.shape, "becomes", modern_block(p, x).shape)
    yours = functional(EncoderBlock, 6, 192)
    shapes = jax.eval_shape(yours.init, jax.random.key(0), x)
    rows = {"your block, if causal": (yours.apply, shapes, 2 * 192)}
    rows["a block of today"] = (modern_block, p, 2 * 2 * 32)
    modern.compare(192, 128, rows)

# %% [markdown]
# **Look:** the gated network has three matrices, yours two, and yet the block of today is the smaller one. Where does it save? And where does sharing keys pay most?
#
# ::: Answer
# Not in the network: its hidden width is 512 instead of 768, so its three matrices are as large as your two, $3\cdot 512=2\cdot 768$. It saves in $W_K$ and $W_V$, which are a third as wide. Sharing pays most in the cache: a third of the numbers for each token of each text that a computer is writing at the time. (Your encoder block can't be cached, since each row depends on later words; the number is what it would keep under a causal mask. The multiply-adds count the whole table of scores; a causal mask needs half of it.)

# %% [markdown]
# ## Discussion
#
# People read what you write. A statement earns half of the points, a reason and a look at your own figures the rest.

# %% [markdown] discussion="maps_explain" points=4
# ### {discussion}: do the maps explain the model?
# Do the attention maps *explain* the spelling model? Use one map that does and one that doesn't, and what the hidden letters and the silent heads of {ref:training} cost in your run. What do these figures settle, and which experiment of your own would settle more? (100 to 200 words; name the maps you mean.)
#
# {rubric}
#
# - **0**: no answer; or a bare yes or no; or only a description of what attention is.
# - **1**: a right statement (for example "the bright anti-diagonal shows which letter is copied, but a map is no proof") without naming two maps of the notebook, or two maps without a reason, or no figure of an experiment.
# - **2**: (a) one map that fits what the model does and why it fits, (b) one that doesn't, and why, (c) the student's own figures of an experiment that *changes* something, with what they say for or against the map; a further experiment of their own says which outcome would speak for and which against.
#
# What good answers contain:
#
# - *A map that does*: the cross-attention of the trained model, averaged over heads, for an unseen word: writing the first letter it reads the last, and so on, the anti-diagonal. It fits the task, it holds for words that weren't in the training set, and it isn't there before training.
# - *A map that doesn't*: a single head without the anti-diagonal; self-attention of the encoder or decoder; a map of the untrained layers in {ref:heads}, in which one finds "meaning" too; or the twin with the wrong mask, which spells many words right although its maps show no anti-diagonal, because the encoder does the reversing.
# - *The general point*: weights say where values are read from, not what the values contain. After an encoder, position 3 may hold news of position 5; heads are mixed by the output layer, and shortcuts go past attention. So a map is a hypothesis.
# - *The experiment of the notebook*: hiding the letter itself costs far more than hiding another one (the control), so for this model the bright squares are causes. It leaves open by which head, since one head may stand in for another, and what else is carried along.
# - *Experiments of their own* (one is enough): hide two heads at once; hide a key in one layer only; replace the weights by other ones (uniform, shuffled, the ideal anti-diagonal) and measure exact matches; change one input letter and see which outputs follow. "Look at more maps" or "train longer" is not such an experiment: mark (c) as missing.
#
# Not needed: literature. Accept "doesn't explain" as an overall verdict when (a) to (c) are there.

# %% [markdown] discussion="who_pays" points=4
# ### {discussion}: who pays for tokens?
# The same paragraph in three languages under a tokenizer trained on English (the figure after {ref:train_bpe}): who pays, and how could one change it? (100 to 200 words; quote the numbers of tokens in your figure. You may change `paragraphs` or the training text and report what happens. If you left out {ref:train_bpe}, take ours: 84, 92 and 104 tokens for the 122, 116 and 123 bytes of the English, Spanish and Quechua paragraph, with Python 3.11.)
#
# {rubric}
#
# - **0**: no answer; or a wrong reading of the figure (more bytes per token taken for dearer); or the difference put down to the languages themselves ("Quechua is more complicated").
# - **1**: right who pays (speakers of what wasn't in the training text; here Quechua first, then Spanish) or a right remedy, without reason or without figures.
# - **2**: who pays **with figures** (their own; those of the prompt, if the exercise was left out), in what they pay, why, and at least one remedy **with its price or limit**.
#
# What good answers contain:
#
# - *Figures*: about 1.45 bytes per token for English, 1.26 for Spanish, 1.18 for Quechua; 84, 92 and 104 tokens (Python 3.11; the help pages differ a little between versions, so take the student's own numbers). The token count is the fairer number: the three texts say the same in 122, 116 and 123 bytes. Quechua needs 24 % more tokens than English, Spanish 10 % more.
# - *In what they pay*: money per token, time, memory that grows with the length (dense attention: with its square), less text in a context window, and perhaps quality, as the model must put words together from single bytes.
# - *Why*: merges are chosen by frequency in the training text, and that is English. ñ, á, é, í are two bytes each that were never merged. Quechua's long words, built by suffixes (wasi-man, llamk'a-n), meet no token of their size. Names and maize are expensive in English too: the tokenizer knows manuals, not this paragraph.
# - *Remedies, each with a price*: train on a mixture in which all languages count (tokens for one language are taken from the others, if the number of merges stays); weigh small languages up (the same); more merges (a larger embedding table; with 480 merges on the same text the counts are 67, 86 and 94: everybody gains, and the gap widens, Quechua to 40 % more than English); a tokenizer or model of one's own for a language (less shared data); bytes or letters for all (equal by count of bytes, longer for everyone, still dearer for scripts with 2 to 4 bytes a letter); charging by content instead of by token.
# - *An own experiment* earns the look at figures too. Good ones are those that see the trap: a tokenizer trained on the test paragraph itself looks wonderful (40 merges learned from the Quechua paragraph alone: 59 tokens there, 118 for English) and says little; joining the three paragraphs once to 40 000 letters of English changes none of the three counts.

# %% [markdown] discussion="without_positions" points=2
# ### {discussion}: what is lost without positions?
# Which information is lost without positions? Name two ways to bring it back, with one advantage each. (40 to 100 words.)
#
# {rubric}
#
# - **0**: missing or wrong ("the meaning is lost", "the words are lost").
# - **1**: what is lost is right, but fewer than two ways, or ways without advantages.
# - **2**: what is lost, two different ways, an advantage of each that is true of that way, and one look at a figure of the notebook (the shuffled sentence, the stripes, the likeness of rows, the turning pairs).
#
# What good answers contain:
#
# - *Lost*: the order, and with it neighbourhood and distance. Attention without a mask is permutation equivariant: shuffled inputs give the same outputs, shuffled, so *dog bites man* and *man bites dog* have the same set of outputs. Which words are there is not lost. (A causal mask brings some order back. Accept that as a way, with the advantage that it costs nothing.)
# - *Ways, with advantages*: sines and cosines added at the entrance (no parameters; a row for any length; neighbours are alike from the start; dot products *of bare rows* depend on the size of the gap alone. Don't ask for the caveat, but don't give the point for "scores depend on the distance alone"); a learned table (fits the data, no formula to choose; its price, a fixed longest length, is no advantage); rotary positions (the score depends on the distance alone, in each layer; values stay untouched; no parameters); a bias on the scores by distance (few or no parameters, easy to make longer).
# - Two variants of one way (two tables of different width) count as one.

# %% [markdown]
# ## What you have built
#
# Every part of an encoder-decoder transformer, tested; a model that learned to reverse words and shows where it looks; another that reads digits; and, if you went further, a third that tells stories. Today's language models have far more layers and data, and a good deal that isn't in this notebook: training on what people prefer, a router that sends each token to a few of many networks, thousands of chips that share one model. What carries information from word to word in nearly all of them is still attention. On graphs it runs with another mask: who is whose neighbour.
