"""A quiz in a source file, and what is made of it: text, blanks, solution, cases, wrong answers."""

import ast
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.words import ENGLISH, Words
from autograder.errors import AuthorError

LETTERS = "abcdef"
QUESTION = re.compile(r"(\d+)\. \*\*(.+?)\.\*\* (.+)")
WITHIN = re.compile(r"(-?[\d.]+) ± ([\d.]+)")
OPTION = re.compile(r"- \[([x= ])\] (.+)")
ADVICE = (
    "a question is '1. **Topic.** Text?', then '- [x] right' (or '- [=] 42' where the answer is "
    "typed) and at least two lines '- [ ] wrong | why'"
)


@dataclass(frozen=True)
class Question:
    """One question; `options` are (text, reason), the right one first and without a reason.

    Answers to a question that is typed are Python literals; numbers within `within` of the right
    one are right too.
    """

    name: str
    topic: str
    text: str
    options: tuple[tuple[str, str], ...]
    typed: bool
    order: tuple[int, ...]
    within: str = ""

    @property
    def letters(self) -> str:
        """The letters that can be chosen; none where the answer is typed."""
        return "" if self.typed else LETTERS[: len(self.options)]

    def answer(self, option: int) -> str:
        """What a student writes for this option, as Python."""
        return (
            self.options[option][0] if self.typed else f'"{self.letters[self.order.index(option)]}"'
        )

    def tolerance(self) -> str:
        """What `expect` is told: no tolerance where it would let a wrong answer pass."""
        if self.within:
            return f", rtol=0, atol={self.within}"
        right, *wrong = (text for text, _ in self.options)
        close = self.typed and any(
            _close(ast.literal_eval(right), ast.literal_eval(w)) for w in wrong
        )
        return ", rtol=0" if close else ""

    def shown(self) -> str:
        """The question as the notebook has it."""
        number = self.name.rpartition("_")[2]
        lines = [f"**{number}. {self.topic}.** {self.text}", ""]
        if not self.typed:
            lines += [f"- **{a}**: {self.options[i][0]}" for a, i in zip(self.letters, self.order)]
        return "\n".join(lines).rstrip()


@dataclass(frozen=True)
class Quiz:
    """The questions of one quiz, which is an exercise like any other; `id` begins their names."""

    id: str
    introduction: str
    questions: tuple[Question, ...]
    words: Words = ENGLISH

    def text(self) -> str:
        return "\n\n".join([self.introduction, *(q.shown() for q in self.questions)])

    @property
    def _to_do(self):
        return f"# {self.words.answer_here}"

    def solution(self, chosen: tuple[str, int] = ("", 0)) -> str:
        """The solution cell, with another option for one question if wanted."""
        answers = [(q.name, q.answer(chosen[1] * (q.name == chosen[0]))) for q in self.questions]
        lines = [f"{name} = {answer}" for name, answer in answers]
        return "\n".join([self._to_do, "### BEGIN SOLUTION", *lines, "### END SOLUTION"])

    def blank(self) -> str:
        """The cell that students get."""
        return "\n".join([self._to_do, *(f"{q.name} = ..." for q in self.questions)])

    def wrong(self) -> list[tuple[str, str, str]]:
        """(name, cell, reason) of each wrong option."""
        return [
            (f"{q.name}: {text}", self.solution((q.name, number)), reason)
            for q in self.questions
            for number, (text, reason) in enumerate(q.options)
            if number
        ]

    def otherwise(self) -> str:
        """The right answers in capitals with a space, numbers as floats."""

        def change(match):
            text = match[2].upper().replace('"', '" ', 1)
            return f"{match[1]} = {text}.0" if text.isdigit() else f"{match[1]} = {text}"

        return re.sub(r"(?m)^(\w+) = (.+)$", change, self.solution())

    def tests(self) -> str:
        """Its test file: whether each question has an answer is public, which one is right isn't."""
        names = ", ".join(q.name for q in self.questions)
        answers = ", ".join(f'"{q.name}": {q.name}' for q in self.questions)
        letters = ", ".join(f'"{q.name}": "{q.letters}"' for q in self.questions)
        hidden = "\n\n\n".join(
            f'@test_case(name="{self.words.question} {n}: {q.topic}", points=1, hidden=True)\n'
            f"def {q.name}_is_right({q.name}):\n    expect(answer({q.name}){q.tolerance()})"
            for n, q in enumerate(self.questions, 1)
        )
        return TEST_FILE.format(
            id=self.id,
            words=self.words,
            names=names,
            answers=answers,
            letters=letters,
            hidden=hidden,
        )


TEST_FILE = """\
from otter.test_files import test_case
from workbook import answer, expect, unanswered

OK_FORMAT = False
name = "{id}"


@test_case(name="{words.all_answered}", points=0)
def answered({names}):
    waiting = unanswered({{{answers}}}, {{{letters}}})
    assert not waiting, f"{words.unanswered}: {{', '.join(waiting)}}"
    expect(waiting)


# --- hidden: nothing below this line is released ---


{hidden}
"""


def _close(one, other):
    """Whether two numbers agree up to the tolerance that `expect` has by default."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers and math.isclose(one, other, rel_tol=2e-4)


def read_quiz(
    path: Path,
    line: int,
    identity: str,
    source: str,
    words: Words = ENGLISH,
    numbers: Sequence[int] | None = None,
) -> Quiz:
    """Parse a quiz cell; AuthorError names the line of what is wrong.

    `numbers` are those of its lines in the file, where they don't follow that of its header.
    """
    lines = [text.strip() for text in source.splitlines()]
    numbers = numbers or range(line + 1, line + 1 + len(lines))
    starts = [n for n, text in enumerate(lines) if QUESTION.fullmatch(text)]
    if not starts:
        raise AuthorError(path, line, f"the quiz {identity} has no question: {ADVICE}")
    questions = tuple(
        _question(path, numbers[first], f"{identity}_{number}", lines[first:end])
        for number, (first, end) in enumerate(zip(starts, [*starts[1:], len(lines)]), 1)
    )
    return Quiz(identity, "\n".join(source.splitlines()[: starts[0]]).strip(), questions, words)


def _question(path, line, name, lines):
    number, topic, text = QUESTION.fullmatch(lines[0]).groups()
    found = [OPTION.fullmatch(line) for line in lines[1:] if line]
    marks = [option[1] for option in found if option]
    right = [option for option in found if option and option[1] != " "]
    reasons = [option[2].rpartition(" | ")[::2] for option in found if option and option[1] == " "]
    complete = all(found) and len(right) == 1 and 2 <= len(reasons) < len(LETTERS)
    if not complete or not all(text and why for text, why in reasons):
        raise AuthorError(path, line, f"{name}: {ADVICE}")
    if int(number) != int(name.rpartition("_")[2]):
        raise AuthorError(
            path, line, f"question {number} should be number {name.rpartition('_')[2]}"
        )
    answer, within = right[0][2], ""
    if right[0][1] == "=" and (spread := WITHIN.fullmatch(answer)):
        answer, within = spread.groups()
    options = ((answer, ""), *((text.strip(), why.strip()) for text, why in reasons))
    typed = "=" in marks
    if typed:
        _refuse_no_literals(path, line, name, options)
    order = list(range(len(options)))
    random.Random(f"{name} {text}").shuffle(order)  # the same in each build of the same question
    return Question(name, topic, text, options, typed, tuple(order), within)


def _refuse_no_literals(path, line, name, options):
    for text, _ in options:
        try:
            ast.literal_eval(text)
        except (ValueError, SyntaxError):
            advice = f"{name}: {text!r} isn't a Python number or list, as typed answers must be"
            raise AuthorError(path, line, advice) from None
