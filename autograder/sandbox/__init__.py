"""Runs student code and returns what came of it: cell outputs and answers, never a verdict.

`execute` is the only way in.  On the other side of a pipe a child process knows contracts and inputs
and nothing else; how it is confined is `launch`'s business alone.
"""
