"""Students with their parents' links, as a file that spreadsheets open. Each link is a key."""

from collections.abc import Iterable

from tandem.people.models import Student
from tandem.web.lines import named
from tandem.web.spreadsheets import as_csv


def links_as_csv(links: Iterable[tuple[Student, str]]) -> str:
    """Return CSV text with a line for each student and the address of the parents' page."""
    rows = (
        (named(student.full_name), student.parent_email or "", address)
        for student, address in links
    )
    return as_csv([("Student", "Parents' e-mail", "Link"), *rows])
