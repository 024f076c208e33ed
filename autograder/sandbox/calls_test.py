"""The filter of system calls, asked as the kernel asks it, for every number there is or may be."""

import errno
import re
import struct
from pathlib import Path

import pytest

from autograder.sandbox.inside.calls import (
    _ALLOWED,
    _BY_ARGUMENTS,
    _REFUSED,
    NEWER,
    numbers,
    program,
)

ALLOWED = 0x7FFF0000
DONE, REFUSED, MISSING, INVALID, UNSUPPORTED = (
    0x50000 | number for number in (0, errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
BEYOND = 4096  # the newest call of Linux 6.18 is 470
OWN = 7
HEADERS = Path("/usr/include")


def verdict(code, architecture, number, *arguments):
    """What the kernel's interpreter would answer for one system call."""
    arguments = [each % 2**64 for each in (*arguments, *[0] * 6)[:6]]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments)
    steps = [struct.unpack_from("HBBI", code, i) for i in range(0, len(code), 8)]
    at = value = 0
    while True:
        operation, yes, no, constant = steps[at]
        at += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x54:
            value &= constant
        elif operation == 0x05:
            at += constant
        elif operation == 0x06:
            return constant
        else:
            holds = {0x15: value == constant, 0x35: value >= constant}[operation]
            at += yes if holds else no


@pytest.fixture(params=ARCHITECTURES)
def machine(request):
    return request.param


@pytest.fixture
def ask(machine):
    """The answer to a call by its name, or by a number."""
    code, known = program(OWN, machine), numbers(machine)

    def answer(name, *arguments):
        number = name if isinstance(name, int) else known[name]
        return verdict(code, ARCHITECTURES[machine], number, *arguments)

    return answer


def test_of_all_numbers_only_those_on_the_list_pass(machine, ask):
    tries = [[], [OWN] * 6, [1] * 6, [2**64 - 1] * 6, [0, 1, 0], [1, 4, 0]]
    passing = {n for n in range(BEYOND) if any(ask(n, *each) == ALLOWED for each in tries)}
    named = numbers(machine, _ALLOWED, _BY_ARGUMENTS)
    by_argument = set(numbers(machine, _BY_ARGUMENTS).values())
    assert passing - by_argument == set(named.values()) - by_argument


def test_what_is_not_on_the_list_is_refused_or_missing(machine, ask):
    for number in {*range(BEYOND), 2**30, 2**30 + 1, 2**31, 2**32 - 1} - {
        *numbers(machine).values()
    }:
        assert ask(number) == (REFUSED if number < NEWER else MISSING), number


@pytest.mark.parametrize("architecture", [0x40000003, 0xC0000015, 0])
def test_other_ways_to_number_calls_are_missing(machine, architecture):
    assert {verdict(program(OWN, machine), architecture, n) for n in range(512)} == {MISSING}


def test_a_processor_without_a_list_is_named():
    with pytest.raises(OSError, match="riscv64: grade on x86_64 or aarch64"):
        program(OWN, "riscv64")


def test_the_kernel_takes_its_length(machine):
    assert len(program(OWN, machine)) // 8 < 4096


def _headers(machine):
    """The numbers of this system's kernel headers, by name."""
    places = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}
    try:
        text = (HEADERS / places[machine]).read_text()
    except OSError:
        pytest.skip("this system has no kernel headers: numbers are NOT compared with them")
    found = {n: int(v) for n, v in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    if machine == "aarch64":
        found |= {"newfstatat": found["fstatat"], "prlimit64": found["prlimit64"]}
    return found


def test_numbers_are_those_of_the_kernel(machine):
    known = _headers(machine)
    ours = numbers(machine)
    assert {name: ours[name] for name in ours if name in known} == {
        name: known[name] for name in ours if name in known
    }
    assert {name for name in ours if name not in known} <= {
        "fchmodat2",
        "map_shadow_stack",
        "mseal",
    }


def test_every_call_of_the_headers_has_the_answer_of_its_list(machine, ask):
    listed = numbers(machine)
    for name, number in _headers(machine).items():
        if number < BEYOND and number not in listed.values():
            assert ask(number, *[OWN] * 6) in (REFUSED, MISSING), name


def test_no_call_is_on_two_lists(machine):
    lists = [set(numbers(machine, table).values()) for table in (_ALLOWED, _BY_ARGUMENTS, _REFUSED)]
    assert sum(map(len, lists)) == len(set().union(*lists)) == len(numbers(machine))


@pytest.mark.parametrize(
    ("x86_64", "aarch64"),
    [(101, 117), (310, 270), (41, 198), (59, 221), (322, 281), (272, 97), (165, 40), (321, 280)]
    + [(250, 219), (29, 194), (240, 180), (425, 425), (467, 467), (169, 142), (170, 161), (76, 45)]
    + [(254, 26), (294, 26), (253, 26), (221, 223), (27, 232), (187, 213), (135, 92), (46, 211)]
    + [(49, 200), (42, 203), (92, 54), (93, 55), (162, 81), (306, 267), (451, 451), (222, 107)],
)  # fmt: skip
def test_calls_that_are_refused(machine, ask, x86_64, aarch64):
    """ptrace, sockets, programs, keys, queues; open_tree_attr, reboot, sethostname, truncate; inotify;

    advice on the page cache, what lies in it; bind, connect, sendmsg; chown; sync; timers.
    """
    assert ask({"x86_64": x86_64, "aarch64": aarch64}[machine]) in (REFUSED, MISSING)


ANY = 2**64 - 1
GOOD = [
    ("openat", -100, 0, 0o2000000),  # O_CLOEXEC
    ("openat", -100, 0, 0o1102),  # O_RDWR | O_CREAT | O_TRUNC
    ("openat", -100, 0, 0o2001),  # O_WRONLY | O_APPEND
    ("openat", -100, 0, 0o10000000),  # O_PATH
    ("fcntl", 3, 0, 5),  # F_DUPFD
    ("fcntl", 3, 1),  # F_GETFD
    ("fcntl", 3, 2, 1),  # F_SETFD
    ("fcntl", 3, 3, ANY),  # F_GETFL, and whatever was in the register
    ("fcntl", 3, 4, 0x8802),  # F_SETFL, O_NONBLOCK
    ("fcntl", 3, 1030, 10),  # F_DUPFD_CLOEXEC
    ("ioctl", 1, 0x5401),  # TCGETS
    ("ioctl", 1, 0x5413),  # TIOCGWINSZ
    ("ioctl", 1, 0x5421),  # FIONBIO
    ("madvise", 0, 0, 4),  # MADV_DONTNEED
    ("madvise", 0, 0, 14),  # MADV_HUGEPAGE
    ("madvise", 0, 0, 102),  # MADV_GUARD_INSTALL
    ("clone", 0x3D0F00),  # a thread of glibc
    ("clone", 0x7D0F00),  # of musl
    ("clone", 0x1200011),  # fork
    ("clone", 0x4111),  # vfork
    ("kill", OWN, 9),
    ("tgkill", OWN, OWN, 6),
    ("prlimit64", 0, 7),
    ("sched_setaffinity", 0),
    ("prctl", 15),  # PR_SET_NAME
    ("prctl", 0x53564D41),  # PR_SET_VMA
    ("socketpair", 1, 0x80001),  # AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC
    ("sendto", 3, 4, 5),
    ("preadv2", 3, 0, 0, 0, 0, 0),
    ("pipe2", 0, 0x80800),
]
BAD = [
    ("openat", -100, 0, 0o1000),  # O_RDONLY | O_TRUNC
    ("openat", -100, 0, 0o3),  # neither, nor
    ("openat", -100, 0, 0o1003),
    ("openat", -100, 0, 0o20000),  # O_ASYNC
    *(("fcntl", 3, command) for command in (5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 38)),
    *(("fcntl", 3, command) for command in (1024, 1025, 1026, 1031, 1033, 1035, 1036, 1037, 1038)),
    ("fcntl", 3, 1039),
    ("fcntl", 3, 4, 0x2000),  # F_SETFL, O_ASYNC
    ("ioctl", 0, 0x5412),  # TIOCSTI
    ("ioctl", 3, 0x40086602),  # FS_IOC_SETFLAGS
    ("ioctl", 3, 0x40087602),  # FS_IOC_SETVERSION
    ("ioctl", 3, 0x401C5820),  # FS_IOC_FSSETXATTR
    ("ioctl", 3, 0x8901),  # FIOSETOWN
    ("ioctl", 3, 0x5452),  # FIOASYNC
    *(("madvise", 0, 0, advice) for advice in (9, 12, 13, 20, 21, 25, 100, 101)),
    ("clone", 0x10000011),  # CLONE_NEWUSER
    ("clone", 0x20011),  # CLONE_NEWNS
    ("clone", 0x80000011),  # CLONE_IO
    ("clone", 0x8011),  # CLONE_PARENT
    ("clone", 0x1011),  # CLONE_PIDFD
    ("clone", 9),  # SIGKILL to the parent at its end
    *((call, who) for call in ("kill", "tgkill") for who in (0, 1, OWN + 1, -1, -OWN)),
    ("prlimit64", 1),
    ("sched_setaffinity", 1),
    *(("prctl", option) for option in (1, 8, 22, 24, 29, 31, 36, 41, 47, 62, 65, 67, 0x59616D61)),
    ("socketpair", 1, 2),  # datagrams
    ("socketpair", 30, 1),  # TIPC
    ("sendto", 3, 4, 5, 0, 6, 16),
    ("preadv2", 3, 0, 0, 0, 0, 8),  # RWF_NOWAIT
    ("pipe2", 0, 0x80),  # O_NOTIFICATION_PIPE
]


@pytest.mark.parametrize("call", GOOD, ids=str)
def test_arguments_that_pass(ask, call):
    assert ask(*call) == ALLOWED


@pytest.mark.parametrize("call", BAD, ids=str)
def test_arguments_that_do_not(ask, call):
    assert ask(*call) in (REFUSED, INVALID, UNSUPPORTED)


def test_what_the_upper_half_of_an_argument_says_changes_nothing_for_the_worse(ask):
    """The kernel takes these as 32 bits, and so do we."""
    for name, *arguments in BAD:
        assert ask(name, *(each | 5 << 32 for each in arguments)) != ALLOWED


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        ("fchmod fchmodat fchmodat2", DONE),
        ("utimensat", REFUSED),
        ("setxattr fsetxattr getxattr listxattr fremovexattr", UNSUPPORTED),
        ("flock", MISSING),
    ],
)
def test_answers_that_callers_know_how_to_take(ask, names, answer):
    assert {ask(name) for name in names.split()} == {answer}


def test_clone3_whose_flags_can_not_be_seen_is_missing(ask):
    assert {ask(435), ask(437)} == {MISSING}  # and openat2
