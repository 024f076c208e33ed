import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "Transformer"

# batch 3; a source of 6 tokens, a target of 5; in most cases 4 heads share d_m = 8
source, target = normal(1, 3, 6, 8), normal(2, 3, 5, 8)
words = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]], bool)
masks = {
    "encoder_mask": np.broadcast_to(words[:, None], (3, 6, 6)),
    "decoder_mask": np.broadcast_to(np.tril(np.ones((5, 5), bool)), (3, 5, 5)),
    "cross_mask": np.broadcast_to(words[:, None], (3, 5, 6)),
}
# the exact and the tanh form are both right, and so is all that FeedForwardBlock's cases accept
either_gelu = {"rtol": 1e-3, "atol": 1e-3}


@test_case(name="one layer: an encoder and a decoder block with their parts", points=0)
def parameters(Transformer):
    expect(module(Transformer, 4, 1, 8).shapes(source, target))


@test_case(name="a decoder block reads itself, then the memory", points=0)
def decoder_block(DecoderBlock):
    block = module(DecoderBlock, 4, 8)
    result = block(block.fill(target, source), target, source)
    assert isinstance(result, tuple | list) and len(result) == 3, (
        "(X, self weights, cross weights) is wanted"
    )
    expect(dict(zip(("X", "self weights", "cross weights"), result)), **either_gelu)


@test_case(name="one layer, no masks: the outputs alone", points=0)
def one_layer(Transformer):
    model = module(Transformer, 4, 1, 8)
    expect(model(model.fill(source, target), source, target), **either_gelu)


@test_case(name="two layers, three masks, three kinds of weights", points=0)
def two_layers(Transformer):
    model = module(Transformer, 4, 2, 8)
    result = model(model.fill(source, target), source, target, **masks, return_weights=True)
    assert isinstance(result, tuple | list) and len(result) == 4, (
        "with return_weights=True four results are wanted: outputs, encoder, decoder, cross"
    )
    names = ("outputs", "encoder weights", "decoder weights", "cross weights")
    expect(dict(zip(names, result)), **either_gelu)


@test_case(name="a mask of its own for each attention, other heads and layers", points=0)
def masks_apart(Transformer):
    model = module(Transformer, 3, 3, 6, widening_factor=1)
    source, target = normal(6, 2, 4, 6), normal(7, 2, 4, 6)
    upper = np.broadcast_to(np.triu(np.ones((4, 4), bool)), (2, 4, 4))
    apart = {"encoder_mask": upper, "decoder_mask": upper.swapaxes(1, 2)}
    apart["cross_mask"] = np.array([[[1, 1, 0, 1]], [[0, 1, 1, 1]]], bool)
    params = model.fill(source, target)
    expect(model(params, source, target, **apart, return_weights=True), **either_gelu)


@test_case(name="a decoder block with its masks, X alone", points=0)
def block_alone(DecoderBlock):
    block = module(DecoderBlock, 2, 8, widening_factor=2)
    both = {"mask": masks["decoder_mask"], "cross_mask": masks["cross_mask"]}
    params = block.fill(target, source)
    expect(block(params, target, source, **both, return_att_weight=False), **either_gelu)


# --- hidden: nothing below this line is released ---


def results(Transformer, source, target, **changed):
    """Outputs and weights of two layers, with other masks if given."""
    model = module(Transformer, 2, 2, 8)
    params = model.fill(source, target)
    return model(params, source, target, **masks | changed, return_weights=True)


def outputs(*args, **changed):
    """The outputs alone."""
    return np.asarray(results(*args, **changed)[0])


@test_case(name="a decoder block alone obeys both masks", points=1, hidden=True)
def masked_decoder_block(DecoderBlock):
    block = module(DecoderBlock, 1, 8, widening_factor=3)
    both = {"mask": masks["decoder_mask"], "cross_mask": masks["cross_mask"]}
    params = block.fill(target, source)
    expect(block(params, target, source, **both, return_att_weight=False), **either_gelu)
    expect(block(params, target, source, **both), **either_gelu)


@test_case(name="what is written later doesn't reach earlier outputs", points=1.25, hidden=True)
def later_words(Transformer):
    later = target.at[:, 3].add(normal(3, 3, 8))
    written = outputs(Transformer, source, later)
    expect(written[:, :3], **either_gelu)
    expect(written[:, 3:], **either_gelu)


@test_case(name="the last word of the source reaches the first output", points=1.25, hidden=True)
def last_source_word(Transformer):
    other = source.at[1, 5].add(normal(4, 8))
    expect(outputs(Transformer, other, target)[1], **either_gelu)


@test_case(name="padding of the source reaches nothing", points=1.25, hidden=True)
def source_padding(Transformer):
    other = jnp.where(words[..., None], source, normal(5, 3, 6, 8))
    expect(results(Transformer, other, target), **either_gelu)


@test_case(name="each mask has its own place", points=1.25, hidden=True)
def three_masks_apart(Transformer):
    everything = {key: np.ones_like(mask) for key, mask in masks.items()}
    for name in ("cross_mask", "encoder_mask", "decoder_mask"):
        alone = everything | {name: masks[name]}
        expect(results(Transformer, source, target, **alone), **either_gelu)


@test_case(name="two layers without any mask", points=1, hidden=True)
def no_masks(Transformer):
    model = module(Transformer, 5, 2, 10)
    source, target = normal(8, 2, 4, 10), normal(9, 2, 7, 10)
    expect(model(model.fill(source, target), source, target), **either_gelu)


@test_case(name="every layer has parameters of its own", points=1, hidden=True)
def layers_apart(Transformer):
    expect(module(Transformer, 4, 3, 8, widening_factor=2).shapes(source, target))
