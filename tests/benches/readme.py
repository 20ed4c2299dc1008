"""The tables of the README that programs write."""
import os
import re

PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "README.md")


def put(name, text):
    """Puts `text` between the marks of this name."""
    with open(PATH) as file:
        readme = file.read()
    marked = re.compile(f"(<!-- {name}: begin -->\n).*(<!-- {name}: end -->)", re.DOTALL)
    readme, found = marked.subn(lambda marks: marks[1] + text + "\n" + marks[2], readme)
    if found != 1:
        raise SystemExit(f"{PATH} has no marks of {name}")
    with open(PATH, "w") as file:
        file.write(readme)
