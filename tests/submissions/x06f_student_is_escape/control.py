"""What rich, which draws the table, does with such an id."""

import io

from rich.console import Console
from rich.text import Text

screen = io.StringIO()
Console(file=screen).print(Text("\x1b[2Jmallory"))
if "\x1b[2Jmallory" in screen.getvalue():
    print("ATTACK SUCCEEDED")
