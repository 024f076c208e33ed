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


@test_case(name="rows at very different heights", points=0)
def heights(cross_entropy):
    rows = logits + np.array([[500], [-500], [0], [-2000]], np.float32)
    expect(run(cross_entropy, rows, labels), rtol=1e-3, atol=1e-3)


@test_case(name="the gradient is (p − e_y) / N", points=0)
def slopes(cross_entropy):
    expect(run(jax.grad(cross_entropy), 2 * logits[:3, :5], np.array([4, 1, 0], np.int32)))


@test_case(name="under jit, with two images of three classes", points=0)
def small_jitted(cross_entropy):
    rows = np.array([[0, 1, -1], [2, 2, -20_000]], np.float32)
    expect(run(jax.jit(cross_entropy), rows, np.array([1, 2], np.int32)))


# --- hidden: nothing below this line is released ---


@test_case(name="logits of ten thousand, under jit", points=1, hidden=True)
def huge(cross_entropy):
    expect(run(jax.jit(cross_entropy), 1e4 * logits, labels))


@test_case(name="rows of very different height", points=1, hidden=True)
def different_rows(cross_entropy):
    heights = np.array([[3000.0], [-2000.0], [0.0], [-9000.0]], np.float32)
    expect(run(cross_entropy, logits + heights, labels), rtol=1e-3, atol=1e-3)


@test_case(name="one image", points=0.5, hidden=True)
def one_image(cross_entropy):
    expect(run(cross_entropy, logits[1:2], labels[1:2]))


@test_case(name="the gradient is (p - e_y) / N", points=1.5, hidden=True)
def gradient(cross_entropy):
    expect(run(jax.grad(cross_entropy), 3 * logits, labels))


@test_case(name="the gradient of huge logits is finite", points=0.5, hidden=True)
def huge_gradient(cross_entropy):
    expect(run(jax.grad(cross_entropy), 1e4 * logits, labels))


@test_case(name="equal logits, other numbers of images and classes", points=0.5, hidden=True)
def other_numbers(cross_entropy):
    expect(run(cross_entropy, np.full((3, 10), 5, np.float32), np.array([9, 0, 4], np.int32)))
