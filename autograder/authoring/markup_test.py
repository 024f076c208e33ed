"""What authors write in short, and the text that students get."""

import textwrap

import pytest

from autograder.authoring.percent import Practical, read_practical
from autograder.errors import AuthorError

FRONT = '# ---\n# workbook: {title: "Short", minutes: 20}\n# ---\n\n'
TWO = '''\
# %% [markdown]
# ## {section:masks}. Masks
#
# ### {exercise}: a mask
# Who may read whom?
#
# ::: Hint: where to look
# `jnp.triu`.

# %% solution="mask" points=2 minutes=10 level="intermediate"
def mask(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

# %% check

# %% [markdown]
# ::: Answer
# Nobody.
# :::
#
# As {ref:mask} says.
#
# ## {section}. Weights
#
# ### {exercise}: weights

# %% solution="weights" points=1 minutes=1 level="beginner" needs="mask" further=true
def weights(x):
    ### BEGIN SOLUTION
    return mask(x)
    ### END SOLUTION

# %% check
'''  # fmt: skip


def practical(tmp_path, body=TWO, front=FRONT) -> Practical:
    path = tmp_path / "07_short.py"
    path.write_text(front + body)
    return read_practical(path)


def texts(practical):
    return [cell.source for cell in practical.cells if cell.kind == "text"]


def prose(tmp_path, *lines, front=FRONT):
    """What becomes of these lines after the exercises of TWO."""
    body = TWO + "\n# %% [markdown]\n" + "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return texts(practical(tmp_path, body, front))[-1]


def test_headings_are_numbered_and_facts_come_from_metadata(tmp_path):
    first, second = texts(practical(tmp_path))
    assert first == textwrap.dedent("""\
        ## 1. Masks

        ### Exercise 1: a mask
        **2 points · 10 minutes · Intermediate.** Who may read whom?

        <details><summary>Hint: where to look</summary>

        `jnp.triu`.

        </details>""")
    assert second == textwrap.dedent("""\
        <details><summary>Answer</summary>

        Nobody.

        </details>

        As exercise 1 says.

        ## 2. Weights

        ### Exercise 2: weights
        **1 point · 1 minute · Beginner.**""")


def test_an_exercise_has_its_facts(tmp_path):
    mask, weights = practical(tmp_path).exercises.values()
    assert (mask.title, mask.number, mask.points, mask.minutes, mask.level) == (
        *("a mask", 1, 2, 10, "Intermediate"),
    )
    assert (mask.further, weights.further, weights.needs) == (False, True, ("mask",))
    assert (mask.check.source, mask.check.points) == ('grader.check("mask")', 2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("See {ref:mask}.", "See exercise 1."),
        ("{Ref:mask} and {ref:masks}", "Exercise 1 and section 1"),
        ("{Ref:masks}, {no:mask} or {no:weights}", "Section 1, 1 or 2"),
        ("Exercises {no:core}; {no:further} go further", "Exercises 1; 2 go further"),
        (r"$\mathrm{ref}_{no}$ and {other:mask}", r"$\mathrm{ref}_{no}$ and {other:mask}"),
    ],
)
def test_references_become_numbers(tmp_path, written, read):
    assert prose(tmp_path, written) == read


def test_references_stand_in_code_too_and_format_strings_stay(tmp_path):
    body = TWO + '\n# %% demo="d"\nprint(f"{x:no} {no:.3f} {ref:>4}")  # {ref:mask}\n'
    demo = practical(tmp_path, body).cells[-1]
    assert demo.source == 'print(f"{x:no} {no:.3f} {ref:>4}")  # exercise 1'


def test_numbers_of_several_exercises_are_a_range(tmp_path):
    more = TWO
    for name in ("a", "b", "c"):
        other = TWO[: TWO.index("# %% check")].replace('"mask"', f'"{name}"')
        more += other.replace("def mask", f"def {name}").replace(":masks", "") + "# %% check\n\n"
    more += "# %% [markdown]\n# {no:core}\n"
    assert texts(practical(tmp_path, more))[-1] == "1 and 3 to 5"


def test_folds_end_at_the_next_one_at_a_heading_and_at_their_mark(tmp_path):
    lines = ["::: One", "a", "", "b", "::: Two", "", "c", "", "### Head", "d", "::: Three", "e"]
    assert prose(tmp_path, *lines, ":::", "f") == textwrap.dedent("""\
        <details><summary>One</summary>

        a

        b

        </details>
        <details><summary>Two</summary>

        c

        </details>

        ### Head
        d
        <details><summary>Three</summary>

        e

        </details>

        f""")


def test_what_is_fenced_in_a_fold_stays(tmp_path):
    text = prose(tmp_path, "::: Help", "```", "# a comment", ":::", "```")
    assert text.endswith("```\n# a comment\n:::\n```\n\n</details>")


DISCUSSION = """
# %% [markdown] discussion="why" points=4
# ### {discussion}: why masks?
# In a hundred words.
#
# {rubric} Be kind.
#
# - **0**: nothing.
"""


def test_the_scale_of_rubrics_stands_once(tmp_path):
    front = FRONT.replace("20}", '20, rubric: "0 = wrong, 2 = right."}')
    found = practical(tmp_path, TWO + DISCUSSION + DISCUSSION.replace('"why"', '"how"'), front)
    one, _, other, answer = found.cells[-4:]
    assert one.source == "### Discussion 1: why masks?\n**4 points.** In a hundred words."
    assert other.source.startswith("### Discussion 2:")
    assert answer.source.splitlines()[1:] == [
        "**Rubric.** 0 = wrong, 2 = right. Be kind.",
        "",
        "- **0**: nothing.",
        "### END SOLUTION",
    ]


HEADER = 'solution="mask" points=2 minutes=10 level="intermediate"'


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("{ref:mask}", "{ref:weight}", 27, "{ref:weight}: there is no exercise and no section of this name; did you mean weights?"),
        ("return mask(x)", "return mask(x)  # {no:nothing}", 36, "{no:nothing}: there is no exercise"),
        ("{ref:mask}", "{ref:core}", 27, "{ref:core}: write {no:core}"),
        ("# :::\n", "# :::\n#\n# :::\n", 27, "':::' ends a fold, but none is open"),
        ("# Nobody.\n", "", 23, "this fold is empty"),
        ("# Nobody.", "# Nobody.</details>", 24, "write a fold as the line '::: title'"),
        ("points=2", 'points="two"', 14, 'points="two": points must be a number above 0'),
        ("points=2", "points=two", 14, "points=two: write text in double quotes, a number, true or false"),
        ("points=2", "points=true", 14, "points=true: points must be a number above 0"),
        ("points=2", "points=NaN", 14, "points=NaN: points must be a number above 0"),
        ("minutes=10", "minutes=-1", 14, "minutes=-1: minutes must be a whole number above 0"),
        ("minutes=10", "minutes=2.5", 14, "minutes=2.5: minutes must be a whole number above 0"),
        ("minutes=10 ", "", 14, "the solution mask needs minutes=…"),
        ('level="intermediate"', 'level="hard"', 14, 'level="hard": level must be "beginner" or "intermediate" or "advanced"'),
        ("further=true", "further=3", 33, "further=3: further must be true or false"),
        ('needs="mask"', "needs=2", 33, "needs=2: needs must be names of exercises in double quotes"),
        (HEADER, HEADER + " futher=true", 14, "futher: a cell of the kind solution may have points, minutes, level, needs, further"),
        (HEADER, HEADER + " points=3", 14, "points stands twice"),
        (HEADER, HEADER + ' "', 14, "can't be read"),
        (HEADER, HEADER.replace('"mask"', '"two words"'), 14, "'two words' can't be an id"),
        ("### {exercise}: a mask", "### {exercise} a mask", 8, "a heading with a number is"),
        ("### {exercise}: a mask", "### {exercise}: a mask\n# ### {exercise}: a mask", 9, "mask has a second heading"),
        ("As {ref:mask} says.", "### {discussion}: why?", 27, "belongs into a discussion's cell"),
        ("{section}. Weights", "{section:masks}. Weights", 29, "the id masks is taken already (line 6)"),
        ("{section}. Weights", "{section:two words}. Weights", 29, "'two words' can't name a section"),
        ('"weights"', '"mask"', 33, "the id mask is taken already (line 14)"),
        ('"weights"', '"core"', 33, "the id core is taken already"),
        ("# As", "As", 27, "a line of text begins with '# '"),
        ("# %% check\n\n# %% [m", '# %% demo="d"\n\n# %% check\n\n# %% [m', 22, "a check stands directly under its solution"),
        ("# %% check\n\n# %% [m", '# %% check="mask"\n\n# %% [m', 20, "a check is the bare line '# %% check'"),
        ("# %% check\n\n# %% [m", "# %% check\ngrader.check('mask')\n\n# %% [m", 20, "a check is the bare line '# %% check'"),
        ("# %% [markdown]\n# ## ", "x = 1\n# %% [markdown]\n# ## ", 5, "text before the first '# %%' cell"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place(tmp_path, old, new, line, message):
    assert TWO.count(old) == 1, f"{old!r} occurs {TWO.count(old)} times"
    with pytest.raises(AuthorError) as error:
        practical(tmp_path, TWO.replace(old, new))
    assert str(error.value).startswith(f"{tmp_path / '07_short.py'}:{line}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("minutes: 20, minuts: 3}", "minuts: the front matter has title, minutes, language, rubric"),
        ("minutes: 20, language: fr}", "language 'fr': there are en, es"),
        ("minutes: -2}", "minutes must be a whole number above 0"),
        ("minutes: twenty}", "minutes must be a whole number above 0"),
        ("minutes: 20, rubric: 3}", "rubric must be text"),
    ],
)  # fmt: skip
def test_a_fault_in_the_front_matter_is_one_line(tmp_path, front, message):
    with pytest.raises(AuthorError, match=message) as error:
        practical(tmp_path, front=FRONT.replace("minutes: 20}", front))
    assert str(error.value).startswith(f"{tmp_path / '07_short.py'}:1: ")


def test_a_quiz_has_no_number(tmp_path):
    quiz = '\n# %% [markdown] quiz="quiz" points=1 minutes=2 level="beginner"\n# ### {exercise}: quiz\n#\n'
    quiz += "# 1. **A.** B?\n#    - [x] c\n#    - [ ] d | e\n#    - [ ] f | g\n"
    found = practical(tmp_path, TWO + quiz)
    assert found.exercises["quiz"].number is None
    assert texts(found)[-1].startswith("### Exercise: quiz\n**1 point · 2 minutes · Beginner.**\n")
    with pytest.raises(AuthorError, match="a quiz has no number: name it in words"):
        practical(tmp_path, TWO.replace("{ref:mask}", "{ref:quiz}") + quiz)
