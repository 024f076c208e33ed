# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook:
#   title: "TITLE"
#   minutes: 20
#   rubric: "0 = missing or wrong, 1 = a right statement without a reason, 2 = statement and reason."
# ---

# %% [markdown]
# # TITLE
#
# What the reader will have built at the end, and why one would want it.

# %% provided="setup"
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from workbook import Notebook

import pictures

grader = Notebook()

# %% [markdown]
# **How to work.** Replace the line that raises `NotImplementedError`, run the cell, then run the check under it.
#
# ## {section:shares}. Shares
#
# ### {exercise}: scores to shares
# Scores are any numbers; what we want is shares of a whole.
#
# **Contract.** `scores` ($R, C$) become weights of the same shape. Those of each row are positive and add up to 1, in the ratio of the exponentials of the row's scores. Scores may be as large as ±10 000. The function works under `jit`.
#
# *One number:* the row (0, $\ln 3$) has the weights (0.25, 0.75).


# %% solution="softmax" points=2 minutes=10 level="beginner"
def softmax(scores: Float[Array, "R C"]) -> Float[Array, "R C"]:
    """Each row as positive numbers that add up to 1."""
    ### BEGIN SOLUTION
    largest = scores.max(axis=-1, keepdims=True)
    weights = jnp.exp(scores - largest)
    return weights / weights.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.exp`, and `.sum` with `axis` and `keepdims`.
#
# ::: Help: I get nan
# `exp(1000)` overflows. What may be subtracted from a whole row without changing its weights?

# %% demo="shares_picture"
if grader.ready("softmax"):
    pictures.shares(softmax)

# %% [markdown]
# **Look:** which of the two rows is surer of itself?
#
# ::: Answer
# The lower one: its scores are three times as far apart.

# %% [markdown] quiz="quiz" points=2 minutes=4 level="beginner"
# ### {exercise}: quiz
# One answer is right: write its letter, or the number that is asked for, into the cell below.
#
# 1. **Shift.** 5 is added to all scores of a row in {ref:softmax}. What happens to its weights?
#    - [x] They stay as they are.
#    - [ ] All of them grow. | They still add up to 1.
#    - [ ] The largest one grows. | Each exponential is multiplied by the same number, and so is their sum.
#    - [ ] They become equal. | That happens when scores are multiplied by 0.
# 2. **Equal scores.** All of eight scores are equal. How large is each weight?
#    - [=] 0.125
#    - [ ] 1 | There are eight of them, and they add up to 1.
#    - [ ] 0.5 | That would be right for two.

# %% [markdown] discussion="why_exp" points=2
# ### {discussion}: why the exponential?
# Name another function that would make shares of scores, and one thing that it does worse. (40 to 100 words.)
#
# {rubric}
#
# - *What good answers contain*: a positive function that grows, and what it loses: scores below 0, the shift that changes nothing, or gradients.
