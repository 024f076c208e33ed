"""Results for people: a page for each student, one for the class, a table, the terminal."""
