"""What every notebook and every test case uses: inputs, calls, expectations, the check itself."""

from workbook.calls import over_keys, raises, run
from workbook.cases import expect
from workbook.inputs import integers, normal
from workbook.modules import module
from workbook.notebook import Notebook
from workbook.quiz import answer, unanswered
from workbook.values import kind_of

__all__ = [
    "Notebook",
    "answer",
    "expect",
    "integers",
    "kind_of",
    "module",
    "normal",
    "over_keys",
    "raises",
    "run",
    "unanswered",
]
