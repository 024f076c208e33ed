import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "cross_entropy"

# four images, seven classes
logits, labels = normal(1, 4, 7), np.array([2, 0, 6, 3], np.int32)


@test_case(name="equal logits cost ln K", points=0)
def equal_logits(cross_entropy):
    expect(run(cross_entropy, np.zeros((4, 7), np.float32), labels))


@test_case(name="four images with seven logits", points=0)
def four_images(cross_entropy):
    loss = run(cross_entropy, logits, labels)
    assert np.shape(loss) == (), f"one number is wanted, yours has the shape {np.shape(loss)}"
    expect(loss)


@test_case(name="a wrong label with a logit 1000 below the largest", points=0)
def large_gap(cross_entropy):
    expect(run(cross_entropy, 1000 * np.eye(4, 7, dtype=np.float32), labels))
