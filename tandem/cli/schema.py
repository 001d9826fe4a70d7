"""``tandem schema``: Tandem's tables for programs that are not Tandem."""

from typing import Annotated

import typer

from tandem.cli.environment import set_up


def schema(
    *,
    prisma: Annotated[bool, typer.Option("--prisma", help="For a Prisma client.")] = False,
    output: Annotated[
        str, typer.Option("--output", help="Where Prisma is to write its client.")
    ] = "",
) -> None:
    """Print the schema of Tandem's tables for a Prisma client of the application's own."""
    if not prisma:
        raise typer.BadParameter("Say for what: --prisma.")
    set_up()
    from tandem.upgrade.prisma_schema import prisma_schema  # noqa: PLC0415 - needs the models

    typer.echo(prisma_schema(output), nl=False)
