"""What rich, which draws the table, does with such a text."""

import io

from rich.console import Console
from rich.text import Text

screen = io.StringIO()
Console(file=screen).print(Text("\x1b[1A\x1b[2Jmallory 4 4 4"))
if "\x1b[1A" in screen.getvalue():
    print("ATTACK SUCCEEDED")
