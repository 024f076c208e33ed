"""Rules for calls, branches and loops: what lies inside is a program of its own."""

import numpy as np

from workbook.evaluate import program
from workbook.evaluate.rules import Unsuitable, rule

INSIDE = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # what calls name their jaxpr


def _opened(closed):
    """(program, constants) of a jaxpr, closed or not."""
    consts = getattr(closed, "consts", ())
    try:
        inside = program.program_of(getattr(closed, "jaxpr", closed))
    except RecursionError:
        raise Unsuitable("calls in calls in calls") from None
    return inside, [program.to_numpy(x) for x in consts]


@rule(
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "call",
    "remat",
    "remat2",
    "checkpoint",
    "custom_jvp_call",
    "custom_vjp_call",
    "custom_vjp_call_jaxpr",
)
def _call(eqn):
    name = next(name for name in INSIDE if name in eqn.params)
    inside, consts = _opened(eqn.params[name])

    def call(*args):
        return inside(consts, *args)

    call.cost = inside.cost
    return call


@rule("cond")
def _cond(eqn):
    branches = [_opened(branch) for branch in eqn.params["branches"]]

    def choose(which, *args):
        inside, consts = branches[max(0, min(int(which), len(branches) - 1))]
        return inside(consts, *args)

    costs = [inside.cost for inside, _ in branches]
    choose.cost = max(costs, key=lambda cost: cost.steps)
    return choose


@rule("scan")
def _scan(eqn):
    params = eqn.params
    inside, closed_over = _opened(params["jaxpr"])
    length, reverse = params["length"], params["reverse"]
    fixed, carried = params["num_consts"], params["num_carry"]
    order = range(length)[::-1] if reverse else range(length)
    made = [(out.aval.shape, program.kind(out.aval.dtype)) for out in eqn.outvars[carried:]]

    def scan(*args):
        consts, carry, xs = args[:fixed], args[fixed : fixed + carried], args[fixed + carried :]
        collected = [np.empty(shape, dtype) for shape, dtype in made]
        for n in order:
            result = inside(closed_over, *consts, *carry, *[x[n] for x in xs])
            carry = result[:carried]
            for place, value in zip(collected, result[carried:]):
                place[n] = value
        return [*carry, *collected]

    scan.cost = inside.cost * length + program.Cost(1)
    return scan


@rule("while")
def _while(eqn):
    params = eqn.params
    going_on, condition_consts = _opened(params["cond_jaxpr"])
    body, body_consts = _opened(params["body_jaxpr"])
    first, second = params["cond_nconsts"], params["body_nconsts"]
    each = going_on.cost + body.cost
    most = min(program.MOST_STEPS // max(each.steps, 1), int(program.MOST_WORK / max(each.work, 1)))

    def loop(*args):
        fixed, inner = args[:first], args[first : first + second]
        carry, turns = args[first + second :], 0
        while (going := going_on(condition_consts, *fixed, *carry)[0]).any():
            turns += 1
            if turns > most:
                raise Unsuitable("too many turns")
            new = body(body_consts, *inner, *carry)
            carry = new if going.ndim == 0 else [_chosen(going, *pair) for pair in zip(new, carry)]
        return list(carry)

    loop.cost = each + program.Cost(1)
    return loop


def _chosen(going, new, old):
    """New values where a loop of many is still going on."""
    return np.where(going.reshape(going.shape + (1,) * (new.ndim - going.ndim)), new, old)
