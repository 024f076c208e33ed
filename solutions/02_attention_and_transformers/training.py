"""One step of training, for the models of sections 8 and 10."""

import jax
import optax


def training_step(loss_of, optimizer):
    """The compiled function (params, state, *batch) -> (params, state, loss).

    loss_of(params, *batch) is the loss of a batch.
    """

    @jax.jit
    def step(params, state, *batch):
        loss, gradient = jax.value_and_grad(loss_of)(params, *batch)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(params, updates), state, loss

    return step
