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


def test_the_numbers_of_refused_calls_are_right_too(machine):
    known = _headers(machine)
    asked = numbers(machine, NEVER)
    assert {n: asked[n] for n in asked if n in known} == {n: known[n] for n in asked if n in known}


def test_every_call_of_the_headers_has_the_answer_of_its_list(machine, ask):
    listed = numbers(machine)
    for name, number in _headers(machine).items():
        if number < BEYOND and number not in listed.values():
            assert ask(number, *[OWN] * 6) in (REFUSED, MISSING), name


def test_no_call_is_on_two_lists(machine):
    lists = [set(numbers(machine, table).values()) for table in (_ALLOWED, _BY_ARGUMENTS, _REFUSED)]
    assert sum(map(len, lists)) == len(set().union(*lists)) == len(numbers(machine))


# What attacks asked for, now or once; with the numbers of both processors.
NEVER = """
    ptrace 101/117 process_vm_readv 310/270 process_vm_writev 311/271 kcmp 312/272 tkill 200/130
    rt_sigqueueinfo 129/138 rt_tgsigqueueinfo 297/240 pidfd_send_signal 424/424 pidfd_open 434/434
    pidfd_getfd 438/438 process_madvise 440/440 process_mrelease 448/448 setpriority 141/140
    ioprio_set 251/30 sched_setparam 142/118 sched_setscheduler 144/119 sched_setattr 314/274
    migrate_pages 256/238 move_pages 279/239 get_robust_list 274/100 seccomp 317/277
    add_key 248/217 request_key 249/218 keyctl 250/219 shmget 29/194 shmat 30/196 shmctl 31/195
    semget 64/190 semop 65/193 semctl 66/191 semtimedop 220/192 msgget 68/186 msgsnd 69/189
    msgrcv 70/188 msgctl 71/187 mq_open 240/180 mq_unlink 241/181 timer_create 222/107
    socket 41/198 bind 49/200 connect 42/203 listen 50/201 accept 43/202 accept4 288/242
    sendmsg 46/211 sendmmsg 307/269 setsockopt 54/208 execve 59/221 execveat 322/281 chroot 161/51
    mount 165/40 umount2 166/39 pivot_root 155/41 unshare 272/97 setns 308/268 open_tree 428/428
    move_mount 429/429 fsopen 430/430 fsconfig 431/431 fsmount 432/432 fspick 433/433
    mount_setattr 442/442 statmount 457/457 listmount 458/458 open_tree_attr 467/467
    name_to_handle_at 303/264 open_by_handle_at 304/265 bpf 321/280 perf_event_open 298/241
    userfaultfd 323/282 io_uring_setup 425/425 io_uring_enter 426/426 io_uring_register 427/427
    fanotify_init 300/262 inotify_init1 294/26 inotify_add_watch 254/27 memfd_create 319/279
    memfd_secret 447/447 reboot 169/142 sethostname 170/161 setdomainname 171/162 syslog 103/116
    swapon 167/224 acct 163/89 settimeofday 164/170 clock_settime 227/112 adjtimex 159/171
    init_module 175/105 finit_module 313/273 kexec_load 246/104 quotactl 179/60 personality 135/92
    setuid 105/146 setgid 106/144 setgroups 116/159 capset 126/91 truncate 76/45 fchown 93/55
    fchownat 260/54 mknodat 259/33 sync 162/81 syncfs 306/267 fadvise64 221/223 readahead 187/213
    mincore 27/232 cachestat 451/451 splice 275/76 vmsplice 278/75 tee 276/77 mlock 149/228
    mlockall 151/230 mbind 237/235 set_mempolicy 238/237 io_setup 206/0 setxattrat 463/463
    file_getattr 468/468 file_setattr 469/469 landlock_restrict_self 446/446 listns 470/470
"""


def test_calls_that_attacks_asked_for_are_refused(machine, ask):
    asked = numbers(machine, NEVER)
    assert {name for name in asked if ask(asked[name]) not in (REFUSED, MISSING)} == set()


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
