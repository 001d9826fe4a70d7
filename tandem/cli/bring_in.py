"""``tandem import``: people from a spreadsheet."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tandem.cli.environment import tandem_ready
from tandem.cli.outcome import FOUND, print_json
from tandem.kit.time import utc_now

if TYPE_CHECKING:
    from tandem.lessons.imports.bring_in import Import

app = typer.Typer(help="Bring people in from a spreadsheet (CSV).", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, do nothing.")]
LeaveOut = Annotated[
    bool, typer.Option("--leave-out", help="Bring the others in where rows have faults.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("students")
def students(
    file: File, *, dry_run: DryRun = False, leave_out: LeaveOut = False, as_json: AsJson = False
) -> None:
    """Add the students of a file, with their tutors and guardians. Exit 1 where rows have faults.

    All or nothing; who is here already stays as they are, and nobody is written to.
    """
    _run("students", file, dry_run=dry_run, leave_out=leave_out, as_json=as_json)


@app.command("tutors")
def tutors(
    file: File, *, dry_run: DryRun = False, leave_out: LeaveOut = False, as_json: AsJson = False
) -> None:
    """Add the tutors of a file, with what they teach. Exit 1 where rows have faults.

    All or nothing; who is here already stays as they are, and nobody is written to.
    """
    _run("tutors", file, dry_run=dry_run, leave_out=leave_out, as_json=as_json)


def _run(
    of: Literal["students", "tutors"], file: Path, *, dry_run: bool, leave_out: bool, as_json: bool
) -> None:
    content = file.read_bytes()
    with tandem_ready():
        from tandem.lessons.imports.bring_in import bring_in, preview_import  # noqa: PLC0415 - models load once Django is set up
        from tandem.people.requester import Requester  # noqa: PLC0415 - as above

        requester = Requester(None, utc_now())
        done = preview_import(requester=requester, of=of, content=content)
        has_faults = bool(done.faults) and not leave_out
        if not dry_run and not has_faults:
            done = bring_in(requester=requester, of=of, content=content, leave_out=leave_out)
        _say(done, is_done=bool(done.deed), as_json=as_json)
    raise typer.Exit(FOUND if has_faults else 0)


def _say(done: "Import", *, is_done: bool, as_json: bool) -> None:
    from tandem.lessons.imports.bring_in import fault_in_words  # noqa: PLC0415 - as above

    inactive = [f"Line {one.line}: {one.why}" for one in done.inactive]
    counts = {
        "added": done.people,
        "tutorStudents": done.relationships,
        "guardians": done.guardians,
        "newSubjects": list(done.new_subjects),
        "here": len(done.here),
        "inactive": inactive,
        "faults": [fault_in_words(one) for one in done.faults],
        "unknownColumns": list(done.unknown),
        "deedId": done.deed or None,
    }
    if as_json:
        print_json(counts)
        return
    for fault in done.faults:
        typer.echo(fault_in_words(fault), err=True)
    if done.unknown:
        typer.echo(f"Not understood, and not brought in: {', '.join(done.unknown)}.", err=True)
    if done.new_subjects:
        typer.echo(f"Subjects that are new here: {', '.join(done.new_subjects)}.", err=True)
    for line in inactive:
        typer.echo(line, err=True)
    if done.is_old_text:
        typer.echo("The file is not in UTF-8, so it was read as Windows writes it.", err=True)
    typer.echo(
        f"{'Added' if is_done else 'Nothing was changed. To be added'}: {done.of} {done.people:,}, "
        f"relationships {done.relationships:,}, guardians {done.guardians:,}. "
        f"Here already: {len(done.here):,} rows. Faults: {len(done.faults):,}."
    )
