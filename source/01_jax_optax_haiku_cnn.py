# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook:
#   title: "JAX, Optax, Haiku and convolutional networks"
#   minutes: 250
#   rubric: "Every prompt: 0 = missing or wrong, 1 = a right statement without reason or evidence, 2 = statement, reason and a look at own figures (the student's own outputs, named or quoted). Give the lower mark when the text would read the same without the notebook. Length, spelling and style don't count."
# ---

# %% [markdown]
# # JAX, Optax, Haiku and convolutional networks
#
# Welcome! At the end of this notebook a small network reads handwritten digits, and you have written each of its parts: its layers, its loss, its optimiser. (A *network* is a function with many adjustable numbers, its *parameters*, also called *weights*, arranged in *layers* one after the other. The *loss* says how wrong its answers are; *training* changes the parameters step by step so that the loss falls, and the *optimiser* is the rule for a step.) The network trains with a library's convolution, which computes the same and is faster; then your own layers read the test images. The tool is **JAX**. It looks like NumPy, and it can differentiate, batch and compile the functions that you write.
#
# You need Python and a little NumPy; JAX you learn here. Run the next two cells: click a cell, then press Shift and Enter.

# %% provided="setup"
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, Key, Num
from workbook import Notebook

DATA = "digits"  # {ref:reading}; "mnist" and "cifar10" are possible too, and are downloaded
grader = Notebook()

# %% demo="journey"
import journey

journey.picture()

# %% [markdown]
# Each box is a part of the network or of its training, and its number is the exercise that teaches it.
#
# ## {section}. Arrays that don't change
#
# Each exercise is a function with a blank. Replace the line that raises `NotImplementedError`, run the cell, then run the check in the cell below it. Here is the first one, to see how that feels.
#
# ### {exercise}: points of a curve
# `jnp`, imported above, has the functions that you know from `np`.
#
# **Contract.** Return the pair `(x, y)`. `x` holds `num_points` evenly spaced numbers from $-\pi$ to $\pi$, both ends included, and `y` their cosines. Both are float arrays of shape (`num_points`,). With `num_points=1`, `x` is $(-\pi)$ alone.
#
# *One number:* three points are `x` = (−3.1416, 0, 3.1416) and `y` = (−1, 1, −1).
#
# (Signatures are notes for readers, and nothing enforces them. `Float[Array, "n"]` is *an array of floats with one axis, called n*; `Num` is floats or ints, `Key` a random key, `...` any number of axes, `""` none.)


# %% solution="cosine_points" points=2 minutes=5 level="beginner"
def cosine_points(num_points: int = 100) -> tuple[Float[Array, "n"], Float[Array, "n"]]:
    """Evenly spaced x from -pi to pi, and the cosine of each."""
    ### BEGIN SOLUTION
    x = jnp.linspace(-jnp.pi, jnp.pi, num_points)
    return x, jnp.cos(x)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.linspace(start, stop, count)` and `jnp.cos`. The number π is `jnp.pi`.
#
# ::: Hint: the shape of the answer
# Two lines: make `x`; return `x` and the cosine of `x`, separated by a comma.
#
# ::: Help: NotImplementedError, or "not started"
# The line `raise NotImplementedError(...)` is the blank. Delete it, write your lines in its place (as far to the right as it stood), and run that cell again before the check.
# :::
#
# A check ends in one of three ways: *not started*, *not yet right*, *right*. *Not yet right* is nothing to be afraid of. It says what it saw, and if it knows the mistake, it gives a hint. The next cell checks somebody else's answer, and then draws yours, once it is right; every exercise has such a picture. (And after you hand in, more cases are tried than you see here.)

# %% demo="somebody_else"
import first_steps
from IPython.display import display

display(grader.check("cosine_points", {"cosine_points": first_steps.somebody_elses}))

if grader.ready("cosine_points"):
    first_steps.curve(*cosine_points(), few=cosine_points(9))

# %% [markdown]
# **Look:** with nine points, which of them does the computer know, and what did the plot add?
#
# ::: Answer
# It knows the nine dots. The straight lines between them are the plot's. All that a computer has of a curve is numbers; with a hundred of them we see no corners any more.
# :::
#
# **How to work.** Exercises {no:core}, the quiz and the discussion are the core, about four hours with all reading: take breaks. {no:further} go further. Open the folded hints whenever you like. Nothing is downloaded, and a laptop is enough.
#
# ### What is different from NumPy
#
# Three things, and you can watch each of them happen. First: a JAX array never changes; `.at[...].set(...)` gives you a **new** array and leaves the old one alone. Second: floats have 32 bits unless you ask otherwise, about seven decimal digits. Third: an index past the end raises no error. A read gets the last entry instead, a write is dropped, both in silence.

# %% demo="three_differences"
x = jnp.arange(3)
try:
    x[0] = 10
except TypeError as error:
    print("TypeError:", str(error).split(". ")[0])
y = x.at[0].set(10)
print("x is still", x, "and y is", y)

print("NumPy:", np.array([0.1]).dtype, "  JAX:", jnp.array([0.1]).dtype)

print("x[7] gives", x[7], "  x.at[7].set(10) gives", x.at[7].set(10))
try:
    np.arange(3)[7]
except IndexError as error:
    print("NumPy: IndexError:", error)

# %% [markdown]
# Why these rules? JAX turns your function into a program, then rewrites that program: makes it fast, differentiates it, runs it on a whole batch. This works for functions whose result depends on their arguments alone, and which change nothing else. Such functions are called **pure**, and writing them is the one habit to learn here. It explains the first rule: what nobody may change can't be overwritten.
#
# The other two have to do with speed. Numbers of 32 bits take half the memory, and graphics processors compute much faster with them. And a compiled program, perhaps far away on such a processor, can't stop in the middle to raise an error, so an index past the end has to give *something*.
#
# ## {section}. Tracing
#
# How does JAX turn a Python function into a program? We watch it with a function that has an `if`.
#
# ### {exercise}: a function with an `if`
# The *rectified linear unit*, ReLU, is the little bend that makes a network more than a matrix product. Here it comes for a single number.
#
# **Contract.** `x` is one number: an int, a float, or an array with no axes. Return `x` if it is positive, else 0. A plain Python `if` is what we look at next; any other way is right, too.
#
# *One number:* 0.5 gives 0.5, and −3 gives 0.


# %% solution="relu_python" points=2 minutes=5 level="beginner"
def relu_python(x):
    """The number x if it is positive, else 0."""
    ### BEGIN SOLUTION
    if x > 0:
        return x
    return 0
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `if x > 0:` and two `return` lines.
#
# ::: Hint: the shape of the answer
# One `return` inside the `if`, one after it.
#
# ::: Help: the result is None
# A function that ends without `return` returns `None`. What happens when the `if` is false?

# %% demo="if_under_jit"
import tracing

if grader.ready("relu_python"):
    tracing.relu_dots(relu_python)
    try:
        print(jax.jit(relu_python)(2.0))
    except TypeError as error:
        print(f"{type(error).__name__}:", str(error).splitlines()[0])

# %% [markdown]
# The function works: 13 calls, 13 dots. Then `jax.jit` was asked to compile it (`jax.jit(f)` returns a compiled version of `f`), and refused. (Yours gave 2.0? Then there is no Python `if` in it. Imagine one.)
#
# Why? To find out what your function computes, `jit` calls it **once** with a stand-in in place of the number, a *tracer*. A tracer knows its shape and dtype, but not its value, and it writes down every operation that it goes through. `if x > 0` asks for the value, and there is none yet.
#
# You can watch the one call. This function prints:


# %% demo="printing_while_tracing"
@jax.jit
def double(x):
    print("Python runs, x is", x)
    return 2 * x


for x in (1.0, 2.0, 3.0, jnp.ones(4)):
    print("result", double(x))

# %% [markdown]
# (`~float32[]` is a float without axes. The tilde, *weakly typed*, says that it came from a plain Python number and adapts to the dtype of an array that it meets. `float32[4]` has one axis of 4.)
#
# **Look:** four calls, but Python ran twice. When?
#
# ::: Answer
# At the first call, and when the shape changed: a program is made for each combination of shapes and dtypes, then used again. Calls 2 and 3 ran the compiled program, which has no `print` in it. So a side effect (printing, appending to a list, counting) happens while tracing, and then no more. What should happen at every call must be in what the function returns; for printing there is `jax.debug.print`, which you meet soon.
#
# ### {exercise}: ReLU that can be traced
# Choosing without `if`, for all entries at once.
#
# **Contract.** `x` is an array of any shape, floats or ints. Return an array of the same shape **and the same dtype**: each positive entry as it is, 0 for the others. The function works under `jit`, and under `grad` (derivatives) and `vmap` (batches), which come in the next two sections; its derivative is 1 where $x>0$ and 0 where $x<0$.
#
# *One number:* (−2, 3, 0, 5) gives (0, 3, 0, 5), and ints stay ints.


# %% solution="relu" points=3 minutes=8 level="beginner"
def relu(x: Num[Array, "..."]) -> Num[Array, "..."]:
    """Each entry if it is positive, else 0."""
    ### BEGIN SOLUTION
    return jnp.maximum(x, 0)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.where(condition, a, b)` chooses entry by entry; `jnp.maximum(a, b)` takes the larger of two.
#
# ::: Hint: the shape of the answer
# One line, no `if`.
#
# ::: Help: ints go in, floats come out
# Is there a `0.0` in it? An int array and the number `0.0` together make floats; with `0` ints stay ints.
#
# ::: Help: TracerArrayConversionError
# A function of `np` was given a tracer. NumPy needs values; `jnp` has the same function for tracers.
# :::
#
# Right? Then the next cell fills in the picture, and prints what tracing wrote down, a *jaxpr*: inputs, operations, outputs. Of `jnp.maximum(x, 0)` it says: the input `a` has 3 floats of 32 bits, `b` is the larger of `a` and 0, the output is `b`. (Some functions of `jnp` come as a program within the program; the picture looks inside.) `jit` compiles this list, and `grad` and `vmap` have a rule for each operation in it. Last, a race over several elementwise steps, with NumPy too. *Op by op* means without `jit`: one operation after the other, each compiled before the clock starts. Fairness needs care: all get the same 32-bit numbers (but JAX may use all cores, NumPy uses one); the first compiled call traces and compiles, so it is timed apart; and JAX returns before an array is finished, so each measurement waits with `block_until_ready`.


# %% demo="graph_and_times"
def steps(x, library=jnp):
    return library.sin(x) + 0.5 * library.tanh(x) ** 2 - x / (1 + x**2)


if grader.ready("relu"):
    tracing.filled_in(relu)
    print(jax.make_jaxpr(relu)(jnp.zeros(3)))
    tracing.times(steps, jnp.linspace(-3, 3, 1_000_000))

# %% [markdown]
# **Look:** how does the printed number of calls follow from the bars? And for which functions does the first call never pay off?
#
# ::: Answer
# Divide what the first call costs more than one op by op by what each later call saves. Op by op, each step reads and writes a million numbers; compiled, several steps become one pass. A function that is called once, or whose shapes change at every call, pays for compiling again and again. Times vary from run to run and from machine to machine, so measure before you believe, as this cell does.
# :::
#
# Three more things about `jit`. What a function takes from outside is looked up while tracing, and stays in the program as it was. What Python itself needs, such as the number of rounds of a `for`, can't be a tracer: `static_argnums` says which arguments keep their value, and each value gets its own program. And `jax.debug.print` prints when the *program* runs.

# %% demo="outside_and_static"
factor = 2.0


@jax.jit
def scaled(x):
    jax.debug.print("the program runs, x is {x}", x=x)
    return factor * x


print(scaled(1.0))
factor = 10.0
print("factor is", factor, "now, and scaled(1.0) is", scaled(1.0))


def power(x, n):
    result = 1.0
    for _ in range(n):
        result = result * x
    return result


print("2 to the power of 3:", jax.jit(power, static_argnums=1)(2.0, 3))
try:
    jax.jit(power)(2.0, 3)
except TypeError as error:
    print("without static_argnums:", type(error).__name__)

# %% [markdown]
# **Look:** where did the new `factor` get lost, and how would you have it count?
#
# ::: Answer
# At the first call `factor` was 2, and this number was written into the program. The second call runs the same program. Whatever may change belongs among the arguments: `scaled(x, factor)`.
#
# ## {section}. Derivatives
#
# `jax.grad(f)` takes a function that returns one number, and returns **another function**, the derivative of `f`. It is exact up to rounding, no finite differences: JAX knows the derivative of each operation, and applies the chain rule, from the result back to the inputs. In a network, with its many numbers that go into one loss, this is called **backpropagation**. And since the result is a function again, `grad` can be applied to it again.
#
# On paper first: for $f(x)=6x^4-9x+4$, what are $f'(2)$ and $f'''(2)$? You can check them after the exercise.

# %% demo="first_gradient"
square = jax.grad(lambda x: x**2)
print("the derivative of x² at 3.0:", square(3.0))
try:
    square(3)
except TypeError as error:
    print("at 3: TypeError:", str(error).partition(" (")[0])

# %% [markdown]
# An int can't be moved by a tiny step, so JAX wants floats here: `3.0`.
#
# ### {exercise}: differentiate n times
# Functions go in, functions come out: most of JAX has this shape.
#
# **Contract.** `f` takes a float and returns a float; `n` is a Python int, 0 or more. Return a **function**, the `n`-th derivative of `f`. With `n=0` that is `f` itself. What you return works under `jit` and `vmap`.
#
# *One number:* `nth_derivative(jnp.exp, 2)(0.0)` is 1.


# %% solution="nth_derivative" points=4 minutes=10 level="beginner"
def nth_derivative(f, n: int):
    """The function that is the n-th derivative of f."""
    ### BEGIN SOLUTION
    for _ in range(n):
        f = jax.grad(f)
    return f
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.grad(f)` is a function; so `jax.grad(jax.grad(f))` is one too.
#
# ::: Hint: the shape of the answer
# A loop that replaces `f` by its derivative, `n` times; then return `f`, without calling it.
#
# ::: Help: RecursionError
# A `lambda` in a loop looks up its names when it is *called*. If it mentions the name that you reassign, it calls itself. What `jax.grad` returns is a function already; no lambda is needed.

# %% demo="derivatives"
import calculus

if grader.ready("nth_derivative"):

    def quartic(x):
        return 6 * x**4 - 9 * x + 4

    print("f′(2) =", nth_derivative(quartic, 1)(2.0), " f‴(2) =", nth_derivative(quartic, 3)(2.0))
    calculus.derivatives([nth_derivative(quartic, n) for n in range(5)])

# %% [markdown]
# **Look:** each curve is zero where the one above it is flat. Which curve has no zero at all, and what would the sixth panel show?
#
# ::: Answer
# The fourth derivative is the constant 144. It never changes, so the fifth derivative is 0 everywhere, and so are all after it: a polynomial of degree 4 has no more to give. On paper: $f'(x)=24x^3-9$, $f''(x)=72x^2$, $f'''(x)=144x$.
#
# ## {section}. Batches for free
#
# Here is a function of one example. It returns the smallest and the largest entry of an array:


# %% provided="min_max"
def min_max(example: Num[Array, "..."]) -> Num[Array, "2"]:
    """The smallest and the largest entry of one example."""
    return jnp.stack([jnp.min(example), jnp.max(example)])


# %% demo="min_max_of_a_batch"
batch = jnp.arange(15).reshape(3, 5)
print(batch)
print("min_max(batch) =", min_max(batch))

# %% [markdown]
# Three examples went in, and one pair came out: `jnp.min` without an axis looks at everything. For one pair a row you could add `axis=` in the right places. Or leave the function as it is, and let JAX add the axis: `jax.vmap(f)` maps `f` over the first axis of its input, and stacks the results.
#
# ### {exercise}: one pair for each example
# Write for one, run for many.
#
# **Contract.** `batch` has the shape ($B$, …): $B$ examples, each with any number of axes. Return ($B$, 2): for each example its smallest and its largest entry, over **all** its axes. The dtype stays.
#
# *One example:* for ((3, 1), (4, 9)) the answer is ((1, 3), (4, 9)).


# %% solution="batch_min_max" points=4 minutes=10 level="beginner"
def batch_min_max(batch: Num[Array, "B ..."]) -> Num[Array, "B 2"]:
    """The smallest and the largest entry of each example."""
    ### BEGIN SOLUTION
    return jax.vmap(min_max)(batch)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.vmap(f)` returns a function; call that on the batch.
#
# ::: Hint: the shape of the answer
# One line: map, then call. There are two pairs of parentheses.
#
# ::: Help: the shape is (2, B)
# The batch should stay the first axis. With `jnp.stack`, look at its argument `axis`.

# %% demo="coloured_rows"
if grader.ready("batch_min_max"):
    calculus.coloured_rows(batch_min_max)

# %% [markdown]
# **Look:** what would somebody have done wrong who has found one smallest and one largest number for the whole grid?
#
# ::: Answer
# Called `min_max` on the batch itself: one pair for everything. Nothing fails in that case, the numbers are even right for *something*. Checking shapes is the cheapest test there is: here (3, 2), not (2,).
# :::
#
# `in_axes` says which axis of each argument is the batch (`None`: the argument is shared), and `out_axes` where the batch goes in the result. Maps nest, too: two of them make a table of all pairs (the inner map runs over the second numbers, which makes a row; the outer one over the first, which makes all rows). At the end four ways to a pair for each of 500 rows race against each other. The loop pays for starting 500 programs, `vmap` op by op for tracing again at each call.

# %% demo="axes"
scale = jax.vmap(lambda x, factor: factor * x, in_axes=(0, None), out_axes=1)
print("shape", batch.shape, "became", scale(batch, 2.0).shape)

times_table = jax.vmap(jax.vmap(jnp.multiply, in_axes=(None, 0)), in_axes=(0, None))
print(times_table(jnp.arange(1, 4), jnp.arange(1, 6)))

rows = np.sin(np.arange(500 * 64, dtype=np.float32)).reshape(500, 64)
on_device, one_row, all_rows = jnp.asarray(rows), jax.jit(min_max), jax.jit(jax.vmap(min_max))
tracing.race(
    {
        "NumPy with axis=1": lambda: np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1),
        "loop, each row compiled": lambda: jnp.stack([one_row(row) for row in on_device]),
        "vmap, op by op": lambda: jax.vmap(min_max)(on_device),
        "vmap, compiled": lambda: all_rows(on_device),
    }
)

# %% [markdown]
# ## {section}. Random keys
#
# `np.random.normal()` gives another number each time it is called: it changes a hidden state. A pure function can't do that, so in JAX the state is an argument, called a **key**. The same key gives the same numbers. For new numbers `split` the key, and never use a key twice.

# %% demo="same_key"
key = jax.random.key(0)
print("same key:  ", jax.random.normal(key), jax.random.normal(key))
key_x, key_y = jax.random.split(key)
print("split keys:", jax.random.normal(key_x), jax.random.normal(key_y))

calculus.two_noises(jax.random.key(7))

# %% [markdown]
# **Look:** in the left panel somebody wanted two independent noises. What went wrong, and would a histogram of each have shown it?
#
# ::: Answer
# Both come from one key, so they are the same numbers, and all points lie on a line. Each alone looks perfect. In a network this mistake gives two layers the same first weights, or every step the same noise, and nothing complains, unless you ask for it: `with jax.debug_key_reuse(True):`.
#
# ### {exercise}: a noisy line
# The data that we fit next. Two things are random in it, the places and the noise, and neither may know about the other.
#
# **Contract.** Return the pair `(x, y)`, float32 arrays of shape (`num_points`,). Each `x` is drawn for itself, uniformly from $[-2,2)$. `y` is `slope` · `x` + `intercept` + `noise` times a number from the standard normal distribution, another one for each point. `x` and the noise are independent, all of them come from `key`, and no key is used twice. Works under `jit` (with `num_points` fixed: it is a Python int, 1 or more) and under `vmap` over keys.
#
# *One number:* with `noise=0.0` every point has $y=3x-1$; with `noise=0.05` about 95 of 100 points lie within 0.1 of that line.


# %% solution="noisy_line" points=3 minutes=8 level="beginner"
def noisy_line(
    key: Key[Array, ""],
    num_points: int = 100,
    slope: float = 3.0,
    intercept: float = -1.0,
    noise: float = 0.05,
) -> tuple[Float[Array, "n"], Float[Array, "n"]]:
    """Points with x between -2 and 2, near a line."""
    ### BEGIN SOLUTION
    key_x, key_noise = jax.random.split(key)
    x = jax.random.uniform(key_x, (num_points,), minval=-2.0, maxval=2.0)
    y = slope * x + intercept + noise * jax.random.normal(key_noise, (num_points,))
    return x, y
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.random.split(key)` gives two new keys. `jax.random.uniform(key, shape, minval=…, maxval=…)` and `jax.random.normal(key, shape)` draw.
#
# ::: Hint: the shape of the answer
# Four lines: split; draw `x` with one new key; compute `y` with noise from the other; return both.
#
# ::: Help: KeyReuseError
# The check watches for a key that is used twice. `split` uses a key up, too: after it only the new ones count.
#
# ::: Help: all points have the same x, or the same noise
# Without a shape `jax.random.normal(key)` is a single number. The shape of one axis is `(num_points,)`.

# %% demo="residuals_of_a_line"
if grader.ready("noisy_line"):
    calculus.residuals(noisy_line, jax.random.key(3))

# %% [markdown]
# **Look:** on the left `x` and the noise come from one key. Each of them alone looks as it should. What goes wrong for somebody who fits a line to these points?
#
# ::: Answer
# (The *residual* of a point is how far its $y$ lies above the line, here $y-(3x-1)$.) The slope comes out too large (see the title): where $x$ is large, the noise is large too, so the line swallows most of it, and what is left looks like less noise than there is. Nothing fails and no number is absurd; only a look at the residuals tells. On the right $x$ says nothing about the residual.
#
# ## {section:fitting}. Fitting a line
#
# A model, data, a loss, and steps downhill: most of deep learning has this form. The smallest case is a line $wx+b$ and $n$ points $(x_i, y_i)$. With the residuals $r_i=y_i-(wx_i+b)$ the loss and its derivatives are
#
# $$\ell(b,w)=\frac1n\sum_i r_i^2,\qquad \partial_b\ell=-\frac2n\sum_i r_i,\qquad \partial_w\ell=-\frac2n\sum_i r_i\,x_i .$$
#
# ### {exercise}: squared errors
# The part of the loss that belongs to one point.
#
# **Contract.** Return $(y-(wx+b))^2$, one number for each point: no mean, no factor ½. `b`, `w`, `x`, `y`, in this order, are numbers or arrays whose shapes broadcast. JAX can map the function and differentiate it in `b` and `w`.
#
# *One number:* the line with $b=-1$ and $w=3$ passes $x=2$ at 5. For $y=7$ the squared error is 4.


# %% solution="squared_error" points=4 minutes=8 level="beginner"
def squared_error(
    b: Float[Array, "..."], w: Float[Array, "..."], x: Float[Array, "..."], y: Float[Array, "..."]
) -> Float[Array, "..."]:
    """The squared distance, along y, of each point from the line w x + b."""
    ### BEGIN SOLUTION
    return (y - (w * x + b)) ** 2
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `**` is Python's power. Arithmetic on arrays works entry by entry.
#
# ::: Hint: the shape of the answer
# One line, the formula.
#
# ::: Help: right for one point, wrong for the others
# Which of `b` and `w` is multiplied by `x`? The signature begins with `b`.

# %% demo="line_data"
import line

ready = grader.ready("noisy_line")  # 100 points near y = 3x - 1: yours, or else stored ones
x_line, y_line = noisy_line(jax.random.key(0)) if ready else line.data()


def line_loss(params, x, y):
    return jnp.mean(squared_error(params["b"], params["w"], x, y))


if grader.ready("squared_error"):
    line.squares(squared_error, x_line, y_line)

# %% [markdown]
# **Look:** a point that is twice as far from the line has how large a square? What does that mean for outliers?
#
# ::: Answer
# Four times as large. A single point far out can weigh more than all others together, and pulls the line towards itself. The absolute value would be more patient with outliers, but has a kink at 0.
# :::
#
# `grad` takes more than numbers: `line_loss` has its parameters in a dictionary, and so has the gradient. Dictionaries, lists and tuples of arrays, nested as you like, are called **pytrees**, and `jax.tree.map` applies a function to each of their leaves.
#
# All derivatives together are the *gradient*. It points uphill, so **gradient descent** goes the other way: each parameter $\theta$ with gradient $g$ moves by $\theta\leftarrow\theta-\eta g$, with a *step size* $\eta$. How large may it be? The loss is a bowl with the second derivatives $H=\frac2n\begin{pmatrix}n&\sum x_i\\\sum x_i&\sum x_i^2\end{pmatrix}$. Along the steepest direction of the bowl, whose curvature is the largest eigenvalue $\lambda_{\max}$ of $H$, such a step multiplies the distance from the bottom by $1-\eta\lambda_{\max}$. If $\eta>2/\lambda_{\max}$ that is below −1, and descent moves away.

# %% demo="gradient_of_a_dictionary"
if grader.ready("squared_error"):
    params = {"b": 0.0, "w": 0.0}
    gradient = jax.grad(line_loss)(params, x_line, y_line)
    print("gradient:", jax.tree.map(float, gradient))
    print("by hand: ", -2 * np.mean(y_line), -2 * np.mean(y_line * x_line))  # here r = y
    print("one step:", jax.tree.map(lambda p, g: float(p - 0.1 * g), params, gradient))
    line.step_sizes(line_loss, x_line, y_line)

# %% [markdown]
# **Look:** on a ring the loss is the same, and + is the best line. The middle step is *just* below the limit. Why does it zigzag? (If eigenvalues are new to you, read $\lambda_{\max}$ as *how sharply the bowl bends where it bends most*.)
#
# ::: Answer
# $1-\eta\lambda_{\max}$ is close to −1: each step jumps across the valley, to nearly the same distance from the bottom. Along the other direction, where the bowl is flatter, the same step does well. In a long narrow valley that becomes a problem: its walls allow small steps only, and its floor needs large ones. Momentum and Adam, which come next, are answers to that.
# :::
#
# How do you write *many* steps? A Python loop starts one compiled step after the other. `jax.lax.scan` makes the loop a part of the program: it takes a function from (what is carried on, an input) to (what is carried on, an output), and stacks the outputs. (`value_and_grad` gives both at once. There is no input here, so it is called `_`. What is carried keeps its dtype, so it starts as `jnp.float32(0)`; `[0]` is what it ends as.)


# %% demo="loop_or_scan"
def descend(params, _):
    loss, grads = jax.value_and_grad(line_loss)(params, x_line, y_line)
    return jax.tree.map(lambda p, g: p - 0.1 * g, params, grads), loss


one_step = jax.jit(descend)


def loop(params):
    for _ in range(200):
        params, _ = one_step(params, None)
    return params


if grader.ready("squared_error"):
    start = {"b": jnp.float32(0), "w": jnp.float32(0)}
    scan = jax.jit(lambda params: jax.lax.scan(descend, params, length=200))
    tracing.race({"Python loop": lambda: loop(start), "lax.scan": lambda: scan(start)[0]})
    print("scan ends at", {name: round(float(value), 4) for name, value in scan(start)[0].items()})

# %% [markdown]
# The less a single step has to compute, the more a scan saves; with large networks it matters little, and a Python loop is easier to look into.
#
# ### Optax: an optimiser is two functions
#
# When the gradient $g$ comes from a random batch instead of all data, descent is *stochastic* gradient descent, **SGD**. **Momentum** steps along a running sum of gradients: $q\leftarrow\alpha q+g$, then $\theta\leftarrow\theta-\eta q$. With $\alpha=0.9$ a direction that stays builds up to ten times its step, and one that alternates shrinks to about half.
#
# What an optimiser remembers (the $q$, say) can't hide inside it, since functions are pure. So in **Optax** the state goes in and comes out:
#
# - `opt_state = optimizer.init(params)`
# - `updates, opt_state = optimizer.update(grads, opt_state, params)`
# - `params = optax.apply_updates(params, updates)`, which **adds** the updates: they carry their sign already.

# %% demo="optax_by_hand"
optimizer = optax.sgd(0.1, momentum=0.9)
params, grads = {"b": 1.0, "w": 2.0}, {"b": 10.0, "w": -10.0}
opt_state = optimizer.init(params)
for step in range(2):
    updates, opt_state = optimizer.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    print(f"step {step}: updates b {updates['b']:.1f}, w {updates['w']:.1f}")
print(f"parameters now: b {params['b']:.1f}, w {params['w']:.1f}")

# %% [markdown]
# The second updates are larger, although the gradient is the same: $q$, out of `opt_state`, is $0.9\,g+g$ by then.
#
# ### {exercise}: one training step
# A function that makes a function. You will train everything in this notebook with it.
#
# **Contract.** `make_train_step(loss_fn, optimizer)` returns a **jitted** function `step`. `loss_fn(params, *batch)` is one number; a batch is any number of arrays, or none.
#
# `step(params, opt_state, *batch)` returns `(params, opt_state, loss)`: the new parameters, the new state, and the loss **before** the step, on this batch. It calls `optimizer.update(grads, opt_state, params)` with the parameters as well, since some optimisers need them. Parameters may be any pytree. Nothing is changed in place, and the arrays that went in can be used again (so don't donate them to the compiler). The whole step is compiled: after the first call with given shapes and dtypes Python runs neither in the loss nor in the optimiser.
#
# *One number:* for the loss $p^2$ at $p=3$ and `optax.sgd(0.1)` the step gives $3-0.1\cdot6=2.4$ and the loss 9.


# %% solution="make_train_step" points=6 minutes=15 level="intermediate"
def make_train_step(loss_fn, optimizer: optax.GradientTransformation):
    """The compiled function (params, opt_state, *batch) -> (params, opt_state, loss)."""

    ### BEGIN SOLUTION
    @jax.jit
    def step(params, opt_state, *batch):
        loss, grads = jax.value_and_grad(loss_fn)(params, *batch)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), opt_state, loss

    return step
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.value_and_grad(f)` returns value and gradient from one pass. The three Optax lines stand above.
#
# ::: Hint: the shape of the answer
# Inside, define `step(params, opt_state, *batch)` with `@jax.jit` above it; then `return step`. In `step`: loss and gradient, updates and state, new parameters, three results.
#
# ::: Help: the parameters run away
# Updates of Optax are added. Subtracting them climbs uphill.
#
# ::: Help: momentum makes no difference
# The state that `update` gives you must be the one that `step` returns.

# %% demo="three_roads"
optimizers = {
    "SGD (0.1)": optax.sgd(0.1),
    "momentum (0.02, 0.9)": optax.sgd(0.02, momentum=0.9),
    "Adam (0.1)": optax.adam(0.1),
}
if grader.ready("squared_error", "make_train_step"):
    roads = line.walk(make_train_step, line_loss, optimizers, x_line, y_line)
    line.losses(roads)

# %% demo="your_optimizers"
mine = {  # yours to change: which is fastest, and from which step size on does SGD run away?
    "SGD (0.5)": optax.sgd(0.5),
    "momentum (0.1, 0.9)": optax.sgd(0.1, momentum=0.9),
    "Adam (0.5)": optax.adam(0.5),
}
if grader.ready("squared_error", "make_train_step"):
    line.losses(line.walk(make_train_step, line_loss, mine, x_line, y_line), "Yours to change")

# %% [markdown]
# **Look:** in the first figure all three level off at the same height, about 0.0025. Why not at zero?
#
# ::: Answer
# The points don't lie on a line: noise of spread 0.05 was added to them, and $0.05^2=0.0025$. No line can do better than about that. A loss that stops falling need not mean that training is stuck. (SGD is first here because this bowl is nearly round: one step size suits all its directions. Momentum and Adam pay off in long valleys, which networks have.) (The second figure is yours: change the cell above it.)
#
# ## {section}. Adam, piece by piece
#
# Gradients of different parameters may differ in size by orders of magnitude, and one step size must serve all. **Adam** (Kingma and Ba, 2014) divides each gradient by its own typical size. With the gradient $g$ it keeps two running averages, of $g$ and of its square, entry by entry, both starting at zero:
#
# $$m\leftarrow\beta_1m+(1-\beta_1)\,g,\qquad v\leftarrow\beta_2v+(1-\beta_2)\,g^2,\qquad u=-\eta\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)}+\epsilon} .$$
#
# Averages that start at zero are too small at first: after step $t$ the weights that they have given out add up to $1-\beta^t$ only. Dividing by that is the *bias correction*.
#
# ### {exercise}: an optimiser that Optax accepts
# Most networks of today are trained with it or with a relative.
#
# **Contract.** Return `optax.GradientTransformation(init, update)` with
#
# - `init(params)`: a state that is a pytree, with an integer count and the two averages, zeros of the shapes of `params`;
# - `update(grads, state, params=None)`: the pair `(updates, state)`. `updates` are the $u$ above, a pytree like `grads`; the first update has $t=1$; $\epsilon$ stands **outside** the root. The state that goes in isn't changed, and the count stays an integer.
#
# It works under `jit` and on any pytree. Write it yourself: `optax.adam` and its parts don't count.
#
# *One number:* at $t=1$ we have $u=-\eta\,g/(|g|+\epsilon)$: with $\eta=0.1$ a gradient of 5000 gives −0.1, and so does one of 0.5.


# %% solution="my_adam" points=7 minutes=25 level="intermediate"
def my_adam(
    learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> optax.GradientTransformation:
    """Adam: steps of one size, whatever the size of the gradient."""

    ### BEGIN SOLUTION
    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return jnp.zeros((), jnp.int32), zeros, zeros

    def update(grads, state, params=None):
        t, m, v = state
        t = t + 1
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g**2, v, grads)

        def step(m, v):
            m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
            return -learning_rate * m_hat / (jnp.sqrt(v_hat) + eps)

        return jax.tree.map(step, m, v), (t, m, v)

    return optax.GradientTransformation(init, update)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.tree.map(f, tree, other_tree)` calls `f` on leaves that belong together. `jax.tree.map(jnp.zeros_like, params)` makes the zeros.
#
# ::: Hint: the shape of the answer
# Two functions inside `my_adam`, and one `return`. The state can be the tuple `(t, m, v)`. In `update`: count up, average $g$, average $g^2$, one more `tree.map` for $u$; return $u$ and the new tuple.
#
# ::: Help: nan at the first step
# With $t=0$ the correction divides by $1-\beta^0=0$. Count up before you correct.
#
# ::: Help: close to Optax, but not equal
# Try it with `eps=0.1`: then it shows whether ε stands inside or outside the root.

# %% demo="four_roads"
if grader.ready("squared_error", "make_train_step", "my_adam"):
    line.first_steps(my_adam)
    optimizers["your Adam (0.1)"] = my_adam(0.1)
    roads = line.walk(make_train_step, line_loss, optimizers, x_line, y_line)
    line.race(roads, x_line, y_line)

# %% [markdown]
# **Look:** why do the steps without correction begin *too long*, when both averages are too small at first? And on the map: who goes straight down, who overshoots, and where is Optax's Adam?
#
# ::: Answer
# $m$ is too small by the factor $1-\beta_1=0.1$, but $\sqrt v$ by $\sqrt{1-\beta_2}\approx0.03$, and we divide by it. So without correction the first step is about three times too long. The next ones are even longer, since $m$ fills up within ten steps or so, and $v$ needs a thousand.
#
# SGD follows the steepest way down. Momentum arrives with speed and swings far past the bottom. Adam starts diagonally, since both parameters move at the same pace whatever their gradients, and overshoots a little: its averages remember old gradients, too. Optax's Adam is underneath yours: the two roads are the same.
#
# ## {section}. Modules
#
# A network has many parameters, and passing each by hand gets tiresome. **Haiku** lets you write a class that *asks* for its parameters where it uses them. `hk.transform` then turns a function that uses such classes into two pure functions: `init(key, x)` collects the parameters, and `apply(params, key, x)` uses those that it is given. (Haiku is in maintenance mode: its authors at Google DeepMind keep it working, and recommend Flax for new projects. It is used here because it is small, because its functions are pure, and because the practicals that this one follows were written with it.)


# %% demo="haiku_in_five_lines"
def half(x):
    w = hk.get_parameter("w", (), init=jnp.ones)
    return w * x / 2


pure = hk.without_apply_rng(hk.transform(half))  # without: apply(params, x), no key
params = pure.init(jax.random.key(0), 3.0)
print("parameters:", params, " with these, 3 becomes", pure.apply(params, 3.0))
others = jax.tree.map(lambda w: 10 * w, params)
print("with ten times as large ones it becomes", pure.apply(others, 3.0))

try:
    hk.Linear(3)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# A module lives inside of a transformed function, and nowhere else. That is the price for parameters that are a plain dictionary, which `grad` and Optax take as it is.
#
# ### {exercise}: a linear layer
# The layer that nearly every network has, also called *dense* or *fully connected*.
#
# **Contract.** `MyLinearModel(output_dim)` asks by `hk.get_parameter` for `w` (`d_in`, `output_dim`), drawn from Haiku's key (the same key gives the same `w`, another one another `w`) with mean 0 and standard deviation $1/\sqrt{d_\text{in}}$. That is the spread of the numbers in a large `w`, to within 3 %; which distribution is up to you (a truncated normal is narrower than its `stddev`), and for `b` (`output_dim`,), zeros. `x` (…, `d_in`) becomes $xw+b$ (…, `output_dim`).
#
# `linear_network(output_dim)` returns the transformed function around a module **named** `linear`, with `hk.without_apply_rng`: `init(key, x)` and `apply(params, x)`, both also under `jit`.
#
# *One number:* with `d_in` = 4 and `output_dim` = 3 the parameters are `{"linear": {"b": (3,), "w": (4, 3)}}`, 15 numbers.


# %% solution="MyLinearModel" points=5 minutes=12 level="beginner"
class MyLinearModel(hk.Module):
    """A linear layer with parameters w and b."""

    def __init__(self, output_dim: int, name: str | None = None):
        super().__init__(name=name)
        self.output_dim = output_dim

    def __call__(self, x: Float[Array, "... d_in"]) -> Float[Array, "... output_dim"]:
        """x w + b, on the last axis."""
        ### BEGIN SOLUTION
        d_in = x.shape[-1]
        spread = hk.initializers.RandomNormal(1 / np.sqrt(d_in))
        w = hk.get_parameter("w", (d_in, self.output_dim), init=spread)
        b = hk.get_parameter("b", (self.output_dim,), init=jnp.zeros)
        return x @ w + b
        ### END SOLUTION


def linear_network(output_dim: int) -> hk.Transformed:
    """The pure functions init(key, x) and apply(params, x) of one layer named linear."""

    ### BEGIN SOLUTION
    def network(x):
        return MyLinearModel(output_dim, name="linear")(x)

    return hk.without_apply_rng(hk.transform(network))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `hk.get_parameter(name, shape, init=...)`. For `init`: `hk.initializers.RandomNormal(stddev)` and `jnp.zeros`. `x.shape[-1]` is `d_in`.
#
# ::: Hint: the shape of the answer
# In the class: `w`, `b`, one `return`. In `linear_network`: a small function of `x` that makes the module and calls it; transform that function.
#
# ::: Help: All hk.Modules must be initialized inside an hk.transform
# Make the module *inside* the small function, not beside it.
#
# ::: Help: init returns an empty dictionary
# Arrays made with `jnp.zeros` or `jax.random` are constants to Haiku. Only `hk.get_parameter` makes parameters.

# %% demo="parameter_table"
import layers

if grader.ready("MyLinearModel"):
    network = linear_network(3)
    params = network.init(jax.random.key(1), jnp.ones((2, 4)))
    layers.parameter_table(params)
    layers.outputs_by_width(linear_network)

# %% [markdown]
# **Look:** what would the outputs do without the $1/\sqrt{d_\text{in}}$, layer after layer?
#
# ::: Answer
# Each output is a sum of $d_\text{in}$ products. With inputs and weights of spread 1 its variance is $d_\text{in}$, so numbers grow by $\sqrt{d_\text{in}}$ in each layer: with width 1024 by a factor of 32. The smaller spread keeps their size.
#
# ## {section}. Layers for images
#
# Could we feed an image to a linear layer? Count first. A layer of 500 outputs (*units*) on a 100 × 100 image with 3 colours has a weight for each pair of number and unit. It also treats a pixel and its neighbour as strangers, and has to learn about a cat in the left corner and in the right corner separately.
#
# A **convolution** looks at small windows, 3 × 3 say, with the *same* weights everywhere.

# %% demo="count_parameters"
image = jnp.ones((1, 100, 100, 3))
for layer in (lambda x: hk.Linear(500)(hk.Flatten()(x)), lambda x: hk.Conv2D(500, 3)(x)):
    shapes = jax.eval_shape(hk.transform(layer).init, jax.random.key(0), image)
    count = sum(leaf.size for leaf in jax.tree.leaves(shapes))
    print(f"{count:>10,} parameters:", jax.tree.map(lambda leaf: leaf.shape, shapes))

# %% [markdown]
# (`jax.eval_shape` traces a function without running it: shapes for free.)
#
# **Conventions.** Images have the shape ($N, H, W, C$): batch, height, width, channels. Kernels have ($k_h, k_w, C, F$): window, channels in, channels out; the part ($k_h, k_w, C$) that makes one channel of the output is also called a *filter*. A window of $k$ that moves by a *stride* of $s$ over $H$ numbers fits $\lfloor(H-k)/s\rfloor+1$ times. This is called **VALID**. **SAME** adds zeros around the image, so that $\lceil H/s\rceil$ windows fit: $\max((\lceil H/s\rceil-1)\,s+k-H,\,0)$ zeros in all, half of them in front, and when the number is odd the extra one at the end.
#
# ### {exercise}: pooling
# A smaller image, in which each number says *somewhere around here it was this strong*.
#
# **Contract.** `x` ($N, H, W, C$) → ($N, H', W', C$): the largest number of each `window` × `window` square of **height and width**, each image and channel for itself. Windows move by `stride` (`None`: by `window`, so that they tile the image), VALID: incomplete windows at the border are left out. `window` and `stride` are Python ints. Works under `jit` and `grad`; ints stay ints.
#
# *One number:* a 6 × 6 image with `window=2` becomes 3 × 3.


# %% solution="max_pool" points=5 minutes=12 level="beginner"
def max_pool(
    x: Num[Array, "N H W C"], window: int, stride: int | None = None
) -> Num[Array, "N H_out W_out C"]:
    """The largest number of each window, for each image and channel."""
    ### BEGIN SOLUTION
    stride = window if stride is None else stride
    height = (x.shape[1] - window) // stride + 1
    width = (x.shape[2] - window) // stride + 1
    places = []
    for i in range(window):
        for j in range(window):
            rows = slice(i, i + stride * (height - 1) + 1, stride)
            columns = slice(j, j + stride * (width - 1) + 1, stride)
            places.append(x[:, rows, columns])
    return jnp.max(jnp.stack(places), axis=0)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `x[:, i : i + window, j : j + window]` is one window, `.max(axis=(1, 2))` its largest numbers. Or see `jax.lax.reduce_window`.
#
# ::: Hint: the shape of the answer
# Two nested lists over the corners of windows, then `jnp.stack` twice. Or `jax.lax.reduce_window`: windows and strides have a number for each axis of `x`, and it starts from $-\infty$, for ints too.
#
# ::: Help: 6 × 6 became 5 × 5
# That is stride 1. Without a `stride` windows move by `window`.
#
# ::: Help: negative images become 0
# Something starts from 0, or pads with 0. The smallest float is `-jnp.inf`.

# %% demo="pooled_digit"
import images

if grader.ready("max_pool"):
    digits = images.load("digits")
    layers.pooled(max_pool, digits.train.images[12:13])
    print("Pool these by hand:", layers.SIX_BY_SIX, sep="\n")

# %% [markdown]
# **Look:** half of the side, a quarter of the numbers. Which of the two smaller images would you rather read? And by hand: what do `window=2`, and `window=3, stride=2`, make of the 6 × 6 numbers that the cell printed?
#
# ::: Answer
# Maximum pooling (middle) keeps strokes strong, wherever in the window they are; the mean (right) makes thin ones pale. Both forget where exactly in the window the stroke was. That is the point: a digit moved by one pixel should stay nearly the same to the network.
#
# By hand: ((9, 8, 7), (4, 6, 9), (8, 5, 3)) and ((9, 8), (7, 6)). With a window of 3 and a stride of 2 the last row and column belong to no window. To check: `max_pool(layers.SIX_BY_SIX[None, :, :, None], 2)[0, :, :, 0]`.
#
# ### {exercise}: convolution
# The layer that most networks for images begin with. No library function does it for you this time.
#
# **Contract.** `x` ($N, H, W, C$), `w` ($k_h, k_w, C, F$) and `b` ($F$,) give ($N, H', W', F$): each output is the sum, over a window and over all channels, of products with the kernel, plus the bias. The kernel isn't flipped. (Mathematicians call that *cross-correlation*; deep learning says convolution.)
#
# `stride` is a Python int for both directions. `padding` is `"VALID"` or `"SAME"`, as defined above; any other string raises a `ValueError`. Don't call a ready-made convolution; `einsum`, `@` and indexing are what it takes. Works under `jit`, and can be differentiated in `x`, `w` and `b`.
#
# *One number:* an 8 × 11 image and a 3 × 3 kernel with `stride=2` give 3 × 5 with VALID, and 4 × 6 with SAME: there 1 row of zeros (at the end) and 2 columns (one on each side) are added.


# %% solution="conv2d" points=7 minutes=25 level="intermediate"
def conv2d(
    x: Float[Array, "N H W C"],
    w: Float[Array, "kh kw C F"],
    b: Float[Array, "F"],
    *,
    stride: int = 1,
    padding: str = "VALID",
) -> Float[Array, "N H_out W_out F"]:
    """Each window's products with the kernel, summed, plus a bias."""
    ### BEGIN SOLUTION
    if padding not in ("VALID", "SAME"):
        raise ValueError(f"padding is 'VALID' or 'SAME', not {padding!r}")
    kh, kw = w.shape[:2]
    if padding == "SAME":
        added = []
        for size, k in zip(x.shape[1:3], (kh, kw)):
            total = max((-(-size // stride) - 1) * stride + k - size, 0)
            added.append((total // 2, total - total // 2))
        x = jnp.pad(x, ((0, 0), *added, (0, 0)))
    height = (x.shape[1] - kh) // stride + 1
    width = (x.shape[2] - kw) // stride + 1
    out = b
    for i in range(kh):
        for j in range(kw):
            rows = slice(i, i + stride * (height - 1) + 1, stride)
            columns = slice(j, j + stride * (width - 1) + 1, stride)
            out = out + x[:, rows, columns] @ w[i, j]
    return out
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# Loop over the *kernel*, not over the image: for each of its `kh` · `kw` places, one strided slice of the image holds what that place meets in every window. `a[i : end : stride]` makes such slices.
#
# ::: Hint: the shape of the answer
# Refuse wrong strings; pad if SAME (`jnp.pad`); compute $H'$ and $W'$; start from the bias and add ($N, H', W', C$) @ ($C, F$) for each place of the kernel.
#
# ::: Help: SAME is right with stride 1 only
# The number of zeros depends on the stride: with a stride of 2 the windows end elsewhere. In Python $\lceil H/s\rceil$ is `-(-H // s)`.
#
# ::: Help: off by one pixel with even kernels
# An odd number of zeros can't be halved: the extra one goes to the end.

# %% demo="sliding_kernel"
if grader.ready("conv2d"):
    digits = images.load("digits")
    layers.sliding(conv2d, digits.train.images[12])

# %% demo="your_kernel"
kernel = [  # nine numbers of yours: what do they find in the digit?
    [0, -1, 0],
    [-1, 4, -1],
    [0, -1, 0],
]
if grader.ready("conv2d"):
    layers.edges(conv2d, images.load("digits").train.images[12:13], kernel)

# %% [markdown]
# **Look:** the film slides the second of three kernels written by hand; below it are all three, and a fourth that is yours to change. What do the first three see, and what do an orange and a purple field of the second one mean?
#
# ::: Answer
# The first blurs: a mean over nine pixels. The second compares left and right: orange where there is more ink on the right (a stroke begins), purple where there is more on the left (it ends), pale on blank paper and where both sides are alike. The third compares above and below. A network isn't given its kernels, it learns them; {ref:reading} shows the ones that yours has learnt.
#
# ## {section}. A loss for classes
#
# The network will say for each image and each of $K$ classes how much it is in favour: a *logit* $z_j$, any real number. Softmax turns logits into probabilities, $p_j=e^{z_j}/\sum_ie^{z_i}$, and the loss of an image with the label $y$ is $-\log p_y$: nothing for a sure right answer, much for a sure wrong one.
#
# Computed in that order it breaks. $e^z$ overflows above $z\approx88.7$; small probabilities round to 0, and $-\log0$ is infinite. But the logarithm can be worked out on paper first. With the largest logit $c=\max_jz_j$:
#
# $$-\log p_y=\log\sum_je^{z_j-c}-(z_y-c).$$
#
# No exponent is positive, and one of them is 0, so nothing overflows and the sum is at least 1.
#
# ### {exercise}: cross-entropy
# The loss of nearly every classifier, and of language models too.
#
# **Contract.** `logits` ($N, K$) and integer `labels` ($N$,) from 0 to $K-1$. Return one number, the mean over the $N$ images of $-\log p_y$, with the natural logarithm. It stays finite for logits as large as ±50 000, and so does its gradient, which is $(p-e_y)/N$ ($e_y$ has a 1 at the label, else zeros). Works under `jit`.
#
# *One number:* if all logits are equal, each class has the probability $1/K$ and the loss is $\ln K$: for ten classes 2.303.


# %% solution="cross_entropy" points=5 minutes=12 level="intermediate"
def cross_entropy(logits: Float[Array, "N K"], labels: Int[Array, "N"]) -> Float[Array, ""]:
    """The mean over the batch of -log softmax(logits) at the labels."""
    ### BEGIN SOLUTION
    z = logits - jnp.max(logits, axis=1, keepdims=True)
    z_label = jnp.take_along_axis(z, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jnp.log(jnp.sum(jnp.exp(z), axis=1)) - z_label)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `z[jnp.arange(N), labels]` or `jnp.take_along_axis` picks one number of each row. `jax.nn.logsumexp` and `jax.nn.log_softmax` know the trick with the maximum.
#
# ::: Hint: the shape of the answer
# ($N, K$) logits minus the maximum of **their row**; ($N$,) logarithms of sums; ($N$,) numbers at the labels; one mean.
#
# ::: Help: inf or nan
# Is there a softmax, and then a logarithm? And is the maximum that of each row? With one maximum for all, the other rows underflow.
#
# ::: Help: K times too small
# A mean over a table of ($N, K$) numbers divides by $K$ as well. Compare with $\ln K$.

# %% demo="stable_and_naive"
import classes

if grader.ready("cross_entropy"):
    classes.stable_and_naive(cross_entropy)

# %% [markdown]
# **Look:** the naive curve is right for a while, then gone. Which images of a training run are beyond its end?
#
# ::: Answer
# Those that the network gets wrong and is very sure of, the ones with most to teach. One of them in a batch makes the whole loss infinite, and with the next step all parameters `nan`. (The smallest *normal* number of float32 is $2^{-126}\approx e^{-87.3}$. There are smaller ones, with fewer digits, but fast programs often take them for 0.)
#
# ## {section:reading}. Reading digits
#
# All parts are there. The data: scikit-learn's 1797 handwritten digits of 8 × 8 pixels, divided by 16, so that they lie between 0 and 1. They are split once: 1197 to train on, 300 to make decisions (*validation*), and 300 that decide nothing and are kept for the end (*test*).

# %% demo="digits_data"
import images

data = images.load(DATA)
for part in ("train", "validation", "test"):
    x, labels = getattr(data, part)
    print(f"{part:>10}: images {x.shape} {x.dtype}, labels {labels.shape} {labels.dtype}")
images.gallery(data.train)

# %% [markdown]
# (For larger images write `DATA = "mnist"` or `DATA = "cifar10"` in the first cell. It downloads from openml.org, once, and takes longer.)
#
# ### {exercise}: a convolutional network
# Convolve, bend, pool, again; then decide.
#
# **Contract.** For each entry `c` of `channels`, with its index `i`: `hk.Conv2D(c, 3, padding="SAME", name=f"conv_{i}")`, ReLU, 2 × 2 max-pooling. (Heights and widths are even wherever a pooling comes, so VALID and SAME pooling are the same here.) Then flatten each image in the order ($H, W, C$), as `reshape` does, and `hk.Linear(num_classes, name="logits")`. Return **logits** ($N$, `num_classes`): no softmax, the loss takes care of that. Works under `jit` and `grad`. (You may use your `max_pool` and `relu`. Haiku's convolution is the one that you wrote, and faster.)
#
# *One number:* for 8 × 8 × 1 images the default has kernels (3, 3, 1, 16) and (3, 3, 16, 32) and a matrix (128, 10), with biases 6090 numbers.


# %% solution="ConvNetModule" points=6 minutes=15 level="intermediate" needs="max_pool"
class ConvNetModule(hk.Module):
    """Convolution, ReLU and pooling, several times; then logits."""

    def __init__(self, channels=(16, 32), num_classes: int = 10, name: str | None = None):
        super().__init__(name=name)
        self.channels, self.num_classes = channels, num_classes

    def __call__(self, x: Float[Array, "N H W C"]) -> Float[Array, "N num_classes"]:
        """The logits of each image."""
        ### BEGIN SOLUTION
        for i, c in enumerate(self.channels):
            x = hk.Conv2D(c, 3, padding="SAME", name=f"conv_{i}")(x)
            x = max_pool(jax.nn.relu(x), 2)
        x = x.reshape(x.shape[0], -1)
        return hk.Linear(self.num_classes, name="logits")(x)
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `enumerate(self.channels)` gives index and entry. `x.reshape(x.shape[0], -1)` keeps the batch and flattens the rest.
#
# ::: Hint: the shape of the answer
# A loop of three operations, a reshape, a linear layer. (8, 8, 1) → (4, 4, 16) → (2, 2, 32) → 128 → 10.
#
# ::: Help: the matrix has other than 128 rows
# Each pooling halves height and width: 8 → 4 → 2, and 2 · 2 · 32 = 128. Is one missing, or does one pool other axes?
# :::
#
# Now train it. The loop below is all there is to training: shuffle the images with a key, take them in *batches* of 64, make one step on each, and once all have been used, after one *epoch*, read the validation images. (An incomplete last batch is left out: its shape would need a program of its own.) Every network in this section learns in this loop, and `done` notes what happens: the losses of all steps, the parameters, and after each epoch the share of validation images that are read correctly.


# %% demo="training_loop"
import reading


def train(network, params, step, optimizer, epochs, key, batch=64):
    """Training on batches, in another order in each epoch; what happened comes back."""
    pictures, labels = data.train
    opt_state, done = optimizer.init(params), reading.Trained(network, params)
    for epoch_key in jax.random.split(key, epochs):
        order = np.asarray(jax.random.permutation(epoch_key, len(labels)))
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            params, opt_state, loss = step(params, opt_state, pictures[rows], labels[rows])
            done.losses.append(float(loss))
        done.after = params
        done.checked[len(done.losses)] = done.right(data.validation).mean()
    return done


# %% demo="read_digits"
parts = ("make_train_step", "my_adam", "max_pool", "cross_entropy", "ConvNetModule")
if can_train := grader.ready(*parts):
    network = hk.without_apply_rng(hk.transform(lambda x: ConvNetModule()(x)))

    def digit_loss(params, x, labels):
        return cross_entropy(network.apply(params, x), labels)

    key_init, key_order = jax.random.split(jax.random.key(0))
    params, optimizer = jax.jit(network.init)(key_init, data.train.images[:1]), my_adam(2e-3)
    step = make_train_step(digit_loss, optimizer)
    trained = train(network, params, step, optimizer, epochs=17, key=key_order)
    reading.curves(trained)

# %% [markdown]
# **Look:** is there a reason to stop earlier than after 17 epochs, or to go on? Which curve may answer that?
#
# ::: Answer
# The validation curve: it rises fast, then levels off. While it rises, more steps help; if it fell while the training loss went on falling, the network would be learning its training images by heart. The test images must not decide; the quiz asks why.
# :::
#
# The number of epochs is settled, so now the test images come out. From here on they may show *how* the network reads, but nothing may be chosen by them.

# %% demo="test_digits"
if can_train:
    right = trained.right(data.test)
    print(f"{right.mean():.1%} of the {len(right)} test images are read correctly")
    reading.predictions(trained, data.test)
    reading.confusion(trained, data.test)

# %% [markdown]
# Trained ten times from ten keys, it read between 97 and 99.5 % of them.
#
# And is it you who reads? The trained numbers are arrays in a dictionary, so they can go through the layers that *you* wrote: convolution, ReLU, pooling, and the linear layer.

# %% demo="your_own_layers"
if can_train and grader.ready("conv2d", "relu", "MyLinearModel"):
    numbers = {path.split("/")[-1]: leaves for path, leaves in trained.after.items()}
    x = jnp.asarray(data.test.images)
    for name in ("conv_0", "conv_1"):
        w, b = numbers[name]["w"], numbers[name]["b"]
        x = max_pool(relu(conv2d(x, w, b, padding="SAME")), 2)
    logits = linear_network(10).apply({"linear": numbers["logits"]}, x.reshape(len(x), -1))
    difference = jnp.abs(logits - trained.logits(data.test.images)).max()
    print(f"largest difference from the logits of Haiku's layers: {difference:.1e}")
    print(f"your layers read {(logits.argmax(axis=1) == data.test.labels).mean():.1%} correctly")

# %% [markdown]
# Only rounding differs: every part of what reads digits here is yours. The rest of this section looks inside.

# %% demo="filters"
if can_train:
    reading.filters(trained)

# %% [markdown]
# **Look:** compare each filter before and after training. What has become of the noise?
#
# ::: Answer
# Contrasts have grown: a filter that happened to look a little like an edge (one side purple, the other orange) or a spot now does so clearly. Others still look like the noise that they began as. On so small a task the later layers can work with almost any filters, so little pulls these towards a clean pattern.

# %% demo="four_corners"
if can_train:
    reading.four_corners(trained, data.test)

# %% [markdown]
# **Look:** in which corner does an image cost most loss, and which corner is worst in a post office?
#
# ::: Answer
# The titles have the mean losses: *wrong and sure* costs most, if there is such an image at all in your run. $-\log p_y$ is large when $p_y$ is tiny, and a network that is sure of another class leaves little for $p_y$. But it needn't be sure of one: a probability that is spread over several wrong classes leaves as little (compare the losses above the images of *wrong and unsure*). In the post office *wrong and sure* is worst: a digit that is wrong and unsure can be handed to a person; one that is wrong and sure goes to the wrong city. (You will come back to this figure in the discussion.)
# :::
#
# Your turn: the next cell is for experiments. It begins with the network from above, then a smaller one, and one without pooling, whose convolutions have strides instead; all get the same steps. Judge them by the validation images.


# %% demo="your_network"
def no_pooling(x):
    for channels in (16, 32):
        x = jax.nn.relu(hk.Conv2D(channels, 3, stride=2)(x))
    return hk.Linear(10)(x.reshape(x.shape[0], -1))


def try_out(function, rate=5e-3, epochs=8):
    """Train a network of yours, and count the validation images that it reads."""
    mine, optimizer = hk.without_apply_rng(hk.transform(function)), my_adam(rate)

    def loss_fn(params, x, labels):
        return cross_entropy(mine.apply(params, x), labels)

    params = jax.jit(mine.init)(jax.random.key(1), data.train.images[:1])
    step = make_train_step(loss_fn, optimizer)
    result = train(mine, params, step, optimizer, epochs, jax.random.key(2))
    reading.report(result, data.validation)


if can_train:
    try_out(lambda x: ConvNetModule()(x))
    try_out(lambda x: ConvNetModule(channels=(4, 8))(x))
    try_out(no_pooling)

# %% [markdown]
# ### {exercise}: how far a unit sees
# A number in the first layer depends on 3 × 3 pixels. And one in the last?
#
# Follow one output back to the input, along one axis. Let it see `size` positions, and let neighbouring outputs be `jump` positions apart, both 1 without layers. A layer with a kernel of $k$, stride $s$ and *dilation* $d$ (its kernel's places are $d$ apart) makes
#
# $$\text{size}\leftarrow\text{size}+(k-1)\,d\cdot\text{jump},\qquad\text{then}\qquad\text{jump}\leftarrow\text{jump}\cdot s .$$
#
# **Contract.** `layers` is a list of `(kernel, stride, dilation)`, the layer next to the input first. Return the pair of ints `(size, jump)` at the end.
#
# *One example:* convolution 3, pooling 2 with stride 2, convolution 3, that is `[(3, 1, 1), (2, 2, 1), (3, 1, 1)]`, gives (8, 2).


# %% solution="receptive_field" points=4 minutes=10 level="intermediate"
def receptive_field(layers: list[tuple[int, int, int]]) -> tuple[int, int]:
    """How many input positions one output sees, and how far apart neighbouring outputs are."""
    ### BEGIN SOLUTION
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size = size + (kernel - 1) * dilation * jump
        jump = jump * stride
    return size, jump
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `for k, s, d in layers:` takes each triple apart.
#
# ::: Hint: the shape of the answer
# Two numbers, a loop with the two assignments in the order of the formula, one `return`.
#
# ::: Help: too large as soon as there is a stride
# A layer's own stride matters for the layers *after* it. Update the size first.

# %% demo="fields_of_view"
import seeing

if grader.ready("receptive_field"):
    seeing.fields(receptive_field)

# %% [markdown]
# **Look:** orange is what the gradient says, the frame is what you computed. Which stack sees most for the number of its weights, and do all pixels count alike?
#
# ::: Answer
# The dilated one: three kernels of nine weights reach as far as a single kernel of 15 × 15. Here its steps 1, 2, 4 leave no hole, but a dilation alone, without the layers before it, would see a grid of dots. Note also the shades (all weights are equal here): with three plain convolutions the middle is reached by many paths and the rim by one, so a unit in practice sees less than its frame. With dilations the shades are uneven: the very middle is reached by a single path, like the corners. And the last layer of your network? After both poolings it sees 10 positions, more than the 8 pixels there are.
#
# ## Quiz
#
# Eight questions about cases that you haven't met yet. Which answers are right, and why the others aren't, you learn after you hand in.

# %% [markdown] quiz="quiz" points=8 minutes=10 level="beginner"
# ### {exercise}: quiz
# For each question one answer is right: write its letter, or the number that is asked for, into the cell below. Numbers first on paper, please.
#
# 1. **First derivative.** For $g(x)=2x^5-3x^2+x$, what is $g'(2)$?
#    - [=] 149
#    - [ ] 160 | That is 10·16, the first term; the other two have derivatives as well.
#    - [ ] 148 | The term x has the derivative 1.
#    - [ ] 54 | That is g(2), the value itself.
#    - [ ] 155 | The derivative of 3x² is 6x, and x is 2.
#    - [ ] 314 | That is the second derivative.
# 2. **Third derivative.** For the same function, what is `jax.grad(jax.grad(jax.grad(g)))(3.0)`?
#    - [=] 1080
#    - [ ] 1074 | The term −3x² has vanished by then; this is the second derivative.
#    - [ ] 720 | That is the fourth derivative.
#    - [ ] 360 | The third derivative is 120x², and x² is 9.
#    - [ ] 120 | 120x² is the third derivative; it is asked for at x = 3.
# 3. **Reductions.** `jax.vmap(jax.vmap(min_max))` is called on an array of the shape (4, 3, 5). Which shape comes out?
#    - [x] (4, 3, 2)
#    - [ ] (4, 2) | That is what a single vmap gives: one pair for each of the four tables.
#    - [ ] (2,) | That is min_max without any vmap: one pair for all 60 numbers.
#    - [ ] (4, 3, 5, 2) | With a third vmap each number would be an example of its own; here a row of five is one.
# 4. **Counting.** Images of 28 × 28 × 1 go through a SAME convolution with 8 filters and a 2 × 2 pooling, and are flattened. How many parameters has the dense layer of 10 units after that, with biases?
#    - [=] 15690
#    - [ ] 15680 | Each of the 10 units has a bias, too.
#    - [ ] 62730 | The pooling halves height and width: 14 × 14 places are left.
#    - [ ] 7850 | That is a dense layer on the image itself: here 14 · 14 · 8 numbers come in.
#    - [ ] 1970 | Each of the 14 · 14 places has 8 channels.
# 5. **Batches.** Photographs are 48 high and 64 wide and have 3 colours; there are five classes. Which shapes and dtypes has a batch of 32 for a network and a loss such as those of this notebook?
#    - [x] images (32, 48, 64, 3) float, labels (32,) int
#    - [ ] images (32, 48, 64, 3) float, labels (32, 5) float | Labels are class numbers here, not one-hot rows.
#    - [ ] images (32, 3, 48, 64) float, labels (32,) int | Channels come last: batch, height, width, channels.
#    - [ ] images (32, 64, 48, 3) float, labels (32,) int | Height comes before width.
#    - [ ] images (32, 9216) float, labels (32,) int | A convolution needs to know what is above and beside what: images aren't flattened before it.
# 6. **Tracing.** A jitted function has a `print` in it. It is called with float32 arrays of the shapes (3,), (4,) and (3,), and last with an int32 array of the shape (3,). How often does it print?
#    - [=] 3
#    - [ ] 4 | The third call has the shape and dtype of the first one, whose program is kept.
#    - [ ] 2 | The dtype counts as well as the shape: ints need a program of their own.
#    - [ ] 1 | A program is made for one combination of shapes and dtypes, not for all.
# 7. **Keys.** What does `jax.vmap(lambda x: x + jax.random.normal(key))(jnp.zeros(4))` give?
#    - [x] four times the same number
#    - [ ] four independent numbers | All four use one key, which comes from outside of the function: the same key gives the same draw.
#    - [ ] four zeros | The draw from this key is added to each of the zeros.
#    - [ ] an error, since a key is used more than once | JAX doesn't watch over that unless you ask it to: reuse is silent, which makes it dangerous.
# 8. **Honest numbers.** Twenty networks were trained, and the one that reads most of the validation images, 97.3 %, is handed over. As a promise about new images 97.3 % is …
#    - [x] too optimistic.
#    - [ ] right, since no validation image was used for a gradient. | The best of twenty was taken, so part of its lead is luck with these very images: an honest number needs others.
#    - [ ] too pessimistic. | What was chosen since it looks good on these images doesn't do better elsewhere.
#    - [ ] right, if all twenty were trained in the same way. | Then they differ by luck all the more, and the luckiest one was taken.

# %% [markdown]
# ## {section}. Going further
#
# Four exercises for those who want more: **normalisation**, which carries state; **shortcuts**, which make deep networks trainable; a **derivative made by hand**, where the real one is useless; and **second derivatives** without the matrix. None needs another, except that residual blocks use a normalisation. If you stop here: the discussion, at the end, belongs to the core.
#
# ### {exercise}: batch normalisation
# Numbers of one size in every layer (Ioffe and Szegedy, 2015). In training the statistics are those of the batch; later, when a single image may come, running averages take their place. They are *state*: neither parameters nor inputs.
#
# $$y=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta$$
#
# **Contract.** `x` (…, $C$); `params` has `"scale"` $\gamma$ and `"offset"` $\beta$, `state` has `"mean"` and `"var"`, all ($C$,). Return `(y, new_state)`.
#
# - `train=True`: $\mu$ and $\sigma^2$ are mean and variance (the sum of squared deviations, divided by the count, not by the count − 1) of each channel over **all axes but the last**. Each entry of the new state is `momentum` · old + (1 − `momentum`) · batch. Gradients flow through $\mu$ and $\sigma^2$.
# - `train=False`: $\mu$ and $\sigma^2$ are the state's, and the state is returned unchanged.
#
# The dictionaries that you are given are not changed.
#
# *One number:* one channel with the numbers 1, 3, 5, 7 has $\mu=4$ and $\sigma^2=5$. With $\gamma=1$, $\beta=0$ they become −1.342, −0.447, 0.447, 1.342. A running mean of 0 becomes 0.4.


# %% solution="batchnorm" points=8 minutes=20 level="advanced" further=true
def batchnorm(
    x: Float[Array, "... C"],
    params: dict[str, Array],
    state: dict[str, Array],
    *,
    train: bool,
    momentum: float = 0.9,
    eps: float = 1e-5,
) -> tuple[Float[Array, "... C"], dict[str, Array]]:
    """Each channel with mean 0 and variance 1, scaled and shifted; and the new running averages."""
    ### BEGIN SOLUTION
    mean, var = state["mean"], state["var"]
    if train:
        axes = tuple(range(x.ndim - 1))
        mean, var = jnp.mean(x, axes), jnp.var(x, axes)
        state = {
            "mean": momentum * state["mean"] + (1 - momentum) * mean,
            "var": momentum * state["var"] + (1 - momentum) * var,
        }
    y = params["scale"] * (x - mean) / jnp.sqrt(var + eps) + params["offset"]
    return y, state
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.mean(x, axes)` and `jnp.var(x, axes)` take a tuple of axes; all but the last are `tuple(range(x.ndim - 1))`.
#
# ::: Hint: the shape of the answer
# `if train:` statistics of the batch and a **new** dictionary; else the state's. One formula for both. Return two things.
#
# ::: Help: right for two axes, wrong for images
# An image shares its statistics over height and width too: ($C$,) numbers, not ($H, W, C$).

# %% demo="normalised"
import deeper

if grader.ready("batchnorm"):
    deeper.histograms(batchnorm)
    deeper.batch_of_one(batchnorm)

# %% [markdown]
# **Look:** why do all three numbers become 0 in training mode?
#
# ::: Answer
# With one row, each number *is* the mean of its channel, so $x-\mu=0$ and only $\beta$ is left: whatever goes in, the same comes out. In evaluation mode the running averages stand in for the batch. A forgotten switch between the two modes is among the commonest bugs with this layer.
#
# ### {exercise}: a residual block
# Deep networks were hard to train until blocks were built to *add* to their input instead of replacing it (He and others, 2015).
#
# **Contract.** `x` ($N, H, W, C$) goes through `conv_1` (3 × 3, with `stride`), `norm_1`, ReLU, `conv_2` (3 × 3, stride 1), `norm_2`. The shortcut is added, and a last ReLU follows **after** the sum.
#
# - Convolutions: `hk.Conv2D`, SAME, `with_bias=False`, `channels` outputs.
# - Norms: `hk.BatchNorm(True, True, 0.9, name=...)`, called with `is_training`.
# - Shortcut: `x` itself, if the shapes allow it. **Only if** `stride` isn't 1 or `x` has other than `channels` channels: `conv_shortcut` (1 × 1, with `stride`), then `norm_shortcut`.
#
# Because of the norms the network is transformed by `hk.transform_with_state` and `hk.without_apply_rng`: `init` returns parameters and state, `apply(params, state, x, is_training)` the result and the new state; both work under `jit` with `is_training` fixed, and `apply` under `grad`.
#
# *One number:* with 4 channels in and out and stride 1 there are 3·3·4·4 · 2 + 4 · 4 = 304 parameters.


# %% solution="ResidualBlock" points=8 minutes=25 level="advanced" further=true
class ResidualBlock(hk.Module):
    """Two convolutions, with a shortcut around them."""

    def __init__(self, channels: int, stride: int = 1, name: str | None = None):
        super().__init__(name=name)
        self.channels, self.stride = channels, stride

    def __call__(self, x: Float[Array, "N H W C"], is_training: bool) -> Float[Array, "N H W C"]:
        """ReLU(x + what the two convolutions add)."""

        ### BEGIN SOLUTION
        def conv(x, size, stride, name):
            layer = hk.Conv2D(self.channels, size, stride, with_bias=False, name=f"conv_{name}")
            return hk.BatchNorm(True, True, 0.9, name=f"norm_{name}")(layer(x), is_training)

        y = jax.nn.relu(conv(x, 3, self.stride, "1"))
        y = conv(y, 3, 1, "2")
        if self.stride != 1 or x.shape[-1] != self.channels:
            x = conv(x, 1, self.stride, "shortcut")
        return jax.nn.relu(y + x)
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `hk.Conv2D(channels, 3, stride=..., with_bias=False, name=...)`; its padding is SAME already. `hk.BatchNorm(True, True, 0.9, name=...)(y, is_training)`.
#
# ::: Hint: the shape of the answer
# A small function inside, which makes a convolution and its norm, is used two or three times. Then one `if` for the shortcut, and one ReLU around the sum.
#
# ::: Help: add got incompatible shapes
# With stride 2 or other channels the input can't be added as it is: that is what the 1 × 1 convolution is for. And only the *first* 3 × 3 convolution has the stride.

# %% demo="residual_network"
import residual


def deep_network(Block):
    """Logits (N, 10): a convolution, two blocks, the mean over the image, a linear layer."""

    def network(x, is_training):
        x = jax.nn.relu(hk.Conv2D(16, 3, name="stem")(x))
        x = Block(16, name="block_0")(x, is_training)
        x = Block(32, stride=2, name="block_1")(x, is_training)
        return hk.Linear(10, name="logits")(x.mean(axis=(1, 2)))

    return hk.without_apply_rng(hk.transform_with_state(network))


if grader.ready("my_adam", "cross_entropy", "ResidualBlock"):
    blocks = {"with shortcuts": ResidualBlock, "without": residual.PlainBlock}
    networks = {name: deep_network(Block) for name, Block in blocks.items()}
    residual.compare(networks, cross_entropy, my_adam(5e-3), images.load(DATA))
    residual.gradients_by_depth(ResidualBlock)

# %% [markdown]
# **Look:** above, two networks with the same steps, batches, step size and norms, and nearly as many parameters; one has shortcuts. What do these change? And below, what happens to the gradient on its way back through 20 blocks?
#
# ::: Answer
# With two blocks not much: over six seeds they differed by at most two percent of the validation images, in either direction. Depth is where they count. Through 20 blocks with their first weights and without shortcuts the gradient grows by about a third with every block, to hundreds of times its size; with them to ten or twenty times. Under SGD a step that suits the last block is then far too long for the first one; Adam evens out the sizes. (The norms keep activations at one size, so it is the way back that goes wrong, and here by growing. Without norms, and with Haiku's default first weights, it vanishes instead.)
#
# ### {exercise}: a derivative made by hand
# Rounding is flat almost everywhere, so its derivative is 0, and no gradient passes. Networks with few bits need rounding *and* gradients. The *straight-through* trick (Bengio and others, 2013): forward, round; backward, act as if nothing had happened.
#
# **Contract.** `x` of any shape. The value is `jnp.round(x)` (halves go to the even neighbour: 0.5 → 0, 1.5 → 2). The dtype stays, float16 as well. The derivative is 1 everywhere. Works under `jit`, `vmap`, `grad`.
#
# *One number:* at 1.4 the value is 1 and the derivative 1.


# %% solution="straight_through_round" points=4 minutes=12 level="advanced" further=true
def straight_through_round(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """x rounded; to the derivative, x itself."""
    ### BEGIN SOLUTION
    return x + jax.lax.stop_gradient(jnp.round(x) - x)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.lax.stop_gradient(a)` has the value `a` and the derivative 0. Or look up `jax.custom_vjp`.
#
# ::: Hint: the shape of the answer
# Write the result as `x` plus something. The something is stopped.
#
# ::: Help: the gradient is 0 everywhere
# Some `x` must stay outside of `stop_gradient`.

# %% demo="learnt_bits"
if grader.ready("straight_through_round"):
    digit = images.load("digits").train.images[12, :, :, 0]
    deeper.learnt_bits(straight_through_round, digit)

# %% [markdown]
# Each pixel has two numbers here. A sigmoid squeezes them between 0 and 1, rounding makes them bits, and the grey level is $c_0+c_1\,\text{bit}_1+c_2\,\text{bit}_2$. Gradient steps change the numbers and the $c$ so that the picture comes close to the digit.
#
# **Look:** the picture has four grey levels, made of two images of bits. Why did plain rounding learn no bit at all?
#
# ::: Answer
# The gradient of the loss by the numbers behind the bits is exactly 0, so they never move. (The levels, which aren't rounded, can still be learnt.) The straight-through gradient is wrong, strictly speaking, but it points the right way often enough.
#
# ### {exercise}: curvature without the matrix
# The table of all second derivatives, $H$ in {ref:fitting}, is called the *Hessian*. That of your network has $6090^2$, 37 million, entries. Its product with a vector costs about as much as a few gradients, thanks to both ways of applying the chain rule. *Reverse mode*, behind `grad`, goes through the program backward, and one pass gives the derivatives of one result by all inputs. *Forward mode*, behind `jax.jvp`, goes along with the program, and one pass gives the derivatives of all results in one direction of the inputs.
#
# **Contract.** `f` maps ($d$,) to a number. For `x` and `v` ($d$,) return $Hv$ ($d$,), with the Hessian $H$ of $f$ at `x`, without making a ($d, d$) array on the way. Works under `jit` (with `f` closed over) and under `vmap` over `v`.
#
# *One number:* $f(x)=x_0^2x_1$ has at $(1,2)$ the Hessian ((4, 2), (2, 0)). With $v=(1,10)$ the product is (24, 2).


# %% solution="hvp" points=5 minutes=12 level="advanced" further=true
def hvp(f, x: Float[Array, "d"], v: Float[Array, "d"]) -> Float[Array, "d"]:
    """The Hessian of f at x, times v."""
    ### BEGIN SOLUTION
    return jax.jvp(jax.grad(f), (x,), (v,))[1]
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# $Hv$ is the derivative of the gradient in the direction $v$. `jax.jvp(g, (x,), (v,))` returns the value of `g` and its derivative in the direction `v`.
#
# ::: Hint: the shape of the answer
# One line: `jvp` of `grad`. Or the gradient of the number $\nabla f(x)\cdot v$.
#
# ::: Help: right, but an array of d² numbers is made
# `jax.hessian` makes the matrix. Push a single direction through instead.

# %% demo="curvature"
if grader.ready("hvp") and can_train:
    deeper.curvature(hvp, digit_loss, trained, data)

# %% [markdown]
# On the left a *power iteration* looks for the steepest directions: multiply a vector by $H$, make its length 1, repeat.
#
# **Look:** along which directions would plain SGD with a step of 0.3 have trouble, and what does the flat curve say about most of the 6090 numbers?
#
# ::: Answer
# Along the steepest ones: 0.3 is more than $2/\lambda$ ({ref:fitting}), so the parameters would jump across the valley and climb. Along a random direction the loss hardly changes: most mixtures of the numbers can be moved a little without harm. A random direction sees the mean of all 6090 curvatures, and that is near 0: few directions are steep, and the steepest limits the step for all.

# %% [markdown] discussion="sure_and_wrong" points=4
# ## Discussion
#
# Three questions without one right answer; people read what you write. A statement earns half of the points, a reason and a look at your own figures the rest.
#
# ### {discussion}: wrong and sure
# From your figure with the four corners: name one digit that is wrong and sure, and one that is right and unsure. Which of the two costs more loss? Would you trust this network to read forms? (80 to 200 words; give the labels, predictions and probabilities that the figure shows. If one corner is empty in your run, say so and take the nearest case.)
#
# {rubric} This prompt counts double.
#
# - **0**: no answer; or the two cases confused; or "accuracy is high, so yes" and nothing else.
# - **1**: wrong and sure is named as the costlier, or a sensible verdict on trust, but without own digits and numbers, or without a reason.
# - **2**: (a) two digits of the own figure with label, prediction and probability; (b) which costs more, and why, by $-\log p_y$; (c) a verdict on trust with a condition or a number.
#
# What good answers contain:
#
# - *Loss*: the one that is wrong and sure. If the network gives 0.98 to the wrong class, the right one has at most 0.02, so the loss is at least 3.9; a digit that is right with 0.45 costs 0.8.
# - *Trust*: a form has many digits: with 97 % a digit, ten digits in a row are right with about 74 %. Answers that use a threshold (hand over to a person below a probability) should see that it doesn't catch those that are wrong and sure. Other writers and other scanners than those of the data set are a good objection, too.
# - Accept yes and no alike, as long as a reason and the figure support it. If the corner is empty (a run with few errors), accept the surest wrong digit.

# %% [markdown] discussion="pool_mix_skip" points=2
# ### {discussion}: pool, mix or skip
# Pick one: (a) why do many newer networks pool less, or not at all? (b) what does a 1 × 1 convolution do, and what for? (c) why do shortcuts help deep networks? Support your answer with one figure of this notebook, or with a small run of your own. (50 to 150 words.)
#
# {rubric}
#
# - **0**: missing, or wrong ("a 1 × 1 convolution does nothing", "pooling has weights").
# - **1**: a right statement without a figure or run that belongs to it.
# - **2**: a right statement, why, and a figure or run that shows it.
#
# What good answers contain:
#
# - *(a)* Pooling throws places away and can't learn what to keep; convolutions with a stride make images smaller with weights of their own, and a mean over the whole image at the end takes the place of flattening. Evidence: the pooled digit ({ref:max_pool}); the residual network, which has no pooling layer and reads about as well; the three runs of the free cell, which have the same steps; an own run with fewer poolings (more numbers in the linear layer).
# - *(b)* It mixes channels at each place alone, a linear layer for every pixel: more or fewer channels, cheaply. Evidence: `conv_shortcut` and its parameters, the receptive field that a kernel of 1 leaves as it is ({ref:receptive_field}), or an own run of `conv2d` with a 1 × 1 kernel.
# - *(c)* The block starts near the identity and only has to learn a difference; the sum hands the gradient through. Evidence: the figure of gradients by depth (in the two small networks for digits shortcuts hardly matter). "They prevent overfitting" is wrong.

# %% [markdown] discussion="functions_or_variables" points=2
# ### {discussion}: gradients as functions
# In JAX `grad` returns a function. In other frameworks gradients are stored inside the variables (PyTorch's `loss.backward()` fills `w.grad`). Compare the two: one advantage of each. (40 to 120 words. If you know no other framework, compare with what you would write by hand.)
#
# {rubric}
#
# - **0**: missing or wrong ("JAX uses finite differences", "other frameworks can't do second derivatives").
# - **1**: one advantage, or two without a reason or an example.
# - **2**: one advantage of each with a reason, and one place of this notebook where it shows.
#
# What good answers contain:
#
# - *A function*: it composes. `grad` of `grad` ({ref:nth_derivative}), `vmap` of `grad`, `jit` of both, `jvp` of `grad` ({ref:hvp}); nothing to reset between steps; no hidden state, so it is easy to test.
# - *In the variables*: the code reads like the steps that run; `if`, `print` and a debugger work as in any Python; gradients of several losses add up by themselves, and one may look at `w.grad` at any time. No tracing with its rules ({ref:relu_python}).
# - Examples from the notebook count as the look at own figures: the figure of derivatives, the error of {ref:relu_python}, the training step.

# %% [markdown]
# ## What you have built
#
# Functions that are traced, batched and differentiated; an optimiser that Optax accepts; layers with their parameters where they belong; a loss that doesn't overflow; and a network that reads handwriting. The parts are the ones that large models use. The next practical takes them to sentences: attention.
