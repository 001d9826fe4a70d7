"""A real Prisma client made from the printed schema, and code of an application run with it."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tandem.upgrade.prisma_schema import prisma_schema
from tests.upgrade.live import playing
from tests.upgrade.live.playing import HERE, PATIENCE, run

CLIENT = HERE / "node_modules" / "tandem_tables"
OPENING = """\
import {{ PrismaPg }} from "@prisma/adapter-pg";
import {{ PrismaClient }} from "{client}";
{imports}
const prisma = new PrismaClient({{
  adapter: new PrismaPg({{ connectionString: process.env.APPLICATION_URL }}),
  errorFormat: "minimal",
}});
const cast = JSON.parse(process.env.CAST);
const said = {{}};
"""
ENDING = """
console.log(JSON.stringify(said, (_, value) => typeof value === "bigint" ? Number(value) : value));
process.exit(0);
"""


def install() -> None:
    """Install Prisma, and make the client where the printed schema is not what it was made from."""
    playing.install()
    schema = prisma_schema(output="node_modules/tandem_tables")
    with (HERE / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        made = CLIENT / "printed.prisma"
        if made.exists() and made.read_text() == schema:
            return
        npm, source = shutil.which("npm"), HERE / "tandem.prisma"
        assert npm
        source.write_text(schema)
        try:
            run(npm, "exec", "--", "prisma", "generate", "--schema", source.name, "--no-hints")
        finally:
            source.unlink()
        made.write_text(schema)


def run_page(
    folder: Path,
    url: str,
    page: str,
    *,
    imports: str = "",
    client: str = "tandem_tables/index.js",
    **cast: Any,
) -> dict[str, Any]:
    """Run the code of a page, which has ``prisma`` and ``cast``, and return what it ``said``."""
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(HERE / "node_modules")
    code = OPENING.format(client=client, imports=imports) + page + ENDING
    (folder / "page.mjs").write_text(code, encoding="utf-8")
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, "--preserve-symlinks", "--preserve-symlinks-main", "page.mjs"],
        cwd=folder,
        env={**os.environ, "APPLICATION_URL": url, "CAST": json.dumps(cast)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result
