"""The system calls that a submission may make, as a filter for the kernel (seccomp).

A list of what is allowed: a call that isn't here, such as one of the next kernel, is refused. No
call ends the process: libraries that try a newer one first go on with an older one.
Runs inside the sandbox, so it imports nothing of the package.
"""

import errno
import struct

# name x86_64/aarch64; "-": this processor doesn't have it
_ALLOWED = """
    read 0/63 write 1/64 readv 19/65 writev 20/66 pread64 17/67 pwrite64 18/68 preadv 295/69
    pwritev 296/70 lseek 8/62 close 3/57 close_range 436/436 dup 32/23 dup2 33/- dup3 292/24
    pipe 22/- fstat 5/80 fstatfs 138/44 getdents 78/- getdents64 217/61 ftruncate 77/46
    fallocate 285/47 fsync 74/82 fdatasync 75/83 sendfile 40/71 copy_file_range 326/285

    stat 4/- lstat 6/- newfstatat 262/79 statx 332/291 statfs 137/43 access 21/- faccessat 269/48
    faccessat2 439/439 readlink 89/- readlinkat 267/78 getcwd 79/17 chdir 80/49 fchdir 81/50
    mkdir 83/- mkdirat 258/34 rmdir 84/- unlink 87/- unlinkat 263/35 rename 82/- renameat 264/38
    renameat2 316/276 link 86/- linkat 265/37 symlink 88/- symlinkat 266/36 umask 95/166

    poll 7/- ppoll 271/73 select 23/- pselect6 270/72 epoll_create 213/- epoll_create1 291/20
    epoll_ctl 233/21 epoll_wait 232/- epoll_pwait 281/22 epoll_pwait2 441/441 eventfd 284/-
    eventfd2 290/19 timerfd_create 283/85 timerfd_settime 286/86 timerfd_gettime 287/87
    signalfd 282/- signalfd4 289/74 recvfrom 45/207 getsockopt 55/209 getsockname 51/204
    getpeername 52/205 shutdown 48/210

    brk 12/214 mmap 9/222 munmap 11/215 mremap 25/216 mprotect 10/226 msync 26/227
    membarrier 324/283 map_shadow_stack 453/453 mseal 462/462

    futex 202/98 set_tid_address 218/96 set_robust_list 273/99 rseq 334/293 gettid 186/178
    getpid 39/172 getppid 110/173 fork 57/- vfork 58/- exit 60/93 exit_group 231/94 wait4 61/260
    waitid 247/95 restart_syscall 219/128 setsid 112/157 getsid 124/156 setpgid 109/154
    getpgid 121/155 getpgrp 111/- sched_yield 24/124 sched_getaffinity 204/123
    sched_getparam 143/121 sched_getscheduler 145/120 sched_get_priority_max 146/125
    sched_get_priority_min 147/126 sched_rr_get_interval 148/127 getcpu 309/168
    getpriority 140/141

    rt_sigaction 13/134 rt_sigprocmask 14/135 rt_sigreturn 15/139 rt_sigpending 127/136
    rt_sigtimedwait 128/137 rt_sigsuspend 130/133 sigaltstack 131/132 pause 34/- alarm 37/-
    getitimer 36/102 setitimer 38/103

    clock_gettime 228/113 clock_getres 229/114 clock_nanosleep 230/115 nanosleep 35/101
    gettimeofday 96/169 time 201/- times 100/153

    uname 63/160 sysinfo 99/179 getrusage 98/165 getrlimit 97/163 setrlimit 160/164 getuid 102/174
    geteuid 107/175 getgid 104/176 getegid 108/177 getresuid 118/148 getresgid 120/150
    getgroups 115/158 getrandom 318/278
"""
# Allowed by their arguments only: see _rules.
_BY_ARGUMENTS = """
    open 2/- openat 257/56 preadv2 327/286 pwritev2 328/287 pipe2 293/59 fcntl 72/25 ioctl 16/29
    madvise 28/233 clone 56/220 kill 62/129 tgkill 234/131 prlimit64 302/261
    sched_setaffinity 203/122 prctl 157/167 arch_prctl 158/- socketpair 53/199 sendto 44/206
"""
# Refused in ways that callers know how to take. The modes, times and attributes of a file that can
# only be read are within reach of its owner (Landlock leaves them out), times of /dev/null within
# everybody's, and each is a note to who comes next; locks are notes to who runs at the same time.
_REFUSED = """
    chmod 90/- fchmod 91/52 fchmodat 268/53 fchmodat2 452/452
    utime 132/- utimes 235/- futimesat 261/- utimensat 280/88
    flock 73/32 setxattr 188/5 lsetxattr 189/6 fsetxattr 190/7 getxattr 191/8 lgetxattr 192/9
    fgetxattr 193/10 listxattr 194/11 llistxattr 195/12 flistxattr 196/13 removexattr 197/14
    lremovexattr 198/15 fremovexattr 199/16
"""
_DONE = 0
_ANSWERS = {
    # copies of files ask for modes: they seem to be set, and aren't
    **dict.fromkeys(("chmod", "fchmod", "fchmodat", "fchmodat2"), _DONE),
    **dict.fromkeys(("utime", "utimes", "futimesat", "utimensat"), errno.EPERM),
    "flock": errno.ENOSYS,  # as on a file system without locks
    "prctl": errno.EINVAL,  # as on an older kernel
    "arch_prctl": errno.EINVAL,
    "fcntl": errno.EINVAL,
    "ioctl": errno.EOPNOTSUPP,
    "madvise": errno.EINVAL,
}
NEWER = 424  # calls from this number on came after what every C library can do without

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _AND, _EQUAL, _AT_LEAST, _JUMP, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x05, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_ALL = 0xFFFFFFFF

Test = tuple[int, int, tuple[int, ...]]  # which argument, its bits that count, what they may be


def _rules(pid: int) -> dict[str, list[list[Test]]]:
    """For each call its alternatives, each a list of tests that must all hold."""
    # No O_ASYNC: it signals others. Before Landlock's third version O_TRUNC empties a file that may
    # only be read, and access mode 3, neither to read nor to write, opens it without any right.
    opened = (0, 1, 2, 0x201, 0x202)
    flags = 3 | 0x200 | 0x2000
    # what C libraries make threads with, CHILD_SETTID and VFORK for processes; no CLONE_NEW*
    threads = 0x007D0F00 | 0x01000000 | 0x4000
    return {
        "open": [[(1, flags, opened)]],
        "openat": [[(2, flags, opened)]],
        "preadv2": [[(5, _ALL, (0,))]],  # RWF_NOWAIT tells what others have read
        "pwritev2": [[(5, _ALL, (0,))]],
        "pipe2": [[(1, ~0x84800 & _ALL, (0,))]],  # O_CLOEXEC, O_NONBLOCK, O_DIRECT
        # descriptors only: leases, locks, owners, hints and notices are on files that others use
        "fcntl": [[(1, _ALL, (0, 1, 2, 3, 1030))], [(1, _ALL, (4,)), (2, 0x2000, (0,))]],
        # TCGETS and TCGETS2 (is it a terminal?), TIOCGWINSZ, FIONREAD, FIONBIO, FI(O)(N)CLEX
        "ioctl": [[(1, _ALL, (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451))]],
        # not PAGEOUT, COLD, MERGEABLE and the like: they change memory that others share
        "madvise": [[(2, _ALL, (*range(5), 8, 10, 11, *range(14, 20), 22, 23, 102, 103))]],
        "clone": [[(0, ~threads & _ALL, (0, 17))]],  # 17: SIGCHLD
        "kill": [[(0, _ALL, (pid,))]],
        "tgkill": [[(0, _ALL, (pid,))]],
        "prlimit64": [[(0, _ALL, (0,))]],
        "sched_setaffinity": [[(0, _ALL, (0,))]],
        # DUMPABLE, NAME, TIMERSLACK, NO_NEW_PRIVS, THP_DISABLE, vectors' lengths, VMA
        "prctl": [[(0, _ALL, (3, 4, 15, 16, 30, 38, 39, 42, 51, 56, 63, 0x53564D41))]],
        # SET_FS, GET_FS, the state of shadow stacks, and which registers there are (AMX)
        "arch_prctl": [[(0, _ALL, (0x1002, 0x1003, 0x1021, 0x1022, 0x1023, 0x3001, 0x5005))]],
        # a datagram socket could write to any that is bound to a name
        "socketpair": [[(0, _ALL, (1,)), (1, ~0x80800 & _ALL, (1, 5))]],
        "sendto": [[(5, _ALL, (0,))]],  # to its own other end only
    }


def numbers(machine: str, *tables: str) -> dict[str, int]:
    """The calls of these tables that a processor has, by name; all that are named by default."""
    column = _MACHINES[machine][0]
    named = tables or (_ALLOWED, _BY_ARGUMENTS, _REFUSED)
    words = " ".join(named).split()
    found = zip(words[::2], (pair.split("/")[column] for pair in words[1::2]), strict=True)
    return {name: int(number) for name, number in found if number != "-"}


def program(pid: int, machine: str) -> bytes:
    """The classic BPF program for one process, and all that it forks, as bytes.

    OSError for a processor that has no list.
    """
    if machine not in _MACHINES:
        raise OSError(f"there is no list of system calls for {machine}: grade on x86_64 or aarch64")
    code = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_EQUAL, 1, 0, _MACHINES[machine][1]),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),  # 32-bit calls have other numbers
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    rules, known = _rules(pid), numbers(machine, _BY_ARGUMENTS)
    for name, number in known.items():
        code += _if_call(number, rules[name], _ERRNO | _ANSWERS.get(name, errno.EPERM))
    for number in numbers(machine, _ALLOWED).values():
        code += _answer(number, _ALLOW)
    for name, number in numbers(machine, _REFUSED).items():
        code += _answer(number, _ERRNO | _ANSWERS.get(name, errno.EOPNOTSUPP))
    code += [(_AT_LEAST, 0, 1, NEWER), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    code.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _answer(number, answer):
    return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]


def _if_call(number, alternatives, otherwise):
    block = []
    for tests in alternatives:
        parts = [_test(*test) for test in tests]
        for place, part in enumerate(parts):
            rest = sum(len(later) + 1 for later in parts[place + 1 :])
            block += [*part, (_JUMP, 0, 0, rest + 1)]  # it doesn't hold: to the next alternative
        block.append((_RETURN, 0, 0, _ALLOW))
    block.append((_RETURN, 0, 0, otherwise))
    return [(_EQUAL, 0, len(block), number), *block]


def _test(argument, bits, values):
    """Skips one instruction, the jump behind it, when it holds."""
    code = [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument), (_AND, 0, 0, bits)]
    return code + [(_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
