"""The grader on trial: hostile and broken submissions, what must come of each, and what did."""
