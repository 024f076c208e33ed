"""Tests of the practicals themselves."""
