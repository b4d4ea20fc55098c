"""Measurements: `make bench`.  Medians of several runs, and ratios of things measured side by side."""

import os

# Before NumPy is imported, which reads it once: cells are compared on one thread each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
