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
