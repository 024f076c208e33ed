"""The words that a build writes into a practical: one table a language, chosen by its front matter."""

from collections.abc import Sequence
from dataclasses import dataclass

LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True)
class Words:
    """What a build says in one language; names of things as they stand within a sentence."""

    exercise: str
    section: str
    discussion: str
    points: tuple[str, str]  # one, several
    minutes: tuple[str, str]
    levels: tuple[str, str, str]  # of LEVELS
    rubric: str
    write_here: str  # the cell of an answer in words
    to: str  # 1 to 14
    and_: str  # 4 and 5
    answer_here: str  # in a quiz's cell
    all_answered: str  # title of a quiz's public case
    unanswered: str  # its message, before the names
    question: str  # title of a hidden case, before the number

    def level(self, level: str) -> str:
        """One of LEVELS, as students read it."""
        return self.levels[LEVELS.index(level)]

    def facts(self, points: float, minutes: int | None = None, level: str | None = None) -> str:
        """The line under a heading: `**2 points · 10 minutes · Intermediate.**`."""
        parts = [_counted(points, self.points)]
        if minutes is not None:
            parts.append(_counted(minutes, self.minutes))
        if level is not None:
            parts.append(self.level(level))
        return f"**{' · '.join(parts)}.**"

    def several(self, numbers: Sequence[int]) -> str:
        """`1 to 14`; where some are missing between, `1 to 3, 5 and 8`."""
        runs: list[list[int]] = []
        for number in sorted(numbers):
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        parts = [str(run[0]) if len(run) == 1 else f"{run[0]} {self.to} {run[-1]}" for run in runs]
        return f" {self.and_} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _counted(number, words):
    return f"{number:g} {words[number != 1]}"


def capitalised(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


LANGUAGES = {
    "en": Words(
        exercise="exercise",
        section="section",
        discussion="discussion",
        points=("point", "points"),
        minutes=("minute", "minutes"),
        levels=("Beginner", "Intermediate", "Advanced"),
        rubric="Rubric.",
        write_here="*Double-click here and write your answer.*",
        to="to",
        and_="and",
        answer_here='In place of each ... write a letter in quotes, such as "a", '
        "or the number that is asked for.",
        all_answered="every question has an answer",
        unanswered="no letter or number yet that can be an answer",
        question="question",
    ),
    "es": Words(
        exercise="ejercicio",
        section="sección",
        discussion="debate",
        points=("punto", "puntos"),
        minutes=("minuto", "minutos"),
        levels=("Principiante", "Intermedio", "Avanzado"),
        rubric="Criterios.",
        write_here="*Haz doble clic aquí y escribe tu respuesta.*",
        to="a",
        and_="y",
        answer_here='En lugar de cada ... escribe una letra entre comillas, como "a", '
        "o el número que se pide.",
        all_answered="cada pregunta tiene una respuesta",
        unanswered="todavía sin una letra o un número que pueda ser la respuesta",
        question="pregunta",
    ),
}
ENGLISH = LANGUAGES["en"]
