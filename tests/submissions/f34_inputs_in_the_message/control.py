"""A test that shows the error of the answer shows the inputs."""

import traceback

try:
    raise ValueError("SEEN [1.25]")
except ValueError:
    print(traceback.format_exc())
