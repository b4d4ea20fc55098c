"""nbgrader's configuration of this course: its own steps, mapped on this folder, and our preprocessors.

Every nbgrader command works here: `nbgrader generate_assignment ps02`, `nbgrader autograde ps02`, ...
"""

from pathlib import Path

from autograder.nbgrader_plugin.offline import template_folders

c = get_config()

c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# Where released and submitted work changes hands on one machine; `autograder init` makes it.
c.Exchange.root = str(Path(__file__).parent / "exchange")
# Text sources lie beside the worksheets' folders; nothing but notebooks and data belongs inside them.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    ".DS_Store",
    "desktop.ini",
]

# Released notebooks are committed, so they always exist: build them anew instead of skipping them.
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "autograder.nbgrader_plugin.ClearSolutionsByName",
    "autograder.nbgrader_plugin.DrawQuestions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Some exercises have several questions. With a name for the course and its term here, each student gets one
# of them, and a right answer to a neighbour's is none; without it everybody has the same. Set it before you
# release, as it goes into the worksheets.
# c.DrawQuestions.course = "Deep learning, autumn 2027"

c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "autograder.nbgrader_plugin.RestoreNotebook",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.ExecuteInSandbox",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    # In place of nbgrader's SaveAutoGrades and AssignLatePenalties, by their rules and in one transaction.
    "autograder.nbgrader_plugin.RecordMarks",
]

# The budget of one submission.
c.ExecuteInSandbox.cell_seconds = 30
c.ExecuteInSandbox.exercise_seconds = 30
c.ExecuteInSandbox.notebook_seconds = 600

# Formulas and keyboard shortcuts of the formgrader work without a network (see offline.py).
c.HTMLExporter.extra_template_basedirs = template_folders()
# On its page of one submission, the rubric stands beside each written answer.
c.HTMLExporter.template_name = "unrolled_formgrade"
c.HTMLExporter.extra_template_paths = template_folders()  # where it finds nbgrader's page
c.HTMLExporter.preprocessors = ["autograder.nbgrader_plugin.ShowRubrics"]
# Feedback says first what became of each exercise, and shows no hidden test.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
