"""What runs on a worker of a cluster: it keeps the course, and a sandbox for each of its threads."""

import atexit
import fcntl
import functools
import hashlib
import json
import platform
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata

from autograder import cache
from autograder.course import workbook_files
from autograder.errors import UserError
from autograder.grading.built import engine_files, load_all
from autograder.grading.graders import Graders
from autograder.grading.packed import keep_course, kept_course
from autograder.packages import DECIDING
from autograder.sandbox.steps import Limits

READY, MISSING = "ready", "the course isn't there"
ENGINE = "the grader's own code"
MOST_KEPT = 2  # classes whose sandboxes a worker keeps
LOOK_SECONDS = 1  # between looks whether anybody still waits for a result


@functools.cache
def facts() -> dict[str, str]:
    """The versions here of everything that a score depends on, but the course."""
    engine = hashlib.sha256()
    for file in (*workbook_files(), *engine_files()):
        engine.update(file.read_bytes())
    versions = {package: _version(package) for package in ("autograder", "distributed", *DECIDING)}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **versions, ENGINE: engine.hexdigest()[:12]}


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def differences(wanted: Mapping[str, str], there: Mapping[str, str]) -> str:
    """In one line, what is another one there; "" when nothing is."""
    return ", ".join(
        f"{name} differs" if name == ENGINE else f"{name} is {there.get(name)} there, {value} here"
        for name, value in wanted.items()
        if there.get(name) != value
    )


@dataclass(frozen=True)
class Order:
    """What is the same for all submissions of a class."""

    course: str  # the digest of the packed course
    digests: Mapping[str, str]  # of what each practical's scores depend on
    facts: Mapping[str, str]
    limits: Limits
    level: str | None


def state(order: Order) -> str:
    """READY, MISSING, or why this worker can't grade such submissions."""
    return differences(order.facts, facts()) or (READY if kept_course(order.course) else MISSING)


def keep(order: Order, packed: bytes) -> str:
    """Keep the order's course here; the state then."""
    keep_course(order.course, packed)
    return state(order)


def grade_there(order: Order, data: bytes, practical: str, key: str) -> bytes:
    """The packed result of some bytes, or a refusal, in JSON: nothing that has to be unpickled."""
    now = state(order)
    try:
        if now != READY:
            raise UserError(now)
        with _lent(order) as graders, _while_wanted(graders):
            _prove(graders, practical)
            return graders.grade(data, practical, key)
    except UserError as error:
        return json.dumps({"refused": str(error), "worker": _worker().address}).encode()


def refusal(reply: bytes) -> tuple[str, str] | None:
    """Which worker refused, and why; None when the reply isn't a refusal."""
    said = json.loads(reply)
    return (str(said["worker"]), str(said["refused"])) if "refused" in said else None


def _worker():
    from distributed import get_worker

    return get_worker()


# ---------------------------------------------------------------- what is kept


@dataclass
class _Kept:
    order: Order
    graders: Graders
    users: int = 0


_kept: list[_Kept] = []  # the last one was used last
_lock = threading.Lock()


@contextmanager
def _lent(order) -> Iterator[Graders]:
    """The graders of an order: those kept, or new ones, which take an older order's place."""
    with _lock:
        kept = next((each for each in _kept if each.order == order), None)
        if kept:
            _kept.remove(kept)
        else:
            kept = _Kept(order, _graders(order))
        _kept.append(kept)
        kept.users += 1
        while len(_kept) > MOST_KEPT and not _kept[0].users:
            _kept.pop(0).graders.close()
    try:
        yield kept.graders
    finally:
        with _lock:
            kept.users -= 1


def _graders(order) -> Graders:
    course = kept_course(order.course)
    if course is None:
        raise UserError(MISSING)
    loaded = load_all(course, None)
    for name, digest in order.digests.items():
        if loaded[name].digest != digest:
            raise UserError(f"{name} is another one there")
    return Graders(course, loaded, order.limits, order.level)


@atexit.register
def _close() -> None:
    for kept in _kept:
        kept.graders.close()


def _prove(graders, practical):
    """Compile the reference solution, if no other worker of this machine has done so."""
    if graders.is_unproven(practical):
        with open(cache.folder() / "proving.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for _ in graders.proving([practical]):
                pass


@contextmanager
def _while_wanted(graders: Graders) -> Iterator[None]:
    """End this thread's sandbox once nobody waits for this task, or the worker is to end."""
    worker, sandbox = _worker(), graders.sandbox()
    key = worker.get_current_task()
    ended, stopped = threading.Event(), threading.Event()

    def watch():
        while not ended.wait(LOOK_SECONDS):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled" or worker.status.name != "running":
                stopped.set()
                sandbox.close()
                return

    watcher = threading.Thread(target=watch, name="wanted", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        if stopped.is_set():
            graders.drop_sandbox()
