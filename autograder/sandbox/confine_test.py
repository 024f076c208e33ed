import struct

import pytest

from autograder.sandbox.inside.confine import _CALLS, _HERE, _MACHINES, _OWN, syscall_filter

ALLOWED, REFUSED, MISSING, KILLED = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(program, architecture, number, argument=0):
    """What the kernel's interpreter would answer for one system call."""
    data = struct.pack("<IIQQ", number, architecture, 0, argument)
    code = [struct.unpack_from("HBBI", program, i) for i in range(0, len(program), 8)]
    at = value = 0
    while True:
        operation, yes, no, constant = code[at]
        at += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x06:
            return constant
        else:
            holds = {
                0x15: value == constant,
                0x35: value >= constant,
                0x45: bool(value & constant),
            }[operation]
            at += yes if holds else no


def number(entry, machine):
    return entry if isinstance(entry, int) else entry[_MACHINES[machine][0]]


@pytest.fixture(params=ARCHITECTURES)
def machine(request):
    return request.param


@pytest.mark.parametrize("name", _CALLS)
def test_calls_that_are_always_refused(machine, name):
    program = syscall_filter(7, machine)
    assert verdict(program, ARCHITECTURES[machine], number(_CALLS[name], machine)) == REFUSED


@pytest.mark.parametrize("name", [*_OWN, *_HERE])
def test_calls_that_are_allowed_on_oneself(machine, name):
    program, own = syscall_filter(7, machine), 7 if name in _OWN else 0
    call = number({**_OWN, **_HERE}[name], machine)
    answers = [
        verdict(program, ARCHITECTURES[machine], call, who) for who in (own, 1, 8, 2**32 - 1)
    ]
    assert answers == [ALLOWED, REFUSED, REFUSED, REFUSED]


@pytest.mark.parametrize(
    ("name", "x86_64", "aarch64"),
    [("read", 0, 63), ("mmap", 9, 222), ("openat", 257, 56), ("futex", 202, 98), ("exit", 60, 93)],
)
def test_ordinary_calls_are_allowed(name, x86_64, aarch64):
    for machine, call in (("x86_64", x86_64), ("aarch64", aarch64)):
        program = syscall_filter(7, machine)
        assert verdict(program, ARCHITECTURES[machine], call) == ALLOWED


@pytest.mark.parametrize(
    ("flags", "answer"),
    [(0x11, ALLOWED), (0x3D0F00, ALLOWED), (0x10000011, REFUSED), (0x20011, REFUSED)],
)
def test_clone_makes_threads_and_processes_but_no_namespaces(machine, flags, answer):
    call = {"x86_64": 56, "aarch64": 220}[machine]
    assert verdict(syscall_filter(7, machine), ARCHITECTURES[machine], call, flags) == answer


def test_clone3_whose_flags_can_not_be_seen_is_missing(machine):
    assert verdict(syscall_filter(7, machine), ARCHITECTURES[machine], 435) == MISSING


@pytest.mark.parametrize(("architecture", "call"), [(0x40000003, 1), (0xC000003E, 0x40000000)])
def test_other_ways_to_number_calls_end_the_process(architecture, call):
    assert verdict(syscall_filter(7, "x86_64"), architecture, call) == KILLED
