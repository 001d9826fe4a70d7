"""Students with their parents' links, as a file that spreadsheets open. Each link is a key."""

import csv
from collections.abc import Iterable
from io import StringIO

from tandem.people.models import Student
from tandem.web.lines import named

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would carry out at the beginning of a cell."""
MARK = "\ufeff"
"""At the beginning of a file, by which spreadsheets know UTF-8."""


def links_as_csv(links: Iterable[tuple[Student, str]]) -> str:
    """Return CSV text with a line for each student and the address of the parents' page."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["Student", "Parents' e-mail", "Link"])
    for student, address in links:
        row = (named(student.full_name), student.parent_email or "", address)
        writer.writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row)
    return MARK + text.getvalue()
