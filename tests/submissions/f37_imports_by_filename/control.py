"""Python takes a module of the folder before one that is installed."""

import numpy

if hasattr(numpy, "attacked"):
    print("ATTACK SUCCEEDED")
