# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook:
#   title: "Reinforcement learning"
#   minutes: 180
#   rubric: "0 = absent or off topic, 1 = a correct claim without a reason or example, 2 = claim, reason and example. Length, spelling and style don't count."
# ---

# %% [markdown]
# # Reinforcement learning
#
# Nobody can tell you which muscle to move when to keep a broom upright on your hand. You try, the broom tells you how it went, and after a while you can do it. **Reinforcement learning** is learning of this kind: an *agent* acts, a number says how well things go, and no teacher says what would have been right.
#
# Here you balance a pole by guessing, by the gradient of a policy and by learned values; if you go further, also with PPO. You write the loop that learns, and find out why a run doesn't. Run the next two cells to see what an agent can do before it has learned anything, and after.

# %% provided="setup"
import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Num
from workbook import Notebook

import cartpole
import screen

grader = Notebook()

# %% demo="journey"
screen.side_by_side()

# %% [markdown]
# The agent on the right multiplies what it sees by four numbers and pushes right if the sum is positive. You will find such numbers by luck in {ref:search}, and then replace luck by gradients.
#
# **How to work.** Replace the line that raises `NotImplementedError`, run the cell, then the check under it. When the answer is right, the cell below draws a picture. More cases are tried after you hand in. Exercises {no:core} and the quiz are the core, about three hours with the reading; {no:further} go further. You need practical 01: arrays, `jit`, `vmap`, `grad`, random keys, optax, a Haiku network.
#
# ## Conventions, from here to the end
#
# - **Actions are integers** from 0 to $A-1$. In JAX they are integer arrays without axes. Rewards and values are float32.
# - **Chance comes from keys.** A function that draws gets a key, made by `jax.random.key`. The same key gives the same draw. **A key is used once**: whoever needs two draws splits it first.
# - **Signatures show shapes.** `Float[Array, "T"]` is an array of $T$ floats.
# - **Two ways to end.** `terminated`: the task itself is over, nothing can follow. `truncated`: we stopped watching, the world would have gone on. Never merge the two; {ref:values} shows what it costs.
#
# To look up later; each word is explained where it first occurs:
#
# - **Letters.** $o_t$ is the observation at step $t$, $a_t$ the action, $r_t$ the reward that follows it. $s$ is a state; in CartPole the observation tells the whole state, so we use both words. $T$ is the number of steps of an episode, $\gamma$ the discount, $\varepsilon$ the probability of exploring; small numbers that only prevent a division by 0 are called `eps`. In shapes $A$ is the number of actions; in formulas $A$ and $A_t$ are advantages. Indices start at 0, as in code.
#
# ## {section:loop}. The loop
#
# An *environment* is in some state. The agent observes it and acts, the environment answers with a reward and the next observation, and so on until the *episode* ends. The sum of its rewards is the *return*, and a rule that says how to act is a *policy*. If what comes next depends on the present state and action alone, and not on how one got there, this is a *Markov decision process* (MDP); all worlds of this notebook are.
#
# Our environment is gymnasium's `CartPole-v1`: a pole stands on a cart, hinged, and every 0.02 seconds the agent pushes the cart to the left (action 0) or to the right (action 1). Each step earns a reward of 1. If the pole tilts by more than 12° or the cart leaves the track, the episode is *terminated*. After 500 steps it is *truncated*.

# %% demo="what_it_sees"
screen.what_it_sees()

# %% [markdown]
# ### {exercise}: push where the pole falls
# The smallest policy that can balance: one weight for each number of the observation.
#
# **Contract.** `params` $w$ and `obs` $o$ have the same shape ($D$,). Return the integer 1 if $w\cdot o>0$, else 0; a product of exactly 0 gives 0. The function works under `jit` and `vmap`, so there is neither an `if` nor an `int(...)` in it.
#
# *One number:* $w$ = (1, −2, 2, −1) and $o$ = (0.1, 0, 0.2, −0.3) have the product 0.1 + 0 + 0.4 + 0.3 = 0.8, so the action is 1.


# %% solution="linear_policy" points=1 minutes=4 level="beginner"
def linear_policy(params: Float[Array, "D"], obs: Float[Array, "D"]) -> Int[Array, ""]:
    """1 (push right) if the weighted sum of the observation is positive, else 0."""
    ### BEGIN SOLUTION
    return (jnp.dot(params, obs) > 0).astype(int)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.dot` multiplies entry by entry and adds up. A comparison gives a boolean array; `.astype(int)` makes a number of it.
#
# ::: Hint: the shape of the answer
# One line: a product, a comparison, a conversion. `jnp.where(condition, 1, 0)` is another way.
#
# ::: Help: TracerBoolConversionError
# Under `jit` the value isn't known when Python meets the `if`. Compute with the comparison instead of branching on it.

# %% demo="nine_policies"
import pictures

if grader.ready("linear_policy"):
    pictures.nine_policies(linear_policy)

# %% [markdown]
# The weights for the position and velocity of the cart are 0 in all nine. **Look:** which of the other two is missed more?
#
# ::: Answer
# The angular velocity. A policy that looks at the angle alone pushes until the pole stands upright; by then it turns so fast that it falls over the other way, further each time. Whoever stops every turn at once does better, even without looking at the angle, but the pole creeps, and the cart after it, off the track: that ends the episode at 7°. Both together, positive, are best: when the pole leans or turns to the right, the cart must get under it.
#
# ### {exercise}: play an episode
#
# **Contract.** Reset `env` **once**, with `seed=seed`. In each step ask `linear_policy(params, ·)` about the **newest** observation and add the reward. Stop when the episode is terminated **or** truncated, and not before, however many steps that takes. Return the sum of all rewards as a Python float. In gymnasium `env.reset(seed=...)` returns `(observation, info)`, and `env.step(action)` returns `(observation, reward, terminated, truncated, info)`; it wants a plain `int`.
#
# *One number:* in `CartPole-v1` the weights (1, −2, 2, −1) and `seed=42` give 31 steps, a return of 31.0.


# %% solution="run_episode" points=3 minutes=8 level="beginner" needs="linear_policy"
def run_episode(env: gym.Env, params: Float[Array, "D"], seed: int | None = None) -> float:
    """The return of one episode of the linear policy."""
    ### BEGIN SOLUTION
    observation, _ = env.reset(seed=seed)
    total, done = 0.0, False
    while not done:
        action = int(linear_policy(params, observation))
        observation, reward, terminated, truncated, _ = env.step(action)
        total += float(reward)
        done = terminated or truncated
    return total
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# A `while` loop whose condition changes inside. All five values of `env.step` have a name in the contract.
#
# ::: Hint: the shape of the answer
# Reset; a total of 0.0; in the loop: action, step, add, look whether it is over; return the total.
#
# ::: Help: "step was called after the episode's end"
# There are two flags, and either ends the episode.

# %% demo="one_episode"
if grader.ready("linear_policy", "run_episode"):
    weights = jnp.array([1.0, -2.0, 2.0, -1.0])
    total = run_episode(gym.make("CartPole-v1"), weights, seed=42)
    screen.show(lambda obs: linear_policy(weights, obs), f"return {total:.0f}", seed=42, every=1)

# %% [markdown]
# **Look:** in this film time runs slowly, each picture is one step. When could you tell that the episode was lost, and what did the reward say at that moment?
#
# ::: Answer
# You see it coming many steps before the end; the reward stays at 1 until the end and then there is none. A reward says how things are, not where they are heading. That is what makes learning from it hard, and what sections {no:credit} and {no:values} are about.
#
# ### The same physics in JAX
#
# For training we want thousands of episodes, so the module `cartpole` has the same physics in JAX: `cartpole.step(state, action)` under `vmap` and `lax.scan` plays whole batches of episodes in one compiled program. Copies can be wrong, so here it is compared with gymnasium over 50 episodes.

# %% demo="cartpole_matches"
difference, flags, steps = cartpole.compare(gym.make("CartPole-v1"))
print(f"{steps} steps: largest difference {difference:.0e}, {flags} ends that differ")

# %% [markdown]
# ## {section:search}. Random search
#
# Four weights are few. Why not guess? Draw weights, play, keep the best, draw again. This is *random search*: whatever you invent later should beat it.
#
# The search remembers two things, the weights that it is trying (`current`) and the best so far (`best`).

# %% provided="ParamsContainer"
from collections import namedtuple

ParamsContainer = namedtuple("ParamsContainer", "current best")

# %% [markdown]
# ### {exercise}: try one, show the other
# An agent that searches acts with what it is trying. An agent that is examined acts with the best it has.
#
# **Contract.** Return the pair (action, `actor_state`). The action is that of `linear_policy` with `params.best` if `evaluation` is true, else with `params.current`. `actor_state` belongs to agents that remember something; here it is handed back as it came. `key` is for agents that act at random and isn't used. The function works under `jit` and `vmap`, with `evaluation` fixed.
#
# *One example:* with `current` = (1, 0), `best` = (−1, 0) and the observation (2, 5) the action is 1, and 0 with `evaluation=True`.


# %% solution="random_policy_search_choose_action" points=1 minutes=4 level="beginner" needs="linear_policy"
def random_policy_search_choose_action(
    key: Array,
    params: ParamsContainer,
    actor_state,
    obs: Float[Array, "D"],
    evaluation: bool = False,
):
    """The action of the current or, in an evaluation, of the best weights; and actor_state."""
    ### BEGIN SOLUTION
    weights = params.best if evaluation else params.current
    return linear_policy(weights, obs), actor_state
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `params.current` and `params.best` are arrays for {ref:linear_policy}.
#
# ::: Hint: the shape of the answer
# Choose the weights, call `linear_policy`, return two things. `evaluation` is a plain Python boolean, so an `if` is fine.

# %% demo="examined"
if grader.ready("random_policy_search_choose_action"):
    pictures.examined(random_policy_search_choose_action, ParamsContainer)

# %% [markdown]
# **Look:** why does the blue line never fall, while the grey dots jump about?
#
# ::: Answer
# The dots are `current`: every candidate is drawn anew and knows nothing of the one before. The line is `best`, which only changes for something better. (All candidates play the same 16 episodes here. With fresh episodes even `best` would tremble: its return is then measured anew each time.)
#
# ### {exercise}: forget and draw anew
#
# **Contract.** Return weights with the shape and dtype of `old_weights`, whose entries are independent and uniform on [`minval`, `maxval`). They depend on the key alone: the *values* of `old_weights` don't matter.
#
# *One number:* the mean of very many entries on [−2, 2) is 0, their standard deviation 4/√12 = 1.155.


# %% solution="get_new_random_weights" points=2 minutes=5 level="beginner"
def get_new_random_weights(
    random_key: Array,
    old_weights: Float[Array, "..."],
    minval: float = -2.0,
    maxval: float = 2.0,
) -> Float[Array, "..."]:
    """Uniform weights of the same shape and dtype as the old ones."""
    ### BEGIN SOLUTION
    shape, dtype = old_weights.shape, old_weights.dtype
    return jax.random.uniform(random_key, shape, dtype, minval, maxval)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.uniform` takes a key, a shape, a dtype and two bounds.
#
# ::: Hint: the shape of the answer
# One call. The old weights give a shape and a dtype.
#
# ::: Help: all entries are equal
# One draw was spread over the whole array. Ask for as many draws as there are entries.

# %% demo="histogram_of_weights"
if grader.ready("get_new_random_weights"):
    drawn = get_new_random_weights(jax.random.key(0), jnp.zeros((5000, 4)))
    pictures.histogram_of_weights(drawn)

# %% [markdown]
# **Look:** what would a bell curve do differently from these boxes?
#
# ::: Answer
# It would prefer weights near 0 and now and then give a huge one. The uniform draw treats all weights between its walls alike and never leaves them. For this policy the length of $w$ doesn't matter at all, only its direction: $2w$ acts as $w$ does.
#
# ### {exercise}: keep what was better
#
# **Contract.** `params.current` has just been played, and `memory`, what it measured, is its mean return. (The *replay memory* of {ref:values} is something else.) `learn_state` is the best mean return so far; it begins at $-\infty$. If `memory` is **larger** than `learn_state`, `best` becomes the old `current` and the state becomes `memory`; otherwise, also on a tie, both stay. In either case `current` is drawn anew with {ref:get_new_random_weights}. Return (`ParamsContainer`, state). The function works under `jit`.
#
# *One example:* with the state 30, a `memory` of 50 replaces `best` and the state becomes 50; a `memory` of 30 changes neither.


# %% solution="random_policy_search_learn" points=2 minutes=8 level="beginner" needs="get_new_random_weights"
def random_policy_search_learn(
    key: Array,
    params: ParamsContainer,
    learn_state: Float[Array, ""],
    memory: Float[Array, ""],
) -> tuple[ParamsContainer, Float[Array, ""]]:
    """The weights to try next with the best so far, and the best mean return so far."""
    ### BEGIN SOLUTION
    better = memory > learn_state
    best = jnp.where(better, params.current, params.best)
    state = jnp.where(better, memory, learn_state)
    return ParamsContainer(get_new_random_weights(key, params.current), best), state
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.where(better, a, b)` chooses between two arrays, also under `jit`.
#
# ::: Hint: the shape of the answer
# A comparison; `best` by `jnp.where`; the state by `jnp.where`; a fresh `current`; all of it in a container and a state.
#
# ::: Help: best isn't what was measured
# `memory` is the return of the *old* `current`. The fresh one has not played yet.

# %% demo="demo_random_search"
import searching

if grader.ready("run_episode", "random_policy_search_learn"):
    fast_policy = jax.jit(linear_policy)  # one compiled call a step
    found = searching.search(fast_policy, random_policy_search_learn, ParamsContainer)
    searching.history(found)
searching.landscape()

# %% [markdown]
# **Look:** the best candidate came by luck. How much luck does one need? The second picture shows what 300 candidates are worth, drawn uniformly.
#
# ::: Answer
# The title counts: a few in a hundred balance for nearly 500 steps, and about half fall within 20. (The weights of the cart's position and velocity differ too and aren't shown.) So a few hundred guesses are nearly always enough. CartPole is kind to guessing: nearly 1 in 100 untrained networks like that of {ref:credit} balances, too. On harder tasks good ones are so rare that guessing hardly ever meets one. We need a *direction* in which to change the weights. (And a warning: the best of 200 noisy measurements is flattered by its noise. With two episodes for each candidate instead of five, the winner often got fewer than 300 of 500 in fresh episodes. Choose on some episodes, report others.)
#
# ## {section}. Policies as distributions
#
# A small change of weights seldom changes an action of `linear_policy`, and then it does so in a jump: the return has no useful gradient. The way out is a policy that *draws* its action. A network $f_\theta$ computes logits, one for each action, and
#
# $$\pi_\theta(a\mid s)=\operatorname{softmax}\big(f_\theta(s)\big)_a .$$
#
# Now a small change of $\theta$ changes the probabilities a little, and with them the *expected* return. How? Take the shortest task there is, a *bandit*: one action $a$, one reward $R(a)$, the end. Then, since $\nabla\log\pi=\nabla\pi/\pi$,
#
# $$\begin{aligned}\nabla_\theta\,\mathbb E_\pi[R]&=\sum_a R(a)\,\nabla_\theta\,\pi_\theta(a)\\&=\sum_a \pi_\theta(a)\,R(a)\,\frac{\nabla_\theta\,\pi_\theta(a)}{\pi_\theta(a)}\\&=\mathbb E_\pi\big[R(a)\,\nabla_\theta\log\pi_\theta(a)\big].\end{aligned}$$
#
# The first line needs the reward of every action. The last is a mean over actions that *were taken*: play, and average. This is the *score-function* estimate.
#
# ### {exercise}: weigh a log-probability
# The quantity whose gradient points uphill.
#
# **Contract.** `action_prob` $p\in(0,1]$ and `episode_return` $R$ broadcast against each other. Return $\log p\cdot R$, entry by entry, with the natural logarithm, however small $p$ is. The function works under `jit`, `vmap` and `grad`.
#
# *One number:* $p$ = 0.5 and $R$ = 2 give −1.386.


# %% solution="compute_weighted_log_prob" points=1 minutes=3 level="beginner"
def compute_weighted_log_prob(
    action_prob: Float[Array, "..."], episode_return: Float[Array, "..."]
) -> Float[Array, "..."]:
    """The log-probability of an action, times the return that came of it."""
    ### BEGIN SOLUTION
    return jnp.log(action_prob) * episode_return
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.log` is the natural logarithm.
#
# ::: Hint: the shape of the answer
# One line. The probability alone is inside the logarithm; the return is a factor outside, so it may be negative.


# %% demo="two_arms"
def expected_reward(logits, rewards):
    return jax.nn.softmax(logits) @ rewards


def score_function(logits, rewards):
    """The mean of log π(a) R(a) over both arms, each with the probability of drawing it.

    The probabilities on the left only say how often each arm is drawn: that is data, so no
    gradient flows through them.
    """
    probs = jax.nn.softmax(logits)
    return jax.lax.stop_gradient(probs) @ compute_weighted_log_prob(probs, rewards)


if grader.ready("compute_weighted_log_prob"):
    arms = jnp.array([0.3, -0.2]), jnp.array([1.0, 2.5])
    print("gradient of the expected reward:", jax.grad(expected_reward)(*arms))
    print("mean of R ∇ log π(a), both arms:", jax.grad(score_function)(*arms))

# %% [markdown]
# **Look:** both rewards are positive, yet one logit's gradient is negative. And what would the gradient be if both arms paid 7?
#
# ::: Answer
# Probabilities add up to 1, so one arm can only gain what the other loses: what counts is whether an arm pays more than the *mean*. If both pay 7, the gradient is 0. Each single draw would still push its own arm up by 7 times something: in the mean that cancels, in a small sample it doesn't. {Ref:compute_advantages} takes out such common parts.
#
# ## {section:credit}. Credit goes to what follows
#
# An episode is many bandit steps in a row, a *trajectory* $\tau=(s_0,a_0,s_1,a_1,\dots)$. With $p$ for the world and $\pi_\theta$ for the agent, its probability is
#
# $$p_\theta(\tau)=p(s_0)\prod_t\pi_\theta(a_t\mid s_t)\;p(s_{t+1}\mid s_t,a_t).$$
#
# The logarithm makes a sum of the product, and in its gradient only the terms with $\theta$ are left: **the dynamics drop out**, so nobody needs to know them. The three lines above, for trajectories instead of arms, become
#
# $$\nabla_\theta\,\mathbb E\Big[\sum_k r_k\Big]=\mathbb E\Big[\sum_t\nabla_\theta\log\pi_\theta(a_t\mid s_t)\,\sum_k r_k\Big].$$
#
# Half of these products drop out, too. A reward from before step $t$ is fixed when $a_t$ is drawn, and the mean of $\nabla_\theta\log\pi_\theta(a_t\mid s_t)$ over $a_t$ is $\sum_a\nabla_\theta\,\pi_\theta(a\mid s_t)=\nabla_\theta\,1=0$: an action can't change the past. So it is judged by the *rewards-to-go*, here with a discount:
#
# $$G_t=\sum_{k\ge t}\gamma^{\,k-t}\,r_k .$$
#
# The discount $\gamma$ weighs rewards the less, the later they come: a reward $1/(1-\gamma)$ steps away, one *horizon*, counts about a third (1/e). With $\gamma=0.99$ that is 100 steps.
#
# ::: Why not the exact gradient?
# The exact gradient of the discounted return $\sum_t\gamma^t r_t$ would weigh step $t$ by another $\gamma^t$, as if late states hardly mattered. Like nearly everybody we leave it out. So $\gamma$ is a way to learn with less noise, at the price of a *bias*, an error that more data don't remove; what we report is the plain return.
# :::
#
# ### {exercise}: rewards that are still to come
#
# **Contract.** `rewards` ($T$,) → $G$ ($T$,), float32, with $G_t=r_t+\gamma\,G_{t+1}$ and $G_{T-1}=r_{T-1}$. Rewards may be fractions or negative. The function works under `jit` with a fixed `discount`, under `vmap` over a batch ($B, T$), for $T=1$ as for hundreds of steps, and for a discount of 0.
#
# *One number:* rewards (1, 2, 4) with $\gamma$ = 0.5 give (3, 4, 4).


# %% solution="compute_rewards_to_go" points=3 minutes=10 level="intermediate"
def compute_rewards_to_go(rewards: Float[Array, "T"], discount: float = 1.0) -> Float[Array, "T"]:
    """For each step the discounted sum of its reward and all later ones."""

    ### BEGIN SOLUTION
    def one_step_earlier(later, reward):
        to_go = reward + discount * later
        return to_go, to_go

    nothing = jnp.zeros((), jnp.float32)
    _, to_go = jax.lax.scan(one_step_earlier, nothing, rewards, reverse=True)
    return to_go
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# The recursion runs from the end. `jax.lax.scan(f, start, xs)` is a loop: `f(carry, x)` returns `(new carry, what to note)`, and the scan returns the last carry and all notes. With `reverse=True` it begins at the last `x`, and the notes still stand in the order of `xs`. A Python loop over `range(T)` is fine too.
#
# ::: Hint: the shape of the answer
# Carry $G_{t+1}$, compute $G_t$, hand it on **and** note it. The carry begins with 0.
#
# ::: Help: the first entry is right, the others aren't
# Does the discount begin anew at each $t$? The reward at $t$ itself always counts in full.

# %% demo="three_discounts"
import credit

if grader.ready("compute_rewards_to_go"):
    credit.three_discounts(compute_rewards_to_go)

# %% [markdown]
# **Look:** under which discount does the first action get credit for the last reward, and under which hardly any?
#
# ::: Answer
# With $\gamma=1$ every action gets all that follows, to the last reward. With 0.9 the last reward, 24 steps away, counts $0.9^{24}\approx0.08$ for the first action; with 0.5 nothing worth mentioning. A short horizon sees the single fat reward only from close by.
#
# ### {exercise}: draw an action
# An agent that always takes the likeliest action never learns what the others would have earned. Drawing *explores*.
#
# **Contract.** Draw one integer from 0 to $A-1$ with the probabilities $\operatorname{softmax}(\text{logits})$, `logits` ($A$,). A logit of $-\infty$ is never drawn, and large logits do no harm. The same key gives the same action, and is used once. The function works under `jit` and `vmap`.
#
# *One number:* with the logits (ln 2, 0, 0) action 0 comes in half of all draws.


# %% solution="sample_action" points=2 minutes=4 level="beginner"
def sample_action(random_key: Array, logits: Float[Array, "A"]) -> Int[Array, ""]:
    """One action, drawn with the probabilities that the logits give."""
    ### BEGIN SOLUTION
    return jax.random.categorical(random_key, logits)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.categorical` takes logits, `jax.random.choice` takes probabilities as `p`.
#
# ::: Hint: the shape of the answer
# One call. Does it want logits or probabilities?
#
# ::: Help: the frequencies are too even
# A softmax of a softmax is flatter than one.

# %% demo="three_temperatures"
if grader.ready("sample_action"):
    credit.three_temperatures(sample_action)

# %% [markdown]
# **Look:** logits are divided by a *temperature* before the draw. Which of the three agents explores most, and which learns nothing new?
#
# ::: Answer
# The one at 3 tries everything; the one at 0.3 repeats itself nine times out of ten. Early in training a policy should be undecided, later it may make up its mind. REINFORCE does this by itself: it starts with logits near 0, and learning drives them apart. How undecided a policy is, is measured by its *entropy* $-\sum_a\pi(a)\log\pi(a)$; some methods add it to what they climb, so that minds aren't made up too early.
#
# ### The loss
#
# We want to climb along $\mathbb E\big[\sum_t A_t\,\nabla_\theta\log\pi_\theta(a_t\mid s_t)\big]$, where $A_t$ is $G_t$ for now. Optimisers walk downhill, so the loss of $n$ steps is
#
# $$L(\theta)=-\frac1n\sum_t\log\pi_\theta(a_t\mid s_t)\,A_t .$$
#
# ($n$ differs from batch to batch; that changes each gradient's length, not its direction.) Its value means nothing: it doesn't measure how well the agent plays, and it may rise while the agent gets better. Only its gradient counts, and only at the $\theta$ that drew the actions. After a step of the optimiser the old actions are stale, so each batch of episodes is used once. Methods of this kind are *on-policy*. This one is called **REINFORCE** (Williams, 1992).
#
# ### {exercise}: a loss for one step
# Raise the logit of an action that paid, and the others must fall.
#
# **Contract.** `action` is an integer, `logits` ($A$,), `reward_to_go` a number, negative ones too. Return $-\log\operatorname{softmax}(\text{logits})_a\cdot G$, one number, where $G$ is `reward_to_go`. Value and gradient stay finite for logits that are 400 apart. The function works under `jit`, `grad` and `vmap` over all three.
#
# *One number:* logits (0, 0) and a reward of 3 give 3 ln 2 = 2.079, whatever the action; for action 0 the gradient is (−1.5, 1.5).


# %% solution="policy_gradient_loss" points=2 minutes=8 level="intermediate" needs="compute_weighted_log_prob"
def policy_gradient_loss(
    action: Int[Array, ""], logits: Float[Array, "A"], reward_to_go: Float[Array, ""]
) -> Float[Array, ""]:
    """The loss of one step, whose gradient makes paying actions likelier."""
    ### BEGIN SOLUTION
    return -jax.nn.log_softmax(logits)[action] * reward_to_go
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# {Ref:compute_weighted_log_prob} with a minus; but a softmax can underflow to 0, whose logarithm is $-\infty$. `jax.nn.log_softmax` takes both steps at once.
#
# ::: Hint: the shape of the answer
# Log-probabilities of all actions; the one that was taken; a product; a minus.
#
# ::: Help: I get inf or nan
# What is the logarithm of a probability that has become 0?

# %% demo="simplex"
if grader.ready("policy_gradient_loss"):
    credit.simplex(policy_gradient_loss)

# %% [markdown]
# A point stands for three probabilities: in the middle each is ⅓, and the nearer to a corner, the likelier its action. An arrow is what one step of gradient descent does.
#
# **Look:** each corner is a policy that always takes one action; action 2 pays most. Where are the arrows short, although there is still much to gain?
#
# ::: Answer
# Near the lower corners, most of all the right one: a policy that is sure takes the other actions so seldom that it hardly learns about them. The gradient with respect to logit $i$ is $\pi_i\,(R_i-\mathbb E_\pi[R])$, which vanishes with $\pi_i$. Along the lower edge, too, where action 2 is hardly ever drawn, arrows lead to action 1 rather than up. A policy that has made up its mind too early stays there for long.
#
# ### A baseline
#
# In CartPole every $G_t$ is positive, so every action that was taken is pushed up, the bad ones less. Subtracting what one could have expected anyway, a *baseline* $b(s_t)$, turns this into praise and blame. It doesn't change the expected gradient, because it doesn't depend on the action:
#
# $$\mathbb E_\pi\big[b\,\nabla_\theta\log\pi_\theta(a)\big]=b\sum_a\nabla_\theta\,\pi_\theta(a)=b\,\nabla_\theta\,1=0 .$$
#
# A good one lowers the variance: near the mean of what follows, praise and blame are small and cancel. The difference $G_t-b(s_t)$ is an *advantage*. (Where $n$ episodes still run, taking their own mean as $b$ leaves about $(n-1)/n$ of the gradient; the last one that runs gets 0.)
#
# ### {exercise}: better than expected?
#
# **Contract.** All inputs are ($B, T$): $B$ episodes, filled up to the same length. `mask` (booleans or 0/1) says which steps took place; what stands elsewhere means nothing, however large.
#
# 1. $A=G-b$, and no gradient flows into the baseline.
# 2. Standardise over **all steps that took place, of the whole batch**: $(A-\mu)/(\sigma+\mathtt{eps})$, with their mean $\mu$ and standard deviation $\sigma$ ($\sigma^2$ is the mean of the squared differences).
# 3. Elsewhere the result is exactly 0.
#
# If no step took place, or all advantages are equal up to the rounding of float32, all results are 0, never `nan`. Rounding means: $\sigma$ is less than about $10^{-5}$ of the largest $|G|+|b|$ of the steps that took place. Advantages that all lie near 1000 or 2000 are right to 0.2 %: differences are squared, not large numbers. The function works under `jit`.
#
# *One number:* if $G-b$ is ((1, 3), (5, ·)) and · didn't take place, then $\mu$ = 3, $\sigma$ = 1.633 and the result is ((−1.225, 0), (1.225, 0)).


# %% solution="compute_advantages" points=3 minutes=15 level="intermediate" needs="compute_rewards_to_go"
def compute_advantages(
    rewards_to_go: Float[Array, "B T"],
    baseline: Float[Array, "B T"],
    mask: Bool[Array, "B T"],
    eps: float = 1e-8,
) -> Float[Array, "B T"]:
    """Rewards-to-go minus a baseline, standardised over the steps that took place."""
    ### BEGIN SOLUTION
    mask = mask.astype(bool)
    count = jnp.maximum(mask.sum(), 1)
    advantages = jnp.where(mask, rewards_to_go - jax.lax.stop_gradient(baseline), 0.0)
    mean = advantages.sum() / count
    centred = jnp.where(mask, advantages - mean, 0.0)
    std = jnp.sqrt((centred**2).sum() / count)
    size = jnp.where(mask, jnp.abs(rewards_to_go) + jnp.abs(baseline), 0.0).max()
    centred = jnp.where(std > 1e-5 * size, centred, 0.0)  # what is less is rounding
    return centred / (std + eps)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.lax.stop_gradient`. `jnp.mean` and `jnp.std` have an argument `where=`, but what do they give if nothing is left? A sum divided by `jnp.maximum(count, 1)` is always a number.
#
# ::: Hint: the shape of the answer
# Difference; zeros where nothing took place; count; mean; differences from it, again zeros where nothing took place; root of their mean square; quotient, zeros if that is only rounding.
#
# ::: Help: seven equal advantages give 0.4
# The computed mean of seven advantages of 0.1 isn't exactly 0.1. What is left after subtracting it is rounding, and a deviation of the same size makes numbers near 1 of it. Either see to it that nothing is left (subtract one of the steps from all first: equal numbers leave exactly 0), or count so small a $\sigma$ as none. A fixed bound for $\sigma$ won't do: advantages of $10^{-7}$ may differ in earnest.
#
# ::: Help: padding shows in my results
# Twice: in the statistics, if they see it, and in the result, if $(0-\mu)/\sigma$ is left there.

# %% demo="one_episode_in_three_ways"
if grader.ready("compute_rewards_to_go", "compute_advantages"):
    credit.three_ways(compute_rewards_to_go, compute_advantages)

# %% [markdown]
# **Look:** in which step of the short episode is the blame largest, and why there?
#
# ::: Answer
# Near its end: little is left to come, while the other episodes still have a long way to go. Its first steps are blamed less: the fall is still far away. The long episode is praised as long as others are falling. The reward, 1 a step for both, says nothing of all that.
# :::
#
# ### REINFORCE, put together
#
# A network of 1 282 numbers gives two logits. `collect` plays 16 episodes at once: it returns `"obs"`, `"action"`, `"reward"` and `"mask"`, arrays whose first axes are (16, 500); after the end of an episode the reward is 0 and the mask is false. So $G_t$ counts the limit of 500 as an end, against our own rule: without learned values there is nothing to put in its place. The baseline, at step $t$ the mean of $G_t$ over the episodes that still run, takes most of that out, since these are all cut at the same step.
#
# Under the functions you see the gradients of an untrained network in 200 batches (cut at 100 steps), with three kinds of factors in the loss: the bare $G_t$, $G_t$ minus the baseline, and that standardised. The *cosine* of two gradients is 1 if they point the same way, 0 if they are perpendicular.

# %% provided="reinforce_tools"
import optax

import training

policy = training.policy_network()  # hk.nets.MLP([32, 32, 2], activation=jnp.tanh)


def collect(key, params, steps=500):
    """16 episodes of CartPole, whose actions are drawn from the network's logits."""

    def act(key, obs):
        return sample_action(key, policy.apply(params, obs))

    return cartpole.rollout(act, key, training.EPISODES, steps)


def rewards_to_go(rewards):
    """Your function for a batch (B, T)."""
    return training.sums_by_step(lambda row: compute_rewards_to_go(row, 0.99), rewards)


def better_than_expected(to_go, mask):
    baseline = training.mean_of_those_that_run(to_go, mask)
    return compute_advantages(to_go, baseline, mask)


def reinforce_loss(params, batch, weigh=better_than_expected):
    """The mean loss of the steps that took place, each weighed by its advantage."""
    mask = batch["mask"]
    to_go = rewards_to_go(batch["reward"])
    logits = policy.apply(params, batch["obs"])
    each_step = jax.vmap(jax.vmap(policy_gradient_loss))
    losses = each_step(batch["action"], logits, weigh(to_go, mask))
    return (losses * mask).sum() / mask.sum()


# %% demo="noise_of_gradients"
from functools import partial


def minus_baseline(to_go, mask):
    return to_go - training.mean_of_those_that_run(to_go, mask)


factors_of = {
    "rewards_to_go": lambda to_go, mask: to_go,
    "minus_a_baseline": minus_baseline,
    "standardised": better_than_expected,
}
losses = {name: partial(reinforce_loss, weigh=weigh) for name, weigh in factors_of.items()}

if can_learn := grader.ready("sample_action", "policy_gradient_loss", "compute_advantages"):
    credit.noise_of_gradients(collect, losses)

# %% [markdown]
# **Look:** which of the two steps makes gradients agree, and what does the other one do?
#
# ::: Answer
# Subtracting the baseline does: without it *all* actions taken are pushed up, and what they have in common cancels only in the mean over many batches. Standardising divides a whole batch by one number. That changes the length of its gradient and not its direction (the batch's mean, which it also takes off, is 0 already: the baseline is the mean at each step), so that one step size suits early and late batches.
#
# ### {exercise}: close the loop
# What is missing is what makes it learn: play, improve, play again.
#
# **Contract.** `collect(key, params)` plays episodes and returns a dictionary of arrays; its `"reward"` ($B, T$) is 0 after an episode's end. `loss_fn(params, batch)` is one number. The optimiser is one of optax; begin with `optimizer.init(params)`. Each of `num_updates` updates
#
# 1. collects **once**, with the **newest** parameters and a key that nothing else uses, before or after;
# 2. takes the gradient of `loss_fn` with respect to the parameters. The batch is data: no gradient flows through `collect`;
# 3. calls `optimizer.update(gradient, state, params)`, which returns changes and the next state, and adds the changes.
#
# Return the pair of the last parameters and the mean returns, float32 (`num_updates`,): for each update the mean over the episodes of its batch of their sums of rewards. After 0 updates these are the parameters that came in, and an empty array. `params` may be any nest of arrays. The same key gives the same training. Both functions work under `jit`; yours needn't: a Python loop is fine.
#
# *One number:* begin at $p$ = 0 with `optax.sgd(0.25)`, the loss $(p-3)^2$ and a batch whose rewards are always ((1, 2), (3, 0)). Two updates lead to $p$ = 2.25, with the mean returns (3, 3).


# %% solution="train_reinforce" points=4 minutes=15 level="intermediate"
def train_reinforce(
    key: Array, params, optimizer: optax.GradientTransformation, collect, loss_fn, num_updates: int
):
    """The parameters after the updates, and the mean return of each update's episodes."""
    ### BEGIN SOLUTION
    state, mean_returns = optimizer.init(params), []
    for _ in range(num_updates):
        key, now = jax.random.split(key)
        batch = collect(now, params)
        gradient = jax.grad(loss_fn)(params, batch)
        changes, state = optimizer.update(gradient, state, params)
        params = optax.apply_updates(params, changes)
        mean_returns.append(batch["reward"].sum(axis=1).mean())
    return params, jnp.array(mean_returns)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.split`, `jax.grad(loss_fn)(params, batch)`, `optax.apply_updates(params, changes)`. `jnp.array` makes one array of a list of numbers.
#
# ::: Hint: the shape of the answer
# Before the loop: a state and an empty list. In it: two keys of one, batch, gradient, changes with the next state, parameters, a number for the list.
#
# ::: Help: right after one update, wrong after two
# Three things change from update to update: the key, the parameters, the optimiser's state. Which of yours is still the old one?
#
# ::: Help: KeyReuseError
# A key that was split is used up. Of the two keys that `jax.random.split` gives, one is for this round and the other one is split in the next.


# %% demo="demo_reinforce"
def learn(loss_fn):
    """Your loop from the beginning, 60 updates, for each of three seeds."""
    fast_collect, fast_loss = jax.jit(collect), jax.jit(loss_fn)
    trained = []
    for seed in range(3):
        first, rest = jax.random.split(jax.random.key(seed))
        params = policy.init(first, jnp.zeros(4))
        adam = optax.adam(1e-2)
        trained.append(train_reinforce(rest, params, adam, fast_collect, fast_loss, 60))
    return training.gather(trained)


if can_reinforce := can_learn and grader.ready("train_reinforce"):
    reinforced = learn(reinforce_loss)
    training.learning_curves(reinforced)
    likeliest = training.greedy_policy(reinforced.params[0])
    screen.show(likeliest, "REINFORCE, likeliest action", seed=11)

# %% [markdown]
# In the curve the actions are drawn, as in training. In the film and in the *greedy evaluation*, the line printed, the likeliest action is taken. Say which of the two you report: they can differ, most of all in the middle of training.
#
# And the baseline? The same training, with the same step size, under the three kinds of factors:

# %% demo="without_baseline"
if can_reinforce:
    others = {name: learn(losses[name]) for name in ("rewards_to_go", "minus_a_baseline")}
    training.compare_factors(**others, standardised=reinforced)

# %% [markdown]
# **Look:** does the baseline decide whether the agent learns? Does standardising?
#
# ::: Answer
# All of them learn. With the bare $G_t$ some seeds fall back on the way or end below 500; with a baseline they hardly do, because each step follows fewer accidents. Standardising adds little here: Adam divides by the size of recent gradients anyway. With plain gradient descent, or one step size for several tasks, it matters more. Three seeds are few: of the six that we tried, several ended below 480 without a baseline, and none with one. A curve of one seed could tell either story.
#
# ## {section:values}. Values instead of policies
#
# REINFORCE uses every step once and forgets it. Could we learn from old steps too, also from those of another policy, that is *off-policy*? We can, if we learn something that is true whoever acted. Let $Q^*(s,a)$ be the *expected* discounted return of taking $a$ in $s$ and acting in the best possible way ever after. With a prime for what comes next ($s'$, $a'$), it satisfies Bellman's equation
#
# $$Q^*(s,a)=\mathbb E\big[\,r+\gamma\,(1-d)\,\max_{a'}Q^*(s',a')\,\big],$$
#
# where $d$ is 1 if the step **terminated** the episode and 0 otherwise. Whoever knows $Q^*$ acts best by taking the largest of $A$ numbers.
#
# A deep Q-network, *DQN* (Mnih and others, 2015), learns it with three helpers. A *replay memory* keeps transitions $(s,a,r,d,s')$ and hands out random ones, over and over. The right side of the equation contains what is to be learned: an estimate leans on another estimate, it is *bootstrapped*. A *target network*, an old copy, computes it, so that the target doesn't move with every step. And an *ε-greedy* policy makes sure that everything is tried.
#
# ### {exercise}: take the best
#
# **Contract.** `q_values` ($A$,) → the index of the largest, an integer. On a tie the lowest index wins. It works under `jit` and `vmap`.
#
# *One example:* (0.5, 2, 2, −1) gives 1.


# %% solution="select_greedy_action" points=1 minutes=2 level="beginner"
def select_greedy_action(q_values: Float[Array, "A"]) -> Int[Array, ""]:
    """The action with the largest value."""
    ### BEGIN SOLUTION
    return jnp.argmax(q_values)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# There is a function that gives the place of the maximum, not the maximum.
#
# ### {exercise}: how far from the target?
#
# **Contract.** `pred` and `target` broadcast against each other. Return the squares of their differences, entry by entry: no factor ½, no mean. The function works under `jit`, `vmap` and `grad`.
#
# *One number:* `pred` 1 and `target` 4 give 9.


# %% solution="compute_squared_error" points=1 minutes=2 level="beginner"
def compute_squared_error(
    pred: Float[Array, "..."], target: Float[Array, "..."]
) -> Float[Array, "..."]:
    """The square of the difference, entry by entry."""
    ### BEGIN SOLUTION
    return (pred - target) ** 2
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.square`, or `** 2`.
#
# ### {exercise}: what should the value be?
#
# **Contract.** `reward` $r$ and `done` $d$ are numbers, `next_q_values` ($A$,) are the values of the next state. Return $r+\gamma\,(1-d)\max_{a'}Q(s',a')$. `done` means **terminated** and may be a boolean, an integer or a float. All values may be negative. The function works under `jit` and `vmap`.
#
# *One number:* reward 1, next values (2, 5, 3) and $\gamma$ = 0.9 give 5.5; if the step terminated, 1.


# %% solution="compute_bellman_target" points=2 minutes=6 level="beginner"
def compute_bellman_target(
    reward: Float[Array, ""],
    done: Num[Array, ""],
    next_q_values: Float[Array, "A"],
    discount: float = 1.0,
) -> Float[Array, ""]:
    """The reward, and the discounted best value of the next state unless the episode terminated."""
    ### BEGIN SOLUTION
    goes_on = 1.0 - jnp.asarray(done, jnp.float32)
    return reward + discount * goes_on * jnp.max(next_q_values)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.asarray(done, jnp.float32)` makes a number of any flag. `jnp.where(done, ..., ...)` works as well.
#
# ::: Hint: the shape of the answer
# Reward plus three factors. Which of them vanishes at the end?
#
# ::: Help: wrong when all values are negative
# Is there a 0 among the numbers whose maximum you take?
# :::
#
# In the picture below there are three states in a row; going right from the last one ends the episode and pays 1, nothing else pays. (Its next state is stored as itself, since something must stand there.) The table starts with zeros, and each *sweep* sets all entries to their targets.

# %% demo="corridor"
import values

if grader.ready("compute_bellman_target"):
    values.corridor(compute_bellman_target)

# %% [markdown]
# **Look:** why are the last two tables equal, and what would happen if `done` were ignored?
#
# ::: Answer
# The table equals its own targets: it solves Bellman's equation, 1, 0.9, 0.81, …, each state a factor $\gamma$ from the next. With `done` ignored the last state would follow itself and collect the reward for ever: its value would grow to $1/(1-\gamma)=10$, and everybody would believe it.
#
# ### What it costs to merge the two ways to end
#
# In CartPole a pole that is well balanced could go on for ever; at $\gamma=0.99$ that is worth 100. Count the time limit as an end, and the same state is worth about 100 early and 1 in the last step. An agent that doesn't see the time learns one value for both, $Q=1+\gamma\,\frac{499}{500}\,Q$: one step in 500 is stored as an end.

# %% demo="merged_ends"
goes_on = 499 / 500  # the mean of 1 - d over the steps of a full episode
merged = 1 / (1 - 0.99 * goes_on)
print(f"learned value with the time limit as an end: {merged:.0f} instead of 100")

# %% [markdown]
# So in the memory $d$ is `terminated`, and nothing else.
#
# ### {exercise}: a loss for one transition
#
# **Contract.** Return the squared error ({ref:compute_squared_error}) between $Q(s,a)$, the entry of `q_values` ($A$,) for the `action` taken, and the target of {ref:compute_bellman_target}. **No gradient flows through the target**: it is data, as a label is. The function works under `jit`, `grad` and `vmap`.
#
# *One number:* values (1, 2), action 0, reward 1, not done, next values (0, 3), $\gamma$ = 0.5: the target is 2.5, the loss 2.25, and the gradient with respect to the values (−3, 0).


# %% solution="q_learning_loss" points=2 minutes=8 level="intermediate" needs="compute_squared_error compute_bellman_target"
def q_learning_loss(
    q_values: Float[Array, "A"],
    action: Int[Array, ""],
    reward: Float[Array, ""],
    done: Num[Array, ""],
    next_q_values: Float[Array, "A"],
    discount: float = 1.0,
) -> Float[Array, ""]:
    """The squared error of the value of the action taken."""
    ### BEGIN SOLUTION
    target = compute_bellman_target(reward, done, next_q_values, discount)
    return compute_squared_error(q_values[action], jax.lax.stop_gradient(target))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `q_values[action]` works with a traced `action` too. `jax.lax.stop_gradient` makes data of a value.
#
# ::: Hint: the shape of the answer
# Target, without gradient; one entry; {ref:compute_squared_error}.

# %% demo="one_transition"
if grader.ready("q_learning_loss"):
    values.one_transition(q_learning_loss)

# %% [markdown]
# **Look:** the arrows show what gradient descent does. Why is there no move to the left or to the right?
#
# ::: Answer
# The transition tells what came of action 1 and says nothing about action 0. With a network both values share weights, so that action 0 moves a little after all. That is how it generalises, and one reason why deep Q-learning is less stable than a table.
#
# ### {exercise}: any action
#
# **Contract.** Return an integer from 0 to `num_actions` − 1, all equally likely. `num_actions` may be a traced value, as under `jit` and `vmap`. The same key gives the same action, and is used once.
#
# *One number:* with 5 actions each comes in a fifth of all draws.


# %% solution="select_random_action" points=1 minutes=3 level="beginner"
def select_random_action(key: Array, num_actions: int) -> Int[Array, ""]:
    """One of the actions, each as likely as the others."""
    ### BEGIN SOLUTION
    return jax.random.randint(key, (), 0, num_actions)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.randint(key, shape, minval, maxval)`; `maxval` itself is never drawn.
#
# ::: Help: my result has the shape (1,)
# A number without axes has the shape `()`.
#
# ### {exercise}: explore less and less
# At first the agent knows nothing and should try everything. Later it should use what it knows, but never stop trying.
#
# **Contract.** Return $\varepsilon(t)=\max(\text{final},\,1-t/\text{decay\_steps})$ with $t$ = `num_timesteps`, a number, an array or a traced value.
#
# *One number:* by default $\varepsilon$ is 1 at 0, 0.5 at 1500, and 0.1 from 2700 on.


# %% solution="get_epsilon" points=1 minutes=4 level="beginner"
def get_epsilon(
    num_timesteps: Num[Array, "..."], decay_steps: int = 3000, final: float = 0.1
) -> Float[Array, "..."]:
    """The probability of a random action: a line down from 1, then flat."""
    ### BEGIN SOLUTION
    return jnp.maximum(final, 1.0 - num_timesteps / decay_steps)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.maximum` compares two values, also arrays; `max` of Python doesn't work on traced values.
#
# ::: Hint: the shape of the answer
# One line. At 10⁶ steps, is the result still a probability?

# %% demo="fading"
if grader.ready("get_epsilon"):
    values.fading(get_epsilon)

# %% [markdown]
# **Look:** why is there a floor at all?
#
# ::: Answer
# The greedy policy changes while values are learned, and so do the states that it meets. Without a few random actions the memory would fill up with what the agent already does, and it would never hear that something else has become better.
#
# ### {exercise}: mostly the best, sometimes any
#
# **Contract.** With probability $\varepsilon(t)$ of {ref:get_epsilon} (its defaults) return a random action (the greedy one included), otherwise the greedy one. The coin and the random action are two draws, so **split the key**. The function works under `jit` and `vmap`, and `num_timesteps` may be traced.
#
# *One number:* with two actions at $t$ = 1500, the greedy action comes with probability $1-\varepsilon+\varepsilon/2$ = 0.75.


# %% solution="select_epsilon_greedy_action" points=2 minutes=8 level="intermediate" needs="select_greedy_action select_random_action get_epsilon"
def select_epsilon_greedy_action(
    key: Array, q_values: Float[Array, "A"], num_timesteps: Int[Array, ""]
) -> Int[Array, ""]:
    """Usually the greedy action; with probability ε(t) a random one."""
    ### BEGIN SOLUTION
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < get_epsilon(num_timesteps)
    anything = select_random_action(action_key, q_values.shape[0])
    return jnp.where(explore, anything, select_greedy_action(q_values))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.split(key)` gives two keys. `jax.random.uniform(key)` is below $\varepsilon$ with probability $\varepsilon$.
#
# ::: Hint: the shape of the answer
# Two keys; a coin; both candidates; `jnp.where` chooses.
#
# ::: Help: KeyReuseError
# A key went into two draws, or was split *and* used. Two draws from one key may be related: when the coin says *explore*, the action is no longer free. After `a, b = jax.random.split(key)` use `a` and `b`, and `key` never again.

# %% [markdown]
# ### DQN balances
#
# Twelve thousand times: eight environments make a step each, ε-greedy, into a memory of 50 000; 64 of the remembered transitions make the loss below; Adam takes a step. Four things stand in no equation and yet matter much. **Rewards** are multiplied by $1-\gamma$, so that values lie between 0 and 1. **Observations** are divided by about their largest size (`cartpole.SCALE`) before they enter the network, two layers of 64. The **target network** is copied every 100 updates. And $\varepsilon$ **counts updates**: it has reached 0.1 after 2 700 of them.

# %% demo="demo_dqn"
import qlearning

network = qlearning.q_network()


def dqn_loss(params, target_params, batch):
    """Your loss for remembered transitions, with the target network's values."""
    q = network.apply(params, batch["obs"])
    q_next = network.apply(target_params, batch["next_obs"])
    reward = (1 - 0.99) * batch["reward"]
    each = jax.vmap(lambda *transition: q_learning_loss(*transition, 0.99))
    return each(q, batch["action"], reward, batch["terminated"], q_next).mean()


if can_dqn := grader.ready("q_learning_loss", "select_epsilon_greedy_action"):
    # Adam's steps shrink from 0.002 to 0.0001, and gradients longer than 10 are cut
    learned = qlearning.deep_q_learning(dqn_loss, select_epsilon_greedy_action)
    qlearning.curve(learned)

# %% [markdown]
# Every 500 updates the greedy policy plays 16 episodes. The best of these checkpoints is kept and examined on *other* episodes; the curve's own largest point would flatter it.
#
# **Look:** where does the curve fall most? What would you have said of DQN, had training been stopped there?
#
# ::: Answer
# That it had forgotten what it knew. The curve rises, falls and rises again. Each update moves all values a little, the policy takes the larger of two numbers that are close to each other, and so a small change of values can turn the action in many states at once. Where and how deep it falls differs from seed to seed and from machine to machine, and so does whether the last policy is as good as the kept one. A dip of one look may be no more than that. A fall that lasts means that values were wrong in many states, and targets that lean on them kept them so. Whoever looks at one point of one run can conclude anything.

# %% demo="dqn_plays"
if can_dqn and can_reinforce:
    qlearning.beside_reinforce(learned, reinforced)
if can_dqn:
    screen.show(qlearning.greedy_policy(learned.params), "DQN, greedy", seed=11)
    qlearning.value_map(learned)

# %% [markdown]
# The two curves aren't measured alike: one draws its actions, the other is greedy. Keep their picture for discussion 2. In the last picture the dots are states of four of the agent's own episodes. **Look:** which part of the map do these episodes visit, and what does the network say about the rest?
#
# ::: Answer
# A patch in the middle. (The map is for a cart at rest in the middle of the track; the dots have other positions, too.) Everywhere else the network continues what it learned there and in its early, clumsy episodes. So values may pass 1 or fall below 0, which no pole can be worth, or promise far less than 1 where the pole in fact stays up; which of these you see differs from run to run. A map of $Q$ is what the network *says*, not what is true. A straight border would do, that of {ref:linear_policy}: push right when *angle times something plus angular velocity times something* is positive. Nobody told the network that a line is enough; it could also learn a border that isn't one.
#
# ### A run that doesn't learn
#
# Programs that learn seldom crash. What is wrong shows in curves, if at all. Here is the loss of a DQN for a whole batch, written in a hurry. Three lines of it are wrong.


# %% provided="broken_dqn_loss"
def broken_dqn_loss(params, target_params, q_network, batch, discount=0.95):
    """The mean squared error of a batch of transitions, with three faults."""
    q = q_network(params, batch["obs"])  # (B, A)
    q_next = q_network(target_params, batch["next_obs"])  # (B, A)
    goes_on = 1.0 - (batch["terminated"] | batch["truncated"])
    targets = batch["reward"] + goes_on * q_next.max(axis=1)
    chosen = q.max(axis=1)
    return ((chosen - jax.lax.stop_gradient(targets)) ** 2).mean()


# %% [markdown]
# To find out quickly we train for 2500 updates only, with a short horizon, $\gamma=0.95$. While training, episodes are truncated after 30 steps; the greedy policy is examined for up to 200. Rewards are scaled so that a pole that never falls is worth 1. The blue lines are a run as it should be, stored with this notebook; two seeds each.

# %% demo="broken_run"
import debugging

broken = debugging.run(broken_dqn_loss)
debugging.curves(broken=broken, good=debugging.good_run())

# %% [markdown]
# **Look:** before you read the code again: what do the three panels say about the broken run? Which faults could they come from?
#
# ::: Answer
# The greedy agent falls after about ten steps, look after look, sooner than a random one (about twenty): it takes the worse action again and again, as if it had never been told which action led where. That fault hides the others: while the pole falls at once, hardly anything is truncated, and nothing far away is worth anything. Repair it first, then look at the middle panel: values that climb far past 1, to 2 or 3, promise more than there is (the good run ends a few hundredths above 1: the maximum flatters, {ref:repairs}); values that level off clearly below 1 promise less.
# :::
#
# ### {exercise}: repair it
# After each repair run the function, then in a new cell `debugging.curves(broken=broken, mine=debugging.run(repaired_dqn_loss))`; it needs no right answer.
#
# **Contract.** What `broken_dqn_loss` should have been: the mean over the batch of the squared errors of {ref:q_learning_loss}. `q_network(params, obs)` gives the values ($B, A$) of a batch of observations ($B, D$). `batch` holds `"obs"` and `"next_obs"` ($B, D$), the actions taken `"action"` ($B$,), `"reward"` ($B$,), and the booleans `"terminated"` and `"truncated"` ($B$,), which may both be true; the first one alone is the $d$ of Bellman's equation. Targets are computed with `target_params` and are data: gradients flow into `params` only. $B$, $D$ and $A$ are any sizes, `discount` is any number from 0 to 1. The function works under `jit` and `grad`, whatever the network.
#
# *One number:* in two transitions the values are (1, 2), the action 0, the reward 1, the next values (0, 3) and $\gamma$ = 0.5; only the second terminated. Their squared errors are 2.25 and 0, so the loss is 1.125. If the first was truncated, nothing changes.


# %% solution="repaired_dqn_loss" points=3 minutes=12 level="intermediate" needs="compute_bellman_target q_learning_loss"
def repaired_dqn_loss(
    params, target_params, q_network, batch: dict, discount: float = 0.95
) -> Float[Array, ""]:
    """The mean squared error of a batch of transitions."""
    ### BEGIN SOLUTION
    values = q_network(params, batch["obs"])
    next_values = q_network(target_params, batch["next_obs"])
    goes_on = 1.0 - batch["terminated"]
    targets = batch["reward"] + discount * goes_on * next_values.max(axis=1)
    taken = jnp.take_along_axis(values, batch["action"][:, None], axis=1)[:, 0]
    errors = taken - jax.lax.stop_gradient(targets)
    return jnp.square(errors).mean()
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# Copy the broken function and change its name. Compare it, line by line, with {ref:compute_bellman_target} and {ref:q_learning_loss}.
#
# ::: Hint: the shape of the answer
# Six lines as before; three of them change: what ends an episode for the target, what of the next state's value counts, whose value is moved. `jnp.take_along_axis`, or `q[rows, actions]` with `rows = jnp.arange(B)`, takes one value of each row. {Ref:q_learning_loss} under `vmap` is another way.
#
# ::: Help: the returns rise, but the values don't settle near 1
# Far above 1, 2 or more, and still climbing: what in the target keeps growing? Level at about 0.7: what happens to the value of a good state in the thirtieth step?

# %% demo="repaired_run"
if grader.ready("repaired_dqn_loss"):
    repaired = debugging.run(repaired_dqn_loss)
    debugging.curves(broken=broken, repaired=repaired)

# %% [markdown]
# **Look:** would the loss alone have shown that something was wrong?
#
# ::: Answer
# Beside a good run, yes: it is several times larger. But who has a good run to compare with? Alone the curve says little: targets are computed by the network itself, so a loss has no value that it *ought* to have, and it may rise while an agent gets better. With a missing discount alone the agent plays about as well as a good one while its values go to 3. So plot what has a known scale, too: values against the most that there can be, and steps against the limit. And run a second seed before you believe a curve.
#
# ## Quiz
#
# Seven new cases. Which answers are right, and why, you learn after you hand in.

# %% [markdown] quiz="quiz" points=7 minutes=12 level="beginner"
# ### {exercise}: quiz
# For each question one answer is right: write its letter, or the number that is asked for, into the cell below.
#
# 1. **A maze.** Each step costs 1 (a reward of −1) until a robot finds the way out. After 200 steps an episode is truncated, and someone stores that as `done`. What happens to the values of states far from the way out, with $\gamma$ near 1?
#    - [x] They get too high: being cut off looks as good as getting out.
#    - [ ] They get too low: the robot is punished for being slow. | Nobody pays anything for the time limit; as an end it stops the costs.
#    - [ ] They stay right, since the time limit is part of the task. | The robot would still have to pay for every further step to the way out; the target leaves that away.
#    - [ ] They aren't affected, since nothing is paid in that step. | The step's own reward is right. What is missing is all that would have followed.
# 2. **A raise.** All episodes of a game last exactly 20 steps. Rewards used to lie between 0 and 1; now 100 is added to each. What happens to the gradient of REINFORCE without a baseline?
#    - [x] Its expectation stays the same, its variance gets larger.
#    - [ ] Its expectation grows about a hundredfold, so learning gets faster. | The mean of ∇ log π is 0 in each state: a constant times it vanishes in expectation.
#    - [ ] Each batch gives the same gradient as before. | Only the expectation is the same. In each batch every action drawn is pushed up by far more.
#    - [ ] Its expectation now favours long episodes. | It would if they could get longer; here each lasts 20 steps.
# 3. **Costs only.** Two arms pay −1 and −3. The agent draws the better arm and makes one REINFORCE step, without a baseline. What happens?
#    - [x] The better arm becomes less likely: the step is right in expectation only.
#    - [ ] The better arm becomes likelier, because −1 is more than the mean. | Nobody has subtracted the mean: a reward of −1 counts as blame.
#    - [ ] Both arms become less likely, because both cost. | Probabilities add up to 1: one arm gains what the other loses.
#    - [ ] Nothing changes, because the better arm was drawn. | The gradient of log π isn't 0 for the arm that was drawn, and its weight is −1.
# 4. **Horizon.** A treatment is chosen anew each week, and its effects show within a year. For which $\gamma$ is the horizon 52 steps? (Three decimals.)
#    - [=] 0.981 ± 0.002
#    - [ ] 0.019 | That is 1 − γ.
#    - [ ] 0.99 | There the horizon is 100 steps.
#    - [ ] 0.95 | There the horizon is 20 steps.
# 5. **A stale copy.** In a DQN the copy to the target network is never made again after the start. What do the values become, however long one trains?
#    - [x] The reward of one step plus the discounted values of the untrained network, and nothing further.
#    - [ ] The right values, only later. | Targets never hold more than one reward and the first network's guess; more updates don't change them.
#    - [ ] Larger and larger ones, because the maximum flatters. | A maximum that never changes can't feed itself: each target stays what it is.
#    - [ ] The values of the untrained network. | The reward and the end of each transition enter the targets, and these are learned.
# 6. **Any but the best.** With five actions and $\varepsilon=0.3$, what is the probability of one particular action that isn't the greedy one?
#    - [=] 0.06
#    - [ ] 0.075 | The random action may happen to be the greedy one: it is one of five, not of four.
#    - [ ] 0.3 | That is how often the coin says random.
#    - [ ] 0.76 | That is the greedy action's probability.
#    - [ ] 0.24 | That is how often any of the four others comes.
# 7. **A log.** A month of a lift is on record: states, actions, rewards, next states, chosen by somebody else's controller. Which method's update needs no correction for who chose the actions?
#    - [x] that of deep Q-learning: its target doesn't ask who acted.
#    - [ ] that of REINFORCE, as all rewards-to-go are known. | They are, for the other controller's actions. The gradient is a mean over actions that the trained policy draws itself.
#    - [ ] both | REINFORCE averages over its own actions: those of another policy would have to be weighed by the ratio of probabilities.
#    - [ ] neither | Bellman's equation holds for every transition, whoever chose the action.

# %% [markdown]
# ## {section:planning}. Going further: when the model is known
#
# So far the agent had to find out what its actions do. If the *model* is known, the probabilities $P(s'\mid s,a)$ of where one gets and the expected rewards $R(s,a)$, nothing has to be tried: Bellman's equation can be solved. Let $V(s)=\max_aQ(s,a)$ be the value of a state, and call one application of its right side to all states the operator $\mathcal T$,
#
# $$(\mathcal T V)(s)=\max_a\Big[R(s,a)+\gamma\sum_{s'}P(s'\mid s,a)\,V(s')\Big].$$
#
# For $\gamma<1$ it is a *contraction*: two tables differ less after it, $\lVert\mathcal TV-\mathcal TU\rVert_\infty\le\gamma\,\lVert V-U\rVert_\infty$, where $\lVert\cdot\rVert_\infty$ is the largest difference in any state. So there is exactly one solution $V^*$, and sweeping $V\leftarrow\mathcal TV$ finds it from anywhere, each sweep at least a factor of $\gamma$ closer. This is *value iteration*.
#
# ::: Why is it a contraction?
# The maximum of sums differs by no more than the sums do, and these are averages times $\gamma$.
# :::
#
# The four exercises of sections {no:planning} to {no:ppo} are extra and harder; none needs another.


# %% provided="model_arrays"
def model_arrays(env: gym.Env):
    """P (S, A, S), R (S, A) and the terminal states (S,) of a toy environment."""
    model = env.unwrapped.P
    S, A = len(model), len(model[0])
    P, R, terminal = np.zeros((S, A, S)), np.zeros((S, A)), np.zeros(S, bool)
    for s, actions in model.items():
        for a, outcomes in actions.items():
            for prob, after, reward, ended in outcomes:
                P[s, a, after] += prob
                R[s, a] += prob * reward
                terminal[after] |= ended
    return jnp.asarray(P, jnp.float32), jnp.asarray(R, jnp.float32), jnp.asarray(terminal)


# %% [markdown]
# ### {exercise}: solve a known world
#
# **Contract.** `P` ($S, A, S$), whose last axis sums to 1, `R` ($S, A$), `terminal` ($S$,) booleans: a terminal state has the value 0, and **nothing is earned from there on**, whatever `R` says. Start with $V=0$. Sweep $V\leftarrow\mathcal TV$ until the **largest** change of a sweep is below `tol`, or after `max_sweeps`. Return $V$ ($S$,), the greedy policy with respect to it ($S$,) as integers, and the number of sweeps made, the last one included. `gamma` is from 0 to 1, with 1 only in worlds that end or with few sweeps. In a terminal state any action is right. The function works under `jit` with `gamma`, `tol` and `max_sweeps` fixed.
#
# *One number:* `FrozenLake-v1` as gymnasium makes it, with $\gamma=0.99$: the start is worth 0.542.


# %% solution="value_iteration" points=5 minutes=20 level="advanced" further=true
def value_iteration(
    P: Float[Array, "S A S"],
    R: Float[Array, "S A"],
    terminal: Bool[Array, "S"],
    gamma: float = 0.99,
    tol: float = 1e-5,
    max_sweeps: int = 10_000,
) -> tuple[Float[Array, "S"], Int[Array, "S"], Int[Array, ""]]:
    """The optimal values, a policy that is greedy for them, and the number of sweeps."""

    ### BEGIN SOLUTION
    def action_values(V):
        return R + gamma * P @ V

    def sweep(state):
        V, _, sweeps = state
        new = jnp.where(terminal, 0.0, action_values(V).max(axis=1))
        return new, jnp.abs(new - V).max(), sweeps + 1

    def unfinished(state):
        _, change, sweeps = state
        return (change >= tol) & (sweeps < max_sweeps)

    start = jnp.zeros(R.shape[0]), jnp.array(jnp.inf), jnp.array(0)
    V, _, sweeps = jax.lax.while_loop(unfinished, sweep, start)
    return V, jnp.argmax(action_values(V), axis=1), sweeps
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `P @ V` sums over the last axis: ($S, A, S$) @ ($S$,) → ($S, A$). `jax.lax.while_loop(condition, body, start)` repeats what can't be counted beforehand.
#
# ::: Hint: the shape of the answer
# The loop carries three things: $V$, the last change, the count. The body makes all three anew; the condition looks at two of them.
#
# ::: Help: CliffWalking never converges, or ends at −100
# With $\gamma=0.99$ a world that costs 1 a step for ever is worth −100. Does your world end?
#
# ::: Help: while_loop complains about types
# Carry and result must have the same shapes and dtypes: begin with arrays, not with Python numbers of another kind.

# %% demo="lake_fills_up"
import planning

if grader.ready("value_iteration"):
    lake = gym.make("FrozenLake-v1", map_name="4x4", is_slippery=True)
    planning.fill_up(value_iteration, model_arrays(lake), lake)

# %% [markdown]
# On this lake one slips: a step goes where it should in a third of all cases, otherwise to one of the two sides. **Look:** in the second row, third column, between two holes, the arrow points straight at one of them. Why?
#
# ::: Answer
# An action can lead to three of the four neighbours, each with probability 1/3. Pushing up or down may slip into both holes; pushing left risks only the left one (right would be as good). Elsewhere the best arrow points at a wall, because the two sides are safe: the agent waits until it slips the right way. The values know all this; looking at the map one would hardly think of it.

# %% demo="cliff"
if grader.ready("value_iteration"):
    cliff = gym.make("CliffWalking-v1")
    planning.cliff(value_iteration, model_arrays(cliff))

# %% [markdown]
# Here nobody slips. Each step costs 1, and with $\gamma<1$ a cost far away costs a little less: 13 steps are worth not −13 but $-(1-0.99^{13})/(1-0.99)$, about −12.2.
#
# ## {section:repairs}. Going further: two repairs
#
# **The maximum flatters.** Values are noisy estimates, and the largest of noisy numbers is on average too large: the maximum picks the luckiest error. DQN bootstraps from that maximum, so its errors feed themselves. *Double* Q-learning (van Hasselt, 2010; with deep networks 2016) lets one network choose and another one judge: an error that made an action look good has no part in how good it is taken to be.
#
# ### {exercise}: one chooses, the other judges
# (The run above takes the plain maximum.)
#
# **Contract.** Return $r+\gamma\,(1-d)\,Q_\text{target}\big(s',\arg\max_{a'}Q_\text{online}(s',a')\big)$. `done` is as in {ref:compute_bellman_target}. No gradient flows into either array. The function works under `jit`, `grad` and `vmap`.
#
# *One number:* reward 1, online (1, 4, 2), target (5, 3, 6), $\gamma$ = 0.5: action 1 is chosen and worth 3, so the target is 2.5.


# %% solution="compute_double_q_target" points=3 minutes=8 level="intermediate" needs="compute_bellman_target" further=true
def compute_double_q_target(
    reward: Float[Array, ""],
    done: Num[Array, ""],
    next_q_online: Float[Array, "A"],
    next_q_target: Float[Array, "A"],
    discount: float = 1.0,
) -> Float[Array, ""]:
    """A target for which the online network chooses the action, and the target network judges it."""
    ### BEGIN SOLUTION
    chosen = next_q_target[jnp.argmax(next_q_online)]
    goes_on = 1.0 - jnp.asarray(done, jnp.float32)
    return reward + discount * goes_on * jax.lax.stop_gradient(chosen)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.argmax` of one array is an index into the other.
#
# ::: Hint: the shape of the answer
# {Ref:compute_bellman_target} with another number in place of the maximum, and without its gradient.

# %% demo="flattery"
import repairs

if grader.ready("compute_bellman_target", "compute_double_q_target"):
    repairs.flattery(compute_bellman_target, compute_double_q_target)

# %% [markdown]
# **Look:** all actions are worth 0 here, only the estimates are noisy. Is the double estimate always right on average?
#
# ::: Answer
# Here it is, because the two estimates err independently and all actions are equally good. If actions differ, the first estimate sometimes chooses a worse one, and the second judges it fairly: then the double estimate of the best value is too *small*. In DQN the target network is an old copy of the online one, so their errors are related, and the repair is only partial.
# :::
#
# **Waiting for the end is noisy.** A reward-to-go sums up hundreds of random steps. The other extreme looks one step ahead and trusts a learned value $V$ for the rest, which is quiet but wrong where $V$ is wrong. (A policy, the *actor*, that learns from such a $V$, the *critic*: that is *actor-critic*.)
#
# $$\delta_t=r_t+\gamma\,(1-d_t)\,V(s'_t)-V(s_t).$$
#
# *Generalised advantage estimation* (Schulman and others, 2016) mixes all horizons, with a weight $\lambda$:
#
# $$A_t=\sum_{l\ge0}(\gamma\lambda)^l\,\delta_{t+l},$$
#
# where the sum stops at the end of the episode. A rollout of fixed length may hold pieces of several episodes. Where one ends, for whatever reason, nothing of the next may leak into it. But what is *bootstrapped* there depends on the reason: after a termination nothing, after a truncation $V(s'_t)$.
#
# ### {exercise}: mix all horizons
#
# **Contract.** All five arrays are ($T, N$), steps times environments, or ($T$,); here $T$ is the rollout's length. `next_values[t]` is $V$ of the true next observation, *before* any reset. Flags are booleans or the numbers 1 and 0. With $d_t$ = `terminated[t]` and $\mathrm{trunc}_t$ = `truncated[t]`:
#
# $$A_t=\delta_t+\gamma\lambda\,(1-d_t)(1-\mathrm{trunc}_t)\,A_{t+1}$$
#
# and $A_T=0$. If both flags are set, termination wins. Return `advantages` and `returns` = advantages + `values`, through neither of which gradients flow. The function works under `jit` with `gamma` and `lam` fixed.
#
# *One number:* rewards (1, 1), values (2, 3), next values (3, 4), no flags, $\gamma$ = 0.5, $\lambda$ = 0.5: $\delta$ = (0.5, 0), so the advantages are (0.5, 0). If step 1 terminated, $\delta_1$ = −2 and they are (0, −2).


# %% solution="gae" points=6 minutes=20 level="advanced" needs="compute_rewards_to_go" further=true
def gae(
    rewards: Float[Array, "T N"],
    values: Float[Array, "T N"],
    next_values: Float[Array, "T N"],
    terminated: Bool[Array, "T N"],
    truncated: Bool[Array, "T N"],
    gamma: float = 0.99,
    lam: float = 0.95,
) -> tuple[Float[Array, "T N"], Float[Array, "T N"]]:
    """Advantages over all horizons, weighted by lam, and the returns that they promise."""

    ### BEGIN SOLUTION
    def one_step_earlier(later, step):
        delta, same_episode = step
        advantage = delta + gamma * lam * same_episode * later
        return advantage, advantage

    alive = 1.0 - jnp.asarray(terminated, jnp.float32)
    watched = 1.0 - jnp.asarray(truncated, jnp.float32)
    deltas = rewards + gamma * alive * next_values - values
    start = jnp.zeros_like(deltas[0])
    steps = deltas, alive * watched
    _, advantages = jax.lax.scan(one_step_earlier, start, steps, reverse=True)
    return jax.lax.stop_gradient((advantages, advantages + values))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# {Ref:compute_rewards_to_go} with another discount and another reward: the recursion runs backwards over $\delta_t$.
#
# ::: Hint: the shape of the answer
# All $\delta_t$ at once; a factor that is 0 where an episode ends for either reason; a scan from the end; the sum with `values`; no gradient.
#
# ::: Help: right without truncations
# A truncation does only one of the two things that a termination does: it stops the recursion, but its $V(s'_t)$ still counts.

# %% demo="bias_and_variance"
if grader.ready("gae"):
    repairs.bias_and_variance(gae)

# %% [markdown]
# **Look:** a chain of states with known values, once with good estimates $V$ and once with bad ones. The picture shows the error of $A_t+V(s_t)$, which estimates what the step taken is worth. Where is the best $\lambda$, what makes the curves rise to the left and to the right, and why do they meet?
#
# ::: Answer
# To the left, at $\lambda=0$, the estimate trusts $V$: its errors are a *bias* that no amount of data removes. To the right, at $\lambda=1$, it trusts what happened: *variance* of many noisy rewards, the same whatever $V$ is, so the curves meet. The worse $V$ is, the more is gained by looking at real rewards, and the further to the right lies the best mixture. With a perfect $V$ the best $\lambda$ would be 0.
#
# ## {section:ppo}. Going further: PPO
#
# REINFORCE throws each batch away after one step, because its gradient holds only for the policy that drew the actions. If the policy has changed, the *ratio* of probabilities corrects for the choice of the action, though not for the states that are met,
#
# $$\rho=\frac{\pi_\theta(a\mid s)}{\pi_\text{old}(a\mid s)}=e^{\,\log\pi_\theta-\log\pi_\text{old}},$$
#
# and $\rho A$ can be climbed for several steps. But not for many: a large $\rho$ means that the data say little about the new policy, and the states are no longer those that the new policy meets. *Proximal policy optimisation* (Schulman and others, 2017) takes a pessimistic view,
#
# $$L=-\frac1N\sum\min\big(\rho A,\ \operatorname{clip}(\rho,1-c,1+c)\,A\big).$$
#
# Once an action that paid has become likelier by more than the share $c$, there is nothing more to gain from it. An action that failed may be pushed down as far as $1-c$. But a *mistake* can always be undone: if a failed action has become likelier, the gradient is there in full.
#
# ### {exercise}: climb, but not too far
#
# **Contract.** Three arrays ($N$,): new and old log-probabilities of the actions taken, and advantages. Return the loss, one number, and a dictionary `aux`: `"clip_fraction"`, the share of $|\rho-1|>c$ with $c$ = `clip`, and `"approx_kl"`, the mean of $(\rho-1)-\log\rho$ (an estimate of the Kullback–Leibler divergence, how far the new policy is from the old one). No gradient flows into `logp_old` or `advantages`. The function works under `jit` with `clip` fixed, and with `jax.grad(..., has_aux=True)` (`has_aux`: the function returns a pair, only its first part is differentiated).
#
# *One number:* $\rho$ = 1.5 with $A$ = 1 gives the loss −1.2; $\rho$ = 1.5 with $A$ = −1 gives 1.5.


# %% solution="ppo_loss" points=5 minutes=15 level="advanced" needs="policy_gradient_loss" further=true
def ppo_loss(
    logp_new: Float[Array, "N"],
    logp_old: Float[Array, "N"],
    advantages: Float[Array, "N"],
    clip: float = 0.2,
) -> tuple[Float[Array, ""], dict[str, Float[Array, ""]]]:
    """The clipped loss, and how far the policy has moved."""
    ### BEGIN SOLUTION
    logp_old, advantages = jax.lax.stop_gradient((logp_old, advantages))
    log_ratio = logp_new - logp_old
    ratio = jnp.exp(log_ratio)
    clipped = jnp.clip(ratio, 1 - clip, 1 + clip)
    loss = -jnp.minimum(ratio * advantages, clipped * advantages).mean()
    aux = {
        "clip_fraction": (jnp.abs(ratio - 1) > clip).mean(),
        "approx_kl": (ratio - 1 - log_ratio).mean(),
    }
    return loss, aux
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.exp`, `jnp.clip`, `jnp.minimum`. The mean of booleans is a share.
#
# ::: Hint: the shape of the answer
# Log-ratio, ratio, clipped ratio; the smaller of two products; its mean with a minus; two more means.
#
# ::: Help: the gradient is 0 where it shouldn't be
# The minimum is taken of the *products*. Clipping the ratio alone also stops the gradient where a mistake has to be undone.

# %% demo="two_panels"
import ppo

if grader.ready("ppo_loss"):
    ppo.two_panels(ppo_loss)

# %% [markdown]
# **Look:** at $\rho=1.5$ one panel is flat and the other isn't. Say in words what the agent may do in each.
#
# ::: Answer
# Left: the action paid, and it is half as likely again as when it was drawn; the objective sees no reason to raise it further. Right: the action failed and yet became likelier; the slope is there, so it will be pushed down. Taking only the clipped term would make this part flat too, and the mistake would stay.
# :::
#
# `gae` and `ppo_loss` are what a PPO agent needs; set the switch to train one in about 20 seconds.

# %% demo="demo_ppo"
run_ppo = False

if run_ppo and grader.ready("sample_action", "gae", "ppo_loss"):
    ppo.learning_curve(ppo.train(sample_action, gae, ppo_loss))

# %% [markdown]
# ## {section}. Where to go
#
# CartPole has two actions; a robot arm has torques, continuous numbers. Then the policy is a density, say a Gaussian whose mean a network computes, and the formulas of sections {no:credit} and {no:ppo} stay, with log-densities for log-probabilities and integrals for sums. Where trying is dangerous or dear, one learns *offline*, from what others did; the maximum of {ref:values} then loves actions that nobody ever tried. And where rewards are rare, ε-greedy will hardly ever find one; agents then need curiosity of some kind.
#
# An agent does what its reward says, and the reward is written by people who leave things out. A boat that should win a race learned to circle in a lagoon and collect points (Clark and Amodei, 2016).
#
# ## Discussion
#
# Three questions without one right answer; people read what you write. A claim earns half of the points, a reason and an example the rest.

# %% [markdown] discussion="wrong_reward" points=2
# ### {discussion}: a reward that was easy to write
# Describe a reward that was easy to write down and led, or would lead, to behaviour that nobody wanted. What was measured, what was meant, and how would you notice? (80 to 150 words; from the literature, from your life, or made up for CartPole.)
#
# {rubric}
#
# - **0**: nothing; or only that rewards are important; or a bug that has nothing to do with the reward (a wrong learning rate).
# - **1**: a case in which the measured and the meant differ, but without saying how the agent profits from the gap, or without a way to notice it.
# - **2**: the measured, the meant, the gap that pays, and an observation that would show it and isn't the reward itself.
#
# What good answers contain:
#
# - *A case*: a racing boat that collects points in circles; a cleaning robot paid by dirt collected, which first spills it; watch time for "good recommendations"; test scores for teaching; in CartPole a reward for an upright pole alone, with which the cart runs away to one side, or a reward of −1 for falling and 0 otherwise with a small γ, under which early steps hardly matter.
# - *Why it happens*: the agent maximises what is written; what is left out has a price of 0; the better the optimiser, the surer it finds the gap.
# - *How to notice*: watch episodes (films), not the curve; a second measure that the agent doesn't get; people who are asked; a return that is higher than the designers thought possible. "The reward goes down" is no such sign: it goes up.

# %% [markdown] discussion="one_seed" points=2
# ### {discussion}: which curve would you trust?
# Compare the learning curves of REINFORCE and DQN in this notebook. Which of them would you trust on one seed, and what would convince you that one method is better than the other? (80 to 150 words; quote your own figures.)
#
# {rubric}
#
# - **0**: nothing; or a winner by looking at one final point.
# - **1**: that one seed isn't enough, or that DQN's curve goes up and down, without a figure from the notebook or without saying what would be enough.
# - **2**: a claim about both curves, a reason in how the methods work, own figures, and a comparison that could come out either way.
#
# What good answers contain:
#
# - *Figures*: (of the run handed in; these are typical) REINFORCE passes 475 after 18 to 40 updates, mostly before 150 000 environment steps, and stays near 500; without a baseline some seeds fall back. DQN gets high with fewer steps, falls back by some hundred steps once or more on its way, and its last policy may be worse than the one that was kept.
# - *Reasons*: REINFORCE averages over thousands of fresh steps for each update; DQN takes a maximum over noisy values, bootstraps, and reuses old data. So a single DQN run says little, a single late REINFORCE curve a bit more.
# - *What would convince*: several seeds each (ten rather than three), the same number of environment steps, the same evaluation (greedy, fresh episodes, for both), intervals instead of best runs, settings tuned with the same effort, a rule fixed beforehand for which checkpoint counts.
# - Points also for saying that the two curves of the figure aren't measured alike (drawn against greedy actions).

# %% [markdown] discussion="acting_on_people" points=2
# ### {discussion}: when the environment is people
# The agent is to act on people: it recommends, tutors, or decides who is treated first. Who defines the reward, and who pays for exploration? (80 to 150 words; choose one case.)
#
# {rubric}
#
# - **0**: nothing; or that such systems are good or bad as a whole.
# - **1**: names who defines or who pays, without a reason or without a case.
# - **2**: both questions answered for one case, with a reason, and at least one rule that would change who pays.
#
# What good answers contain:
#
# - *Who defines*: whoever runs the system, mostly by what is easy to log (clicks, scores, waiting time); those on whom it acts are seldom asked, and what matters to them shows late (health, learning) or never.
# - *Who pays*: an ε of 0.1 means that one person in ten gets something that the system itself takes to be worse. In CartPole a pole falls; here a patient waits or a child gets a useless exercise. Costs often fall on those who are few in the data, because they are explored on for longest.
# - *Rules*: consent; exploring only among options that experts find equally good; limits on harm and stopping rules, as in clinical trials; learning offline from past decisions (with its own bias); a say for those concerned in what the reward is; an answer for those who were explored on.
# - A case in which not exploring costs more (a treatment never tried) is a good point too.

# %% [markdown]
# ## What to keep
#
# Two habits will serve you longest: keep *terminated* and *truncated* apart, and never believe one seed.
