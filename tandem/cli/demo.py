"""``tandem demo``: a sample one-tutor database, moved over, with second tutors, and served."""

import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typer
from django.conf import settings

from tandem.cli.environment import connect, tandem_ready
from tandem.cli.serve import Port, prepare_to_serve, refuse_taken_port, run_web_server
from tandem.sample import write_sample
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources import open_source
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.replacement import replace

HOST = "127.0.0.1"


def demo(port: Port = 8000) -> None:
    """Show Tandem on made-up people, in a folder of its own that is gone afterwards.

    DATABASE_URL is not looked at: a demonstration never touches real data.
    """
    refuse_taken_port(HOST, port)
    with tempfile.TemporaryDirectory(prefix="tandem-demo-") as folder:
        home = Path(folder)
        prepare_to_serve(home)
        os.environ.pop("DATABASE_URL", None)
        with tandem_ready(home, fast=True):
            _move_a_sample_over(home)
            _add_second_tutors()
            run_web_server(HOST, port, _sign_ins(f"http://{HOST}:{port}"))


def _move_a_sample_over(home: Path) -> None:
    file = home / "one-tutor.sqlite"
    write_sample(file, today=datetime.now(UTC).date(), faults=True)
    with open_source(str(file), Names()) as old, connect() as connection:
        done = replace(
            connection,
            old,
            zone=settings.TIME_ZONE,
            now=datetime.now(UTC),
            backup_folder=home / "backups",
            progress=Progress(quiet=True),
        )
    rows = sum(table.found for table in done.compared)
    typer.echo(
        f"A one-tutor database was made, moved over and compared: {rows:,} rows, no difference."
    )


def _add_second_tutors() -> None:
    from tandem.cli import showcase  # noqa: PLC0415 - models load once Django is set up

    now = datetime.now(UTC)
    showcase.add_second_tutors(now=now)
    showcase.add_waiting(now=now)


def _sign_ins(site: str) -> str:
    from tandem.cli import showcase, showcase_history  # noqa: PLC0415 - models load late
    from tandem.people import accounts  # noqa: PLC0415 - as above

    password = secrets.token_urlsafe(9)
    owner = accounts.create_account(email="owner@example.org", password=password)
    student, busiest = showcase.shared_student()
    now = datetime.now(UTC)
    showcase.give_today(busiest, now=now)
    showcase_history.write_progress(student, now=now)
    showcase_history.vary_outcomes(student, now=now)
    showcase_history.call_off_one(student, now=now)
    showcase.plan_a_term(student, busiest, now=now)
    showcase.send_away(busiest, now=now)
    showcase.plan_a_group(student, busiest, now=now)
    tutor = accounts.create_account(email=busiest.email, password=password, tutor_id=busiest.pk)
    return f"""
Tandem is at {site}/ (stop with Ctrl-C)
  the owner   {owner.email}
  a tutor     {tutor.email}
  password    {password} (of both)
  a parent    {site}/parent/{student.parent_link_token}
"""
