"""Python takes sitecustomize from a folder that is on its path."""

import os
import subprocess
import sys

code = "import sys; print('ATTACK SUCCEEDED' if hasattr(sys, 'attacked') else 'no')"
subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": "."}, check=True)
