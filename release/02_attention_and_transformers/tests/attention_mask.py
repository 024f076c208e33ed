from functools import partial

import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, run

OK_FORMAT = False
name = "attention_mask"


@test_case(name="padding is not read, whoever asks", points=0)
def padding(attention_mask):
    query_tokens = np.array([[1, 7, 2], [1, 0, 0]], np.int32)
    key_tokens = np.array([[1, 5, 6, 0], [1, 9, 0, 0]], np.int32)
    mask = run(attention_mask, query_tokens, key_tokens)
    assert mask.shape == (2, 3, 4), (
        f"2 examples, 3 queries and 4 keys give a mask of shape {mask.shape}"
    )
    expect(mask)


@test_case(name="a causal mask lets a token read itself and what came before", points=0)
def causal(attention_mask):
    tokens = integers(1, 1, 29, 2, 4)
    expect(run(attention_mask, tokens, tokens, causal=True))


@test_case(name="a causal mask keeps padding out too", points=0)
def causal_and_padding(attention_mask):
    tokens = np.array([[1, 8, 0, 0], [1, 4, 3, 0]], np.int32)
    expect(run(attention_mask, tokens, tokens, causal=True))


@test_case(name="padding may stand anywhere, and have another id", points=0)
def other_padding(attention_mask):
    key_tokens = np.array([[0, 6, 3, 1, 0], [3, 0, 9, 3, 5]], np.int32)
    for pad_id in (0, 3):
        expect(run(attention_mask, key_tokens[:, :2], key_tokens, pad_id=pad_id))


@test_case(name="a causal mask with more keys or more queries, also under jit", points=0)
def more_of_either(attention_mask):
    few, many = integers(8, 0, 5, 3, 2), integers(9, 0, 5, 3, 5)
    expect(run(attention_mask, few, many, causal=True))
    expect(jax.jit(partial(attention_mask, causal=True, pad_id=4))(many, few))
