"""A batch whose submissions are graded by the workers of a dask cluster.

This process alone reads submissions and writes results. What it hears of workers is JSON, checked.
"""

import contextlib
import logging
import queue
import signal
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any
from uuid import uuid4

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading import remote
from autograder.grading.batch import Batch
from autograder.grading.built import Loaded
from autograder.grading.packed import digest_of, pack_course
from autograder.grading.pool import Lost
from autograder.grading.remote import MISSING, READY, Order
from autograder.sandbox.steps import DEFAULT, Limits

LOCAL = "local:"  # and a number: so many workers of this machine
AHEAD = 2  # tasks sent for each thread of a worker
MOST_BYTES = 200_000_000  # of submissions on their way
TICK = 0.5  # seconds between looks at what isn't heard of
LOOK_SECONDS = 2.0  # between looks at which workers there are
CONNECT_SECONDS, RETURN_SECONDS = 10, 600  # a scheduler that answers; one that is started again
MOST_FAILURES = 2  # of a task outside of the grader; dask lets four workers die before it is one
INSTALL = 'install what a cluster needs: pip install "autograder[cluster]"'


class ClusterBatch(Batch):
    """A batch graded elsewhere, with the results it would have here."""

    def __init__(
        self,
        address: str,
        course: Course,
        loaded: dict[str, Loaded],
        output: Path,
        limits: Limits = DEFAULT,
        level: str | None = None,
        best: bool = False,
    ):
        super().__init__(course, loaded, output, limits, level, best)
        self._address = address
        self._packed = pack_course(course, loaded)
        digests = {name: each.digest for name, each in loaded.items()}
        facts = remote.facts()
        self._order = Order(digest_of(self._packed), digests, facts, limits, level)

    def pool(self, workers: int) -> "Cluster":
        """The cluster's workers, however many."""
        return Cluster(self._address, self._order, self._packed)

    def proving(self, names: Iterable[str] | None = None) -> Iterator[str]:
        """Nothing: each worker gets itself ready."""
        return iter(())


@dataclass
class _Sent:
    """A submission that hasn't come back."""

    ticket: Any
    job: tuple[bytes, str, str]
    future: Any = None
    where: frozenset[str] | None = None  # the workers that may have it; None: any
    failures: int = 0


class Cluster:
    """Sends submissions to a cluster's workers: again where a worker or the scheduler was lost.

    Raises UserError where nobody answers at the address, or every worker is another version.
    """

    task = staticmethod(remote.grade_there)

    def __init__(self, address: str, order: Order, packed: bytes):
        self._address, self._order, self._packed = address, order, packed
        self._sent: dict[str, _Sent] = {}  # by dask's key
        self._ended: queue.SimpleQueue = queue.SimpleQueue()
        self._news: list[str] = []
        self._allowed: dict[str, int] = {}  # threads of each worker that may grade
        self._refused: dict[str, str] = {}  # why, by worker
        self._looked = self._lost_at = 0.0
        self._waits = False  # for a worker, and has said so
        self._local, self._security = _start_local(address)
        self._client: Any = None
        try:
            self._client = self._connect()
            self._look()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------ what a batch asks

    @property
    def busy(self) -> bool:
        """Whether anything that was submitted hasn't come back."""
        return bool(self._sent)

    def room(self) -> bool:
        """Whether another submission would soon be graded."""
        waiting = sum(len(sent.job[0]) for sent in self._sent.values())
        slots = AHEAD * sum(self._allowed.values())
        return self._client is not None and len(self._sent) < slots and waiting < MOST_BYTES

    def submit(
        self, ticket: Any, data: bytes, practical: str, key: str, hurried: bool = False
    ) -> None:
        """Have bytes graded, in their time: there are others for what waits."""
        self._send(_Sent(ticket, (data, practical, key)))

    def done(self) -> list[tuple[Any, bytes | Lost | None]]:
        """Tickets with their packed results; none after a while in which there were none."""
        if self._client is None:
            self._come_back()
        elif time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        return self._heard(self._wait())

    def news(self) -> list[str]:
        """What happened meanwhile that a person should know; each once."""
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """Leave: the scheduler forgets what we sent, workers end what they do for us."""
        self._disconnect()
        if self._local:
            self._local.close()
            self._local = None

    # ------------------------------------------------------------ tasks

    def _send(self, sent):
        """Have a task done by whoever may; with a new name each time, as a name's failures count."""
        key = f"grade-{uuid4()}"
        self._sent[key] = sent
        sent.where = frozenset(self._allowed) if self._refused else None
        if self._client is None:
            return  # it is sent when the scheduler is back
        pinned = {"workers": sorted(sent.where), "allow_other_workers": False} if sent.where else {}
        try:
            sent.future = self._client.submit(
                self.task, self._order, *sent.job, key=key, pure=False, **pinned
            )
            sent.future.add_done_callback(self._ended.put)
        except Exception:  # whatever a client says when it is closed meanwhile
            self._lose()

    def _wait(self):
        """What ended, with its future's status: at least one unless time is up."""
        futures = []
        try:
            futures.append(self._ended.get(timeout=TICK))
            while True:
                futures.append(self._ended.get_nowait())
        except queue.Empty:
            pass
        return [self._sent.pop(f.key) for f in futures if self._is_current(f)]

    def _is_current(self, future):
        sent = self._sent.get(future.key)
        return sent is not None and sent.future is future

    def _heard(self, ended):
        """Tickets and results of what ended for good; sends the rest again."""
        finished = [sent for sent in ended if sent.future.status == "finished"]
        ends = dict(zip(map(id, finished), self._fetch(finished)))
        results = []
        for sent in ended:
            if sent.future.status == "error":
                ends[id(sent)] = self._failed(sent)
            end = ends.get(id(sent))
            if end is None:
                self._send(sent)
            else:
                results.append((sent.ticket, end))
        return results

    def _fetch(self, finished):
        """The packed results, None for each that a worker refused, or took with it."""
        if not finished:
            return []
        try:
            replies = self._client.gather([sent.future for sent in finished])
        except Exception:  # whatever dask says when a worker or the scheduler is lost just now
            replies = [None] * len(finished)
        for number, reply in enumerate(replies):
            if reply and (refused := remote.refusal(reply)):
                replies[number] = None
                self._refuse(*refused)
        return replies

    def _failed(self, sent) -> Lost | None:
        """What a task came to that ended outside of the grader; None when it gets another try."""
        error = sent.future.exception()
        sent.failures += 1
        if sent.failures < MOST_FAILURES:
            return None
        if type(error).__name__ == "KilledWorker":
            return Lost("each worker that had it died: grade again")
        return Lost(f"a worker failed ({type(error).__name__}: {error}): grade again")

    # ------------------------------------------------------------ workers

    def _look(self):
        """See which workers there are; get new ones ready, and take back from those that are gone."""
        self._looked = time.monotonic()
        try:
            if self._client.status != "running":
                raise OSError
            # scheduler_info() would tell an old tale where the scheduler is gone
            there = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
            self._get_ready(there)
        except (OSError, RuntimeError):  # of a client that was cut off, or closed itself
            self._lose()
            return
        if self._refused and not self._allowed:
            raise UserError("\n".join(self._refused.values()))
        if not there and not self._waits:
            self._news.append(f"there is no worker at {self._address} yet: waiting for one")
        self._waits = not there
        for key, sent in list(self._sent.items()):
            if sent.where is not None and not sent.where & self._allowed.keys():
                del self._sent[key]
                self._send(sent)

    def _get_ready(self, there):
        for known in (self._allowed, self._refused):
            for gone in known.keys() - there.keys():
                del known[gone]
        new = there.keys() - self._allowed.keys() - self._refused.keys()
        states = self._run(new, remote.state, self._order)
        missing = [worker for worker, said in states.items() if said == MISSING]
        states |= self._run(missing, remote.keep, self._order, self._packed)
        for worker, said in states.items():
            if said == READY:
                self._allowed[worker] = there[worker]["nthreads"]
            elif not isinstance(said, OSError):  # one that has just gone
                self._refuse(worker, said if isinstance(said, str) else _of_another_make(said))

    def _run(self, workers, function, *arguments) -> dict:
        """What a function says on each of these workers; an exception where it failed there."""
        if not workers:
            return {}
        return self._client.run(function, *arguments, workers=list(workers), on_error="return")

    def _refuse(self, worker, why):
        self._allowed.pop(worker, None)
        self._looked = 0.0  # at what is left, before anything else is sent
        if why != MISSING and worker not in self._refused:
            self._refused[worker] = f"worker {worker} is refused: {why}"
            self._news.append(self._refused[worker])

    # ------------------------------------------------------------ the scheduler

    def _connect(self):
        """A client of the scheduler, in whose place another one can come."""
        from distributed import Client

        try:
            if not self._local:
                _refuse_address(self._address)
            return Client(
                self._local or self._address,
                security=self._security,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                name="autograder",
            )
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise UserError(f"no dask scheduler answers at {self._address}: {why}") from None

    def _disconnect(self):
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # of a connection that is gone already
                client.close(timeout=1)

    def _lose(self):
        self._disconnect()
        self._lost_at = time.monotonic()
        self._allowed, self._refused = {}, {}
        self._news.append(f"lost the scheduler at {self._address}: waiting for it to come back")

    def _come_back(self):
        """Try to reach the scheduler again; then all that it forgot is sent again."""
        try:
            self._client = self._connect()
        except UserError:
            if time.monotonic() - self._lost_at > RETURN_SECONDS:
                raise
            return
        self._news.append("the scheduler is back")
        sent, self._sent = list(self._sent.values()), {}
        self._look()
        for each in sent:
            self._send(each)


def _of_another_make(error) -> str:
    return f"its autograder is another version than here ({' '.join(str(error).split())})"


def _refuse_address(address) -> None:
    """Raise what is wrong with an address before a Client does, which would say it in many lines."""
    from distributed import Security
    from distributed.comm import resolve_address

    resolve_address(address)
    credentials = Security().get_connection_args("client")
    if address.startswith("tls://") and not credentials.get("ssl_context"):
        raise ValueError("dask's settings name no certificates: docs/cluster.md says how they do")


def _start_local(address: str) -> tuple[Any, Any]:
    """Workers of this machine and their credentials, where the address asks for them.

    Others on the machine could reach its scheduler too: only who has the credentials may.
    """
    try:
        import dask
        from distributed import LocalCluster, Security
        from distributed.versions import VersionMismatchWarning
    except ImportError:
        raise UserError(INSTALL) from None
    # What matters of versions and connections we say ourselves, in a line.
    warnings.simplefilter("ignore", VersionMismatchWarning)
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    if not address.startswith(LOCAL):
        return None, None
    number = address.removeprefix(LOCAL)
    if not (number.isdecimal() and int(number)):
        raise UserError(f"--cluster {address}: write local: and a number of workers, as in local:4")
    try:
        security = Security.temporary()
    except ImportError:
        raise UserError(INSTALL) from None
    with _without_interrupts():
        cluster = LocalCluster(
            n_workers=int(number),
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,  # the sandbox has limits of its own
            silence_logs=logging.CRITICAL,
        )
    return cluster, security


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that are started meanwhile don't hear Ctrl-C, which is for this one to answer."""
    resource_tracker.ensure_running()  # or it is started now, and lets them hear it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
