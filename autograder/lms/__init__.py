"""Files that come from Canvas, Moodle, Blackboard and Gradescope, and files that go back."""
