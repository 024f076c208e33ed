"""What a sandbox may see and use, as data, and the bubblewrap command that makes it so."""

import os
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

NOBODY = 65534
AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}  # of subprocess, for root


@dataclass(frozen=True)
class Policy:
    """Everything that exists inside; what isn't named here doesn't."""

    read_only: tuple[tuple[str, str], ...]  # (path outside, place inside)
    writable: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (target, place inside)
    environment: tuple[tuple[str, str], ...] = ()
    scratch_bytes: int = 256 << 20  # /tmp
    shared_bytes: int = 64 << 20  # /dev/shm
    drop_root: bool = False  # run as root: become nobody on the host too


def bubblewrap(policy: Policy, command: list[str]) -> list[str]:
    """The argv that runs a command under a policy."""
    if policy.drop_root:
        return _as_nobody(policy, command)
    return [
        *"bwrap --unshare-all --unshare-user --disable-userns --cap-drop ALL".split(),
        *f"--uid {NOBODY} --gid {NOBODY} --hostname sandbox".split(),
        *"--die-with-parent --new-session --as-pid-1 --clearenv".split(),
        *(word for name, value in policy.environment for word in ("--setenv", name, value)),
        *"--proc /proc --dev /dev".split(),
        *f"--size {policy.shared_bytes} --tmpfs /dev/shm".split(),
        *f"--size {policy.scratch_bytes} --tmpfs /tmp".split(),
        *_show(policy),
        *"--remount-ro /dev --remount-ro / --chdir /tmp --".split(),
        *command,
    ]


def _as_nobody(policy, command):
    """As root, "uid 65534" inside would still be root to the host's files and sysctls.

    So a first bubblewrap makes the same tree reachable for nobody, who then makes the sandbox.
    """
    places = tuple((place, place) for _, place in policy.read_only)
    inner = bubblewrap(replace(policy, read_only=places, drop_root=False), command)
    return [
        *"bwrap --die-with-parent --cap-drop ALL --cap-add CAP_SETUID --cap-add CAP_SETGID".split(),
        *"--dev-bind /dev /dev --dev-bind /proc /proc --tmpfs /tmp".split(),
        *_show(policy),
        *f"-- setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups".split(),
        *"--bounding-set -all --inh-caps -all --".split(),
        *inner,
    ]


def _show(policy):
    """Binds and links, below folders that everyone may pass (bubblewrap's own are private)."""
    words = []
    places = [place for _, place in (*policy.read_only, *policy.writable, *policy.links)]
    parents = {str(parent) for place in places for parent in Path(place).parents}
    for parent in sorted(parents - {"/"}):
        words += ["--perms", "0755", "--dir", parent]
    for source, place in sorted(policy.read_only, key=lambda pair: pair[1]):
        words += ["--ro-bind", source, place]
    for source, place in policy.writable:
        words += ["--bind", source, place]
    for target, place in policy.links:
        words += ["--symlink", target, place]
    return words


def python_policy() -> Policy:
    """The policy that a Python like this one needs to run, and nothing more."""
    paths = {p for p in map(Path, (*_system_paths(), *_python_paths())) if p.exists()}
    links = {p for p in paths if p.is_symlink() and p.parent == Path("/")}
    whole = [p for p in paths - links if not any(q in paths - links for q in p.parents)]
    return Policy(
        read_only=tuple((os.path.realpath(p), place_of(p)) for p in sorted(whole)),
        links=tuple((os.readlink(p), str(p)) for p in sorted(links)),
    )


def place_of(path: str | Path) -> str:
    """Where a path of Python's is shown: its own place, unless that is one that students write."""
    return f"/outside{path}" if str(path).startswith(("/tmp/", "/dev/shm/")) else str(path)


def _system_paths():
    yield from ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/zoneinfo")
    yield from ("/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")


def _python_paths():
    """The parts of this environment and of the Python below it, by every name they go by.

    Only parts: an environment made in the root of a repository must not show the repository.
    """
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        for name in {prefix, os.path.realpath(prefix)}:
            yield from (f"{name}/{part}" for part in ("bin", "lib", "lib64", "pyvenv.cfg"))
    yield from extra_packages()
    yield os.path.realpath(sys.executable)


def extra_packages() -> list[str]:
    """Folders with packages that Python finds outside its prefixes (a user's own, Debian's)."""
    folders = [*site.getsitepackages(), site.getusersitepackages()]
    inside = (f"{sys.prefix}/", f"{sys.base_prefix}/")
    return [f for f in folders if f in sys.path and not f.startswith(inside)]


@cache
def working_policy() -> Policy | None:
    """The strictest policy for a Python that works on this system; None without bubblewrap."""
    if shutil.which("bwrap") is None:
        return None
    root = os.geteuid() == 0
    for drop_root in [True, False] if root and shutil.which("setpriv") else [False]:
        policy = replace(python_policy(), drop_root=drop_root)
        python = [place_of(sys.executable), "-s", "-c", "import psutil; print(1 + 1)"]
        if _runs(bubblewrap(policy, python)):
            return policy
    return None


@cache
def nobody_can_read(folders: tuple[str, ...], lent: bool = False) -> bool:
    """Whether, to root, nobody can run this Python with its packages, and list these folders.

    `lent`: with root's right to read, as `reading_everything` lends it.
    """
    script = "import os, sys, psutil; [os.listdir(f) for f in sys.argv[1:]]; print(1 + 1)"
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(extra_packages())}
    command = [sys.executable, "-s", "-c", script, *folders]
    if lent:
        return _runs(reading_everything(command), cwd="/", env=environment)
    return _runs(command, cwd="/", env=environment, **AS_NOBODY)


def reading_everything(command: list[str]) -> list[str]:
    """The argv that runs a command as nobody, who owns nothing, with one right of root's: to read.

    For a Python in root's home; Landlock must hold what runs so to the files that it is meant for.
    """
    sets = ("--inh-caps", "--ambient-caps", "--bounding-set")
    only = [word for each in sets for word in (each, "-all,+dac_read_search")]
    who = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --no-new-privs".split()
    return [*who, *only, "--", *command]


def _runs(command, **options):
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False, **options)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout == b"2\n"


def works() -> bool:
    """Whether bubblewrap can make our sandbox on this system."""
    return working_policy() is not None
