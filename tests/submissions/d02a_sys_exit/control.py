"""Without a catch for it, the judge ends, and says that all went well."""

import subprocess
import sys

code = "import sys\nsys.exit(0)\nraise AssertionError('the hidden test')"
if subprocess.run([sys.executable, "-c", code]).returncode == 0:
    print("the judge died, with status 0")
