"""What a child of the zygote takes from itself for good: resources, paths and system calls.

Namespaces come from bubblewrap; this holds at every level, needs no privilege, and is what
keeps one submission from leaving anything behind in kernel objects that outlive a process.
Runs inside the sandbox, so it imports nothing of the package.
"""

import ctypes
import os
import resource
import struct
from collections.abc import Iterable

_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER = 4, 38, 22, 36
PR_SET_PDEATHSIG = 1
_FILTER = 2  # SECCOMP_MODE_FILTER


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


def limit_calls(code: bytes) -> None:
    """Install a filter for this process and its children; OSError when the kernel refuses."""
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    described = ctypes.create_string_buffer(program)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    try:
        prctl(PR_SET_SECCOMP, _FILTER, ctypes.addressof(described))
    except OSError as error:
        what = f"this kernel doesn't filter system calls by seccomp ({error.strerror})"
        raise OSError(f"{what}: grade on another Linux, or outside this container") from None
