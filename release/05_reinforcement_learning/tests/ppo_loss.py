import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "ppo_loss"

# ratios inside, below and above the clip, each with both signs of the advantage
ratios = np.array([0.5, 1.215, 1.5, 0.6, 0.81, 1.7, 1.21, 1.1], np.float32)
signs = np.array([1, 1, 1, -1, -1, -1, 1, -1], np.float32)
old = np.asarray(normal(1, 8)) - 1.5
new = old + np.log(ratios)
advantages = signs * (np.abs(np.asarray(normal(2, 8))) + 0.3)


def losses(ppo_loss, ratio, advantage):
    one = [np.full(1, x, np.float32) for x in (np.log(ratio), 0.0, advantage)]
    return run(ppo_loss, *one)[0]


@test_case(name="ratio 1.5: it paid, it failed", points=0)
def worked_numbers(ppo_loss):
    expect([losses(ppo_loss, 1.5, 1), losses(ppo_loss, 1.5, -1)])


@test_case(name="ratio 0.5: it paid, it failed", points=0)
def less_likely(ppo_loss):
    expect([losses(ppo_loss, 0.5, 1), losses(ppo_loss, 0.5, -1), losses(ppo_loss, 0.9, 2)])


@test_case(name="eight actions, and how far the policy has moved", points=0)
def eight_actions(ppo_loss):
    result = run(ppo_loss, new, old, advantages)
    assert isinstance(result, tuple | list) and len(result) == 2, "a loss and aux should come back"
    loss, aux = result
    assert np.shape(loss) == (), f"a loss is one number, yours has the shape {np.shape(loss)}"
    expect({"loss": loss, "aux": aux})


@test_case(name="a clip of one's own", points=0)
def own_clip(ppo_loss):
    five = slice(0, 5)
    for clip in (0.05, 0.45):
        given = new[five], old[five], 3 * advantages[five]
        expect(run(lambda *x, clip=clip: ppo_loss(*x, clip=clip), *given))


@test_case(name="under jit: slopes, with aux, and none into the data", points=0)
def compiled(ppo_loss):
    graded = jax.jit(jax.grad(ppo_loss, argnums=(0, 1, 2), has_aux=True))
    expect(run(graded, new[::-1], old[::-1], 2 * advantages[::-1]))
