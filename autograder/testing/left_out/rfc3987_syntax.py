"""In the place of a library that jsonschema can do without (see workbook/imports.py)."""

raise ImportError("left out of tests: it takes two seconds to import")
