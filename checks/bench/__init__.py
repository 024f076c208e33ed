"""The same submissions through `autograder grade`, `otter run` and `nbgrader autograde`."""
