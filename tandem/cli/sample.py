"""``tandem sample``: a believable one-tutor database to try things on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tandem.sample import write_sample


def sample(
    file: Annotated[Path, typer.Argument(help="The SQLite file to make; it must not exist.")],
    tutors: Annotated[int, typer.Option(min=1)] = 8,
    students: Annotated[int, typer.Option(min=0)] = 40,
    sessions: Annotated[int, typer.Option(min=0)] = 900,
    seed: Annotated[int, typer.Option(help="The same seed makes the same database.")] = 1,
    *,
    faults: Annotated[bool, typer.Option("--faults", help="Add every fault that check knows.")] = (
        False
    ),
) -> None:
    """Write a believable one-tutor database, as the older application would have left it."""
    counts = write_sample(
        file,
        tutors=tutors,
        students=students,
        sessions=sessions,
        seed=seed,
        today=datetime.now(UTC).date(),
        faults=faults,
    )
    typer.echo(
        f"{file}: {counts.tutors:,} tutors, {counts.students:,} students, "
        f"{counts.sessions:,} sessions."
    )
