# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# workbook:
#   title: "Graph neural networks"
#   minutes: 200
#   rubric: "0 = absent or off topic, 1 = a correct claim without a reason or example, 2 = claim, reason and example. Length, spelling and style don't count."
# ---

# %% [markdown]
# # Graph neural networks
#
# Friendships, molecules, roads: much of what we know is about *pairs*, and no table or image has room for that. A **graph neural network** takes the pairs as they are. Things send numbers to those that they are related to, add up what arrives, and learn what to send.
#
# Run the next two cells to see what you will build.

# %% provided="setup"
import haiku as hk
import jax
import jax.numpy as jnp
import jraph
import networkx as nx
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int
from workbook import Notebook

grader = Notebook()

# %% demo="journey"
import journey

journey.picture()

# %% [markdown]
# Above each picture stand the exercises that lead to it. The first is a karate club that split after a quarrel: from its two leaders, and from who meets whom, a network of yours finds out where nearly everybody went ({ref:convolution}).
#
# **How to work.** Put your lines where `NotImplementedError` is raised, run the cell and the check below it; a right answer makes the next picture appear. What you hand in is tried on further graphs. The core is exercises {no:core} with the quiz; {no:further} go further, in sections that can be read in any order. You need practical 01 (arrays, `jit`, `vmap`, `grad`, Optax, a Haiku module) and products of matrices (section {no:depth}: eigenvalues).
#
# ## Conventions, from here to the end
#
# - **Letters.** A graph has $N$ nodes, called $0,\dots,N-1$, and $E\ge0$ stored edges. A node has $F$ features, a row of $X$, and $F'$ after a layer.
# - **Messages travel from sender to receiver.** Edge $e$ leads from node `senders[e]` to `receivers[e]`. In the *adjacency matrix* $A$, $A_{rs}$ counts the edges $s\to r$: rows listen, columns speak, and $AX$ adds up what arrives.
# - **An undirected edge is stored twice,** once in each direction. $N(i)$ are the senders of the edges into $i$; repeated edges count repeatedly. An edge from a node to itself is a *self-edge*.
# - **The order of edges means nothing.**
# - **Empty neighbourhoods.** A node to which no edge leads hears 0, never `nan`.
# - **Types.** Node numbers and counts are int32, features are float32. `num_nodes` is a Python int and static under `jit`.
# - **Padding.** Later, unused room is filled with a graph that no real node may notice.
#
# ## {section:graphs}. What a graph is to a computer
#
# Four people, 0 to 3. A line says that two of them know each other.

# %% demo="four_people"
import drawing

drawing.target()

# %% [markdown]
# ### {exercise}: from a picture to a graph
# **networkx** isn't made for gradients, but it is the quickest way to write a graph down.
#
# **Contract.** Return an undirected `nx.Graph` with exactly the four nodes and four edges of the picture. Nodes are Python ints.
#
# *One number:* node 2 has 3 neighbours.


# %% solution="toy_graph" points=1 minutes=4 level="beginner"
def toy_graph() -> nx.Graph:
    """The graph in the picture."""
    ### BEGIN SOLUTION
    return nx.Graph([(0, 1), (0, 2), (1, 2), (2, 3)])
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `nx.Graph(list_of_pairs)`, or `nx.Graph()` and its methods `add_node` and `add_edge`.
#
# ::: Hint: the shape of the answer
# One line: a list of four pairs goes into `nx.Graph`. Nodes that stand in a pair needn't be added.

# %% demo="toy_drawing"
if grader.ready("toy_graph"):
    drawing.beside_target(toy_graph())

# %% [markdown]
# **Look:** the two drawings look different. Which of the differences are in the graph?
#
# ::: Answer
# None. A graph holds who is joined to whom; where we draw a node is up to us. A network that sees the graph alone can't know the drawing, and must not depend on it.
# :::
#
# For JAX a graph has to become arrays. **jraph** has a named tuple for them, `jraph.GraphsTuple`. With one graph in it, its fields are:
#
# | field | shape | holds |
# | --- | --- | --- |
# | `nodes` | ($N$, $F$) | the features of each node |
# | `edges` | ($E$, …) | the features of each edge |
# | `senders`, `receivers` | ($E$,) | where each edge starts, where it ends |
# | `globals` | (1, …) | features of the graph as a whole |
# | `n_node`, `n_edge` | (1,) | how many nodes, how many stored edges |
#
# A tuple can hold several graphs, which is why the counts are arrays ({ref:whole}).
#
# ### {exercise}: a graph as arrays
# Most of this notebook takes and returns graphs in this form.
#
# **Contract.** `edges` is an integer array ($M$, 2): undirected edges, each there once, no self-edges; $M$ may be 0. Return a `GraphsTuple` with
#
# - `nodes`: each node's own number, ($N$, 1) floats, with $N$ = `num_nodes`;
# - `senders`, `receivers`: both directions of each edge, ($2M$,) ints;
# - `edges`: for each stored edge the sum of its two node numbers, ($2M$, 1) floats;
# - `globals`: one 1.0, shape (1, 1);
# - `n_node`, `n_edge`: int arrays of shape (1,).
#
# NumPy's arrays will do as well as JAX's.
#
# *One number:* the four people give `n_edge` = (8), and both edges between 2 and 3 carry 5.0.


# %% solution="to_graphs_tuple" points=3 minutes=10 level="beginner" needs="toy_graph"
def to_graphs_tuple(num_nodes: int, edges: Int[Array, "M 2"]) -> jraph.GraphsTuple:
    """An undirected graph as arrays, each edge stored in both directions."""
    ### BEGIN SOLUTION
    senders = jnp.concatenate([edges[:, 0], edges[:, 1]])
    receivers = jnp.concatenate([edges[:, 1], edges[:, 0]])
    nodes = jnp.arange(num_nodes, dtype=jnp.float32)[:, None]
    features = (senders + receivers).astype(jnp.float32)[:, None]
    counts = jnp.array([num_nodes]), jnp.array([len(senders)])
    return jraph.GraphsTuple(nodes, features, receivers, senders, jnp.ones((1, 1)), *counts)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `edges[:, 0]` are the first ends, `edges[:, 1]` the others. `jnp.concatenate([a, b])` puts one array behind the other; `x[:, None]` turns (N,) into (N, 1).
#
# ::: Hint: the shape of the answer
# Make `senders` and `receivers`, then features of nodes and edges. Then one call, `jraph.GraphsTuple(nodes=..., edges=..., senders=..., ...)`, with the names written out: the order of the fields isn't that of the table, since receivers come first.
#
# ::: Help: senders has the shape (2M, 1)
# `edges[:, :1]` keeps the second axis, `edges[:, 0]` drops it.

# %% demo="stored_twice"
if grader.ready("toy_graph", "to_graphs_tuple"):
    toy = toy_graph()
    drawing.stored(to_graphs_tuple(4, np.array(toy.edges())))

# %% [markdown]
# **Look:** one line of the drawing is two rows of the table. What would node 3 hear if each line were stored once, from its smaller to its larger end?
#
# ::: Answer
# It would hear node 2 still. But node 2 would hear nothing of 3, and node 0 nothing at all: nobody has a smaller number. Half of the relation is lost, and no error says so.
#
# ### {exercise}: a graph as a matrix
# On paper one writes $AX$; programs keep the list of edges.
#
# **Contract.** Return `(A, in_degree, out_degree)`, all float32. `A` ($N$, $N$) holds at `[r, s]` the *number* of edges from `s` to `r`. `in_degree` and `out_degree` ($N$,) count the edges that arrive at each node, and those that leave it. The edges may point one way only, be there several times, be self-edges, or be none ($E=0$). Works under `jit`, with `num_nodes` static.
#
# *One number:* with the edges 0→2 and 1→2 of three nodes, row 2 of `A` is (1, 1, 0), and node 2 has the in-degree 2.


# %% solution="dense_view" points=2 minutes=6 level="beginner"
def dense_view(
    senders: Int[Array, "E"], receivers: Int[Array, "E"], num_nodes: int
) -> tuple[Float[Array, "N N"], Float[Array, "N"], Float[Array, "N"]]:
    """The matrix of a graph (receiver, sender), and the degrees: edges in, edges out."""
    ### BEGIN SOLUTION
    A = jnp.zeros((num_nodes, num_nodes)).at[receivers, senders].add(1.0)
    return A, A.sum(axis=1), A.sum(axis=0)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `x.at[rows, columns].add(1.0)` returns a new array in which 1 has been added at each place, as often as it is named.
#
# ::: Hint: the shape of the answer
# Zeros of the right shape, one `.at[...].add(...)`, then a sum over either axis.
#
# ::: Help: two edges, but a 1 in the matrix
# `.set(1.0)` writes the same 1 twice. What you want is counting.

# %% demo="three_views"
if grader.ready("dense_view"):
    drawing.three_views(dense_view)

# %% [markdown]
# **Look:** where in the matrix do you see that node 3 hears nobody, and that an edge is one-way?
#
# ::: Answer
# Row 3 is empty: no edge leads there. Column 3 isn't, so node 3 is heard. An edge is one-way if its entry has no partner across the diagonal; $A$ of an undirected graph is symmetric. And there the two degrees agree.
#
# Most entries are 0: for a million people the matrix has $10^{12}$ entries, the list of edges perhaps $10^8$. So we compute along edges, and use matrices to think.
#
# ## {section:messages}. Messages
#
# In one round of **message passing** each edge carries the features of its sender, and each node puts together what arrives:
#
# $$m_i=\bigoplus_{j\in N(i)}x_j .$$
#
# Neighbours have no order, so $\bigoplus$ must not ask for one: a sum, a mean or a maximum. In code, `nodes[senders]` are the messages, a row for each edge, and `jax.ops.segment_sum(messages, receivers, num_nodes)` adds each row to that of its receiver. `segment_max` is built alike.
#
# ### {exercise}: collect messages
# Every layer from here on is this function with something around it.
#
# **Contract.** `nodes` ($N$, $F$) → ($N$, $F$): in row $i$ the sum, the mean or the maximum over the edges that lead to $i$ of their senders' features, for each feature by itself. The mean divides by the number of those edges. Where no edge arrives the row is 0, for all three. Any other `reduce` raises a `ValueError`. Works under `jit` with `num_nodes` and `reduce` static; the gradient in `nodes` is finite.
#
# *One number:* of nodes with the features 5, −3 and 1, the first two send to the third. It gets 2 (sum), 1 (mean) or 5 (max), and the others get 0.


# %% solution="aggregate" points=3 minutes=10 level="beginner" needs="dense_view"
def aggregate(
    nodes: Float[Array, "N F"],
    senders: Int[Array, "E"],
    receivers: Int[Array, "E"],
    num_nodes: int,
    reduce: str = "sum",
) -> Float[Array, "N F"]:
    """What arrives at each node: the sum, mean or max of its senders' features."""
    ### BEGIN SOLUTION
    messages = nodes[senders]
    total = jax.ops.segment_sum(messages, receivers, num_nodes)
    count = jax.ops.segment_sum(jnp.ones((len(senders), 1)), receivers, num_nodes)
    if reduce == "sum":
        return total
    if reduce == "mean":
        return total / jnp.maximum(count, 1)
    if reduce == "max":
        return jnp.where(count > 0, jax.ops.segment_max(messages, receivers, num_nodes), 0.0)
    raise ValueError(f"reduce is 'sum', 'mean' or 'max', not {reduce!r}")
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `nodes[senders]`, `jax.ops.segment_sum`, `jax.ops.segment_max`. How many edges arrive? A segment sum of ones.
#
# ::: Hint: the shape of the answer
# Messages, their sum, their number; then three `if`s and a `raise`. For the mean, divide by the number or by 1, whichever is larger. For the maximum, `jnp.where(count > 0, ..., 0.0)`.
#
# ::: Help: I get −inf
# The largest of no numbers is −∞. Ask whether anything arrived, not whether the result is large.
#
# ::: Help: shapes don't fit when I divide
# The count needs a second axis: (N, 1) fits to (N, F).

# %% demo="spreading"
import spreading

if grader.ready("aggregate"):
    spreading.film(aggregate)

# %% [markdown]
# **Look:** leader 0 of the karate club started with 1, everybody else with 0. After one round it holds nothing. After two it holds 16. Why?
#
# ::: Answer
# A node sends to its neighbours, not to itself, so after one round the 1 is with the 16 neighbours and gone at home. In the next round each of them sends 1 back. In general, after $k$ rounds a node holds the number of *walks* of length $k$ from 0 to it; that is what powers of $A$ count. Two things to take along: a node that is to keep its own features needs a self-edge or a term of its own, and sums grow quickly.
# :::
#
# ### Names of nodes don't matter
#
# Who is number 0 is an accident. If the matrix $P$ renumbers nodes, features become $PX$ and the graph $PAP^\top$. A layer $f$ should be **equivariant**: the same results, in the new order. One answer $g$ for the whole graph should be **invariant**:
#
# $$f(PX,PAP^\top)=P\,f(X,A),\qquad g(PX,PAP^\top)=g(X,A).$$
#
# Sums over neighbours are equivariant by nature: $(PAP^\top)(PX)=P(AX)$.
#
# ### {exercise}: new numbers for all nodes
# With it you can test every layer in the notebook.
#
# **Contract.** `graph` is a `GraphsTuple` with one graph and `perm` an integer array ($N$,) with each of $0,\dots,N-1$ once. In the result, node $i$ is what was node `perm[i]` ($P_{i,\text{perm}[i]}=1$), with its features and its edges. Edges keep their features, and `globals`, `n_node` and `n_edge` stay. `edges` and `globals` may be `None`, and then stay so.
#
# *One number:* with `perm` = (2, 0, 1) old node 2 becomes node 0, so the edge 2→1 becomes 0→2.


# %% solution="permute_graph" points=2 minutes=10 level="intermediate" needs="to_graphs_tuple"
def permute_graph(graph: jraph.GraphsTuple, perm: Int[Array, "N"]) -> jraph.GraphsTuple:
    """The same graph with other numbers: new node i is old node perm[i]."""
    ### BEGIN SOLUTION
    new_number = jnp.argsort(perm)
    return graph._replace(
        nodes=graph.nodes[perm],
        senders=new_number[graph.senders],
        receivers=new_number[graph.receivers],
    )
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `graph._replace(nodes=..., senders=..., receivers=...)` copies a named tuple with some fields changed. `jnp.argsort(perm)` is the inverse of a permutation.
#
# ::: Hint: the shape of the answer
# `perm` answers *who was this before?* The edges need *what is my new number?* That is the inverse. Features by the one, senders and receivers by the other.
#
# ::: Help: right when two nodes change places, wrong otherwise
# An exchange is its own inverse, so it can't tell `perm` from its inverse. Try a rotation.

# %% demo="new_numbers"
if grader.ready("permute_graph"):
    perm = np.array([2, 0, 3, 1])
    before, after = drawing.toy(), permute_graph(drawing.toy(), perm)
    drawing.renumbered(before, after, perm)
    if grader.ready("aggregate"):
        ways = {"renumber, then sum:": (after, range(4)), "sum, then renumber:": (before, perm)}
        for way, (graph, order) in ways.items():
            sums = aggregate(graph.nodes, graph.senders, graph.receivers, 4)
            print(way, sums[np.array(order), 0])

# %% [markdown]
# **Look:** the drawing is the same. What happened to the matrix?
#
# ::: Answer
# Its rows and its columns changed places in the same way, so that $A'_{ij}=A_{\text{perm}[i],\,\text{perm}[j]}$. Two matrices may look different and describe the same graph. So comparing matrices doesn't tell whether two graphs are the same. The two lines of sums do agree: your `aggregate` is equivariant.
#
# ## {section:convolution}. Graph convolution
#
# In the karate club one member meets one other, and another meets 17. Sums make the popular loud. A **graph convolution** (Kipf and Welling, 2016) gives each node a self-edge, and divides each message by the square roots of both ends' degrees. With weights $W$ and an activation σ, features $H$ become
#
# $$H'=\sigma\big(\tilde D^{-1/2}(A+I)\,\tilde D^{-1/2}\,HW\big),\qquad \tilde D=\text{the degrees of }A+I\text{, on a diagonal (each to the power }-\tfrac12).$$
#
# The other usual way is a plain mean, $\tilde D^{-1}(A+I)$.
#
# ### {exercise}: a normalised convolution
# A function that makes a layer.
#
# **Contract.** Return a function `GraphsTuple` → `GraphsTuple` that
#
# 1. applies `update_node_fn` to the nodes, ($N$, $F$) → ($N$, $F'$);
# 2. if `add_self_edges`, adds one edge from each node to itself, also where there is one already;
# 3. multiplies the message of each edge $s\to r$ by its weight: for `"symmetric"` $1/\sqrt{\max(1,d^\text{out}_s)\max(1,d^\text{in}_r)}$, for `"mean"` $1/\max(1,d^\text{in}_r)$, for `None` 1. Degrees count the edges of step 2, self-edges included;
# 4. collects by `aggregate_nodes_fn(messages, receivers, N)`, without keywords, where $N$ is the length of `nodes`. Whatever it is, $c>0$ times all messages gives $c$ times the result.
#
# Only `nodes` changes in the tuple; added self-edges are not in it. No activation. Works under `jit`, on directed graphs, isolated nodes and padding.
#
# *One number:* an undirected edge 0–1, features 4 and 6, `update_node_fn` the identity. With self-edges both nodes get 5; without them they exchange their numbers.


# %% solution="GraphConvolutionNormalize" points=4 minutes=15 level="intermediate" needs="aggregate"
def GraphConvolutionNormalize(
    update_node_fn,
    aggregate_nodes_fn=jax.ops.segment_sum,
    add_self_edges: bool = False,
    normalization: str | None = "symmetric",
):
    """A function that applies a graph convolution to a GraphsTuple."""

    ### BEGIN SOLUTION
    def convolution(graph):
        nodes = update_node_fn(graph.nodes)
        num_nodes = len(nodes)
        senders, receivers = graph.senders, graph.receivers
        if add_self_edges:
            selves = jnp.arange(num_nodes)
            senders = jnp.concatenate([senders, selves])
            receivers = jnp.concatenate([receivers, selves])
        ones = jnp.ones(len(senders))
        d_out = jnp.maximum(jax.ops.segment_sum(ones, senders, num_nodes), 1)
        d_in = jnp.maximum(jax.ops.segment_sum(ones, receivers, num_nodes), 1)
        weights = ones
        if normalization == "symmetric":
            weights = 1 / jnp.sqrt(d_out[senders] * d_in[receivers])
        elif normalization == "mean":
            weights = 1 / d_in[receivers]
        messages = weights[:, None] * nodes[senders]
        return graph._replace(nodes=aggregate_nodes_fn(messages, receivers, num_nodes))

    return convolution
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.arange(num_nodes)` are both ends of all self-edges. Degrees are segment sums of ones, over `senders` and over `receivers`. `graph._replace(nodes=...)`.
#
# ::: Hint: the shape of the answer
# Inside, define a function of `graph`: updated nodes; senders and receivers, perhaps longer; two arrays of degrees; one weight for each edge; weighted messages; aggregate. Then return that function, without calling it.
#
# ::: Help: ConcretizationTypeError
# `graph.n_node` is an array that `jit` traces. The shape of `nodes` is known: `len(nodes)`.
#
# ::: Help: inf or nan
# A node without edges has degree 0, and $1/\sqrt0=\infty$. Where does the contract say max(1, …)?
#
# ::: Help: right without self-edges, wrong with them
# Are degrees counted before the self-edges are there?

# %% demo="three_normalisations"
if grader.ready("GraphConvolutionNormalize"):
    layers = {
        kind: GraphConvolutionNormalize(lambda x: x, add_self_edges=True, normalization=kind)
        for kind in (None, "symmetric", "mean")
    }
    drawing.normalised(layers)

# %% [markdown]
# **Look:** in which of the three matrices do all rows have the sum 1? Which are symmetric? And what do the sizes on the right say about ten layers?
#
# ::: Answer
# (A matrix is found by what it does to the identity: `nodes` was $I$.) The rows of the mean add up to 1: each node takes an average, and constants stay. $A+I$ and the one in the middle are symmetric; in the mean the quiet node 3 listens to 2 with ½, and 2 to 3 with ¼. Without normalisation numbers become hundreds of millions of times as large within ten rounds; with either of the others they stay in size: a mean is never larger than what goes into it, and the symmetric form is a mean with nodes rescaled before, and back after.
#
# ### {exercise}: three layers
# What we train on the karate club.
#
# **Contract.** To be called inside `hk.transform`. Three convolutions with self-edges and symmetric normalisation, from whatever $F$ comes in to the widths 16, 8 and 2; their `update_node_fn` are `hk.Linear` layers **named** `layer_1`, `layer_2`, `layer_3`. A ReLU follows the first two, and nothing the third. Return the tuple with `nodes` ($N$, 2), the logits of two classes; all other fields stay.
#
# *One number:* 34 features for each node make 714 parameters.


# %% solution="gcn_3_layer" points=2 minutes=8 level="intermediate" needs="GraphConvolutionNormalize"
def gcn_3_layer(graph: jraph.GraphsTuple) -> jraph.GraphsTuple:
    """Logits (N, 2) from three graph convolutions."""
    ### BEGIN SOLUTION
    for n, width in enumerate((16, 8, 2), start=1):
        linear = hk.Linear(width, name=f"layer_{n}")
        graph = GraphConvolutionNormalize(linear, add_self_edges=True)(graph)
        if n < 3:
            graph = graph._replace(nodes=jax.nn.relu(graph.nodes))
    return graph
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `GraphConvolutionNormalize(hk.Linear(16, name="layer_1"), add_self_edges=True)` is a layer; call it on the graph. `graph._replace(nodes=jax.nn.relu(graph.nodes))` is the activation.
#
# ::: Hint: the shape of the answer
# Layer, ReLU, layer, ReLU, layer; each takes the graph that the one before returned.
#
# ::: Help: the check finds other parameters
# Names count: `hk.Linear(8, name="layer_2")`. One layer has one `hk.Linear`, and each layer its own.
# :::
#
# ### Who goes with whom
#
# In 1977 Wayne Zachary described the club, the quarrel of its instructor (node 0) with its president (node 33), and who met whom outside of training. Our network gets that graph, one-hot features, which tell nodes apart and say nothing else, and *two* labels, those of 0 and 33. One training proves little, so `jax.vmap` trains 20 networks from 20 keys at once.

# %% demo="demo_karate"
import karate

club, went_to = karate.load()  # 34 nodes, 156 stored edges; where each member went, 0 or 1
network = hk.without_apply_rng(hk.transform(gcn_3_layer))
optimizer = optax.adam(1e-2)
LEADERS, LABELS = jnp.array([0, 33]), jnp.array([0, 1])


def leader_loss(params):
    logits = network.apply(params, club).nodes[LEADERS]
    return optax.softmax_cross_entropy_with_integer_labels(logits, LABELS).mean()


@jax.jit
@jax.vmap
def karate_step(params, opt_state):
    updates, opt_state = optimizer.update(jax.grad(leader_loss)(params), opt_state)
    params = optax.apply_updates(params, updates)
    return params, opt_state, network.apply(params, club).nodes


if grader.ready("GraphConvolutionNormalize", "gcn_3_layer"):
    init = jax.jit(jax.vmap(network.init, in_axes=(0, None)))
    params = init(jax.random.split(jax.random.key(0), 20), club)
    opt_state, logits = jax.vmap(optimizer.init)(params), []
    for _ in range(200):
        params, opt_state, now = karate_step(params, opt_state)
        logits.append(now)  # (20 networks, 34 nodes, 2)
    karate.film(logits, went_to)
    karate.results(logits[-1], went_to)

# %% [markdown]
# **Look:** the network is sure about most members, and wrong about the same one again and again. Who is it, and whose fault is that?
#
# ::: Answer
# Node 8 is on the border: it met both leaders, and more people of the president's side than of the instructor's. Zachary tells why it went with the instructor all the same: it was three weeks before this member's exam for the black belt, and leaving would have meant starting over. That isn't in the graph. A network can be right about what it was given, and still miss what decides.
# :::
#
# All came from one assumption, *homophily*: neighbours tend to go the same way. Where they don't, the same layers may mislead.


# %% provided="propagation"
def propagation_matrix(adj: Float[Array, "N N"]) -> Float[Array, "N N"]:
    """The matrix of one graph convolution: with self-edges, divided by the roots of both degrees."""
    adj = adj + jnp.eye(len(adj))
    root = jnp.sqrt(adj.sum(axis=1))
    return adj / root[:, None] / root


# %% [markdown]
# ## {section:recommend}. A signal on a graph: recommendation
#
# Films are nodes, joined when the same people like them. What one person has rated is then a **signal**: one number on each node, 0 where there is no rating. A network turns it into another signal, a guess for every film.
#
# Our ratings are made up, so the truth is known: 300 people, 40 films of 4 genres. A rating is 3, plus the person's taste for the genre, the film's popularity and noise (standard deviation 0.4), cut to 1…5; half are seen. Edges come from the first 200 people: film $n$ listens to the 8 films whose ratings agree best with its own (Pearson correlation over who rated both; negative ones are dropped). These numbers, scaled so that a shift makes no signal longer, are the **shift** $S$: $S_{nm}$ says how strongly $n$ listens to $m$.

# %% demo="film_ratings"
import films

data = films.ratings()
S = films.shift(data)
films.seen(data, S)

# %% [markdown]
# **Look:** nobody told $S$ about genres. Where do you see them, and why isn't the picture symmetric?
#
# ::: Answer
# In the four blocks along the diagonal: people agree about films of one genre, so such films are each other's nearest. It isn't symmetric because being among somebody's 8 nearest isn't mutual, as with people. So rows and columns differ here, and which of them listens matters.
# :::
#
# ### {exercise}: the error of one rating each
# The network guesses all films, but only one hidden rating of each person is there to compare with.
#
# **Contract.** `yHat` is ($B$, 1, $N$), the guesses for $B$ people and $N$ films; `y` ($B$,) are true ratings, and `idxMovie` ($B$,) says which film each of them belongs to. Return one number,
#
# $$\frac1B\sum_b\big(\hat y_{b,0,\mathrm{idxMovie}_b}-y_b\big)^2 .$$
#
# People may share a film. With $B=1$, `y` and `idxMovie` may also be arrays without axes, or plain numbers. It works under `jit` and `grad`; the gradient by `yHat` is 0 wherever nothing was rated.
#
# *One number:* guesses (1, 2, 3) and (4, 5, 6), ratings 5 and 4, films 2 and 0: $\frac12\big((3-5)^2+(4-4)^2\big)=2$.


# %% solution="movieMSELoss" points=2 minutes=6 level="beginner"
def movieMSELoss(
    yHat: Float[Array, "B 1 N"], y: Float[Array, "#B"], idxMovie: Int[Array, "#B"]
) -> Float[Array, ""]:
    """The mean squared error at one film for each person."""
    ### BEGIN SOLUTION
    people = jnp.arange(yHat.shape[0])
    return jnp.mean((yHat[people, 0, idxMovie] - y) ** 2)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# Two index arrays side by side, `a[rows, columns]`, pick one entry for each pair. `jnp.arange(B)` counts the people.
#
# ::: Hint: the shape of the answer
# One line: pick $B$ guesses, subtract, square, mean.
#
# ::: Help: I get a number that is too large, and only for B > 1
# `yHat[:, 0, idxMovie]` gives ($B$, $B$): every person at every person's film.
#
# ::: Help: it fails for a batch of one
# Does something remove axes of size 1 wherever they are?

# %% demo="who_teaches"
if grader.ready("movieMSELoss"):
    films.gradients(movieMSELoss)

# %% [markdown]
# **Look:** each row is a person. How many guesses does a step of training move, and in which direction?
#
# ::: Answer
# One for each person. The gradient is $\frac2B(\hat y-y)$: where the guess was too high it is positive, and descent lowers it. All other guesses are never judged here, and still have to become good: what a network learns about one film must carry over to others. That is what sharing its weights between nodes is for.
# :::
#
# ### {exercise}: a filter on a graph
# An image convolution mixes a pixel with those around it. On a graph "around" is what $S$ says.
#
# **Contract.** `x` ($B$, $G$, $N$) holds $G$ numbers for each node, `h` ($K$, $G$, $F$) are the *taps*, `S` ($N$, $N$) the shift, `b` ($F$,) the bias. Return `y` ($B$, $F$, $N$) with
#
# $$y_{ifn}=b_f+\sum_{k=0}^{K-1}\sum_{g}h_{kgf}\,(S^kx_{ig})_n,\qquad (Sx)_n=\sum_mS_{nm}x_m .$$
#
# $S^0$ is the identity: with $K=1$, `S` plays no part. `S` needn't be symmetric. It works under `jit`, `vmap` and `grad`, by each argument.
#
# *One number:* along the arrows 0 → 1 → 2, with $S_{10}=S_{21}=1$ and all else 0, the signal (1, 0, 0) with taps 10, 20, 30 and bias 5 becomes (15, 25, 35).


# %% solution="graph_filter" points=4 minutes=12 level="intermediate"
def graph_filter(
    x: Float[Array, "B G N"], h: Float[Array, "K G F"], S: Float[Array, "N N"], b: Float[Array, "F"]
) -> Float[Array, "B F N"]:
    """Signals mixed over 0, 1, ..., K - 1 hops."""
    ### BEGIN SOLUTION
    y = jnp.einsum("bgn,gf->bfn", x, h[0]) + b[:, None]
    for tap in h[1:]:
        x = jnp.einsum("nm,bgm->bgn", S, x)
        y = y + jnp.einsum("bgn,gf->bfn", x, tap)
    return y
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.einsum("nm,bgm->bgn", S, x)` shifts all signals by one hop. You need no power of a matrix: shift what is shifted already.
#
# ::: Hint: the shape of the answer
# The first tap and the bias; then a loop over the other taps with two lines, shift and add.
#
# ::: Help: right for a symmetric S only
# `x @ S` sums over the first index of $S$. Which of its two indices is the node that listens?
#
# ::: Help: shapes don't fit at the bias
# $F$ is the middle axis of the result. `b[:, None]` is ($F$, 1).

# %% demo="impulse"
if grader.ready("graph_filter"):
    films.impulse(graph_filter)

# %% [markdown]
# **Look:** on the grid, which kernel of an image convolution is this? And what happens in the karate club that can't happen there?
#
# ::: Answer
# A diamond of pixels, those at most $K-1$ steps away; its weights come from $S$ and few taps, where an image's kernel has one for each place. In the club nodes have 1 to 17 neighbours: for two hops the signal stays in its corner with 6 members, then a leader hands it on, and one hop later 18 of 34 have heard it. Few layers see most of a social network.
# :::
#
# ### How a module is written
#
# In Haiku a class asks for its parameters by name, and `hk.transform` makes two pure functions of it, `init` and `apply`. This module has one parameter, and adds it:


# %% demo="add_module"
class Add(hk.Module):
    """Adds one learned number."""

    def __init__(self, most: float, name: str | None = None):
        super().__init__(name=name)
        self.most = most

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """x plus the number."""
        init = hk.initializers.RandomUniform(-self.most, self.most)
        return x + hk.get_parameter("amount", (), init=init)


net = hk.without_apply_rng(hk.transform(lambda x: Add(0.5)(x)))
params = net.init(jax.random.key(1), jnp.zeros(3))
print(params)
print(net.apply({"add": {"amount": jnp.float32(10)}}, jnp.arange(3.0)))

# %% [markdown]
# ### {exercise}: a network of filters
# Filters in a row, with an activation between them: a graph neural network.
#
# **Contract.** `GNNModule(l, k, f, sigma)` has `l` layers. Layer $i$ (from 0) is a `graph_filter` with `k[i]` taps, from `f[i]` to `f[i + 1]` numbers a node. After each layer but the last comes `sigma`, any function of one array. `net(x, S)` takes `x` ($B$, `f[0]`, $N$) to ($B$, `f[l]`, $N$), also under `jit`.
#
# - Parameters: `h_0`, `b_0`, `h_1`, …, asked for in the module itself. `h_i` is (`k[i]`, `f[i]`, `f[i + 1]`) and `b_i` is (`f[i + 1]`,).
# - Each is drawn for itself, uniformly between $\pm1/\sqrt{k_if_i}$, its own layer's.
# - `k` and `f` are lists or tuples, and `l` may be 1. If `len(k)` isn't `l`, or `len(f)` isn't `l + 1`, raise a `ValueError`, when the module is made or when it is called.
#
# *One number:* `GNNModule(3, [4, 4, 1], [1, 16, 8, 1], jax.nn.relu)` has $64+16+512+8+8+1=609$ parameters.


# %% solution="GNNModule" points=4 minutes=15 level="intermediate" needs="graph_filter"
class GNNModule(hk.Module):
    """Graph filters in a row, with sigma between them."""

    def __init__(self, l: int, k: list[int], f: list[int], sigma, name: str | None = None):
        super().__init__(name=name)
        self.l, self.k, self.f, self.sigma = l, k, f, sigma

    def __call__(self, x: Float[Array, "B G N"], S: Float[Array, "N N"]) -> Float[Array, "B F N"]:
        """The signals after all layers."""
        ### BEGIN SOLUTION
        if len(self.k) != self.l or len(self.f) != self.l + 1:
            raise ValueError("k needs l entries, f needs l + 1")
        for i in range(self.l):
            taps, inputs, outputs = self.k[i], self.f[i], self.f[i + 1]
            bound = 1 / np.sqrt(taps * inputs)
            init = hk.initializers.RandomUniform(-bound, bound)
            h = hk.get_parameter(f"h_{i}", (taps, inputs, outputs), init=init)
            b = hk.get_parameter(f"b_{i}", (outputs,), init=init)
            x = graph_filter(x, h, S, b)
            if i < self.l - 1:
                x = self.sigma(x)
        return x
        ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `Add` above has all that is new. An f-string makes names: `f"h_{i}"`.
#
# ::: Hint: the shape of the answer
# Test the two lengths; then a loop over `range(self.l)`: bound and initialiser, two parameters, the filter, and `sigma` unless this is the last layer.
#
# ::: Help: shapes don't fit in the second layer
# What goes into layer $i$ is what came out of layer $i-1$: the same name can be assigned again.
#
# ::: Help: the names have something in front
# `gnn_module/h_0` is right: Haiku puts the module's own name first.

# %% demo="how_many_parameters"
if grader.ready("GNNModule"):
    films.parameters(GNNModule)

# %% [markdown]
# **Look:** why is one line flat?
#
# ::: Answer
# The size of $S$ appears in no parameter's shape: each node is treated with the same taps, as each place of an image with the same kernel. So 609 numbers serve 40 films or 4 million, and a new film needs nothing but its row and column of $S$. A dense network has a weight for each pair of films.
# :::
#
# ### {exercise}: one training step
# As in practical 01, with the loss and the optimiser as keywords.
#
# **Contract.** `loss_fn(params, batch)` is one number. Return `(params, opt_state, loss)`: the parameters after one step of `optimizer` (Optax), its new state, and the loss **before** the step, on this batch. `optimizer.update` gets gradients, state and parameters. `params` and `batch` are any pytrees. It is pure, works under `jit` (with `loss_fn` and `optimizer` fixed), and calls `loss_fn` at most twice.
#
# *One number:* for $(p-x)^2$ at $p=3$, $x=1$, and `optax.sgd(0.1)`: the new $p$ is $3-0.1\cdot4=2.6$, and the loss 4.


# %% solution="train_step" points=2 minutes=8 level="beginner"
def train_step(params, opt_state, batch, *, loss_fn, optimizer: optax.GradientTransformation):
    """One step of an optimiser: (params, opt_state, loss)."""
    ### BEGIN SOLUTION
    loss, grads = jax.value_and_grad(loss_fn)(params, batch)
    updates, opt_state = optimizer.update(grads, opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.value_and_grad`, `optimizer.update(grads, opt_state, params)`, `optax.apply_updates(params, updates)`.
#
# ::: Hint: the shape of the answer
# Three lines, in this order; the last one returns three things.
#
# ::: Help: the loss grows
# `optax.apply_updates` adds. What `update` gives has its sign already.
# :::
#
# In each example one rating is hidden: 0 in the input, asked for at the output. The film's mean is subtracted everywhere, so 0 is *what people find on average*. The 780 steps are one `jax.lax.scan`, a loop that JAX compiles; three seeds run side by side. Then the same with $S=0$, as if there were no graph.


# %% demo="demo_recommend"
def rmse_of_training(net, S, seed, steps=780):
    """The loss of each step, and the errors for the 100 people that it never saw."""
    adam, test = optax.adam(5e-3), films.test(data)

    def loss_fn(params, batch):
        x, y, film = batch
        return movieMSELoss(net.apply(params, x, S), y, film)

    def step(state, picked):  # which ratings are hidden in this step
        batch = films.pick(data, picked)
        *state, loss = train_step(*state, batch, loss_fn=loss_fn, optimizer=adam)
        return tuple(state), loss

    params = net.init(seed, test[0][:1], S)
    picked = films.batches(data, jax.random.fold_in(seed, 1), steps)
    (params, _), losses = jax.lax.scan(step, (params, adam.init(params)), picked)
    return losses, jnp.sqrt(loss_fn(params, test))


def architecture(layers, k, f, sigma):
    return hk.without_apply_rng(hk.transform(lambda x, S: GNNModule(layers, k, f, sigma)(x, S)))


if can_train := grader.ready("movieMSELoss", "graph_filter", "GNNModule", "train_step"):
    net = architecture(3, [4, 4, 1], [1, 16, 8, 1], jax.nn.relu)
    seeds = jax.random.split(jax.random.key(0), 3)
    train = jax.jit(jax.vmap(lambda S, seed: rmse_of_training(net, S, seed), (None, 0)))
    films.learned(data, with_graph=train(S, seeds), without=train(0 * S, seeds))

# %% [markdown]
# **Look:** the network without a graph does no better than the film's mean. Why can't it, however long it trains?
#
# ::: Answer
# Without $S$ each film is computed from its own input alone, and that is 0 where the rating is hidden. The answer is the same for everybody: film and person don't enter. With $S$ a film hears what this person said about films like it. What is left is mostly the noise of 0.4, which nobody can predict.
# :::
#
# ### An experiment: which architecture?
#
# No points, no check: each run of the next cell adds a line to a table. What does a larger network bring, and what does it cost? Change **one** thing at a time.

# %% demo="best_architecture"
if can_train:
    layers, k, f, sigma = 3, [5, 5, 1], [1, 64, 32, 1], jax.nn.relu
    net = architecture(layers, k, f, sigma)
    films.table(data, net, S, rmse_of_training, (layers, k, f, sigma))

# %% [markdown]
# ### Guesses without training
#
# In the 1930s researchers noted which of 18 women of a southern American town came to which of 14 social events. Women and events are nodes, the 89 visits edges. From one woman take three random steps (an event, a woman who was there, an event of hers), and rank the events that are new to the first by the chance to end there.

# %% demo="women_and_events"
import women

went = women.visits()  # (18, 14), 1 where she was there


def diffuse(went):
    """The chance to be at each event after three random steps from each woman."""
    to_event = went / went.sum(axis=1, keepdims=True)
    to_woman = went.T / went.sum(axis=0)[:, None]
    return to_event @ to_woman @ to_event


chance = jnp.where(went == 1, -1, diffuse(went))  # she knows these already
best = jnp.argsort(-chance, axis=1)[:, :3]
women.guesses(went, best, who=8)
women.one_hidden(went, diffuse)

# %% [markdown]
# **Look:** one visit at a time was hidden. Are three steps better than naming the best attended events to everybody?
#
# ::: Answer
# Yes: the walk has 90 % of the hidden visits among its first three guesses, popularity 58 %, chance 34 %. The events fell into two circles, with a few where both met (E8 saw 14 of the 18); the best attended ones are the same for everybody, the walk stays in a woman's own circle. It also keeps her there: what is popular near by is suggested, and what few know is not.
# :::
#
# ## {section:whole}. Whole graphs
#
# A molecule is toxic or not: here the whole graph has a label, and a data set is a list of graphs of all sizes. Side by side they are one graph, their *disjoint union*, and message passing needs no change. But `jit` compiles a program for each shape. So a further graph that nobody looks at takes up the nodes and edges that are left over, and every batch has the same shape.
#
# ### {exercise}: many graphs in one
# Nodes get new numbers, and what is left over goes where it does no harm.
#
# **Contract.** `graphs` is a list of `GraphsTuple`s of one graph each, with `nodes` ($N_g$, $F$); `edges` ($E_g$, $F_e$) and `globals` (1, $F_u$) may be `None`, in all of them. Return `(batch, node_mask, graph_mask)`. `batch` has exactly `num_nodes`, `num_edges` and `num_graphs` slots:
#
# - First the graphs, in their order and with their nodes in order; `senders` and `receivers` are renumbered. Within a graph edges may come in any order.
# - Then the first padding graph: all nodes and edges that are left over. Its edges join padding nodes. Further padding graphs are empty.
# - `n_node` and `n_edge` (`num_graphs`,) count every graph, padding too. Padded features are 0; `None` stays `None`.
#
# The masks, bool, have an entry for each node and for each graph, True for what is real. At least one padding node and one padding graph must fit (padding edges may be none): else raise a `ValueError` (jraph's `RuntimeError` is fine too).
#
# *One number:* two graphs of 3 and 2 nodes, an edge 0 → 1 in each, in 7 nodes, 4 edges and 4 graphs: `n_node` is (3, 2, 2, 0), `n_edge` (1, 1, 2, 0), and the second edge is 3 → 4.


# %% solution="batch_graphs" points=4 minutes=15 level="intermediate"
def batch_graphs(
    graphs: list[jraph.GraphsTuple], num_nodes: int, num_edges: int, num_graphs: int
) -> tuple[jraph.GraphsTuple, Bool[Array, "num_nodes"], Bool[Array, "num_graphs"]]:
    """One GraphsTuple of a fixed size, and which of its nodes and graphs are real."""
    ### BEGIN SOLUTION
    n_node = np.array([len(g.nodes) for g in graphs])
    n_edge = np.array([len(g.senders) for g in graphs])
    nodes, edges, real = n_node.sum(), n_edge.sum(), len(graphs)
    if nodes >= num_nodes or edges > num_edges or real >= num_graphs:
        raise ValueError("no room for a padding node and a padding graph")

    def fill(arrays, size):
        """Arrays one under the other, then zeros up to this size."""
        if arrays[0] is None:
            return None
        rows = jnp.concatenate(arrays)
        return jnp.pad(rows, ((0, size - len(rows)), (0, 0)))

    def ends(arrays):
        """Shifted ends of edges; those of padding edges are the first padding node."""
        starts = np.cumsum(n_node) - n_node
        padding = np.full(num_edges - edges, nodes)
        return jnp.concatenate([*map(jnp.add, arrays, starts), padding]).astype(jnp.int32)

    def counts(real_counts, size):
        rest = [size - real_counts.sum(), *[0] * (num_graphs - real - 1)]
        return jnp.array([*real_counts, *rest], jnp.int32)

    batch = jraph.GraphsTuple(
        nodes=fill([g.nodes for g in graphs], num_nodes),
        edges=fill([g.edges for g in graphs], num_edges),
        globals=fill([g.globals for g in graphs], num_graphs),
        senders=ends([g.senders for g in graphs]),
        receivers=ends([g.receivers for g in graphs]),
        n_node=counts(n_node, num_nodes),
        n_edge=counts(n_edge, num_edges),
    )
    return batch, jnp.arange(num_nodes) < nodes, jnp.arange(num_graphs) < real
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `np.cumsum` of the numbers of nodes gives the starts. `jnp.concatenate` puts arrays in a row. (jraph's `batch` and `pad_with_graphs` may be used, too; written by hand you know where the offsets come from.)
#
# ::: Hint: the shape of the answer
# Count; raise; shift and concatenate the ends of edges, then the padding's; concatenate features, then zeros; counts with the padding graph behind; two masks by comparing `jnp.arange` with a count.
#
# ::: Help: the padding changes real nodes
# Where do padding edges begin and end? If at node 0, a real node gets messages from nobody.
#
# ::: Help: an error in `concatenate` for graphs without edges
# Is the array that you made for them of shape (0,), and of ints?

# %% demo="block_diagonal"
import families

if grader.ready("batch_graphs"):
    families.blocks(batch_graphs)

# %% [markdown]
# **Look:** how do you see that no graph hears another one, and what does the padding do to the rest?
#
# ::: Answer
# All entries lie in blocks on the diagonal, one for each graph: outside of them rows and columns belong to different graphs. The padding's edges (the grey number) lie in its own block, so whatever is computed there stays there. A loss that averages over graphs must still leave it out: that is what the masks are for.
# :::
#
# ### {exercise}: one vector for each graph
# A readout, for all graphs of a batch at once.
#
# **Contract.** `nodes` ($N$, $F$) are those of all graphs in a row, `n_node` (`num_graphs`,) says how many each graph has, ints that add up to $N$. Return (`num_graphs`, $F$): for each graph and feature the sum, the mean or the largest, by `reduce`: `"sum"`, `"mean"` (the default) or `"max"`. A graph without nodes gets 0 in all three. Any other `reduce` raises a `ValueError`.
#
# It works under `jit`, with `n_node` traced and `reduce` fixed, and under `grad` by `nodes`, also where a graph is empty.
#
# *One number:* nodes (1), (3), (5) with `n_node` (1, 0, 2) give the means (1), (0), (4).


# %% solution="pool_graphs" points=3 minutes=10 level="intermediate"
def pool_graphs(
    nodes: Float[Array, "N F"], n_node: Int[Array, "num_graphs"], reduce: str = "mean"
) -> Float[Array, "num_graphs F"]:
    """The sum, mean or largest entry over the nodes of each graph."""
    ### BEGIN SOLUTION
    if reduce not in ("sum", "mean", "max"):
        raise ValueError(f"unknown reduce: {reduce!r}")
    num_graphs = n_node.shape[0]
    owner = jnp.repeat(jnp.arange(num_graphs), n_node, total_repeat_length=nodes.shape[0])
    if reduce == "max":
        largest = jax.ops.segment_max(nodes, owner, num_graphs)
        return jnp.where(n_node[:, None] > 0, largest, 0)
    total = jax.ops.segment_sum(nodes, owner, num_graphs)
    return total if reduce == "sum" else total / jnp.maximum(n_node, 1)[:, None]
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.repeat(ids, counts, total_repeat_length=N)` says to which graph each node belongs; with the total it works under `jit`. Then `jax.ops.segment_sum` and `segment_max`, with `num_segments`.
#
# ::: Hint: the shape of the answer
# Refuse unknown words; find each node's graph; one branch for each `reduce`. Think of the empty graph in two of them.
#
# ::: Help: I get nan, or −inf
# 0/0 is `nan`, and `segment_max` gives −∞ for nobody. What should an empty graph get?
#
# ::: Help: ConcretizationTypeError under jit
# How long the result of `jnp.repeat` is depends on numbers that a tracer doesn't have. It can be told.
# :::
#
# Three families of random graphs, with nearly equally many edges. In a *small world* everybody knows their neighbours on a ring, but for a few edges that were moved. With *preferential attachment* newcomers choose whom many know. *Uniform* ones have edges anywhere.

# %% demo="three_families"
families.examples()

# %% [markdown]
# Every node carries a 1, so only who is joined to whom can tell. Each layer takes the sum (or the mean) of what a node hears, adds the node itself and puts that, scaled to about 1, through a small network. After each layer every graph is pooled to its mean.


# %% demo="demo_graph_classes"
def classify(graph, by_mean):
    """The logits (graphs, 3): three layers, each pooled; by_mean is 0 or 1."""
    n, x, pooled = len(graph.nodes), graph.nodes, []
    count = jax.ops.segment_sum(jnp.ones(len(graph.receivers)), graph.receivers, n)[:, None]
    for _ in range(3):
        heard = jax.ops.segment_sum(x[graph.senders], graph.receivers, n)
        heard = jnp.where(by_mean, heard / jnp.maximum(count, 1), heard)
        x = hk.nets.MLP([32, 32], activate_final=True)(
            (x + heard) / 5
        )  # four neighbours and itself
        pooled.append(pool_graphs(x, graph.n_node, "mean"))
    return hk.Linear(3)(jnp.concatenate(pooled, axis=1))[:-1]  # the padding graph has no label


def train(seed, by_mean):
    """Forty times through the training graphs; the family that each test graph is taken for."""
    adam, first = optax.adam(3e-3), jax.tree.map(lambda leaf: leaf[0], training[0])

    def loss_fn(params, batch):
        logits = net.apply(params, batch[0], by_mean)
        return optax.softmax_cross_entropy_with_integer_labels(logits, batch[1]).mean()

    def step(state, n):
        batch = jax.tree.map(lambda leaf: leaf[n % 10], training)
        *state, loss = train_step(*state, batch, loss_fn=loss_fn, optimizer=adam)
        return tuple(state), loss

    params = net.init(seed, first, by_mean)
    (params, _), _ = jax.lax.scan(step, (params, adam.init(params)), jnp.arange(400))
    return jax.lax.map(lambda graph: net.apply(params, graph, by_mean).argmax(axis=1), test[0])


if grader.ready("batch_graphs", "pool_graphs", "train_step"):
    net = hk.without_apply_rng(hk.transform(classify))
    training = families.data(batch_graphs, families.TRAINING, seed=1000)
    test = families.data(batch_graphs, families.TEST, seed=2000)
    seeds, many = jax.random.split(jax.random.key(2), 3), jax.jit(jax.vmap(train, (0, None)))
    families.confusions({"sum": many(seeds, False), "mean": many(seeds, True)}, test[1])

# %% [markdown]
# **Look:** why does the network that takes means see next to nothing?
#
# ::: Answer
# The mean of ones is 1, however many they are: after each layer all nodes of all graphs are still alike, and the answer is the same for each. (Only a node without neighbours hears 0. Attention is a mean, too.) A sum counts. After one layer a node knows its degree, after two those around it, and the mean over the nodes describes how degrees are spread: that is what tells the families apart.
#
# ## {section:edges}. Edges that carry something
#
# A bond, a road or a spring is more than a yes. Other facts belong to the graph as a whole, such as the wind that blows on all of it: its *globals*. The **GraphNet block** (Battaglia et al. 2018; with leaving edges, as in jraph) updates all three, each from the new values of what came before it: edges, then nodes, then globals.
#
# $$e'=\phi^e(e,x_s,x_r,u),\qquad x'=\phi^v\Big(x,\sum_{\text{leaving}}e',\sum_{\text{arriving}}e',u\Big),\qquad u'=\phi^u\Big(\sum x',\sum e',u\Big)$$
#
# Many networks are this block with some arguments unused; your graph convolution is.
#
# ::: GCN, GIN and GAT as cases of it
# | network | $\phi^e$ | $\phi^v$ | unused |
# | --- | --- | --- | --- |
# | GCN, self-edges stored | $e\,Wx_s$, where $e=1/\sqrt{d_sd_r}$ | $\sigma(\text{sum arriving})$ | $x_r$, $x$, $u$, leaving, $\phi^u$ |
# | GIN | $x_s$ | $\mathrm{mlp}((1+\epsilon)x+\text{sum arriving})$ | $e$, $x_r$, $u$, leaving, $\phi^u$ |
# | GAT | $(c,\ c\,Wx_s)$, where $c=\exp e_{sr}$ (section {no:attention}) | second sum arriving, divided by the first | $e$, $x$, $u$, leaving, $\phi^u$ |
# :::
#
# ### {exercise}: one step for edges, nodes and globals
# Write the block once, and such a network is three small functions.
#
# **Contract.** `graph` holds one or more graphs: nodes ($N,F_v$), edges ($E,F_e$), globals ($G,F_u$), with $G$ = `n_node.shape[0]` graphs. $N$ and $E$ count every slot, padding included; the nodes and edges of the first graph come first, then those of the second, as `n_node` and `n_edge` say. Call each function **once**, on whole arrays, with four, four and three positional arguments in this order:
#
# 1. `edge_fn(edges, sent_nodes, received_nodes, edge_globals)`: for each edge its own vector, its sender's, its receiver's ($E,F_v$), and the globals ($E,F_u$) of the graph that it is in. Gives the new edges ($E,F_e'$).
# 2. `node_fn(nodes, sent_edges, received_edges, node_globals)`: for each node its own vector, the sum ($N,F_e'$) of the **new** edges that leave it, the sum of those that arrive, and the globals ($N,F_u$) of its graph. Gives the new nodes ($N,F_v'$).
# 3. `global_fn(node_sum, edge_sum, globals)`: for each graph the sum ($G,F_v'$) of its **new** nodes, the sum ($G,F_e'$) of its **new** edges, and its old globals. Gives the new globals ($G,F_u'$).
#
# A sum over nothing is 0. Return a `GraphsTuple` with the new nodes, edges (in their old order) and globals; `senders`, `receivers`, `n_node` and `n_edge` stay. Graphs may lack edges or be empty; padding is one more graph. It works under `jit` and can be differentiated by nodes, edges and globals.
#
# *One number:* nodes 1, 2, 4; edges 0→2 with 10 and 1→2 with 20; global 100. With `edge_fn` = edge + sender, `node_fn` = node + received and `global_fn` = the sum of its three, the edges become 11 and 22, the nodes 1, 2 and 37, the global 33 + 40 + 100 = 173.


# %% solution="graph_network_step" points=5 minutes=20 level="intermediate" needs="pool_graphs"
def graph_network_step(graph: jraph.GraphsTuple, edge_fn, node_fn, global_fn) -> jraph.GraphsTuple:
    """New edges, then new nodes, then new globals, each from what came before."""
    ### BEGIN SOLUTION
    N, E, G = len(graph.nodes), len(graph.edges), len(graph.n_node)
    node_graph = jnp.repeat(jnp.arange(G), graph.n_node, total_repeat_length=N)
    edge_graph = jnp.repeat(jnp.arange(G), graph.n_edge, total_repeat_length=E)
    sender_x, receiver_x = graph.nodes[graph.senders], graph.nodes[graph.receivers]
    edges = edge_fn(graph.edges, sender_x, receiver_x, graph.globals[edge_graph])
    sent = jax.ops.segment_sum(edges, graph.senders, N)
    received = jax.ops.segment_sum(edges, graph.receivers, N)
    nodes = node_fn(graph.nodes, sent, received, graph.globals[node_graph])
    node_sum = jax.ops.segment_sum(nodes, node_graph, G)
    edge_sum = jax.ops.segment_sum(edges, edge_graph, G)
    new_globals = global_fn(node_sum, edge_sum, graph.globals)
    return graph._replace(nodes=nodes, edges=edges, globals=new_globals)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# An index array picks rows, `nodes[senders]`; `jax.ops.segment_sum(rows, index, count)` adds them up. `jnp.repeat(jnp.arange(3), jnp.array([2, 0, 1]), total_repeat_length=3)` is (0, 0, 2). `graph._replace(nodes=…)` is a copy with other nodes.
#
# ::: Hint: the shape of the answer
# Two index arrays first: the graph of each node, and the graph of each edge. Then three calls; in front of each, gather or add up what it needs.
#
# ::: Help: jit says that an array has no concrete shape
# `jnp.repeat` with counts that are traced can't know how long its result is. `total_repeat_length` says it.
#
# ::: Help: right for one graph, wrong for two
# Who hears which row of `globals`? And who is added to which sum?
# :::
#
# Now webs of springs, which pull or push, in a wind. Asked for are the force on each node, $\sum_s k_{sr}(x_s-x_r)+w$, and the energy of the web, $\frac12\sum k\,\|x_s-x_r\|^2$, each spring once. Nodes carry their place $x$, edges the stiffness $k$, globals the wind $w$. Three small networks go into your block; `see` hides edges or globals.


# %% demo="demo_springs"
import springs


def forward(params, see, web):
    web = web._replace(edges=see[0] * web.edges, globals=see[1] * web.globals)
    return graph_network_step(
        web,
        lambda *inputs: springs.mlp(params["edge"], *inputs),
        lambda x, sent, received, wind: springs.mlp(params["node"], x, received, wind),
        lambda *inputs: springs.mlp(params["global"], *inputs),
    )


def spring_loss(params, see, web, force, energy):
    guess = forward(params, see, web)
    node, whole = jraph.get_node_padding_mask(web), jraph.get_graph_padding_mask(web)
    of_force = jnp.sum(node[:, None] * (guess.nodes - force) ** 2) / (2 * jnp.sum(node))
    of_energy = jnp.sum(whole[:, None] * (guess.globals - energy) ** 2) / jnp.sum(whole)
    return of_force + 0.1 * of_energy


if grader.ready("graph_network_step"):
    train_webs, test_webs = springs.data()  # 640 and 192 webs, in padded batches of 32
    switches = {"everything": (1.0, 1.0), "no edges": (0.0, 1.0), "no globals": (1.0, 0.0)}
    runs = {word: [] for word in switches}
    for seed in range(3):
        for word, see in switches.items():
            trained = springs.train(spring_loss, springs.params(seed), train_webs, jnp.array(see))
            runs[word].append(springs.explained(forward, trained, jnp.array(see), test_webs))
            if (seed, word) == (0, "everything"):
                springs.arrows(forward, trained, test_webs)
    springs.bars(runs)

# %% [markdown]
# **Look:** without globals the energy stays right, and the force doesn't. Why? And why is *no edges* worst at both?
#
# ::: Answer
# The wind is a part of each force, but no part of the formula for the energy. (What is hidden can't mislead either: the energy even comes out a little better.) The stiffness is in both: who sees where the nodes are, but not which springs pull and which push, can't even guess the sign of a force. What is left to go by is the wind.
#
# ## Quiz
#
# Eight new cases, for pencil and paper. What is right, and why, you learn after you hand in.

# %% [markdown] quiz="quiz" points=8 minutes=10 level="beginner"
# ### {exercise}: quiz
# Write the letter of the right answer, or the number that is asked for, into the cell below.
#
# 1. **Women and events.** 18 women and 14 events are joined by 89 lines without arrows. In a `GraphsTuple` each of the 32 nodes is to hear itself as well, by an edge of its own. How long is `senders`?
#    - [=] 210
#    - [ ] 178 | Each line is stored twice, but the 32 self-edges are missing.
#    - [ ] 121 | A line without an arrow is stored in both directions.
#    - [ ] 242 | A self-edge is stored once: its two directions are the same edge.
#    - [ ] 89 | Lines are stored twice, and each node has a self-edge.
# 2. **Readouts.** $X$ ($N, F$) holds the features of the nodes. Which of these depends on how the nodes are numbered?
#    - [x] $\sum_i x_i/(i+1)$
#    - [ ] $X$ with the numbers of each column sorted | Sorting forgets where a number stood.
#    - [ ] the median of each column | The middle value is the same in any order.
#    - [ ] $X^\top X$ | It is a sum over nodes, $\sum_i x_ix_i^\top$, and sums have no order.
# 3. **Hearing.** Nodes 0, 1, 2, … form a long path; node 0 is its end. Three graph convolutions **without** self-edges are applied. Which nodes can change the output of node 0?
#    - [x] 1 and 3
#    - [ ] 0, 1, 2 and 3 | So it would be with self-edges, where a message may wait; here it has to move in each layer.
#    - [ ] 3 alone | A message may also go back and forth: 1 → 0 → 1 → 0 has three steps as well.
#    - [ ] 0 and 2 | An odd number of steps can't end where it began, nor two nodes away.
# 4. **A round trip.** Six stations on a ring, all alike; the rides along the ring take 1, 1, 1, 5, 5 and 5 minutes, the same in both directions. Depth, width and weights are free. How many different node vectors can a GCN give that ignores the minutes, and how many `graph_network_step`s that read them?
#    - [x] 1 and 3
#    - [ ] 1 and 6 | The ring has a mirror: each station has a twin that sees the same rides in the same order.
#    - [ ] 1 and 2 | A station lies between two short rides, between two long ones, or between one of each.
#    - [ ] 6 and 6 | Without minutes each station sees two neighbours like itself, in every layer.
#    - [ ] 3 and 3 | What the GCN ignores it can't tell apart: to it all stations are alike.
# 5. **Rings.** From constant features no message passing network tells a ring of 8 from two rings of 4. Now each node gets its chances of being back home after 1, 2, …, k random steps as features. Which is the smallest k with which a network can tell them apart?
#    - [=] 4
#    - [ ] 2 | After two steps one is back with chance ½ on either ring.
#    - [ ] 3 | On rings of even length nobody is back after three steps.
#    - [ ] 8 | Long before a walk can go round the ring of 8 it can go round the ring of 4.
# 6. **Taps.** A network of graph filters has `k = [4, 4, 1]`. How many hops away is the furthest film whose rating can change a prediction?
#    - [=] 6
#    - [ ] 9 | The first of the k taps doesn't move the signal: k taps reach k − 1 hops.
#    - [ ] 8 | Four taps reach three hops, since the first doesn't move the signal.
#    - [ ] 3 | The second layer starts from what the first has gathered.
# 7. **After many rounds.** A star has a centre and 8 leaves. One feature, positive everywhere, is multiplied by $\tilde D^{-1/2}(A+I)\tilde D^{-1/2}$ again and again. By what factor is the centre's value larger than a leaf's in the end? (Two decimals.)
#    - [=] 2.12 ± 0.01
#    - [ ] 1 | So it is with the mean; with the symmetric form what stays is the root of the degree.
#    - [ ] 4.5 | That is the quotient of the degrees, 9 and 2; what stays goes with their roots.
#    - [ ] 2.83 | Self-edges count: the degrees are 9 and 2, not 8 and 1.
#    - [ ] 8 | That is how many neighbours it has; self-edges count too, and a root is taken.
# 8. **The constant model.** A model gives every pair of nodes the same score. One true edge is ranked among 99 pairs that aren't edges: 1 + those that score more + half of those that score the same. What is 1 / rank? (Four decimals.)
#    - [=] 0.0198
#    - [ ] 1 | So it would be if ties cost nothing; here 99 of them count half each.
#    - [ ] 0.01 | So it would be if ties counted in full: rank 100.
#    - [ ] 0.0202 | Ranks begin at 1: the rank is 1 + 99/2.
#    - [ ] 0.6667 | Half of each of the 99 ties counts, not a half in all.

# %% [markdown]
# ## {section:attention}. Going further: attention on edges
#
# In a *graph attention network* (GAT, Veličković et al. 2018) each edge gets a score from both of its ends, and a softmax over the edges **into the same receiver** makes weights of the scores:
#
# $$z=xw,\qquad e_{sr}=\mathrm{LeakyReLU}(a_{\text{sender}}\cdot z_s+a_{\text{receiver}}\cdot z_r),\qquad \alpha_{sr}=\frac{\exp e_{sr}}{\sum_{s'\to r}\exp e_{s'r}},\qquad y_r=\sum_{s\to r}\alpha_{sr}z_s+b$$
#
# The nonlinearity (*bend*, for short) matters. Without it $\exp(a_{\text{sender}}\cdot z_s+a_{\text{receiver}}\cdot z_r)$ is a product, and the receiver's factor cancels in the fraction: $r$ has no say. With it the say is small: LeakyReLU only rises, so the sender with the largest $a_{\text{sender}}\cdot z_s$ comes first with *every* receiver: the attention is **static**. Bending before the product with $a$ lets receivers disagree (GATv2, Brody et al. 2022), **dynamic** attention:
#
# $$e_{sr}=a\cdot\mathrm{LeakyReLU}(x_sw+x_rw_{\text{receiver}})$$
#
# ### {exercise}: attend to neighbours
# Both kinds in one layer, with several *heads*: each head has vectors and weights of its own.
#
# **Contract.** `nodes` ($N,F_{in}$); `senders` and `receivers` ($E$,) in any order, no edge twice but in padding; $N$ = `num_nodes`, a Python int. `params` has `w` and `w_receiver` ($F_{in},H,F$), `a_sender`, `a_receiver` and `a` ($H,F$), and `b`; every call gets all six. LeakyReLU is $t$ for $t>0$, else `negative_slope` · $t$.
#
# - `dynamic=False`: the scores of the first formula. `dynamic=True`: those of the second, where the bend acts on each of the $F$ entries. The messages are the senders' $z_s=x_sw$ in both.
# - For each receiver and each head the weights sum to 1.
# - `concat=True`: the heads side by side, head 0 first, ($N,H\cdot F$), `b` ($H\cdot F$,). `concat=False`: their mean, ($N,F$), `b` ($F$,).
#
# No self-edges are added, nothing is bent after $b$. A node at which no edge arrives gets `b`. Scores of size $10^4$ give finite numbers. It works under `jit` ($N$ and all keywords but `negative_slope` fixed), and its derivatives by `params` and `nodes` are finite, lonely nodes or not.
#
# *One number:* one head, $F_{in}=F=1$; `w` and `a_sender` 1, `a_receiver` 0; nodes 0, ln 3 and 5; edges 0→2 and 1→2. The weights are ¼ and ¾, so $y_2=¾\ln 3=0.824$, plus `b`.


# %% solution="gat_layer" points=7 minutes=30 level="advanced" further=true
def gat_layer(
    params: dict[str, Array],
    nodes: Float[Array, "N F_in"],
    senders: Int[Array, "E"],
    receivers: Int[Array, "E"],
    num_nodes: int,
    *,
    negative_slope: float = 0.2,
    concat: bool = True,
    dynamic: bool = False,
) -> Float[Array, "N F_out"]:
    """What each node takes from the senders of its edges, weighted by attention."""
    ### BEGIN SOLUTION
    z = jnp.einsum("ni,ihf->nhf", nodes, params["w"])
    if dynamic:
        z_receiver = jnp.einsum("ni,ihf->nhf", nodes, params["w_receiver"])
        bent = jax.nn.leaky_relu(z[senders] + z_receiver[receivers], negative_slope)
        scores = jnp.sum(params["a"] * bent, axis=-1)
    else:
        sender_part = jnp.sum(params["a_sender"] * z, axis=-1)
        receiver_part = jnp.sum(params["a_receiver"] * z, axis=-1)
        both = sender_part[senders] + receiver_part[receivers]
        scores = jax.nn.leaky_relu(both, negative_slope)
    largest = jax.ops.segment_max(scores, receivers, num_nodes)
    powers = jnp.exp(scores - largest[receivers])
    total = jax.ops.segment_sum(powers, receivers, num_nodes)
    weights = powers / total[receivers]
    y = jax.ops.segment_sum(weights[..., None] * z[senders], receivers, num_nodes)
    y = y.reshape(num_nodes, -1) if concat else jnp.mean(y, axis=1)
    return y + params["b"]
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jnp.einsum("ni,ihf->nhf", …)` multiplies for all heads at once. `jax.nn.leaky_relu(t, slope)`, `jax.ops.segment_max`, `jax.ops.segment_sum`; what belongs to a receiver goes back to its edges by `[receivers]`.
#
# ::: Hint: the shape of the answer
# $z$; scores ($E,H$) in one of two ways; a softmax in four lines (largest, exp, sum, divide); the weighted sum; the heads; $b$.
#
# ::: Help: I get nan
# Without its maximum, $\exp(10^4)$ is infinite. And a lonely node has no maximum: `segment_max` gives it $-\infty$. Is that ever read?
#
# ::: Help: change a_receiver, and nothing moves
# Is the bend there, and is it before the softmax?

# %% demo="static_and_dynamic"
import attention

if grader.ready("gat_layer"):
    attention.three_by_three(gat_layer)

# %% [markdown]
# **Look:** in the middle panel B and C listen more sharply than A. Why can't any of them prefer another sender?
#
# ::: Answer
# The receiver adds one number to all three scores before they are bent. Where that pushes scores below 0, the bend presses them together; where it lifts them above, they keep their distances. Their order stays. On the right the receiver's vector decides *which entries* are pushed below 0, so each sender can be let through by another receiver.
# :::
#
# Now the karate club, with two heads, and labels for the two leaders alone (`attention.karate()` adds self-edges). To see the weights, each member gets a name tag that travels with its message and that no score reads. What arrives is then who was heard, and how much.


# %% demo="karate_attention"
def club_network(params, senders, receivers):
    members = jnp.eye(34)
    hidden = jax.nn.elu(gat_layer(params["first"], members, senders, receivers, 34))
    return gat_layer(params["second"], hidden, senders, receivers, 34, concat=False)


def leaders_loss(params):
    logits = club_network(params, *attention.karate())[jnp.array([0, 33])]
    return optax.softmax_cross_entropy_with_integer_labels(logits, jnp.arange(2)).mean()


if grader.ready("gat_layer"):
    key_1, key_2 = jax.random.split(jax.random.key(0))
    first = attention.params(key_1, width=34, heads=2, features=8)
    second = attention.params(key_2, width=16, heads=1, features=2, concat=False)
    trained = attention.train(leaders_loss, {"first": first, "second": second})
    guesses = jnp.argmax(club_network(trained, *attention.karate()), axis=1)
    heard = attention.weights(gat_layer, trained["first"], jnp.eye(34), *attention.karate())
    attention.heads(heard, right=int(np.sum(np.asarray(guesses) == went_to)))

# %% [markdown]
# **Look:** the half of an edge that touches a member is as wide as that member's weight for its neighbour. Why may one edge be wide at one end and thin at the other?
#
# ::: Answer
# The two halves are two messages, and each competes with others. For a member with two friends a leader may be most of what it hears; the leader hears seventeen or more, and this one may be next to nothing among them. Attention isn't symmetric, even where the edges are.
#
# ## {section:colours}. Going further: what can be told apart, and one remedy
#
# What can message passing *not* see? A game for pencil and paper answers that (Weisfeiler and Leman 1968). All nodes begin with one colour. In each round, two nodes get the same new colour exactly if they had the same colour before **and** equally many neighbours of each colour.
#
# Message passing can do no better: if all nodes start alike, those that share a colour after $k$ rounds share their vector after $k$ layers, whatever the weights (Xu et al. 2019).
#
# ### {exercise}: refine colours
# The limit of a whole family of networks in a few lines of Python.
#
# **Contract.** `adj` ($N,N$) is a NumPy or JAX array of zeros and ones, symmetric, without loops. Return the colours after **exactly** `num_iters` rounds (0 or more) as an array of $N$ integers. All nodes start equal; in a round, everyone looks at the colours of the round before. Colours are numbered by first appearance: node 0 has colour 0, the first node that differs from it colour 1, and so on. NumPy and plain Python are welcome here, and `adj` isn't changed.
#
# *One number:* a path of five nodes: (0, 0, 0, 0, 0) after no round, (0, 1, 1, 1, 0) after one, (0, 1, 2, 1, 0) after two.


# %% solution="wl_colors" points=4 minutes=12 level="advanced" further=true
def wl_colors(adj: Float[Array, "N N"], num_iters: int) -> Int[Array, "N"]:
    """The colour of each node after so many rounds of refinement."""
    ### BEGIN SOLUTION
    neighbours = [np.flatnonzero(row) for row in np.asarray(adj)]
    colors = [0] * len(neighbours)
    for _ in range(num_iters):
        kinds = [
            (colors[i], tuple(sorted(colors[j] for j in near))) for i, near in enumerate(neighbours)
        ]
        number = {kind: n for n, kind in enumerate(dict.fromkeys(kinds))}
        colors = [number[kind] for kind in kinds]
    return np.array(colors, int)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `np.flatnonzero(adj[i])` are the neighbours of $i$. A sorted tuple keeps how often each colour occurs, and forgets the order. `dict.fromkeys(list)` keeps each thing once, in the order of appearance.
#
# ::: Hint: the shape of the answer
# A loop over rounds. In each: for every node a pair, its own colour and the sorted tuple of its neighbours' colours; then a number for each different pair.
#
# ::: Help: the groups are right, the numbers aren't
# `np.unique` numbers by size. Here the first node to show a colour decides its number.

# %% demo="wl_pictures"
import colours

if grader.ready("wl_colors"):
    colours.rings(wl_colors)
    colours.karate(wl_colors)

# %% [markdown]
# **Look:** in which round does the karate club stop changing, and why does the ring of six never get a second colour?
#
# ::: Answer
# Two rounds give 27 colours for 34 members, and nothing changes after that: some members have exactly the same place in the club. In the ring every node has two neighbours of its own colour, in both triangles too. So *no* message passing network whose nodes start alike tells one ring of six from two rings of three: a molecule from two smaller ones.
# :::
#
# Which network gets as far? One that turns different crowds of neighbours into different vectors. A mean can't: one neighbour like me and five neighbours like me have the same mean. Nor can a maximum. A **sum** can, unless vectors happen to add up alike (1 + 3 = 2 + 2), which the layer below can prevent. So the *graph isomorphism network*, GIN, is
#
# $$x_i'=\mathrm{mlp}\Big((1+\epsilon)\,x_i+\sum_{j\to i}x_j\Big).$$
#
# ### {exercise}: a layer that counts
# The number ε lets a node tell itself from its neighbours; it may be learned.
#
# **Contract.** `nodes` ($N,F$), `senders` and `receivers` ($E$,); an edge that is there twice counts twice. `eps` is a number, Python's or JAX's. `mlp` takes ($N,F$) to ($N,F'$) and is called once, last. A node at which nothing arrives keeps $(1+\epsilon)x_i$ inside. It works under `jit`, and can be differentiated by `nodes` and `eps`.
#
# *One number:* nodes 1, 2, 3, edges 0→2 and 1→2, `eps` = 0.5 and an `mlp` that changes nothing give 1.5, 3 and 7.5.


# %% solution="gin_layer" points=2 minutes=6 level="intermediate" needs="aggregate" further=true
def gin_layer(
    nodes: Float[Array, "N F"], senders: Int[Array, "E"], receivers: Int[Array, "E"], eps, mlp
) -> Float[Array, "N F_out"]:
    """The mlp of each node, 1 + eps times, plus the sum of what arrives."""
    ### BEGIN SOLUTION
    arriving = jax.ops.segment_sum(nodes[senders], receivers, nodes.shape[0])
    return mlp((1 + eps) * nodes + arriving)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# You have summed messages before: {ref:aggregate}.
#
# ::: Hint: the shape of the answer
# Two lines: the sum of what arrives, and the `mlp` of everything.
#
# ::: Help: a node without edges gets 0
# It still says something itself: what does $(1+\epsilon)x_i$ need neighbours for?

# %% demo="stars"
if grader.ready("gin_layer"):
    colours.stars(gin_layer)

# %% [markdown]
# **Look:** why are two of the curves flat?
#
# ::: Answer
# All leaves look alike, so their mean and their maximum are one leaf, however many there are. The sum grows with every leaf.
# :::
#
# ### {exercise}: the way home
# A walker can tell a triangle from a ring of six: three steps may lead back home. So give each node its chances of being home again after 1, 2, …, $k$ random steps as features (Dwivedi et al. 2022).
#
# **Contract.** `adj` ($N,N$) is symmetric and ≥ 0, floats or ints; it may have weights, and loops on its diagonal. A step from node $i$ goes to $j$ with the chance $P_{ij}=A_{ij}/d_i$, where $d_i$ is the sum of row $i$ (this $P$ renumbers nothing); a node without edges has a row of zeros. Return ($N,k$) float32: column $c$, counted from 0, is the diagonal of $P^{c+1}$ (a matrix power). $k$ ≥ 1 is a Python int, and it works under `jit` with $k$ fixed.
#
# *One number:* each node of a triangle has (0, ½, ¼).


# %% solution="random_walk_pe" points=3 minutes=10 level="intermediate" further=true
def random_walk_pe(adj: Float[Array, "N N"], k: int) -> Float[Array, "N k"]:
    """Each node's chances of being back home after 1 to k random steps."""
    ### BEGIN SOLUTION
    degree = jnp.sum(adj, axis=1, keepdims=True)
    P = adj / jnp.where(degree > 0, degree, 1.0)
    walk, columns = P, [jnp.diagonal(P)]
    for _ in range(k - 1):
        walk = walk @ P
        columns.append(jnp.diagonal(walk))
    return jnp.stack(columns, axis=1)
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `@` multiplies matrices, `jnp.diagonal` reads who is home, `jnp.stack(…, axis=1)` makes columns.
#
# ::: Hint: the shape of the answer
# Row sums, $P$, then a loop: keep the diagonal, take one more step.
#
# ::: Help: I get nan
# A node without edges has $d_i=0$. Divide by something else there.

# %% demo="demo_walks"
import walks

if grader.ready("random_walk_pe", "gin_layer"):
    walks.ways_home(random_walk_pe)
    features = {"constants": lambda adj: jnp.ones((6, 1))}
    features |= {f"k = {k}": lambda adj, k=k: random_walk_pe(adj, k) for k in (1, 2, 3)}
    for word, of_graph in features.items():
        apart = walks.difference(gin_layer, of_graph)
        print(f"GIN on {word}: the two graphs' vectors differ by {apart:.2f} of the largest entry")

# %% [markdown]
# **Look:** three of your `gin_layer`, untrained, give both graphs one vector until $k=3$. Why *must* both agree at steps 1 and 2?
#
# ::: Answer
# Without loops nobody is home after one step. After two steps one is home by having walked an edge back, with the chance ½ where each node has two neighbours. The first walk that goes *round* something takes three steps, and only a triangle is that short.
#
# It is no cure-all: the 4 × 4 rook's graph and the Shrikhande graph differ, and have the same chances at every step. But a few matrix products break many ties.
#
# ## {section:depth}. Going further: depth and distance
#
# A network of $k$ layers hears $k$ hops far. So why not take sixty? Two troubles wait. The first: but for their degrees, nodes become alike.


# %% [markdown]
# ### {exercise}: how much do neighbours differ?
# One number tells how far features are from smooth: the *Dirichlet energy*, squared differences along all edges, each end divided by the root of its degree.
#
# **Contract.** `X` ($N, F$) are floats, `adj` ($N, N$) a symmetric matrix of floats 0 and 1 with zeros on its diagonal. With $\tilde d_i=1+\sum_jA_{ij}$ return the number
#
# $$\mathcal E(X)=\frac12\sum_{ij}A_{ij}\left\|\frac{x_i}{\sqrt{\tilde d_i}}-\frac{x_j}{\sqrt{\tilde d_j}}\right\|^2 .$$
#
# A node without edges adds nothing. The function works under `jit`, and its gradient in `X` is finite.
#
# *One number:* on a path of three nodes with the features 0, 1, 0 the energy is 2/3: two edges of ⅓ each.


# %% solution="dirichlet_energy" points=3 minutes=10 level="intermediate" further=true
def dirichlet_energy(X: Float[Array, "N F"], adj: Float[Array, "N N"]) -> Float[Array, ""]:
    """The squared differences along all edges, each end divided by the root of its degree."""
    ### BEGIN SOLUTION
    degree = 1 + adj.sum(axis=1)
    scaled = X / jnp.sqrt(degree)[:, None]
    difference = scaled[:, None] - scaled[None]
    return 0.5 * jnp.sum(adj * jnp.sum(difference**2, axis=-1))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `x[:, None] - x[None]` has all pairs of rows: shape ($N, N, F$).
#
# ::: Hint: the shape of the answer
# Degrees; rows divided by their roots; differences of all pairs; squares summed over $F$; times `adj`, summed, halved.
#
# ::: Help: I get nan or inf
# Is the degree of a lonely node 0 in your code? $\tilde d$ counts the self-edge too.

# %% demo="energy_by_round"
import depth

club = nx.karate_club_graph()
adj = jnp.asarray(nx.to_numpy_array(club, weight=None), jnp.float32)
A_hat = propagation_matrix(adj)
start = jnp.asarray(np.random.RandomState(0).normal(size=(34, 5)), jnp.float32)
steps = {
    "$\\hat AX$": lambda X: A_hat @ X,
    "$0.9\\,\\hat AX$ + a tenth of the start": lambda X: 0.9 * A_hat @ X + 0.1 * start,
}
if grader.ready("dirichlet_energy"):
    depth.smoothing(dirichlet_energy, adj, start, steps)

# %% [markdown]
# Random features of the karate club, multiplied by $\hat A=\tilde D^{-1/2}(A+I)\tilde D^{-1/2}$ again and again: the part of a graph convolution that has no weights. This is *over-smoothing* (Li et al. 2018).
#
# **Look:** after a few rounds the blue curve is a straight line. What does its slope tell, and why does the orange one level off?
#
# ::: Answer
# The part of $X$ along each eigenvector of $\hat A$ is multiplied by its eigenvalue each round. The first eigenvector, $\sqrt{\tilde d}$, has the eigenvalue 1 and no energy. Of all others the largest, 0.896 here, lasts longest; energy is quadratic, so each round leaves $0.896^2\approx0.80$ of it. In the left panel, what differs dies out and $\sqrt{\tilde d}$ stays. Orange gets back some of its start every round (APPNP, Gasteiger et al. 2019), so a part of the differences is always new.
# :::
#
# Weights and ReLUs may fight this, or make it worse. So we train stacks of 2, 16 and 32 layers on the two leaders' labels. With `residual` = 1 a layer *adds* to what is there. `lax.scan` runs over the middle layers' stacked weights: one layer is compiled, not thirty.


# %% demo="deep_stack"
MOST, WIDTH = 32, 16


def deep_gcn(params, depth, residual):
    def layer(h, layer_params):
        w, number = layer_params
        new = residual * h + jax.nn.relu(A_hat @ h @ w)
        return jnp.where(number < depth - 2, new, h), None  # layers that aren't used do nothing

    h = jax.nn.relu(A_hat @ params["first"])  # one-hot features: X W is W
    h, _ = jax.lax.scan(layer, h, (params["middle"], jnp.arange(MOST - 2)))
    return A_hat @ h @ params["last"]


def new_weights(key):
    shapes = {"first": (34, WIDTH), "middle": (MOST - 2, WIDTH, WIDTH), "last": (WIDTH, 2)}
    weights = {}
    for part, (name, shape) in zip(jax.random.split(key, 3), shapes.items()):
        spread = jnp.sqrt(2 / sum(shape[-2:]))  # Glorot's rule; try jnp.sqrt(4 / …)
        weights[name] = spread * jax.random.normal(part, shape)
    return weights


# %% demo="depth_figure"
leaders, adam = jnp.array([0, 33]), optax.adam(1e-2)
side = jnp.asarray(went_to)


def deep_loss(params, depth, residual):
    logits = deep_gcn(params, depth, residual)[leaders]
    return optax.softmax_cross_entropy_with_integer_labels(logits, side[leaders]).mean()


def accuracy_after_training(key, depth, residual):
    def step(carry, _):
        params, state = carry
        updates, state = adam.update(jax.grad(deep_loss)(params, depth, residual), state)
        return (optax.apply_updates(params, updates), state), None

    params = new_weights(key)
    (params, _), _ = jax.lax.scan(step, (params, adam.init(params)), length=100)
    return jnp.mean(jnp.argmax(deep_gcn(params, depth, residual), axis=1) == side)


over_seeds = jax.jit(jax.vmap(accuracy_after_training, in_axes=(0, None, None)))
keys, table = jax.random.split(jax.random.key(0), 10), {}
for layers in (2, 16, 32):
    for name, residual in (("plain", 0.0), ("residual", 1.0)):
        table[layers, name] = over_seeds(keys, layers, residual)
depth.accuracies(table)

# %% [markdown]
# **Look:** ten seeds each, a dot a seed. What could you have "shown" with a single seed of 16 plain layers?
#
# ::: Answer
# Nearly anything, from a poor guess to as good as two layers. At 32 plain layers there is no luck left: whatever comes in, all members get the same logits, up to the root of their degree, and two labels can't pull them apart. A residual layer keeps what came in and adds to it, so neither fades. (Here both even grow from layer to layer, and one seed or another at 32 doesn't recover.) It doesn't make depth useful, though: two layers were enough.
#
# ### {exercise}: who is heard?
# The second trouble can be measured too: how much does a small change at node $j$ move the output at node $i$?
#
# **Contract.** `f` maps ($N, F$) to ($N, F'$), `x` ($N, F$) are floats, `i` and `j` whole numbers that may be traced. Return the number $\left\|\partial f(x)_i/\partial x_j\right\|$ at this `x`: the root of the sum of the squares of all $F'\times F$ derivatives of row $i$ of the output by row $j$ of the input. It may be exactly 0. Use automatic differentiation. Works under `jit` (with `f` closed over), and under `vmap` over `i` or `j`.
#
# *One number:* if $f(x)=Ax$ with $A_{01}=3$ and $F=2$, the derivative of row 0 by row 1 is $3I$, so `influence(f, x, 0, 1)` is $3\sqrt2\approx4.24$.


# %% solution="influence" points=4 minutes=12 level="intermediate" further=true
def influence(f, x: Float[Array, "N F"], i: int, j: int) -> Float[Array, ""]:
    """The Frobenius norm of the derivative of f(x)[i] by x[j]."""

    ### BEGIN SOLUTION
    def row_i(row_j):
        return f(x.at[j].set(row_j))[i]

    block = jax.jacobian(row_i)(x[j])
    return jnp.sqrt(jnp.sum(block**2))
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `jax.jacobian(g)(a)` has the axes of `g(a)` first, then those of `a`. `x.at[j].set(row)` is `x` with another row.
#
# ::: Hint: the shape of the answer
# A small function from row $j$ alone to row $i$ alone; its Jacobian ($F', F$) at `x[j]`; root of the sum of squares.
#
# ::: Help: the shape is (N, F', N, F), or memory runs out
# That is the Jacobian of everything by everything. Its axes are node, feature, node, feature; the block is `J[i, :, j]`.
# :::
#
# Two crowds of five, a bridge of $L$ edges between them, $i$ and $j$ in the far corners: a *barbell*. Of all that $i$ hears through twelve layers with random weights, what share comes from $j$? A known remedy is a node joined to everybody.


# %% provided="virtual_node"
def add_virtual_node(adj: Float[Array, "N N"]) -> Float[Array, "N+1 N+1"]:
    """The graph with one more node, joined to all others, behind them."""
    return jnp.pad(adj, (0, 1), constant_values=1).at[-1, -1].set(0)


# %% demo="barbell_figure"
import barbell


@jax.jit
def shares_of(adj, j, keys):
    def share(key):
        A = propagation_matrix(adj)  # 24 nodes: shorter bridges have lonely ones behind them
        key_x, key_w = jax.random.split(key)
        x = jax.random.normal(key_x, (24, 8))
        weights = jax.random.normal(key_w, (12, 8, 8)) / jnp.sqrt(8)

        def network(x):
            return jax.lax.scan(lambda h, w: (jnp.tanh(A @ h @ w), None), x, weights)[0]

        heard = jax.vmap(lambda j: influence(network, x, 0, j))(jnp.arange(24))
        return heard[j] / heard.sum()

    return jax.vmap(share)(keys)


if grader.ready("influence"):
    lengths, keys = range(1, 12), jax.random.split(jax.random.key(0), 10)
    plain, virtual = [], []
    for length in lengths:
        adj_L = barbell.barbell(length)
        j = len(adj_L) - 1  # i is node 0
        plain.append(shares_of(barbell.padded(adj_L), j, keys))
        virtual.append(shares_of(barbell.padded(add_virtual_node(adj_L)), j, keys))
    barbell.picture(lengths, jnp.stack(plain), jnp.stack(virtual))

# %% [markdown]
# This is *over-squashing* (Alon and Yahav 2021): what comes from far shares a narrow bridge with all else.
#
# **Look:** from $i$ to $j$ it is $L+2$ hops. Up to $L=10$ twelve layers suffice, and still the red curve falls. What would more layers change?
#
# ::: Answer
# At $L=11$ they decide: 13 hops, 12 layers, exactly 0 (*under-reaching*). Before that they help slowly. Of all walks of twelve steps that end at $i$ few have crossed the bridge; more layers let more of them cross, and at the same time smooth everything. The short cut makes it two hops for everybody. Its price: one node has to carry the news of all.
#
# ## {section:links}. Going further: missing links
#
# ### {exercise}: pairs that aren't edges
# A network that learns which pairs are joined has to see pairs that aren't. We draw some, anew at each step.
#
# **Contract.** `senders`, `receivers` ($E$,) are the edges of a graph of `num_nodes` nodes; an edge counts in both directions, stored once or twice; $E$ may be 0. Return the pair `(senders_neg, receivers_neg)`, two int32 arrays ($n$,), of $n\ge1$ different pairs with `senders_neg < receivers_neg`, none of which is an edge. All such pairs are equally likely. The same `key` gives the same pairs, other keys give others. If there are fewer than `n` such pairs, raise `ValueError`. It needn't work under `jit`; NumPy is allowed.
#
# *One number:* of a ring of four nodes the only two pairs left are 0–2 and 1–3: `n=2` gives both in some order, `n=3` a `ValueError`.


# %% solution="sample_negatives" points=4 minutes=12 level="advanced" further=true
def sample_negatives(
    key: Array, senders: Int[Array, "E"], receivers: Int[Array, "E"], num_nodes: int, n: int
) -> tuple[Int[Array, "n"], Int[Array, "n"]]:
    """n different pairs of nodes i < j that aren't joined by an edge."""
    ### BEGIN SOLUTION
    taken = np.zeros((num_nodes, num_nodes), bool)
    taken[senders, receivers] = True
    first, second = np.nonzero(np.triu(~(taken | taken.T), k=1))
    if n > len(first):
        raise ValueError(f"{n} pairs wanted, but only {len(first)} aren't edges")
    chosen = jax.random.choice(key, len(first), (n,), replace=False)
    return jnp.asarray(first)[chosen], jnp.asarray(second)[chosen]
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `np.triu(..., k=1)` keeps what is above the diagonal, `np.nonzero` lists the places of what is true, `jax.random.choice(key, m, (n,), replace=False)` draws `n` of the numbers 0 to `m - 1` without putting back.
#
# ::: Hint: the shape of the answer
# Mark edges in an ($N, N$) array, in both directions; list the pairs $i<j$ that aren't marked; too few: raise; choose `n` places of that list.
#
# ::: Help: an edge is among my pairs
# The edge 3–2 may be stored as sender 3, receiver 2 only. You return it as 2–3.

# %% demo="hide_edges"
import links

club = nx.karate_club_graph()
can_hide = grader.ready("sample_negatives")
if can_hide:
    drawn = [links.split(sample_negatives, club, seed, steps=50) for seed in range(16)]
    splits = jax.tree.map(lambda *parts: jnp.stack(parts), *drawn)
    # negatives: for each of 50 steps as many new pairs as there are edges
    print({name: part.shape for name, part in splits._asdict().items()})

# %% [markdown]
# Sixteen times 8 of the 78 friendships are hidden, from the training pairs and from the matrix that messages go through.
#
# **Look:** when negatives for training are drawn, only the 70 edges seen are known. What may be among them?
#
# ::: Answer
# Hidden edges: 8 of 491 pairs, so on average about one in a draw of 70. The network is told that these friends are strangers. Leaving them out would use what nobody knows. The 100 strangers of the test avoid all 78 edges.
#
# ### {exercise}: judge by ranks
# Scores have no scale that means anything; their order does. How far up does a true edge stand among the pairs that aren't edges?
#
# **Contract.** `pos_scores` ($P$,) and `neg_scores` ($Q$,) are floats, $P,Q\ge1$. The rank of a positive counts negatives only, and half of those that tie with it: $1+\#\{\text{neg}>\text{pos}\}+\frac12\#\{\text{neg}=\text{pos}\}$. Return a dictionary of numbers (floats): `"mrr"`, the mean over positives of $1/\text{rank}$, and for each $k$ in `ks` (whole numbers) `"hits@k"`, with the number in the place of k, the share of positives with $\text{rank}\le k$.
#
# *One number:* positives 5 and 2 against negatives 3, 2, 1 have the ranks 1 and 2.5: `{"mrr": 0.7, "hits@1": 0.5, "hits@10": 1.0}`.


# %% solution="rank_metrics" points=4 minutes=12 level="intermediate" further=true
def rank_metrics(
    pos_scores: Float[Array, "P"], neg_scores: Float[Array, "Q"], ks: tuple[int, ...] = (1, 10)
) -> dict[str, Float[Array, ""]]:
    """Mean reciprocal rank and hits@k of positives among negatives; ties count half."""
    ### BEGIN SOLUTION
    pos, neg = pos_scores[:, None], neg_scores[None]
    rank = 1 + jnp.sum(neg > pos, axis=1) + 0.5 * jnp.sum(neg == pos, axis=1)
    return {"mrr": jnp.mean(1 / rank)} | {f"hits@{k}": jnp.mean(rank <= k) for k in ks}
    ### END SOLUTION


# %% check

# %% [markdown]
# ::: Hint: where to look
# `neg[None] > pos[:, None]` compares each positive with each negative, ($P, Q$).
#
# ::: Hint: the shape of the answer
# One rank for each positive, with three terms; the mean of `1 / rank`; for each `k` the mean of `rank <= k`, under the name `f"hits@{k}"`.
#
# ::: Help: the names differ
# The keys have the number in them: with `ks=(3,)` they are `"mrr"` and `"hits@3"`.


# %% demo="link_training"
adam, WIDTH = optax.adam(1e-2), 16


def embed(params, A):
    return A @ jax.nn.relu(A @ params["first"]) @ params["second"]  # one-hot features again


def scores_of(z, pairs):
    # a pair's score: the dot product of its two vectors
    return jnp.sum(z[pairs[:, 0]] * z[pairs[:, 1]], axis=1)


def link_loss(params, A, edges, negatives):
    z = embed(params, A)
    friends, strangers = scores_of(z, edges), scores_of(z, negatives)
    # -log sigmoid(score) for friends, -log(1 - sigmoid(score)) for strangers
    return jnp.mean(jax.nn.softplus(-friends)) + jnp.mean(jax.nn.softplus(strangers))


@jax.jit
@jax.vmap  # all splits at once
def learn(key, A, edges, negatives):
    def step(carry, negatives):
        params, state = carry
        updates, state = adam.update(jax.grad(link_loss)(params, A, edges, negatives), state)
        return (optax.apply_updates(params, updates), state), None

    first, second = jax.random.split(key)
    params = {
        "first": jax.random.normal(first, (34, WIDTH)) / 5,
        "second": jax.random.normal(second, (WIDTH, WIDTH)) / 4,
    }
    (params, _), _ = jax.lax.scan(step, (params, adam.init(params)), negatives)
    z = embed(params, A)
    return z @ z.T


# %% demo="demo_links"
if grader.ready("rank_metrics") and can_hide:
    keys = jax.random.split(jax.random.key(0), 16)
    seen = jax.vmap(links.adjacency)(splits.seen)
    scores = {
        "random": jax.random.normal(jax.random.key(1), seen.shape),
        "common neighbours": seen @ seen,
        "GCN": learn(keys, jax.vmap(propagation_matrix)(seen), splits.seen, splits.negatives),
    }
    results = links.compare(rank_metrics, splits, scores)
    links.picture(results, club, splits.hidden[0])

# %% [markdown]
# **Look:** common neighbours are whole numbers from 0 to some ten. What would they gain if ties cost nothing?
#
# ::: Answer
# Most pairs have 0, 1 or 2 friends in common, so a positive ties with very many negatives. Were ties free, it would pass them all without having told them apart, and a model that says 0 everywhere would be perfect. Half a place for each tie is what a coin would give on average. The dots say something else: one split of 8 edges proves nothing, and the bars are means of sixteen.

# %% [markdown] discussion="tables_as_graphs" points=2
# ## Discussion
#
# People read what you write. A claim earns half, its reason and an example the rest.
#
# ### {discussion}: a graph in disguise
# Name a data set that is usually stored as a table or as an image. What would be its nodes and edges if you stored it as a graph? Name one thing that would be gained and one that would be lost. (50 to 150 words.)
#
# {rubric}
#
# - **0**: no data set, or "everything is a graph" and nothing else.
# - **1**: data set, nodes and edges, but no gain or no loss, or one without a reason.
# - **2**: nodes, edges, one gain and one loss, each with a reason that belongs to this data set.
#
# What good answers contain:
#
# - *Nodes and edges that say something*: purchases (customers and goods; who bought what), patients (joined by similar findings), images (regions that touch), bank transfers (accounts; each transfer an arrow with an amount). Who says what is joined? A threshold of similarity is a choice, and may be named as a loss.
# - *Gained*: relations count, sizes may differ, the numbering means nothing, labels spread to neighbours that have none ({ref:convolution} shows two labels doing the work of 34).
# - *Lost*: order and position (left and right in an image: a grid graph doesn't know its directions unless edges carry them), regular memory and fast convolutions, rows that are independent of each other, so that a split into training and test needs thought.
# - Accept any data set for which the edges are named precisely.

# %% [markdown] discussion="who_becomes_invisible" points=2
# ### {discussion}: who becomes invisible?
# A service recommends films by similarity: two films are joined if the same people liked both. Who, or what, becomes invisible? Which number or picture of this notebook would show it? (50 to 150 words.)
#
# {rubric}
#
# - **0**: missing, or "nobody, the error is small".
# - **1**: somebody is named (new films, rare tastes, people with few ratings) without a reason, or without a number that would show it.
# - **2**: who, by which step of the method, and a number or picture of the notebook that would show it, or that hides it.
#
# What good answers contain:
#
# - *Who*: films with few ratings (their correlations rest on few people, and of each film only the nearest neighbours are kept); people whose taste is rare; what only a few love. Recommended films get more ratings and more edges: it feeds itself.
# - *Which number*: a test error for each film or each group of users in place of one RMSE over all, which is a mean over many and hides the few; degrees in the similarity graph; how far a signal gets from a film with few edges (`influence`, {ref:influence}); ranks of rare films among all others ({ref:rank_metrics}).
# - A good point: averaging over neighbours ({ref:dirichlet_energy}) makes tastes alike, the deeper the more.

# %% [markdown] discussion="absent_edges" points=2
# ### {discussion}: an edge that isn't there
# Edges between people are predicted: friends, contacts, suspects. Pick one case. What does a false positive cost, and whom? And who decided that an absent edge is a "negative"? (50 to 150 words.)
#
# {rubric}
#
# - **0**: missing, or costs named without a case ("errors are bad").
# - **1**: a case with its cost, or a word on absent edges, but not both, or without a reason.
# - **2**: a case, who pays for a false positive there, and why an absent edge needn't be a negative, with an example.
#
# What good answers contain:
#
# - *Cost*: a wrong friend suggestion costs a click, or reveals a relation that somebody hides (patients of one doctor, victim and stalker); a wrong contact costs days in quarantine; a wrong suspect costs an investigation, and those who pay had no say.
# - *Absent*: not observed is not the same as not there. The one who samples negatives decides ({ref:sample_negatives}): there hidden edges were drawn as negatives now and then. Who is observed more has more edges, and what the police don't watch looks innocent to the model.
# - *Rare edges*: with one true edge among thousands of pairs, even a small share of false positives is most of what is predicted; MRR against 100 strangers says nothing about that.

# %% [markdown]
# ## What you have built
#
# Graphs of any shape and size, as seven arrays; messages along their edges; networks that place, recommend, classify and feel forces, all of them built from one step: edges, nodes, globals. Who went further also knows what they can't do: tell apart what colours can't, go deep without becoming alike, hear across a long bridge. And when somebody shows you one seed or one split, you will ask for ten.
