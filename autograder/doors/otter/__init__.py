"""otter's door: the zip for `otter run` and Gradescope."""
