"""What an LMS is to us. A new one is a module with a class like these, named in autograder/lms/."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from autograder.grading.result import Result
from autograder.inbox.whose import Origin
from autograder.lms.roster import Table


class Lms(ABC):
    """An LMS whose downloads are recognised by the names of their files.

    Class attributes:
        name: as its makers write it; origins carry it.
        origins: the one of inbox/whose.py that reads its files' names, as those are read where
            nothing of an LMS but names is known.
        numbers_stay: whether a student's number is the same in each assignment.
    """

    name: ClassVar[str]
    origins: (
        "ClassVar[staticmethod[[Sequence[str], Mapping[str, list[Origin]]], list[Origin] | None]]"
    )
    numbers_stay: ClassVar[bool] = True


class TakesBack(Lms):
    """An LMS that takes grades back in a CSV file, and students' pages in a zip.

    A page's name in the zip is what an origin of this LMS gives as `feedback`.
    """

    encoding: ClassVar[str] = "utf-8"  # of the CSV file

    @abstractmethod
    def grades(
        self,
        results: dict[str, list[Result]],
        gradebook: Table | None,
        column: str | None,
        core: bool,
    ) -> tuple[str, list[str]]:
        """The results of each practical as that CSV, and a line on whatever isn't in it.

        Args:
            gradebook: what the LMS gave out, to be filled in; None: a new one, of these results.
            column: which of its columns is meant, where an LMS has one an assignment.
            core: leave out what goes further.

        Raises UserError when the gradebook isn't one, or more is asked than the LMS can do.
        """
