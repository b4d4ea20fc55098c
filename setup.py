"""A wheel brings the worksheets' sources along, so that `autograder init DIR` needs no checkout.

Everything else that building needs to know is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithWorksheets(build_py):
    """Copies into `autograder/worksheets` what `autograder/nbgrader_plugin/newcourse.py` looks for."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout is there
            return
        to = Path(self.build_lib, "autograder", "worksheets")
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree("solutions", to / "solutions", dirs_exist_ok=True, ignore=ignore)
        shutil.copyfile("nbgrader_config.py", to / "nbgrader_config.py")


setup(cmdclass={"build_py": BuildWithWorksheets})
