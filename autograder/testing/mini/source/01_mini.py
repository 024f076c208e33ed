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
# ### Exercise 1: causal mask
# **2 points · 10 minutes · Intermediate.** A decoder must not look ahead.
#
# <details><summary>Hint: where to look</summary>Compare the index of a query with that of a key.</details>


# %% solution="causal_mask"
def causal_mask(scores):
    """Scores with every key after its query set to -inf."""
    ### BEGIN SOLUTION
    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)
    return jnp.where(future, -jnp.inf, scores)
    ### END SOLUTION


# %% check="causal_mask" points=2
grader.check("causal_mask")

# %% demo="mask_picture"
if grader.ready("causal_mask"):
    helpers.show(causal_mask(jnp.zeros((3, 3))))

# %% [markdown]
# ### Exercise 2: causal weights
# **3 points · 5 minutes · Beginner.** A softmax over the keys that may be seen.
#
# <details><summary>Hint: where to look</summary>The last axis holds the keys.</details>


# %% solution="causal_weights" needs="causal_mask"
def causal_weights(scores):
    """Attention weights in which no query sees the future."""
    ### BEGIN SOLUTION
    return jax.nn.softmax(causal_mask(scores), axis=-1)
    ### END SOLUTION


# %% check="causal_weights" points=3
grader.check("causal_weights")

# %% [markdown]
# ### Exercise 3: a scale module
# **1 point · 5 minutes · Beginner.** A Haiku module with one parameter.
#
# <details><summary>Hint: where to look</summary>`hk.get_parameter` makes one.</details>


# %% solution="Scale"
class Scale(hk.Module):
    """Multiplies each feature by a parameter named scale."""

    def __call__(self, x):
        ### BEGIN SOLUTION
        scale = hk.get_parameter("scale", x.shape[-1:], init=jnp.ones)
        return x * scale
        ### END SOLUTION


# %% check="Scale" points=1
grader.check("Scale")
