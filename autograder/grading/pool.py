"""Where a batch's bytes are graded: what it asks of such a place, and the threads of this machine."""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.grading.graders import Graders

AHEAD = 1  # tasks that wait, their bytes in memory, so that no thread does


@dataclass(frozen=True)
class Lost:
    """A submission that came to no result, through no fault of its own as far as anybody knows."""

    reason: str


class Pool(Protocol):
    """A place that grades bytes; used by one thread. A ticket is whatever the asker wants back."""

    @property
    def busy(self) -> bool:
        """Whether anything that was submitted hasn't come back."""

    def room(self) -> bool:
        """Whether another submission would soon be graded."""

    def submit(
        self, ticket: Any, data: bytes, practical: str, key: str, hurried: bool = False
    ) -> None:
        """Have bytes graded; `hurried`: they may come back ungraded, as None, if that takes long."""

    def done(self) -> list[tuple[Any, bytes | Lost | None]]:
        """Tickets with their packed results, when there are some; sometimes none, with news."""

    def news(self) -> list[str]:
        """What happened meanwhile that a person should know; each once."""

    def close(self) -> None:
        """Give everything back; what wasn't begun is forgotten."""


class Threads:
    """Threads of this process: each waits for a sandbox of its own, where the work is done."""

    def __init__(self, graders: Graders, workers: int):
        self._graders, self._workers = graders, workers
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="grade")
        self._sent: dict[Future, Any] = {}

    @property
    def busy(self) -> bool:
        """Whether anything that was submitted hasn't come back."""
        return bool(self._sent)

    def room(self) -> bool:
        """Whether another submission would soon be graded."""
        return len(self._sent) < self._workers + AHEAD

    def submit(
        self, ticket: Any, data: bytes, practical: str, key: str, hurried: bool = False
    ) -> None:
        """Have bytes graded; `hurried`: they may come back ungraded, as None, if that takes long."""
        grade = self._graders.grade_soon if hurried else self._graders.grade
        self._sent[self._executor.submit(grade, data, practical, key)] = ticket

    def done(self) -> list[tuple[Any, bytes | Lost | None]]:
        """Tickets with their packed results, once there are some."""
        ended, _ = wait(self._sent, return_when=FIRST_COMPLETED)
        return [(self._sent.pop(future), future.result()) for future in ended]

    def news(self) -> list[str]:
        """Nothing ever happens here."""
        return []

    def close(self) -> None:
        """Wait for what is being graded; forget the rest."""
        self._executor.shutdown(cancel_futures=True)
