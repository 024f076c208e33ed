"""nbgrader's settings; run `nbgrader ...` in this folder. No exchange is used."""

from autograder.authoring.notebook import STUB
from autograder.authoring.words import ENGLISH

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

# A release is the same whether it was made by `autograder build` or by nbgrader.
c.ClearSolutions.code_stub = {"python": STUB}
c.ClearSolutions.text_stub = ENGLISH.write_here
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.doors.nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateAssignment.post_convert_hook = (
    "autograder.doors.nbgrader.preprocessors.complete_generated"
)

# Grading is ours: any file is read, and a check's score comes from the sandbox, never from a kernel.
c.Autograde.exporter_class = "autograder.doors.nbgrader.preprocessors.SubmissionExporter"
c.Autograde.autograde_preprocessors = [
    "autograder.doors.nbgrader.preprocessors.Grade",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.preprocessors = [
    "autograder.doors.nbgrader.preprocessors.HideRubric",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
