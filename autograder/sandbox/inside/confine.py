"""What a child of the zygote takes from itself for good: resources, paths and system calls.

Namespaces come from bubblewrap; this holds at every level, needs no privilege, and is what
keeps one submission from leaving anything behind in kernel objects that outlive a process.
Runs inside the sandbox, so it imports nothing of the package.
"""

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable

_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER = 4, 38, 22, 36
PR_SET_PDEATHSIG = 1


def prctl(option: int, *values: int) -> None:
    """Call prctl; OSError when the kernel refuses."""
    padded = [ctypes.c_ulong(v) for v in (*values, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


# ---------------------------------------------------------------- resources


def limit_resources(memory_bytes: int, file_bytes: int, threads: int | None) -> None:
    """Set hard limits; memory counts from what the zygote's image already maps.

    `threads` may be None: outside of a user namespace all of a user's processes would count.
    """
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    limits = {
        "AS": mapped + memory_bytes,
        "FSIZE": file_bytes,
        "NPROC": resource.RLIM_INFINITY if threads is None else threads,  # root's aren't counted
        "NOFILE": 512,
        "CORE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
    }
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        if hard == resource.RLIM_INFINITY or 0 <= value < hard:
            resource.setrlimit(kind, (value, value))


# ---------------------------------------------------------------- paths (Landlock)

_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_TRUNCATE, _DEVICE_IOCTL = 1 << 14, 1 << 15
_MAKE_DEVICES = (1 << 6) | (1 << 11)
_OF_FILES = 1 | _READ_FILE | _WRITE_FILE | _TRUNCATE | _DEVICE_IOCTL
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446


def limit_paths(readable: Iterable[str], writable: Iterable[str]) -> bool:
    """Leave only these paths to this process and its children; False where Landlock is missing."""
    version = _libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    known = (1 << min(13 + (version >= 2) + (version >= 3) + (version >= 5), 16)) - 1
    scoped = 0b11 if version >= 6 else 0  # abstract sockets and signals to outside
    attributes = struct.pack("QQQ", known, 0b11 if version >= 4 else 0, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path, _READ_FILE | _READ_DIR)
    for path in writable:
        _allow(ruleset, path, known & ~1 & ~_MAKE_DEVICES & ~_DEVICE_IOCTL)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    restricted = _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return restricted


def _allow(ruleset, path, access):
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this system
    if not os.path.isdir(path):
        access &= _OF_FILES
    _libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", access, handle), 0)
    os.close(handle)


# ---------------------------------------------------------------- system calls (seccomp)

# name: (x86_64, aarch64); newer calls have one number everywhere
_CALLS = {
    # other processes, the zygote above all
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"kcmp": (312, 272), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138)},
    **{"rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": 424, "pidfd_open": 434},
    **{"pidfd_getfd": 438, "process_madvise": 440, "process_mrelease": 448},
    **{"setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118)},
    **{"sched_setscheduler": (144, 119), "sched_setattr": (314, 274)},
    **{"migrate_pages": (256, 238), "move_pages": (279, 239)},
    # what outlives a process: keys, System V and POSIX objects
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    **{"shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195)},
    **{"semget": (64, 190), "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192)},
    **{"msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187)},
    **{"mq_open": (240, 180), "mq_unlink": (241, 181)},
    # the network, also the kinds that network namespaces don't cover (vsock)
    **{"socket": (41, 198)},
    # programs, mounts and namespaces
    **{"execve": (59, 221), "execveat": (322, 281), "chroot": (161, 51)},
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "unshare": (272, 97)},
    **{"setns": (308, 268), "open_tree": 428, "move_mount": 429, "fsopen": 430},
    **{"fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442},
    **{"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265)},
    # kernel interfaces with a history, and memory that no limit counts
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282)},
    **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
    **{"fanotify_init": (300, 262), "memfd_create": (319, 279), "memfd_secret": 447},
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CLONE, _CLONE3 = (56, 220), 435
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag
_OWN = {"kill": (62, 129), "tgkill": (234, 131)}  # allowed on oneself
_HERE = {"prlimit64": (302, 261), "sched_setaffinity": (203, 122)}  # allowed with pid 0
_ALLOW, _KILL, _REFUSE, _MISSING = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT = 0, 4, 16


def syscall_filter(pid: int, machine: str) -> bytes:
    """The classic BPF program that refuses what student code has no use for, as bytes."""
    column, architecture = _MACHINES[machine]

    def number(entry):
        return entry if isinstance(entry, int) else entry[column]

    program = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),  # 32-bit calls have other numbers
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, 0x40000000),  # and so have x32's
        (_RETURN, 0, 0, _KILL),
    ]
    for entry in _CALLS.values():
        program += [(_EQUAL, 0, 1, number(entry)), (_RETURN, 0, 0, _REFUSE)]
    program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _MISSING)]  # flags unseen: use clone
    program += _if_call(number(_CLONE), [(_ANY_BIT, 0, 1, _NEW_NAMESPACES)])
    for entry in _OWN.values():
        program += _if_call(number(entry), [(_EQUAL, 1, 0, pid)])
    for entry in _HERE.values():
        program += _if_call(number(entry), [(_EQUAL, 1, 0, 0)])
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def _if_call(number, test):
    """Refuse a call whose first argument fails the test (which skips the refusal if it holds)."""
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        *test,
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]


def limit_calls() -> bool:
    """Install the filter for this process and its children; False where it can't be."""
    machine = platform.machine()
    if machine not in _MACHINES:
        return False
    code = syscall_filter(os.getpid(), machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    return _libc.prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(program), 0, 0) == 0
