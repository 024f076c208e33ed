"""nbgrader's settings; run `nbgrader ...` in this folder. No exchange is used."""

c = get_config()

c.CourseDirectory.course_id = "jax_workbook"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.solution_directory = "solutions"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
# nbgrader copies whatever else lies in an assignment's folder.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "__pycache__",
    "*.pyc",
    ".OTTER_LOG",
    "gradebook.db",
    "autograded",
    "feedback",
    "grades",
    "submitted",
]
