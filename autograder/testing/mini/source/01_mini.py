# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook: {title: "A small practical for the tests", minutes: 20}
# ---

# %% [markdown]
# # A small practical
# Three exercises that show every kind of cell.

# %% provided="imports"
import haiku as hk
import jax
import jax.numpy as jnp

import helpers
import workbook

grader = workbook.Notebook()

# %% [markdown]
# ### {exercise}: causal mask
# A decoder must not look ahead.
#
# ::: Hint: where to look
# Compare the index of a query with that of a key.


# %% solution="causal_mask" points=2 minutes=10 level="intermediate"
def causal_mask(scores):
    """Scores with every key after its query set to -inf."""
    ### BEGIN SOLUTION
    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)
    return jnp.where(future, -jnp.inf, scores)
    ### END SOLUTION


# %% check

# %% demo="mask_picture"
if grader.ready("causal_mask"):
    helpers.show(causal_mask(jnp.zeros((3, 3))))

# %% [markdown]
# ### {exercise}: causal weights
# A softmax over the keys that may be seen.
#
# ::: Hint: where to look
# The last axis holds the keys.


# %% solution="causal_weights" points=3 minutes=5 level="beginner" needs="causal_mask"
def causal_weights(scores):
    """Attention weights in which no query sees the future."""
    ### BEGIN SOLUTION
    return jax.nn.softmax(causal_mask(scores), axis=-1)
    ### END SOLUTION


# %% check

# %% [markdown]
# ### {exercise}: a scale module
# A Haiku module with one parameter.
#
# ::: Hint: where to look
# `hk.get_parameter` makes one.


# %% solution="Scale" points=1 minutes=5 level="beginner"
class Scale(hk.Module):
    """Multiplies each feature by a parameter named scale."""

    def __call__(self, x):
        ### BEGIN SOLUTION
        scale = hk.get_parameter("scale", x.shape[-1:], init=jnp.ones)
        return x * scale
        ### END SOLUTION


# %% check
