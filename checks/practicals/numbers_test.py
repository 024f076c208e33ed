"""The first pictures say which exercise builds which part, with the numbers that exercises have."""

import importlib
from pathlib import Path

import pytest

from autograder.authoring.percent import read_practical
from autograder.authoring.running import imports_from
from autograder.course import Course

COURSE = Course(Path(__file__).parents[2])
JOURNEY = {
    "convolution": "conv2d",
    "ReLU": "relu",
    "max-pool": "max_pool",
    "linear": "MyLinearModel",
    "step": "make_train_step",
    "Adam": "my_adam",
    "gradient": "nth_derivative",
    "loss": "cross_entropy",
}
WIRING = {
    "a soft look-up": "dot_product_attention",
    "queries, keys, values": "SequenceToQKV",
    "masks": "attention_mask",
    "scaled dot products": "scaled_dot_product_attention",
    "several heads": "MultiHeadAttention",
    "a vector for each token": "",
    "+ positions": "sinusoidal_positions",
    "logits: a linear layer": "",
    "self-attention": "MultiHeadAttention",
    "causal self-attention": "MultiHeadAttention",
    "cross-attention": "MultiHeadAttention",
    "add & norm": "AddNorm",
    "feed-forward": "FeedForwardBlock",
    "train, choose": "sequence_loss_fn filter_logits",
    "on the way to attention": "",
    "encoder block": "EncoderBlock",
    "decoder block": "Transformer",
}

GRAPHS = (
    ("toy_graph", "gcn_3_layer"),
    ("movieMSELoss", "train_step"),
    ("batch_graphs", "graph_network_step"),
    ("gat_layer", "gat_layer"),
    ("wl_colors", "random_walk_pe"),
    ("dirichlet_energy", "rank_metrics"),
)


@pytest.mark.parametrize(
    ("practical", "module", "tables", "wanted"),
    [("01", "journey", ("LAYERS", "LEARNING"), JOURNEY), ("02", "wiring", ("PARTS", "FRAMES"), WIRING)],
    ids=["journey", "wiring"],
)  # fmt: skip
def test_each_part_has_the_number_of_its_exercise(practical, module, tables, wanted):
    path = COURSE.choose(practical)
    exercises = read_practical(path).exercises
    with imports_from(COURSE.source(path.stem)):
        picture = importlib.import_module(module)
        rows = [row for table in tables for row in getattr(picture, table)]
    shown = {label: str(number or "") for *_, label, number in rows}
    assert shown == {
        label: ", ".join(str(exercises[name].number) for name in names.split())
        for label, names in wanted.items()
    }


def test_the_network_has_the_number_of_its_exercise():
    path = COURSE.choose("01")
    number = read_practical(path).exercises["ConvNetModule"].number
    assert f'"the network, exercise {number}"' in (COURSE.source(path.stem) / "journey.py").read_text()  # fmt: skip


def test_each_picture_of_graphs_has_the_numbers_of_its_exercises():
    path = COURSE.choose("03")
    exercises = read_practical(path).exercises
    with imports_from(COURSE.source(path.stem)):
        parts = importlib.import_module("journey").PARTS
    ranges = [(exercises[first].number, exercises[last].number) for first, last in GRAPHS]
    wanted = [str(a) if a == b else f"{a}–{b}" for a, b in ranges]
    assert [numbers for numbers, _ in parts] == wanted
