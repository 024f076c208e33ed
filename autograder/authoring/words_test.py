"""A practical in another language: every word that a build writes is of that language."""

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.authoring.words import LANGUAGES
from autograder.course import Course
from autograder.testing.small import NAME, SOURCE, copy_small

MORE = """

# %% [markdown]
# ## {section:final}. Para terminar
#
# Los ejercicios {no:core} son el núcleo. {Ref:causal_mask} fue el primero.

# %% [markdown] quiz="quiz" points=1 minutes=5 level="beginner"
# ### {exercise}: lo que sabes ahora
# Una respuesta es correcta.
#
# 1. **Softmax.** ¿Sobre qué eje va?
#    - [x] las claves
#    - [ ] las consultas | Cada clave repartiría una unidad.
#    - [ ] ninguno | Entonces nada sumaría uno.
#    - [ ] ambas | Toda la tabla compartiría una unidad.

# %% [markdown] discussion="why_masks" points=4
# ### {discussion}: máscaras
# ¿Por qué hay máscaras? La {ref:final} ayuda.
#
# {rubric} 0: nada.
"""


@pytest.fixture(scope="module")
def spanish(tmp_path_factory) -> Course:
    course = copy_small(tmp_path_factory.mktemp("es") / "curso")
    path = course.root / SOURCE
    text = path.read_text().replace("minutes: 20}", "minutes: 20, language: es}")
    path.write_text(text + MORE)
    build(course, path, say=lambda text: None, execute=False)
    return course


def test_students_read_spanish(spanish):
    notebook = nbformat.read(spanish.release(NAME) / f"{NAME}.ipynb", 4)
    text = "\n".join(cell.source for cell in notebook.cells)
    for line in (
        "### Ejercicio 1: causal mask\n**2 puntos · 10 minutos · Intermedio.** A decoder",
        "### Ejercicio 3: a scale module\n**1 punto · 5 minutos · Principiante.**",
        "### Ejercicio: lo que sabes ahora\n**1 punto · 5 minutos · Principiante.** Una",
        "## 1. Para terminar\n\nLos ejercicios 1 a 3 son el núcleo. Ejercicio 1 fue",
        "# En lugar de cada ... escribe una letra",
        "### Debate 1: máscaras\n**4 puntos.** ¿Por qué hay máscaras? La sección 1 ayuda.",
        "*Haz doble clic aquí y escribe tu respuesta.*",
    ):
        assert line in text
    for english in (LANGUAGES["en"].answer_here, LANGUAGES["en"].write_here, "point", "minutes"):
        assert english not in text
    cases = (spanish.release(NAME) / "tests" / "quiz.py").read_text()
    assert "cada pregunta tiene una respuesta" in cases
    assert "every question" not in cases


def test_instructors_read_spanish(spanish):
    notebook = nbformat.read(spanish.solutions(NAME) / f"{NAME}.ipynb", 4)
    assert "**Criterios.** 0: nada." in [cell.source for cell in notebook.cells]


def test_every_language_has_the_same_number_of_levels_and_no_word_is_empty():
    for words in LANGUAGES.values():
        assert len(words.levels) == 3
        assert all(vars(words).values())


def test_several_numbers_are_ranges():
    assert LANGUAGES["en"].several([1, 2, 3, 5, 8]) == "1 to 3, 5 and 8"
    assert LANGUAGES["es"].several([4, 5, 6, 9]) == "4 a 6 y 9"
    assert LANGUAGES["en"].several([7]) == "7"
