"""Which of Tandem's relationships go on, and which have an end: in the functions of the sync.

A status is what was decided; a date makes it ended. As a connection an
end is shown when it is known, also one that lies ahead; who stands as the student's tutor on which
day, ``shown_days.sql`` says.
"""

IN_DOUBT = "end_date_on_open"
"""The fault of an end date of what the old side calls open; it ends nothing until it is repaired."""


def in_doubt(link: str) -> str:
    """SQL: the end of the relationship ``link`` is in doubt."""
    return rf"{link}.legacy_fault ~ '\m{IN_DOUBT}\M'"


def has_end(link: str) -> str:
    """SQL: the relationship ``link`` has ended, or will on a day that is known."""
    return (
        f"({link}.status = 'ended' OR"
        f" ({link}.status IN ('active', 'paused') AND {link}.ended_on IS NOT NULL"
        rf" AND {link}.legacy_fault !~ '\m{IN_DOUBT}\M'))"
    )


def is_open(link: str) -> str:
    """SQL: the relationship ``link`` goes on, active or paused, with no end known."""
    return (
        f"({link}.status IN ('active', 'paused') AND ({link}.ended_on IS NULL OR {in_doubt(link)}))"
    )


def without_doubt(fault: str) -> str:
    """SQL: the faults in the text ``fault`` that are left once the end is known."""
    return f"array_to_string(array_remove(string_to_array({fault}, ' '), '{IN_DOUBT}'), ' ')"


def final_status(link: str) -> str:
    """SQL: what the relationship ``link`` comes to: ``ended`` where it has an end, else its status."""
    return f"CASE WHEN {has_end(link)} THEN 'ended' ELSE {link}.status END"
