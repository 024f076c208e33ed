import networkx as nx
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of

OK_FORMAT = False
name = "toy_graph"


def number(node):
    """A node that is a whole number, or words that say what it is."""
    return int(node) if isinstance(node, int | np.integer) else f"not an int: {node!r}"


def pairs(graph):
    """All edges, smaller end first, in order."""
    return sorted(sorted(str(number(node)) for node in edge[:2]) for edge in graph.edges())


def kind(graph):
    """What an edge of this graph is, in words."""
    several = "any number of" if graph.is_multigraph() else "one or no"
    return f"{several} {'arrow' if graph.is_directed() else 'line'}s between two nodes"


@test_case(name="four nodes, called 0 to 3", points=0)
def nodes(toy_graph):
    graph = toy_graph()
    assert isinstance(graph, nx.Graph), f"this is {kind_of(graph)}, not a graph of networkx"
    expect(sorted(str(number(node)) for node in graph.nodes()))


@test_case(name="an edge for each line", points=0)
def edges(toy_graph):
    expect(pairs(toy_graph()))


@test_case(name="lines without arrows", points=0)
def undirected(toy_graph):
    expect(kind(toy_graph()))


# --- hidden: nothing below this line is released ---


@test_case(name="who is joined to whom", points=1, hidden=True)
def neighbours(toy_graph):
    graph = toy_graph()
    expect({str(number(a)): sorted(str(number(b)) for b in graph.neighbors(a)) for a in graph})
    expect({"edges": pairs(graph), "kind": kind(graph)})
