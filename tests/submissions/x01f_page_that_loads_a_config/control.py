"""What the server does when a browser asks for /formgrader?path=FOLDER, as the picture makes it."""

import os

from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

formgrader = FormgradeExtension()
formgrader.load_cwd_config = False
formgrader.config_dir = os.getcwd()
formgrader.initialize([], root=os.getcwd())
