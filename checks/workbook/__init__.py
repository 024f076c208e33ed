"""Tests of the package that every student folder gets."""
