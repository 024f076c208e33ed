"""An auto-graded JAX workbook: build it, grade what students hand in."""

from workbook.imports import quick_imports

with quick_imports():
    import jsonschema as _jsonschema  # noqa: F401 (what nbformat, jupytext and nbgrader check by)
