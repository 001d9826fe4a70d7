"""pg_dump of the whole database, again and again, while every phase is gone through.

But for the seconds in which Tandem's own tables are made, and old ones are moved away: a dump that
begins then may find a table described that is not there yet, or no more, whoever makes it.
"""

import subprocess
import threading

from drills.beside.stand import Stand, stand, writing
from tandem.upgrade.server_programs import program_for


def dumped_meanwhile() -> str:
    """No dump fails, no phase fails for one, and the older application's writes go on."""
    with stand() as place:
        place.make_tables()
        dumps = _Dumps(place)
        thread = threading.Thread(target=dumps.work)
        thread.start()
        try:
            with writing(place.url) as writers:
                place.run("expand")
                place.run("backfill")
            differing = place.differing()
            place.run("switch")
            place.run("verify")
        finally:
            dumps.ends.set()
            thread.join()
        place.run("contract")
    failed = dumps.failed + [words for writer in writers for words in writer.failed]
    if failed or differing:
        raise RuntimeError(f"{differing} rows differ; {failed[:2]}")
    return f"{dumps.made} dumps while the move went through, none failed"


class _Dumps:
    """A thread's work: how many were made, and what was said where one failed."""

    def __init__(self, place: Stand) -> None:
        self._command = [program_for("pg_dump", 180000), "--format=custom", place.url]
        self.made, self.failed, self.ends = 0, list[str](), threading.Event()

    def work(self) -> None:
        while not self.ends.is_set():
            done = subprocess.run(self._command, capture_output=True, check=False)
            self.made += 1
            if done.returncode:
                self.failed.append(done.stderr.decode()[:200])
