"""What a tutor is answered directly turns at midnight where they are, as on the ordinary way."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pytest
from psycopg.conninfo import conninfo_to_dict

from tandem.api.direct import Direct
from tandem.api.direct.call import DirectAnswer, DirectRequest
from tandem.kit.async_sql import AsyncPool
from tandem.kit.time import day_starts, local_date, utc_now
from tests.cast import TERM
from tests.served.conftest import Start
from tests.served.site import Site
from tests.served.test_direct import comparable, is_direct, ordinary

A_DAY = timedelta(days=1)
TRIES = 20
"""Until nobody wrote anywhere on the server, which other tests do."""


@pytest.fixture(scope="module")
def one(start: Start) -> Iterator[Site]:
    """A site with one worker, which has noted the use of Cara's token."""
    with start(TANDEM_WORKERS="1") as site:
        site.ask("GET", "/api/students", who="cara")
        yield site


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_tutors_sight_turns_at_midnight_where_they_are(one: Site, zone: str) -> None:
    """Both ways, and also where an answer of before is kept: one of the two has another date."""
    one.query(
        "UPDATE people_student SET parent_email = 'r@home.example' WHERE id = %s", one.id("ana")
    )
    ana = f"/api/students/{one.id('ana')}"
    paths = [ana, "/api/students", "/api/tutor-students", "/api/tutors", "/api/students?q=r@home"]
    seen = []
    for _ in range(2):  # the second time what is asked for is known
        for turn in range(4):
            here = local_date(utc_now(), zone)
            days = [(here, None), (here + A_DAY, None), (TERM, here), (TERM, here + A_DAY)]
            _have_cara_teach(one, zone, *days[turn])
            one.ask("GET", ana, who="cara")  # who is in another zone now is looked up anew
            for path in paths:
                direct, long = one.ask("GET", path, who="cara"), ordinary(one, path, "cara")
                assert comparable(direct) == comparable(long), path
                assert is_direct(one, direct)
            told = one.ask("GET", ana, who="cara").json["student"]
            seen.append((told["parentEmail"] is not None, len(told["tutorStudents"])))
    assert seen == [(True, 2), (False, 1), (False, 1), (True, 2)] * 2


def test_a_change_of_zone_counts_at_once(one: Site) -> None:
    """For who is remembered by the token: whatever was kept for them before it."""
    far = [local_date(utc_now(), zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")]
    ana = f"/api/students/{one.id('ana')}"
    for zone, sees in (("Pacific/Kiritimati", 2), ("Pacific/Pago_Pago", 1)) * 2:
        _have_cara_teach(one, zone, far[0], None)
        shown = [len(one.ask("GET", ana, who="cara").json["student"]["tutorStudents"])]
        shown += [len(ordinary(one, ana, "cara").json["student"]["tutorStudents"])]
        assert shown == [sees, sees]


def _have_cara_teach(site: Site, zone: str, starts: date, ends: date | None) -> None:
    site.query("UPDATE people_tutor SET time_zone = %s WHERE id = %s", zone, site.id("cara"))
    site.query(
        "UPDATE relationships_tutorstudent SET started_on = %s, ended_on = %s WHERE id = %s",
        *(starts, ends, site.id("cara_ana")),
    )


def test_what_is_kept_is_kept_until_then(one: Site) -> None:
    """Nobody writes, and the clock alone turns: one query before, all of it then.

    Where nobody writes: while a transaction is under way, be it in another database of the server,
    what was read meanwhile is not kept, and is asked for again. What is told is right all the same.
    """
    zone = "America/Los_Angeles"
    ends = local_date(utc_now(), zone) + 2 * A_DAY
    _have_cara_teach(one, zone, TERM, ends)
    midnight = day_starts(ends, zone)
    moments = [midnight + timedelta(minutes=n) for n in range(-4, 4)]
    for _ in range(TRIES):
        answers = asyncio.run(_asked(one, moments))
        assert {answer.status for answer in answers} == {200}
        seen = [len(json.loads(answer.body)["tutorStudents"]) for answer in answers]
        assert seen == [2, 2, 2, 2, 1, 1, 1, 1]
        assert answers[4].queries > 1
        if [answers[3].queries, answers[-1].queries] == [1, 1]:
            return
    raise AssertionError([answer.queries for answer in answers])


async def _asked(site: Site, moments: Sequence[datetime]) -> list[DirectAnswer]:
    """Return what Cara is told of who teaches whom, at these moments, by one process."""
    pool = AsyncPool(
        conninfo_to_dict(site.database),
        set_up="SELECT 1",
        most=1,
        seconds=10,
        prepares=True,
    )
    try:
        asking = {name.lower(): value for name, value in site.bearer("cara").items()}
        request, direct = DirectRequest("GET", "/api/tutor-students", "", asking, b""), Direct(pool)
        found = [await direct.answer(request, now) for now in moments]
        return [answer for answer in found if answer is not None]
    finally:
        pool.close()
