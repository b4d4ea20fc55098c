"""Unrolled: recurrent networks in NumPy, one chapter a file.

Import what you need from its own module, for example `from course.rnn import rnn_step`.
Nothing is imported here, so `import course` costs next to nothing.
"""

__version__ = "0.1.0"
