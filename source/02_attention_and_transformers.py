# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook: {title: "Attention and transformers", minutes: 100}
# ---

# %% [markdown]
# # Attention and transformers
#
# Hardly anyone translates a long sentence by reading it once and then writing from memory. We look back, each time at the words that matter for the next one. **Attention** is that look back, written as arithmetic that gradients can flow through. A **transformer** is a stack of such looks, and today's language models are transformers.
#
# Here you build one, box by box. Run the next two cells to see where each box goes.

# %% provided="setup"
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from workbook import Notebook

import helpers
import wiring

grader = Notebook()

# %% demo="journey"
wiring.journey(last_exercise=9)

# %% [markdown]
# The coloured square shows a finished model at work: the brighter a field, the more it reads of that letter. It has learned to spell words backwards. While it writes, it looks at one letter after the other, from the last to the first, and nobody told it where to look.
#
# **How to work.** Each exercise has a blank, a check and a picture. Replace the line that raises `NotImplementedError`, run the cell, then run the check under it. When the answer is right, the cell below the check draws the picture. More cases are tried after you hand in. Open the folded hints whenever you like. Nothing is downloaded, and a laptop is enough. You need practical 01: `jit`, `vmap`, `grad`, `hk.Module` and `hk.transform`.
#
# ## Conventions, from here to the end
#
# - **Letters.** $B$ is the batch, $T$ a length ($T_q$ of what asks, $T_k$ of what is read), $d$ a width ($d_m$ that of a whole attention layer), $N$ the number of heads, $d_h=d_m/N$ the width of one head. Indices start at 0, as in code.
# - **Tokens are rows.** A sentence is $X\in\mathbb R^{T\times d}$, a batch has the shape $(B, T, d)$, and a linear layer is $XW+b$. Floats are float32.
# - **Signatures show shapes.** `Float[Array, "T_q d"]` is an array of floats with the shape $(T_q, d)$. These notes are for readers; nothing enforces them.
# - **A mask says who may be read.** Rows are queries, columns are keys, *true* means *may be read*. Its shape is $(T_q, T_k)$, $(B, T_q, T_k)$ or, when it is the same for every query, $(B, 1, T_k)$.
# - **A query that may read nothing** gets weights of zero and an output of zero. Never `nan`.
# - **Padding is token 0**, the start of a sentence 1, its end 2.
# - **Names count.** Checks find parameters by name: when a contract names a layer `query`, write `hk.Linear(..., name="query")`.


# %% provided="functional"
def functional(Module, *args, **kwargs):
    """The functions init and apply of a Haiku module, for the pictures."""

    def call(*inputs, **options):
        return Module(*args, **kwargs)(*inputs, **options)

    return hk.without_apply_rng(hk.transform(call))


# %% [markdown]
# ## 1. Looking things up softly
#
# A dictionary answers one key with one value, or with an error. Attention is a dictionary that never commits itself: it compares the question with *every* key, turns the comparisons into weights that add up to one, and answers with a blend of all values. Nothing is chosen, all is weighed, and so everything has a gradient.
#
# In early neural translation models an encoder turned a sentence into hidden states, one for each word, the rows $h_i$ of $H$. Before writing a word, the decoder asked with the state it was in, $s_t$. Then
#
# $$w_t=\operatorname{softmax}(s_tH^\top),\qquad c_t=\sum_i w_{ti}\,h_i .$$
#
# The weight $w_{ti}$ says how much $s_t$ reads of $h_i$; the *context* $c_t$ is what it has read. Here the dot product judges what fits. In the translation model of Bahdanau, Cho and Bengio (2014) a small network judges, $\tanh(h_iW_1+s_tW_2)\,v^\top$; that is called *additive* attention. The same look-up, another judge.
#
# Our first dictionary is six words with hand-made vectors. Change them if you like; the pictures follow.

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
# ### Exercise 1: look something up softly
# **4 points · 10 minutes · Beginner.** Everything here is built on this one step.
#
# **Contract.** `hidden_states` ($T_h, d$), the rows $h_i$, are read; `previous_state` ($T_p, d$), a row $s_t$ for each $t$, asks. Return `weights` ($T_p, T_h$), whose rows add up to 1, and `contexts` ($T_p, d$). Scores are bare dot products, and may be as large as ±10 000. The function works under `jit` and `vmap`.
#
# *One number:* the state (0.5, 1) has the scores 0.5, 2 and 1.5 with (1, 0), (0, 2) and (1, 1). Its weights are (0.122, 0.547, 0.331), its context is (0.453, 1.425).


# %% solution="dot_product_attention"
def dot_product_attention(
    hidden_states: Float[Array, "T_h d"], previous_state: Float[Array, "T_p d"]
) -> tuple[Float[Array, "T_p T_h"], Float[Array, "T_p d"]]:
    """How much each state reads of each hidden state, and the blend that it gets."""
    ### BEGIN SOLUTION
    scores = previous_state @ hidden_states.T
    weights = jax.nn.softmax(scores, axis=-1)
    return weights, weights @ hidden_states
    ### END SOLUTION


# %% check="dot_product_attention" points=4
grader.check("dot_product_attention")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# One matrix product gives all scores. `jax.nn.softmax` has an argument `axis`.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# Three lines: scores ($T_p, T_h$), weights of the same shape, and a second matrix product.
#
# </details>
# <details><summary>Help: I get nan or inf</summary>
#
# `exp(1000)` overflows. Subtracting the largest score of a row doesn't change its softmax; `jax.nn.softmax` does so for you.
#
# </details>

# %% demo="circling_query"
if grader.ready("dot_product_attention"):
    helpers.circling_query(dot_product_attention, words)

# %% [markdown]
# **Look:** why does the orange context never leave the dashed outline of the words?
#
# <details><summary>Answer</summary>
#
# Its weights are not negative and add up to one, so it is a weighted mean of the words. Make the query longer (`length=8`) and the softmax gets sharper: the context then hurries from corner to corner. A longer query is a more certain one.
#
# </details>
#
# ## 2. Questions, keys, answers
#
# So far a word's vector had three jobs: to ask, to be found, and to be read. In *the cat slept because it was tired*, the word *it* asks who is meant, *cat* has to be found by that question, and what it hands over is what is known about the cat. One vector can hardly be all three, so each token gets three, by three learned matrices:
#
# $$Q=XW_Q+b_Q,\qquad K=XW_K+b_K,\qquad V=XW_V+b_V .$$
#
# The matrices are the same for all tokens.

# %% [markdown]
# ### Exercise 2: give every token three roles
# **4 points · 10 minutes · Beginner.** Queries ask, keys are found, values are read.
#
# **Contract.** `X` ($B, T, d$) becomes the triple `(q, k, v)`, each ($B, T$, `output_size`), by three `hk.Linear` with bias, **named** `query`, `key` and `value`. Each draws its first weights with `w_init=hk.initializers.VarianceScaling(0.5)`.
#
# *One number:* with $d=4$ and `output_size=5` the module has 6 arrays that hold 3·(4·5 + 5) = 75 numbers.


# %% solution="SequenceToQKV"
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


# %% check="SequenceToQKV" points=4
grader.check("SequenceToQKV")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `hk.Linear(width, w_init=..., name=...)` makes a layer that works on the last axis of what it is called on.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# Three layers, three calls, one tuple.
#
# </details>
# <details><summary>Help: the parameters are called linear, linear_1, linear_2</summary>
#
# Haiku numbers layers without a `name=`.
#
# </details>

# %% demo="three_roles"
if grader.ready("SequenceToQKV"):
    X = jnp.array(list(words.values()))[None]
    layer = functional(SequenceToQKV, 2)
    q, k, v = layer.apply(layer.init(jax.random.key(107), X), X)
    helpers.three_roles(words, query=q[0], key=k[0], value=v[0])

# %% [markdown]
# **Look:** walk along each dashed outline. The words come in the same order everywhere, if perhaps the other way round. Why?
#
# <details><summary>Answer</summary>
#
# A linear layer can turn, mirror, stretch and squash, but it maps lines to lines: what lies halfway between two words stays halfway between them, and what lies at the edge stays there. And a thought: one layer three times as wide, cut into three, could do the same work. Many programs do that; here the names ask for three.
#
# </details>
#
# ### Why scores are divided by √d
#
# Suppose that the entries of a query and a key are independent, with mean 0 and variance 1. Then each of the $d$ products in $q\cdot k$ has mean 0 and variance 1, so their sum has variance $d$ and a typical size of $\sqrt d$. With $d=1024$ that is 32, and the softmax of 32, −5 and 17 is all but a hard choice. Worse, its derivative $\partial w_i/\partial s_j=w_i(\delta_{ij}-w_j)$ is then close to zero for all $i$ and $j$: the layer can hardly learn. Dividing by $\sqrt d$ brings the variance back to 1, whatever the width.

# %% demo="saturation"
helpers.saturation()

# %% [markdown]
# **Look:** why divide by $\sqrt d$ and not by $d$?
#
# <details><summary>Answer</summary>
#
# The lower row hardly changes with the width, because the variance of $q\cdot k/\sqrt d$ is always 1. That of $q\cdot k/d$ is $1/d$: for large $d$ all scores would be nearly equal, and so would the weights.
#
# </details>
#
# ## 3. Who may read whom
#
# Two rules limit reading. The sentences of a batch differ in length, so the short ones are filled up with *padding*, which means nothing and must not be read. And a model that learns to write must not read the words it has yet to write: its attention is *causal*. Both rules are masks, tables with a row for each query and a column for each key, true where the query may read the key.
#
# A mask is applied to the scores, **before** the softmax, so that the keys that may be read share all the attention.

# %% demo="sentences"
sentences = ["the cat watched the birds all day", "the dog chased the cat", "we dance"]
tokens = helpers.to_tokens(sentences)  # shape (3, 7): the short ones end in padding
print(tokens)

# %% [markdown]
# ### Exercise 3: write down who may read
# **5 points · 10 minutes · Beginner.** One small function makes every mask that an encoder and a decoder need.
#
# **Contract.** `query_tokens` ($B, T_q$) and `key_tokens` ($B, T_k$) are token ids. Return booleans ($B, T_q, T_k$): true where the **key** is not `pad_id` and, with `causal=True`, its index is not larger than the query's. Whether the *query* is padding doesn't matter: nobody uses its row. The function works under `jit` with fixed keywords.
#
# *One example:* for the keys (5, 9, 0) each row is (true, true, false). With `causal=True` the row of query 0 becomes (true, false, false).


# %% solution="attention_mask"
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


# %% check="attention_mask" points=5
grader.check("attention_mask")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `key_tokens != pad_id` has no axis for the queries yet. For the triangle see `jnp.tril`, or compare two `jnp.arange`.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# `[:, None, :]` gives ($B, 1, T_k$), `jnp.broadcast_to` fills up the rows, `&` adds the second condition.
#
# </details>
# <details><summary>Help: my mask has the shape (B, 1, T_k)</summary>
#
# The contract asks for a row for each query.
#
# </details>


# %% demo="mask_gallery"
def three_masks():
    return {
        "padding": attention_mask(tokens, tokens),
        "causal": attention_mask(tokens, tokens, causal=True, pad_id=-1),
        "both": attention_mask(tokens, tokens, causal=True),
    }


if grader.ready("attention_mask"):
    helpers.mask_gallery(three_masks(), sentences)

# %% [markdown]
# **Look:** compare *causal* and *both*, word by word. Which rows differ?
#
# <details><summary>Answer</summary>
#
# Only rows of padding, which nobody uses. Padding at the end lies in the future of every word, so a causal mask hides it anyway. With padding in front, the rows of words would differ too.
#
# </details>

# %% [markdown]
# ### Exercise 4: scaled dot-product attention
# **8 points · 15 minutes · Intermediate.** In one form or another, this function runs in every layer of a transformer, so all of it is worth getting right.
#
# $$A=\operatorname{softmax}\!\Big(\frac{QK^\top}{\sqrt d}\Big),\qquad O=AV$$
#
# **Contract.** `query` (…, $T_q, d$), `key` (…, $T_k, d$) and `value` (…, $T_k, d_v$) have the same leading axes, any number of them. Return `output` (…, $T_q, d_v$) and `weights` (…, $T_q, T_k$), in this order. `mask` is `None` or broadcasts to the weights; it holds booleans or numbers, and what isn't zero may be read. A weight where the mask is false is exactly 0; the others of its row add up to 1. A row in which nothing may be read gives zeros. Values **and gradients** stay finite, in such rows too.
#
# *One number:* the query (1, 0, 2, 1) with the keys (0, 1, 0, 0), (1, 0, 1, 1) and (2, 1, 0, 0) has the scaled scores 0, 2, 1 and the weights (0.090, 0.665, 0.245). If the second key is masked, they are (0.269, 0, 0.731).


# %% solution="scaled_dot_product_attention" needs="dot_product_attention"
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


# %% check="scaled_dot_product_attention" points=8
grader.check("scaled_dot_product_attention")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `.T` reverses all axes; `jnp.swapaxes(key, -1, -2)` swaps the last two. `jnp.where(mask, scores, ...)` fills what may not be read.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# Scores; a very large negative number where nothing may be read; softmax over the keys; exact zeros where nothing may be read; a product with `value`. What happens to a row in which *all* scores are filled?
#
# </details>
# <details><summary>Help: I get nan where nothing may be read</summary>
#
# If all scores of a row are $-\infty$, the softmax is 0/0. Fill in something finite, and set the weights to zero afterwards.
#
# </details>
# <details><summary>Help: values are right, gradients are nan</summary>
#
# `jnp.where(bad, 0, f(x))` hides a `nan` from the value only: the chain rule multiplies the `nan` slope of `f` by zero, which is `nan`. Make the input of `f` harmless first.
#
# </details>

# %% demo="sentence_maps"
if grader.ready("attention_mask", "scaled_dot_product_attention"):
    X = helpers.embed(tokens, 8)  # a random vector for each word, no learned matrices yet
    masks = three_masks()
    allowed = {"no mask": jnp.ones_like(masks["padding"])} | masks
    maps = {k: scaled_dot_product_attention(X, X, X, m)[1][1] for k, m in allowed.items()}
    helpers.sentence_maps(maps, sentences[1])

# %% [markdown]
# **Look:** *the* stands in this sentence twice. Why are its two rows the same in the first two panels, and what makes them differ in the last two?
#
# <details><summary>Answer</summary>
#
# The same word has the same vector, hence the same query: the scores don't know where a word stands. The causal mask does, it gives the two places different pasts. Section 5 is about this.
#
# </details>
#
# ## 4. Several heads
#
# One attention gives each word one blend. But a word may want several things: its verb, the word before it, the name that it stands for. So transformers run $N$ attentions side by side, each with narrow queries, keys and values of its own, and mix what they find:
#
# $$\operatorname{head}_n=\operatorname{Att}(XW_Q^n,\,XW_K^n,\,XW_V^n),\qquad \operatorname{MHA}(X)=[\operatorname{head}_0,\dots,\operatorname{head}_{N-1}]\,W_O .$$
#
# (The layers have biases too.) Code needs no loop over heads. One layer makes queries of the full width $d_m$, and head $n$ takes the $n$-th slice of $d_h=d_m/N$ columns.
#
# If queries come from one sequence, keys and values from another, it is called *cross-attention*. That is how a decoder reads the sentence it translates. It has the same four layers, with weights of its own.

# %% [markdown]
# ### Exercise 5: multi-head attention
# **8 points · 25 minutes · Intermediate.** The one part of a transformer that carries information from word to word.
#
# **Contract.** Call it with `X` ($B, T, d_\text{in}$) for self-attention, or with `Q` ($B, T_q, d_1$), `K` and `V` ($B, T_k, d_2$) for cross-attention.
#
# 1. If `d_m` is not a multiple of `num_heads`, raise a `ValueError`.
# 2. **In both cases** what is given goes through linear layers named `query`, `key`, `value`, each of width `d_m`: `X` through all three, `Q`, `K` and `V` through one each. The layers are made in this module (exercise 2's has one input for all three).
# 3. Head $n$ gets the $n$-th run of `d_m // num_heads` neighbouring columns, and attends as in exercise 4.
# 4. The heads are put side by side in order, and a linear layer `output` of width `d_m` mixes them.
#
# Return the output ($B, T_q, d_m$); with `return_weights=True` the pair of it and the weights ($B, N, T_q, T_k$). All heads obey the same `mask`, of any shape from the conventions. Initialisers are free.
#
# *One number:* `X` (3, 5, 7) with 2 heads and `d_m=8` gives an output (3, 5, 8) and weights (3, 2, 5, 5). Head 0 works on columns 0–3, head 1 on columns 4–7, and scores are divided by $\sqrt 4$.


# %% solution="MultiHeadAttention" needs="SequenceToQKV scaled_dot_product_attention"
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


# %% check="MultiHeadAttention" points=8
grader.check("MultiHeadAttention")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# Exercise 4 takes any leading axes: with queries of shape ($B, N, T_q, d_h$) it does all heads at once. `X` alone means $Q=K=V=X$.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# ($B, T, d_m$) → reshape to ($B, T, N, d_h$) → swap axes 1 and 2 → attend → swap back → reshape to ($B, T, d_m$). A mask ($B, T_q, T_k$) needs an axis where the heads are.
#
# </details>
# <details><summary>Help: shapes fit, numbers don't</summary>
#
# A reshape from ($B, T, d_m$) straight to ($B, N, T, d_h$) mixes words with features. Split the last axis first, then swap.
#
# </details>
# <details><summary>Help: the mask and the scores don't broadcast</summary>
#
# Shapes are lined up from the right: in ($B, T_q, T_k$) the batch meets the heads. If $B=N$ there isn't even an error.
#
# </details>

# %% demo="four_heads"
sentence = helpers.embed(tokens[:1], 32)
heads = functional(MultiHeadAttention, 4, 32)

if grader.ready("MultiHeadAttention"):
    params = heads.init(jax.random.key(0), sentence)
    out, weights = heads.apply(params, sentence, return_weights=True)
    helpers.four_heads(weights[0], sentences[0])

# %% demo="untrained_maps"
if grader.ready("MultiHeadAttention"):
    drawn = [heads.init(jax.random.key(seed), sentence) for seed in (1, 2, 3)]
    maps = [heads.apply(p, sentence, return_weights=True)[1][0].mean(axis=0) for p in drawn]
    helpers.untrained_maps(maps, sentences[0])

# %% [markdown]
# **Look:** in each map you can find a pair of words that seems to *mean* something. What do three untrained layers say about such finds?
#
# <details><summary>Answer</summary>
#
# Nothing has been learned yet, and the pattern changes with the seed: the meaning is in the eye of the reader. Before you believe a map of a trained model, put it beside those of an untrained one, of other heads and of other sentences.
#
# </details>
#
# ## 5. Order
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

# %% [markdown]
# ### Exercise 6: waves for positions
# **4 points · 10 minutes · Beginner.** A position code that needs no learning.
#
# First, on paper: write $10000^{-2i/d}$ as an exponential.
#
# <details><summary>Answer</summary>
#
# $a^b=e^{b\ln a}$, so $10000^{-2i/d}=\exp\!\big(-\tfrac{2i}{d}\ln 10000\big)$. In this form nothing can overflow on the way, as integer powers may.
#
# </details>
#
# **Contract.** Return the table (`length`, `d_model`): row $t$ is position $t$, beginning with 0; sines in the even columns, cosines in the odd ones. An odd `d_model` raises a `ValueError`.
#
# *One number:* `sinusoidal_positions(3, 4)` has the speeds 1 and 0.01. Row 0 is (0, 1, 0, 1), row 1 is (0.8415, 0.5403, 0.0100, 0.99995).


# %% solution="sinusoidal_positions"
def sinusoidal_positions(length: int, d_model: int) -> Float[Array, "length d_model"]:
    """A row of sines (even columns) and cosines (odd columns) for each position."""
    ### BEGIN SOLUTION
    if d_model % 2:
        raise ValueError(f"sines and cosines come in pairs: d_model={d_model} is odd")
    rates = jnp.exp(-jnp.arange(0, d_model, 2) / d_model * jnp.log(10000.0))
    angles = jnp.arange(length)[:, None] * rates
    return jnp.stack([jnp.sin(angles), jnp.cos(angles)], axis=-1).reshape(length, d_model)
    ### END SOLUTION


# %% check="sinusoidal_positions" points=4
grader.check("sinusoidal_positions")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `jnp.arange(0, d_model, 2)` holds all $2i$. A column of positions times a row of speeds gives all angles.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# Angles (`length`, `d_model // 2`); then `jnp.stack` on a new last axis and `reshape`, or `table.at[:, 0::2].set(...)`.
#
# </details>
# <details><summary>Help: all sines come first, then all cosines</summary>
#
# `concatenate` does that. Here a sine and its cosine are neighbours.
#
# </details>

# %% demo="stripes"
if grader.ready("sinusoidal_positions"):
    helpers.stripes(sinusoidal_positions(60, 64))

# %% [markdown]
# **Look:** what are the slow columns good for? And why do the marks of all $s$ coincide?
#
# <details><summary>Answer</summary>
#
# The fast columns tell neighbours apart, but repeat every few steps; the slow ones tell early from late, as an hour hand does. And since $\sin a\sin b+\cos a\cos b=\cos(a-b)$, we have $PE_s\cdot PE_t=\sum_i\cos\big((s-t)\,\omega_i\big)$: only the gap $s-t$ counts. To a dot product, *two words back* looks the same everywhere.
#
# </details>

# %% [markdown]
# ### Exercise 7: learn the positions instead
# **3 points · 8 minutes · Beginner.** BERT and GPT-2 learn a table with a row for each position, and can't read beyond its end.
#
# **Contract.** One parameter `position_embedding` (`max_sequence_len`, `d_model`), drawn by `hk.initializers.TruncatedNormal(0.02)`. `sequence` is either ids ($B, T$) or vectors ($B, T, d$). Return the first $T$ rows of the table, shape ($T$, `d_model`). If $T$ is larger than `max_sequence_len`, raise a `ValueError`: slicing past the end would go wrong in silence.
#
# *One example:* a table of 9 rows of width 4 and ids of shape (2, 5) give the first five rows, shape (5, 4).


# %% solution="PositionEmbeddingsLookup"
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


# %% check="PositionEmbeddingsLookup" points=3
grader.check("PositionEmbeddingsLookup")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `hk.get_parameter(name, shape, init=...)` makes the table. One axis of `sequence` is the length, for ids and for vectors alike.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# Refuse what is too long, get the table, slice it.
#
# </details>
# <details><summary>Help: right for ids, wrong for vectors</summary>
#
# The last axis of vectors is their width.
#
# </details>

# %% demo="table_before_training"
if grader.ready("sinusoidal_positions", "PositionEmbeddingsLookup"):
    lookup = functional(PositionEmbeddingsLookup, 60, 64)
    ids = jnp.ones((1, 60), int)
    learned = lookup.apply(lookup.init(jax.random.key(0), ids), ids)
    helpers.likeness(sinusoidal_positions(60, 64), learned)

# %% [markdown]
# **Look:** what does the fixed code know that the table still has to learn?
#
# <details><summary>Answer</summary>
#
# That neighbours are alike. In the untrained table any two positions are strangers. It has to learn from data that 7 lies beside 8, and it can learn other things too.
#
# </details>
#
# ## 6. The block
#
# Attention carries information between positions. What is made of it there is the work of a small network, the same for each position. Around each of the two runs a shortcut, followed by a normalisation:
#
# $$x\leftarrow\operatorname{LN}\big(x+\operatorname{MHA}(x)\big),\qquad x\leftarrow\operatorname{LN}\big(x+\mathrm{gelu}(xW_1+b_1)\,W_2+b_2\big).$$
#
# The shortcut lets a layer *add* to what is there and gives gradients a way past it. The normalisation keeps the numbers at one size:
#
# $$\operatorname{LN}(x)=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,$$
#
# where $\mu$ and $\sigma^2$ are the mean and the variance of **one position's** $d$ features, and $\gamma$ and $\beta$ are learned. The block here is *post-norm*, as in 2017: add, then normalise. Most newer models are *pre-norm*, $x\leftarrow x+f(\operatorname{LN}(x))$, which is easier to train when there are many layers.

# %% [markdown]
# ### Exercise 8: a network for each position
# **3 points · 6 minutes · Beginner.** With the usual factor of 4, about two thirds of an encoder block's weights are in here.
#
# **Contract.** `x` (…, $d$) → (…, $d$): a linear layer `widen` to `widening_factor` · $d$, a GELU, a linear layer `shrink` back to $d$. GELU is $x\,\Phi(x)$ with the standard normal distribution function $\Phi$; `jax.nn.gelu` computes a close approximation, and both are accepted. No shortcut here: that comes next.
#
# *One number:* with $d=5$ and `widening_factor=2` there are 4 arrays with 5·10 + 10 + 10·5 + 5 = 115 numbers.


# %% solution="FeedForwardBlock"
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


# %% check="FeedForwardBlock" points=3
grader.check("FeedForwardBlock")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# The width is `x.shape[-1]`; `hk.Linear` works on the last axis.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# `widen`, `jax.nn.gelu`, `shrink`: (…, $d$) → (…, $4d$) → (…, $4d$) → (…, $d$).
#
# </details>
# <details><summary>Help: small differences everywhere</summary>
#
# Which activation do you call?
#
# </details>

# %% demo="gelu_or_relu"
if grader.ready("FeedForwardBlock"):
    x = jnp.linspace(-4, 4, 201)[:, None]
    block = functional(FeedForwardBlock, 1)
    drawn = block.init(jax.random.key(0), x)
    plain = jax.tree.map(lambda p: jnp.full_like(p, p.ndim == 2), drawn)  # weights 1, biases 0
    helpers.gelu_or_relu(x[:, 0], block.apply(plain, x)[:, 0])  # only the activation is left

# %% [markdown]
# **Look:** what can a unit with input −1 still do with GELU, but not with ReLU?
#
# <details><summary>Answer</summary>
#
# Learn. ReLU is flat there: its derivative is 0 and no gradient comes through. GELU has a slope, if a small one, and no kink at 0.
#
# </details>

# %% [markdown]
# ### Exercise 9: add, then normalise
# **3 points · 6 minutes · Beginner.** The part that makes depth possible.
#
# **Contract.** `x` and `processed_x` have the same shape (…, $d$). Return the LayerNorm of their sum over the **last axis**, as a submodule `layer_norm` with the parameters `scale` ($\gamma$) and `offset` ($\beta$); $\epsilon=10^{-5}$ stands inside the root. `hk.LayerNorm` may be used.
#
# *One number:* if the sum is (1, 2, 3, 6), its mean is 3 and its variance 3.5. The result is (−1.069, −0.535, 0, 1.604), as long as $\gamma=1$ and $\beta=0$.


# %% solution="AddNorm"
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


# %% check="AddNorm" points=3
grader.check("AddNorm")

# %% [markdown]
# <details><summary>Hint: where to look</summary>
#
# `hk.LayerNorm(axis, create_scale, create_offset, name=...)`; its ε is $10^{-5}$ already.
#
# </details>
# <details><summary>Hint: the shape of the answer</summary>
#
# A norm, called on a sum.
#
# </details>
# <details><summary>Help: two parameters are expected</summary>
#
# `hk.LayerNorm` makes a scale and an offset only when asked.
#
# </details>

# %% demo="twelve_blocks"
if grader.ready("MultiHeadAttention", "FeedForwardBlock", "AddNorm"):
    helpers.twelve_blocks(MultiHeadAttention, FeedForwardBlock, AddNorm)

# %% [markdown]
# **Look:** which of the three towers would you like to train, and what is wrong with the others?
#
# <details><summary>Answer</summary>
#
# Without shortcuts each block hands on a fraction of what it got, until next to nothing is left. With shortcuts alone the numbers grow with depth. Only with AddNorm does the last block get numbers of the same size as the first.
#
# </details>
#
# ## What comes next
#
# You have all the parts: masks, heads, positions, the network for each position, shortcut and norm. What isn't in this notebook yet is the rest of the first picture: joining the parts to an encoder and a decoder, training the pair to spell words backwards, and choosing the next letter from its logits. After that come pictures cut into tokens, and what today's language models add: byte pairs, rotary positions, attention in chunks and a cache for decoding.
