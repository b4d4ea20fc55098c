"""The panel as the grader makes it: HTML in it is escaped, and a formula is not HTML."""

from autograder.judge import Kind, Verdict
from autograder.panel import verdict_panel

said = r"$\href{https://x.org}{marks}$: no"
if said in verdict_panel(Verdict("e", Kind.RAISED, 0.0, 4.0, "raised", said, cases=1)).html():
    print("ATTACK SUCCEEDED")
