"""The older application behind PgBouncer in transaction mode, from `expand` to `contract`."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from drills.beside.stand import Stand, stand, wait_for, writing

PROGRAM = Path("/usr/sbin/pgbouncer")
SETTINGS = """[databases]
{database} = host={socket} user=tandem
[pgbouncer]
pool_mode = transaction
default_pool_size = 2
auth_type = any
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
logfile = {folder}/log
pidfile = {folder}/pid
ignore_startup_parameters = extra_float_digits
"""


def install() -> None:
    """Install PgBouncer where that is allowed; RuntimeError with a sentence where it is not."""
    if PROGRAM.exists():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError("this needs PgBouncer: install Debian's package pgbouncer")
    subprocess.run(["apt-get", "install", "--yes", "--quiet", "pgbouncer"], check=True)


@contextmanager
def pooled(place: Stand) -> Iterator[str]:
    """Yield the address of the database behind a pooler of two connections."""
    install()
    folder = Path(tempfile.mkdtemp(prefix="tandem-pooler-"))
    owner = place.server.socket_dir.stat()
    database = urlsplit(place.url).path[1:]
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(database=database, socket=place.server.socket_dir, folder=folder)
    )
    for path in (folder, settings):
        os.chown(path, owner.st_uid, owner.st_gid)
    user = pwd.getpwuid(owner.st_uid).pw_name
    process = subprocess.Popen([PROGRAM, "--quiet", settings], user=user, cwd=folder)
    try:
        wait_for((folder / ".s.PGSQL.6432").exists, "PgBouncer")
        yield f"postgresql://tandem@/{database}?host={folder}&port=6432"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def behind_a_pooler() -> str:
    """Every phase while four connections of the older application share two of the server."""
    with stand() as place, pooled(place) as address:
        with writing(address, "s007", "s008", "s150", "s151") as writers:
            place.run("expand")
            place.run("backfill")
            differing = place.differing()
        failed = [words for writer in writers for words in writer.failed]
        if failed or differing:
            raise RuntimeError(
                f"{len(failed)} writes failed, {differing} rows differ: {failed[:2]}"
            )
        differing = place.differing()
        place.run("switch")
        place.run("verify")
        place.run("contract")
        writes = sum(writer.writes for writer in writers)
        worst = max(writer.worst for writer in writers)
        if differing:
            raise RuntimeError(f"{differing} rows differ")
        return (
            f"{writes} rounds of writes through PgBouncer, none failed, the longest {worst:.2f} s"
        )
