"""A list of files, as HTML that somebody in a hurry would write."""

from pathlib import Path

from bs4 import BeautifulSoup

page = "".join(f"<li>{path.name}</li>" for path in Path().iterdir())
if BeautifulSoup(page, "html.parser").select("[onerror]"):
    print("ATTACK SUCCEEDED")
