"""Gradescope's door: our engine in Gradescope's layout."""
