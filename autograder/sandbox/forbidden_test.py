"""What must be impossible inside. Each source really tries it; reaching its end is the failure."""

import json
import os
import time
from pathlib import Path

import pytest

from autograder.cache import Cache
from autograder.sandbox.client import Sandbox
from autograder.sandbox.conftest import LIMITS, needs
from autograder.sandbox.policy import python_policy
from autograder.sandbox.steps import Cell

pytestmark = pytest.mark.slow

# An environment in somebody's home or in /srv is shown at its own path, without its neighbours.
LEAD_TO_PYTHON = {place.split("/")[1] for _, place in python_policy().read_only}

REPOSITORY = Path(__file__).parents[2]
HELPERS = """
import ctypes, errno, fcntl, os, socket
shared = os.path.realpath('helpers.py')  # a file that every sandbox reads
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *args):
    value = libc.syscall(name, *args) if isinstance(name, int) else getattr(libc, name)(*args)
    if value == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value
"""


def attempt(sandbox, source, timeout=False):
    """The result of a source that must not get what it wants."""
    first, result = sandbox.run([Cell("helpers", HELPERS), Cell("attack", source)], "p")
    assert first.status == "ok"
    return result


def assert_refused(result):
    assert result.status == "error", result
    assert result.failure.type in ("PermissionError", "OSError", "FileNotFoundError"), result


EVERYWHERE = {
    "internet": "socket.create_connection(('1.1.1.1', 53), timeout=1)",
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "unix sockets": "socket.socket(socket.AF_UNIX)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "programs": "import subprocess; subprocess.run(['/bin/true'])",
    "setuid helpers": "os.execv('/bin/su', ['su'])",
    "user namespaces": "call('unshare', 0x10000000)",
    "mount namespaces": "call('unshare', 0x20000)",
    "cloning a namespace": "call(56, 0x10000011, 0, 0, 0, 0)",
    "mounts": "call('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
    "ptrace": "call('ptrace', 16, os.getppid(), None, None)",
    "memory of the zygote": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "descriptors of the zygote": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "environment of the zygote": "open(f'/proc/{os.getppid()}/environ', 'rb')",
    "signal to the zygote": "os.kill(os.getppid(), 9)",
    "signal to process 1": "os.kill(1, 9)",
    "signal to all": "os.kill(-1, 9)",
    "limits of the zygote": (
        "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))"
    ),
    "higher limits": (
        "import resource\n"
        "try: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
        "except ValueError as error: raise OSError from error"
    ),
    "processor of the zygote": "os.sched_setaffinity(os.getppid(), {0})",
    "priority of the zygote": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "shared memory that stays": "call('shmget', 7, 4096, 0o1666)",
    "semaphores that stay": "call('semget', 7, 1, 0o1666)",
    "message queues that stay": "call('msgget', 7, 0o1666)",
    "queues by name": "call('mq_open', b'/left', 66, 0o666, None)",
    "keys that stay": "call(248, b'user', b'left', b'x', 1, -4)",
    "uncounted memory": "os.memfd_create('left')",
    "io_uring": "call(425, 1, ctypes.create_string_buffer(256))",
    "bpf": "call(321, 0, None, 0)",
    "files by handle": "call('open_by_handle_at', -100, None, 0)",
    "chroot": "os.chroot('.')",
    "write to the graders' files": "import protocol; open(protocol.__file__, 'a')",
    "write to the course": "open(os.path.realpath('helpers.py'), 'a')",
    "write to the libraries": "import jax; open(jax.__file__, 'a')",
    "write to libraries' folders": "import jax; open(os.path.dirname(jax.__file__) + '/x', 'w')",
    "write to the home": f"open({str(Path.home() / 'attack')!r}, 'w')",
    "write to the repository": f"open({str(REPOSITORY / 'attack')!r}, 'w')",
    "sysctl": "open('/proc/sys/vm/swappiness', 'r+')",
    "core dumps of the zygote": "open(f'/proc/{os.getppid()}/oom_score_adj', 'w')",
    "device files": "os.mknod('disk', 0o60600, os.makedev(254, 0))",
    "password file": "open('/etc/shadow')",
    # what others of the same file notice, and what outlives a process
    "a lease": "fcntl.fcntl(os.open(shared, 0), 1024, fcntl.F_WRLCK)",
    "a lease to read": "fcntl.fcntl(os.open(shared, 0), 1024, fcntl.F_RDLCK)",
    "a lock": "fcntl.flock(os.open(shared, 0), fcntl.LOCK_EX)",
    "a lock of a range": "fcntl.lockf(os.open(shared, 0), fcntl.LOCK_SH)",
    "an open file's lock": "fcntl.fcntl(os.open(shared, 0), 37, bytes(32))",
    "an owner": "fcntl.fcntl(os.open(shared, 0), fcntl.F_SETOWN, os.getpid())",
    "a signal": "fcntl.fcntl(os.open(shared, 0), 10, 9)",
    "a notice of a folder": "fcntl.fcntl(os.open(os.path.dirname(shared), 0), 1026, 32)",
    "inotify": "call('inotify_init')",
    "a hint": "fcntl.fcntl(os.open(shared, 0), 1036, (5).to_bytes(8, 'little'))",
    "a flag": "fcntl.ioctl(os.open(shared, 0), 0x40086602, (64).to_bytes(8, 'little'))",
    "a version": "fcntl.ioctl(os.open(shared, 0), 0x40087602, (64).to_bytes(8, 'little'))",
    "an attribute": "os.setxattr(shared, 'user.left', b'x')",
    "an attribute of one's own": "open('x', 'w'); os.setxattr('x', 'user.left', b'x')",
    "times": "call('utimensat', -100, shared.encode(), None, 0)",
    "times of a device": "call('utimensat', -100, b'/dev/null', None, 0)",
    "times of a descriptor": "call('futimens', os.open(shared, 0), None)",
    "times of one's own folder": "call('utimensat', -100, os.environ['TMPDIR'].encode(), None, 0)",
    "an owner of a file": "os.chown(os.environ['TMPDIR'], -1, os.getgid())",
    "emptying by name": "os.truncate(os.devnull, 0)",
    "emptying while reading": "os.open(shared, os.O_RDONLY | os.O_TRUNC)",
    "neither to read nor to write": "os.open(shared, 3)",
    "which pages are there": "call('mincore', 0, 0, None)",
    "reading what is there": "os.preadv(os.open(shared, 0), [bytearray(1)], 0, 8)",
    "advice on pages": "os.posix_fadvise(os.open(shared, 0), 0, 0, os.POSIX_FADV_DONTNEED)",
    "pages to throw out": "call('madvise', id(0) & ~4095, 4096, 21)",
    "memory to merge": "call('madvise', id(0) & ~4095, 4096, 12)",
    "datagrams": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "a socket's name": "socket.socketpair()[0].bind('\\0left')",
    "descriptors to others": "socket.send_fds(socket.socketpair()[0], [b'x'], [0])",
    "the whole system's disks": "call('syncfs', 0); call('sync')",
}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls by x86_64's numbers")
@pytest.mark.parametrize("source", EVERYWHERE.values(), ids=EVERYWHERE.keys())
def test_refused_at_every_level(sandbox, source):
    assert_refused(attempt(sandbox, source))


def test_modes_of_shared_files_stay(sandbox):
    """Asking for one is answered as if it were set, which copying files needs."""
    source = "\n".join(
        [
            "def modes(): return [os.stat(p).st_mode for p in (shared, os.environ['TMPDIR'], '.')]",
            "import shutil; before = modes(); shutil.copy2(shared, 'copy')",
            "for p in (shared, os.environ['TMPDIR'], '.'): os.chmod(p, 0o700)",
            "os.fchmod(os.open(shared, 0), 0)",
            "print(modes() == before, open('copy').read() == open(shared).read())",
        ]
    )
    assert attempt(sandbox, source).output == "True True\n"


HONEST = """
import asyncio, concurrent.futures, mmap, pathlib, shutil, tempfile, threading, time
import numpy as np
here = pathlib.Path('files')
here.mkdir()
(here / 'a').write_text('text'), (here / 'new').touch(), (here / 'new').touch()
for copy in (shutil.copy, shutil.copy2, shutil.copyfile):
    copy(here / 'a', here / copy.__name__)
shutil.copytree('files', 'again'), shutil.move('again/a', 'moved'), os.replace('moved', 'named')
shutil.make_archive('x', 'tar', '.', 'files'), shutil.unpack_archive('x.tar', 'out')
with tempfile.TemporaryDirectory() as folder, open(f'{folder}/x', 'a+') as file:
    file.write('x'), file.truncate(0), os.fsync(file.fileno())
np.save('x.npy', np.ones(3)), np.savez('x.npz', a=np.ones(3))
assert np.load('x.npy', mmap_mode='r+').sum() == np.load('x.npz')['a'].sum() == 3
assert asyncio.run(asyncio.to_thread(abs, -1)) == 1
assert list(concurrent.futures.ThreadPoolExecutor(2).map(abs, [-2])) == [2]
read, write = os.pipe2(os.O_CLOEXEC)
os.set_blocking(read, False), os.set_inheritable(read, True), os.dup(read), os.isatty(read)
one, other = socket.socketpair()
one.settimeout(1), other.sendall(b'x'), one.recv(1), one.shutdown(socket.SHUT_RDWR)
pid = os.fork()
if not pid:
    os._exit(3)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
os.cpu_count(), os.sched_getaffinity(0), os.times(), os.uname(), os.urandom(8), os.getloadavg
os.sched_setaffinity(0, os.sched_getaffinity(0)), mmap.mmap(-1, 1 << 20).madvise(mmap.MADV_DONTNEED)
print(sorted(os.listdir('files')), os.listdir('out'), os.listdir('again'))
"""


def test_what_honest_work_asks_of_the_kernel_is_there(sandbox):
    result = attempt(sandbox, HONEST)
    assert result.failure is None, result
    names = "['a', 'copy', 'copy2', 'copyfile', 'new']"
    assert result.output.splitlines()[-1].startswith(f"{names} ['files'] ")


BEHIND_WALLS = {
    "home": f"os.listdir({str(Path.home())!r} + '/.cache')",
    "users": "open('/etc/passwd')",
    "this file": f"open({__file__!r})",
    "repository": f"os.listdir({str(REPOSITORY / 'autograder')!r})",
    "other processes": (
        "seen = [p for p in os.listdir('/proc') if p.isdigit()]\n"
        "if len(seen) == 2: raise FileNotFoundError"
    ),
    "machine's folders": (
        "seen = set(os.listdir('/')) & {'home', 'mnt', 'media', 'srv', 'var', 'sys', 'boot', 'opt'}\n"
        f"if not seen - {LEAD_TO_PYTHON}: raise FileNotFoundError"
    ),
    "disks": (
        "seen = [n for n in os.listdir('/dev') if n.startswith(('sd', 'vd', 'nvme', 'kvm'))]\n"
        "if not seen: raise FileNotFoundError"
    ),
    "root folder": "open('/attack', 'w')",
    "devices' folder": "open('/dev/attack', 'w')",
    "name of the machine": "if os.uname().nodename == 'sandbox': raise FileNotFoundError",
}  # fmt: skip


@pytest.mark.parametrize("source", BEHIND_WALLS.values(), ids=BEHIND_WALLS.keys())
def test_refused_behind_walls(walled, source):
    assert_refused(attempt(walled, source))


def test_the_repository_around_an_environment_is_not_there(walled):
    """Even where the environment lies in the repository, nothing beside it shows."""
    result = attempt(
        walled,
        f"p = {str(REPOSITORY)!r}\nprint(sorted(os.listdir(p)) if os.path.exists(p) else [])",
    )
    assert set(json.loads(result.output.replace("'", '"'))) <= {".venv", "venv", "env"}


def test_no_variable_of_ours_is_there(course, sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "hunter2")
    with Sandbox({"p": course}, LIMITS, level=sandbox.level) as fresh:
        everything = "dict(os.environ), open('/proc/self/environ').read()"
        shown = attempt(fresh, f"print({everything.split(', ')[0]})")
    assert shown.status == "ok"
    assert "hunter2" not in shown.output
    assert "SECRET" not in shown.output


def test_no_descriptor_but_its_own_is_there(sandbox):
    source = """
import stat
for number in range(3, 512):
    try:
        print(number, stat.filemode(os.fstat(number).st_mode))
    except OSError:
        pass
"""
    assert attempt(sandbox, source).output.split("\n")[1:] == [""]  # one socket: its own


LEFT_BEHIND = {
    "a file": "open('/tmp/left' if os.access('/tmp/work', 0) else os.environ['TMPDIR'] + '/left', 'w')",
    "a file in the home": "os.makedirs(os.path.expanduser('~/.ipython')); open(os.path.expanduser('~/.ipython/left'), 'w')",
    "a locked folder": "os.mkdir('left'); open('left/x', 'w'); os.chmod('left', 0); os.chmod('.', 0)",
    "folders nested deep": "for _ in range(3000): os.mkdir('left'); os.chdir('left')",
    "shared memory": "open('/dev/shm/left', 'w')",
    "a link": "os.symlink('/', os.environ['TMPDIR'] + '/left')",
    "a process": "if os.fork() == 0:\n  os.setsid()\n  import time\n  while True: time.sleep(1)",
    "a grandchild": "if os.fork() == 0:\n  os.setsid()\n  if os.fork(): os._exit(0)\n  import time\n  time.sleep(99)",
    "a thread": "import threading\ndef spin():\n  while True: pass\nthreading.Thread(target=spin).start()",
    "at exit": "import atexit; atexit.register(lambda: open(os.environ['TMPDIR'] + '/left', 'w'))",
    "a patched library": "import numpy; numpy.ones = None; import builtins; builtins.left = 1",
    "a module": "open('left.py', 'w').write('x = 1'); import left",
}  # fmt: skip


@pytest.mark.parametrize("source", LEFT_BEHIND.values(), ids=LEFT_BEHIND.keys())
def test_nothing_is_left_for_the_next_submission(sandbox, source):
    left = attempt(sandbox, source)
    if sandbox.level == "process" and "/dev/shm" in source:
        assert_refused(left)
    else:
        assert left.status == "ok"
    look = """
import builtins, glob, importlib.util, numpy, os
found = [numpy.ones, hasattr(builtins, 'left'), bool(importlib.util.find_spec('left'))]
print(found[0] is not None, *found[1:], sorted(os.listdir(os.environ['TMPDIR'])))
print([p for p in glob.glob('/dev/shm/left')], os.listdir(os.path.expanduser('~')))
"""
    result = attempt(sandbox, look)
    assert result.output == "True False False ['home', 'work']\n[] []\n", result
    if sandbox.level == "bubblewrap":
        assert len(sandbox._host._zygote.children()) == 0


OWN_FOLDERS = """
import time
def facts(place):
    s = os.stat(place)
    times = [t == 0 or 0 <= time.time() - t < 600 for t in (s.st_atime, s.st_mtime)]
    return oct(s.st_mode), s.st_size, s.st_nlink, s.st_uid, s.st_gid, *times
shown = [facts(p) for p in [os.environ['TMPDIR']] + ['/dev/shm'] * (os.getppid() == 1)]
print(shown)
"""
NOTES = """
place = os.environ['TMPDIR']
for name in range(3000):
    open(f'{place}/a long name that makes a folder grow, and some file systems never shrink it, {name}', 'w').close()
for change in (lambda: os.chmod(place, 0o1710), lambda: call('utimensat', -100, place.encode(), (ctypes.c_long * 4)(2**33, 42, 2**33, 42), 0)):
    try:
        change()
    except OSError:
        pass
"""


def test_a_writable_folder_itself_carries_no_note(sandbox):
    """Its mode, size and times are what they were, whatever the last submission did to it."""
    before, _, after = (attempt(sandbox, source) for source in (OWN_FOLDERS, NOTES, OWN_FOLDERS))
    assert before.status == "ok"
    assert after.output == before.output
    assert "False" not in after.output


def test_a_process_left_behind_ends_with_its_submission(sandbox):
    attempt(sandbox, LEFT_BEHIND["a grandchild"])
    time.sleep(0.1)
    assert not sandbox._host._zygote.children(recursive=True)


@pytest.mark.parametrize("level", ["bubblewrap", "process"])
def test_no_compiled_program_is_in_reach(course, level):
    """A build's programs are those of the reference and of the mistakes."""
    needs(level)
    kept = Cache().folder / "jit_f-cache"
    kept.write_bytes(b"program")
    try:
        with Sandbox({"p": course}, LIMITS, level) as sandbox:
            for source in (f"os.listdir({str(kept.parent)!r})", f"open({str(kept)!r}).read()"):
                assert_refused(attempt(sandbox, source))
            looked = attempt(sandbox, "import jax; print(jax.config.jax_compilation_cache_dir)")
    finally:
        kept.unlink()
    assert looked.output == "None\n"


# ---------------------------------------------------------------- lies on the wire

FIND_SOCKET = """
import stat, struct, sys
for wire in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(wire).st_mode):
            break
    except OSError:
        pass
"""
LIES = {
    "noise": "os.write(wire, os.urandom(999))",
    "huge": "os.write(wire, struct.pack('<II', 2**32 - 1, 2**32 - 1))",
    "endless": "while True: os.write(wire, b'x' * 4096)",
    "another step": "m = b'{\"step\": \"x\"}'; os.write(wire, struct.pack('<II', len(m), 0) + m)",
    "not JSON": "os.write(wire, struct.pack('<II', 3, 0) + b'{]}')",
    "deep JSON": "os.write(wire, struct.pack('<II', 10**6, 0) + b'[' * 10**6)",
    "half": "os.write(wire, struct.pack('<II', 100, 0) + b'{'); os._exit(0)",
    "hang up": "os.close(wire)",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_lies_on_the_wire_cost_only_the_step(sandbox, lie):
    steps = [Cell("helpers", HELPERS + FIND_SOCKET), Cell("lie", lie), Cell("after", "print(1)")]
    first, lying, after = sandbox.run(steps, "p")
    assert (first.status, lying.status, after.status) == ("ok", "crashed", "ok")


def test_an_answer_in_advance_is_not_taken(sandbox):
    forged = 'm = b\'{"step": "cell 1", "failure": null}\'\n'
    later = "import threading\nthreading.Timer(0.05, os.write, [wire, struct.pack('<II', len(m), 0) + m]).start()"
    steps = [
        Cell("helpers", HELPERS + FIND_SOCKET),
        Cell("forge", forged + later),
        Cell("wait", "import time; time.sleep(0.5); 1 / 0"),
    ]
    result = sandbox.run(steps, "p")[2]
    assert result.status == "crashed"
    assert result.observations == []
