import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "sequence_loss_fn"

# batch 3, length 5, vocabulary 7
logits = np.asarray(normal(1, 3, 5, 7))
full = np.asarray(integers(2, 1, 7, 3, 5))
padded = np.array([[3, 1, 6, 2, 0], [5, 4, 2, 0, 0], [6, 2, 0, 0, 0]], np.int32)


@test_case(name="a batch without padding: the mean over all 15 letters", points=0)
def no_padding(sequence_loss_fn):
    loss = run(sequence_loss_fn, logits, {"target": full})
    assert np.shape(loss) == (), f"a loss is one number, yours has the shape {np.shape(loss)}"
    expect(loss)


@test_case(name="padding doesn't count, start and end do", points=0)
def padding_left_out(sequence_loss_fn):
    expect(jax.jit(sequence_loss_fn)(logits, {"target": padded}))


@test_case(name="padding may stand anywhere, and other arrays play no part", points=0)
def other_arrays(sequence_loss_fn):
    target = np.array([[0, 4, 0, 2], [3, 5, 2, 0]], np.int32)
    data = {"source": full[:2], "written": np.roll(target, 1, axis=1), "target": target}
    expect(run(sequence_loss_fn, logits[:2, :4], data))


@test_case(name="logits of ±300 stay finite, with their gradients", points=0)
def large_logits(sequence_loss_fn):
    extreme = np.where(logits[:2] > 0.5, -300, 300).astype(np.float32)
    extreme[0, 1] -= 400  # rows that are far apart
    data = {"target": np.array([[1, 6, 2, 0, 0], [4, 3, 5, 2, 0]], np.int32)}
    expect(run(jax.value_and_grad(sequence_loss_fn), extreme, data))


@test_case(name="nothing but padding: a loss of 0, and no gradient", points=0)
def padding_alone(sequence_loss_fn):
    data = {"target": np.zeros((2, 3), np.int32)}
    expect(jax.value_and_grad(sequence_loss_fn)(logits[:2, :3], data))
