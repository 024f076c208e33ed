"""The table of students that an LMS gives out, and which of its rows is a student of ours."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.names import LONGEST_NAME
from autograder.report.grades_csv import FORMULA

LARGEST = 50_000_000  # bytes
NUMBER = re.compile(r"[+-]?[0-9.,]*%?")  # also the dash for "never"


@dataclass
class Table:
    """A CSV file: its header, its rows (each as long as the header), and its separator."""

    header: list[str]
    rows: list[list[str]]
    name: str = ""
    separator: str = ","

    def column(self, *names: str) -> int | None:
        """The number of the first of these columns that there is, whatever the case."""
        titles = [title.strip().casefold() for title in self.header]
        return next((titles.index(n.casefold()) for n in names if n.casefold() in titles), None)

    def add(self, title: str) -> int:
        """The number of this column, made at the end if there is none."""
        if title not in self.header:
            self.header.append(title)
            for row in self.rows:
                row.append("")
        return self.header.index(title)

    def text(self, read_back: Iterable[int]) -> str:
        """The table as CSV, every cell quoted.

        Cells are kept from being formulas, but for titles and the columns that the LMS reads back.
        """
        kept = set(read_back)
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, delimiter=self.separator)
        writer.writerow(self.header)
        for row in self.rows:
            writer.writerow(c if n in kept else without_formula(c) for n, c in enumerate(row))
        return out.getvalue()


def without_formula(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; else as it is, its line ends too."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def read_table(path: Path) -> Table:
    """Read a CSV file that an LMS wrote; UserError when it can't be."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror}") from None
    try:
        if len(data) > LARGEST:
            raise ValueError("it is too large")
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path} isn't a CSV file in UTF-8 ({error}): export it again") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise UserError(f"{path} has no students in it: export it again")
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) > width:
            raise UserError(
                f"{path} has more cells in row {number} than in its first: export it again"
            )
        row += [""] * (width - len(row))
    return Table(rows[0], rows[1:], path.name, separator)


# ---------------------------------------------------------------- who is who


def fold(name: str) -> str:
    """A name's letters and digits, without case and accents: what is left of it in every LMS."""
    name = name[:LONGEST_NAME]  # ordering accents is quadratic
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isalnum())


def foldings(name: str) -> set[str]:
    """A name as it is, and "Lee, Ann" as "Ann Lee" as well."""
    last, comma, first = name.partition(",")
    turned = {fold(f"{first} {last}")} if comma else set()
    return ({fold(name)} | turned) - {""}


@dataclass(frozen=True)
class Person:
    """Somebody in the LMS's table: the row's number, the LMS's, and what it calls them."""

    row: int
    number: str
    name: str
    logins: tuple[str, ...] = ()

    @property
    def keys(self) -> set[tuple[str, str]]:
        """What a result may be found by."""
        names = foldings(self.name)
        logins = {
            login for each in self.logins for login in (each, each.partition("@")[0]) if login
        }
        return (
            {("login", login.casefold()) for login in logins}
            | {("name", name) for name in names}
            | {("both", f"{name}/{self.number}") for name in names}
        )


class People:
    """The persons of a table, found by number, login or name."""

    def __init__(self, persons: Iterable[Person]):
        self.persons = list(persons)
        self._by_number = {person.number: person for person in self.persons if person.number}
        self._by_key: dict[tuple[str, str], list[Person]] = {}
        for person in self.persons:
            for key in person.keys:
                self._by_key.setdefault(key, []).append(person)

    def numbered(self, number: str) -> Person | None:
        return self._by_number.get(number)

    def called(self, student: str) -> Person | None:
        """Whom a name of ours means: a login, a name with its number, or a name that only one has."""
        name, _, number = student.rpartition("_")
        keys = [
            ("login", student.casefold()),
            ("both", f"{fold(name)}/{number}"),
            ("name", fold(student)),
        ]
        for key in keys:
            if len(persons := self._by_key.get(key, [])) == 1:
                return persons[0]
        return None
