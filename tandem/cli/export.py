"""``tandem export``: what is held about one person."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.environment import tandem_ready
from tandem.kit.private_files import new_private_file
from tandem.kit.time import utc_now

app = typer.Typer(help="What is held about one person, as a file.", no_args_is_help=True)
Target = Annotated[Path, typer.Option("--to", help="The file to make; nobody else may read it.")]


@app.command("student")
def student(student_id: str, target: Target) -> None:
    """Write all that is held about a student: record, parents, relationships, sessions."""
    _write("student", student_id, target)


@app.command("tutor")
def tutor(tutor_id: str, target: Target) -> None:
    """Write all that is held about a tutor: record, account, relationships, sessions."""
    _write("tutor", tutor_id, target)


def _write(about: str, person_id: str, target: Path) -> None:
    new_private_file(target)
    try:
        rows = _written(about, person_id, target)
    except BaseException:
        target.unlink()
        raise
    typer.echo(f"{rows:,} rows are in {target}. Read it before you hand it over.")


def _written(about: str, person_id: str, target: Path) -> int:
    with tandem_ready():
        from tandem.insights import subject_export  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        now = utc_now()
        if about == "student":
            export = subject_export.export_student(
                requester=Requester(None, now), student_id=person_id
            )
        else:
            export = subject_export.export_tutor(requester=Requester(None, now), tutor_id=person_id)
    text = json.dumps(export.as_data(), ensure_ascii=False, indent=2)
    target.write_text(text, encoding="utf-8")
    return sum(map(len, export.held.values()))
