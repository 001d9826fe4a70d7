"""What an upgrade says to a person, as tables that fit a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tandem.kit.database_url import parse_database_url
from tandem.kit.terminal import counted, printable
from tandem.upgrade.check import Checked, Notice
from tandem.upgrade.replace.compare import Compared
from tandem.upgrade.replace.replacement import Replaced
from tandem.upgrade.replace.verify import Verified

# What each fault means, and what becomes of the row.
MEANING = {
    "blank_name": "has no name",
    "dangling_tutor": "names a tutor who does not exist; arrives without a tutor",
    "duplicate_email": "has an e-mail address that another tutor has in other capitals",
    "duplicate_value": "has a value that another row has, and only one can; stays as it was there",
    "unreadable_date": "holds a date that cannot be read",
    "unreadable_flag": "is neither active nor inactive as far as can be read; arrives active",
    "bad_utf8": "holds text that is damaged",
    "nul_character": "holds a character that no text may hold; it is left out",
    "ends_before_start": "ends before it starts, or when it starts",
    "too_long": "is longer than 24 hours",
    "overlap": "lies at the same time as another",
    "outside_relationship": "lies outside the dates of its relationship",
    "other_tutor_named": "names a tutor who does not teach the student; goes to the primary one",
    "unknown_status": "has a status that is not known",
    "no_end_date": "has ended, and nobody knows when",
    "end_date_on_open": "has an end date, and is open",
    "no_student": "belongs to no student; kept whole and listed",
    "no_tutor": "belongs to no tutor; kept whole and listed",
    "no_relationship": "is of a student whom nobody teaches; kept whole and listed",
}


NAMES = {
    "Tutor": "Tutors",
    "Student": "Students",
    "StudentTutorConnection": "Connections",
    "Session": "Sessions",
    "people_tutor": "Tutors",
    "people_student": "Students",
    "people_parent": "Parents",
    "people_subscription": "Subscriptions",
    "people_subject": "Subjects",
    "people_tutorsubject": "What tutors teach",
    "relationships_tutorstudent": "Relationships",
    "relationships_relationshipevent": "History of relationships",
    "relationships_primaryperiod": "Days with a primary tutor",
    "lessons_session": "Sessions",
    "upgrade_unlinkedlegacyrow": "Rows that fit nowhere",
}
"""What people call what a table holds: Prisma's name, or Tandem's own."""
NUMBERS = "Expected is what should be there, Found what is there. What one side has no place for is in neither."
SINCE = "Changed since: rows that were changed, made or removed in Tandem since then."


NOTICED = {
    "weak_link": "a parents' link that somebody could guess; it arrives as it is, and an owner makes "
    "it anew under “Needs attention”",
}
"""What no fault is, and is told all the same."""


def print_checked(
    console: Console, checked: Checked, *, next_step: str = "tandem upgrade replace --from …"
) -> None:
    """Print what a check found, and whether to go on."""
    print_contents(console, checked)
    for notice in checked.notices:
        console.print(printable(notice_sentence(notice)), highlight=False)
    if not checked.faults:
        console.print(f"No faults. You can go on: {next_step}")
        return
    _print_faults(console, checked)


def print_contents(console: Console, checked: Checked) -> None:
    """Print what there is, and what of it is not carried over."""
    rows = ", ".join(f"{count:,} {name}" for name, count in checked.counts.items())
    console.print(printable(f"{checked.source}\n{rows}"), highlight=False)
    for name, columns in checked.shape.unknown_columns.items():
        unknown = printable(f"{name}.{', '.join(columns)}")
        console.print(f"Not carried over, but in the backup: {unknown}", highlight=False)
    if checked.shape.unknown_tables:
        unknown = printable(", ".join(checked.shape.unknown_tables))
        console.print(f"Not carried over, but in the backup: table {unknown}", highlight=False)


def _print_faults(console: Console, checked: Checked) -> None:
    table = Table("Of", "Rows", "What", "For example", box=None, header_style="bold")
    for fault in checked.faults:
        table.add_row(
            fault.table,
            f"{fault.rows:,}",
            f"{MEANING[fault.rule]} ({fault.rule})",
            printable(", ".join(fault.samples)),
        )
    console.print(table)
    console.print(
        "You can go on: faulty rows arrive marked, none is dropped, and each waits with a repair "
        "under “Needs attention”."
    )


def notice_sentence(notice: Notice) -> str:
    """Return what a check tells beside faults."""
    return (
        f"{notice.rows:,} of {notice.table}: {NOTICED[notice.rule]} ({notice.rule}), for example "
        f"{', '.join(notice.samples)}"
    )


def print_replaced(console: Console, done: Replaced) -> None:
    """Print what arrived and where the backup lies."""
    console.print(_counts(done.compared))
    console.print("Every row was compared with the old database: no difference.")
    console.print(f"Backup of the old database: {done.backup.path}", soft_wrap=True)
    console.print(f"  SHA-256 {done.backup.sha256}", highlight=False, soft_wrap=True)


def print_verified(console: Console, verified: Verified) -> None:
    """Print the comparison, with the first differences of each table."""
    console.print(_counts(verified.compared))
    console.print(NUMBERS)
    if _are_changed(verified.compared):
        console.print(SINCE)
    for table in verified.compared:
        for difference in table.differences:
            console.print(printable(f"  {difference}"), highlight=False, soft_wrap=True)
    if verified.differing:
        differ = counted(verified.differing, "row differs", "rows differ")
        console.print(f"{differ} from {verified.source}.")
    else:
        console.print(f"No difference from {verified.source}.", soft_wrap=True)


def without_password(address: str) -> str:
    """Return an address fit to be shown."""
    return parse_database_url(address).label if "://" in address else address


def _counts(compared: Sequence[Compared]) -> Table:
    since = ["Changed since"] if _are_changed(compared) else []
    table = Table("What", "Expected", "Found", "Differ", *since, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in compared:
        numbers = (one.expected, one.found, one.differing, one.changed_since)
        shown = (f"{number:,}" for number in numbers[: len(table.columns) - 1])
        table.add_row(printable(_name(one)), *shown)
    return table


def _are_changed(compared: Sequence[Compared]) -> bool:
    return any(one.changed_since for one in compared)


def _name(one: Compared) -> str:
    """Return what people call it, and the table's name beside it where it is one."""
    name = NAMES.get(one.table)
    return f"{name} ({one.raw or one.table})" if name else one.table
