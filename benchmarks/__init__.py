"""Measurements: `make bench`.  Medians of several runs, and ratios of things measured side by side."""
