"""Other ways to the same score: nbgrader, otter and Gradescope."""
