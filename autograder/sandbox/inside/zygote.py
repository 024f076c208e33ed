"""The first process of a sandbox: imports everything once, then forks a child a submission.

Runs inside the sandbox as a script. Its first argument is JSON: control (a socket's number),
scratch (the only writable folder), course (practicals' folders by name), imports (modules),
readable (what a child may read), needs_landlock (whether nothing else keeps it to that). It never
starts a JAX backend: a fork after that would hang.
"""

import gc
import importlib
import importlib.util
import json
import os
import platform
import re
import resource
import select
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import calls
import confine
from sweep import renew

_child: Any = None  # the module, imported last
COLLECT_AFTER = 50_000, 10, 100  # tracing makes many small objects, and a child lives seconds
LOOK_EVERY = 0.25  # seconds, at the number of files
NO_LANDLOCK = (
    "this Linux has no Landlock, which keeps files apart where bubblewrap doesn't work: "
    "install bubblewrap, or grade on Linux 5.13 or newer"
)


class Zygote:
    """Serves the control socket: one child at a time."""

    def __init__(self, control, scratch, course, readable, needs_landlock):
        self.control, self.scratch, self.course = control, Path(scratch), course
        self.readable, self.needs_landlock = readable, needs_landlock
        self._pid, self._handle = 0, -1  # of the child, its pidfd
        self._used = 0.0  # CPU seconds of all children so far
        self._preloaded = set()
        # what was there from the start: a Python whose own home is below /tmp, say
        folders = [self.scratch] + [Path("/dev/shm")] * (os.getpid() == 1)
        self.emptied = {folder: frozenset(os.listdir(folder)) for folder in folders}

    def serve(self) -> None:
        """Answer requests until the client hangs up."""
        self._tell(ready=time.process_time())
        while True:
            waiting = [self.control.fileno()] + [self._handle] * (self._handle >= 0)
            ready = select.select(waiting, [], [], LOOK_EVERY if self._handle >= 0 else None)[0]
            if self._handle >= 0 and not ready and self._is_crowded():
                self._tell(crowded=True)
            if self._handle in ready:
                self._tell(ended=self._reap())
            if self.control.fileno() in ready and not self._request():
                return

    def _request(self):
        data, handles, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
        if not data:
            return False
        request = json.loads(data)
        if request["do"] == "fork":
            self._fork(request, *handles)
        elif request["do"] == "interrupt" and self._handle >= 0:
            os.kill(self._pid, signal.SIGINT)
        elif request["do"] == "clear":
            self._clear()
        return True

    def _is_crowded(self):
        """Whether the child made more files than it may; their names take memory that is nobody's.

        Only in file systems of the sandbox's own: elsewhere the files of others would count.
        """
        if os.getpid() != 1:
            return False
        facts = map(os.statvfs, self.emptied)
        return any(f.f_files - f.f_ffree > self._files for f in facts)

    def _tell(self, **message):
        self.control.send(json.dumps(message).encode())

    def _fork(self, request, messages, output):
        self._preload(request["folder"])
        gc.collect()
        gc.freeze()  # so that the child's collections don't touch, and so copy, shared pages
        self._files = request["limits"].pop("files")
        self._pid = os.fork()
        if not self._pid:
            self.control.close()
            self._become_child(request, messages, output)
        os.close(messages)
        os.close(output)
        self._handle = os.pidfd_open(self._pid)

    def _become_child(self, request, messages, output):
        try:
            os.setsid()
            confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)
            gc.set_threshold(*COLLECT_AFTER)
            _connect(output)
            folder = _furnish(self.scratch, self.course.get(request["folder"]))
            self._wall_in(**request["limits"])
            _child.serve(socket.socket(fileno=messages), folder)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode("utf-8", "replace"))
        finally:
            os._exit(0)

    def _wall_in(self, **limits):
        """Take from this process for good what no submission needs; OSError when that can't be."""
        restricted = confine.limit_paths(self.readable, [*self.emptied, "/dev/null"])
        if self.needs_landlock and not restricted:
            raise OSError(NO_LANDLOCK)
        if limits:
            if os.getppid() != 1:
                limits["threads"] = None
            confine.limit_resources(**limits)
        confine.limit_calls(calls.program(os.getpid(), platform.machine()))

    def try_walls(self) -> None:
        """End, saying why, where a child couldn't be walled in: before anybody is graded."""
        pid = os.fork()
        if not pid:
            try:
                self._wall_in()
                os._exit(0)
            except BaseException as error:
                os.write(2, f"{error}\n".encode("utf-8", "replace"))
            finally:
                os._exit(1)
        if os.waitpid(pid, 0)[1]:
            sys.exit(1)

    def _preload(self, folder):
        """Import the libraries that a practical's own modules name, once, before the fork."""
        if folder in self._preloaded or folder not in self.course:
            return
        self._preloaded.add(folder)
        sources = [p.read_text(errors="ignore") for p in Path(self.course[folder]).glob("*.py")]
        pattern = r"^\s*(?:from ([\w.]+) import|import ([\w.]+))"
        for match in re.finditer(pattern, "\n".join(sources), re.MULTILINE):
            _import(match[1] or match[2])

    def _reap(self):
        """Collect the child; its wait status."""
        _, status = os.waitpid(self._pid, 0)
        os.close(self._handle)
        self._pid, self._handle = 0, -1
        return status

    def _clear(self):
        """Kill whatever runs, empty the writable folders; tell CPU seconds and if it worked."""
        _kill_everything()
        if self._handle >= 0:
            os.close(self._handle)
            self._pid, self._handle = 0, -1
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = usage.ru_utime + usage.ru_stime
        clean = [renew(folder, keep) for folder, keep in self.emptied.items()]
        self._tell(cleared=all(clean), cpu=used - self._used)
        self._used = used


def _connect(output):
    """Nothing to read, and both outputs into the pipe that the client counts."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)


def _furnish(scratch, course):
    """A working folder with links to what the student got, and places for caches."""
    work = scratch / "work"
    for folder in (work, scratch / "home"):
        folder.mkdir()
    for item in sorted(Path(course).iterdir()) if course else []:
        (work / item.name).symlink_to(item)
    return work


def _kill_everything():
    """SIGKILL to every process but this one until none is left."""
    while True:
        if os.getpid() == 1:
            _kill(-1)
        else:
            for pid in _descendants():
                _kill(pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _descendants():
    """Process ids below this one; as a subreaper it inherits every orphan."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            parents[int(entry)] = int(text.rpartition(")")[2].split()[1])
    below, generation = set(), {os.getpid()}
    while generation:
        generation = {pid for pid, parent in parents.items() if parent in generation} - below
        below |= generation
    return below


def _import(name):
    """Import a library if it is there; the practical's own modules aren't."""
    try:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    except Exception:
        pass  # a stand-in, or a broken library: then the student's import says why


def main() -> None:
    """Import, then serve."""
    settings = json.loads(sys.argv[1])
    fonts, imports, _ = (settings.pop(name) for name in ("fonts", "imports", "folder"))
    control = socket.socket(fileno=settings.pop("control"))
    control.set_inheritable(False)
    confine.prctl(confine.PR_SET_DUMPABLE, 0)
    confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    zygote = Zygote(control, **settings)
    zygote.try_walls()
    scratch = zygote.scratch
    os.environ |= {"HOME": f"{scratch}/home", "TMPDIR": str(scratch)}
    os.environ["MPLCONFIGDIR"] = f"{scratch}/matplotlib"
    if os.path.isdir(fonts):
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"])
    for name in imports:
        _import(name)
    global _child
    _child = importlib.import_module("child")
    _child.prepare()
    for folder, keep in zygote.emptied.items():
        renew(folder, keep)
    zygote.serve()


if __name__ == "__main__":
    main()
