"""A script that copies row by row through a real Prisma client, for the bench of the backfill."""

import shutil
from pathlib import Path

from tests.upgrade.live import playing

HERE = Path(__file__).parent
MADE = playing.HERE / "node_modules" / ".row_by_row"


def copy(url: str, students: int) -> float:
    """Copy the first ``students`` by id, each with all that is theirs; return the seconds it took.

    ``url`` is of a database that has the tutors on both sides and Tandem's other tables empty.
    """
    playing.install()
    MADE.mkdir(exist_ok=True)
    shutil.copyfile(HERE / "tandem.prisma", MADE / "schema.prisma")
    playing.run("npm", "exec", "--", "prisma", "generate", "--schema", str(MADE / "schema.prisma"))
    return float(
        playing.run(
            "node",
            str(HERE / "copy.mjs"),
            DATABASE_URL=url,
            CLIENT=str(MADE / "client"),
            STUDENTS=str(students),
        )
    )
