"""Statements that are asked from an event loop: together, in turn, and when something breaks."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection

from tandem.kit.async_sql import (
    AsyncPool,
    ConnectionLostError,
    NoConnectionError,
    StatementFailedError,
)
from tandem.kit.named_sql import Query, Read

pytestmark = pytest.mark.django_db(transaction=True)
WRITE = "INSERT INTO people_subject (id, name) VALUES (%(id)s, %(name)s) RETURNING name"
READ = "SELECT name FROM people_subject WHERE id = %(id)s"
ART = {"id": "art", "name": "Art"}
Story = Callable[[AsyncPool], Coroutine[Any, Any, Any]]


def told(story: Story, *, most: int = 2, seconds: float = 60, prepares: bool = True) -> Any:
    """Run a story with a pool of its own and return what it returns."""

    async def run() -> Any:
        parameters = {"conninfo": psycopg.conninfo.make_conninfo(**_parameters())}
        pool = AsyncPool(
            parameters, set_up="SELECT 1", most=most, seconds=seconds, prepares=prepares
        )
        try:
            return await story(pool)
        finally:
            pool.close()

    return asyncio.run(run())


def _parameters() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {n: v for n, v in given.items() if n in {"dbname", "host", "port", "user", "password"}}


@pytest.mark.parametrize("prepares", [True, False])
def test_what_is_sent_together_comes_back_in_order(*, prepares: bool) -> None:
    """Each sees what those before it wrote; values are what Python knows, ``%%`` is a sign."""

    async def story(pool: AsyncPool) -> Any:
        moment = datetime(2026, 11, 2, 9, tzinfo=UTC)
        asked = Query(
            "SELECT %(moment)s::timestamptz, %(ids)s::text[], 7 %% 4, %(none)s::text",
            {"moment": moment, "ids": ["a", 'b"'], "none": None},
        )
        first = await pool.fetch([Query(READ, ART), asked])
        return first, await pool.fetch([Query(WRITE, ART), Query(READ, ART), asked])

    row = (datetime(2026, 11, 2, 9, tzinfo=UTC), ["a", 'b"'], 3, None)
    first, second = told(story, prepares=prepares)
    assert first == [[], [row]]
    assert second == [[("Art",)], [("Art",)], [row]]


def test_what_is_sent_together_is_done_or_not() -> None:
    """Where one fails nothing of it stays, and the pool goes on."""

    async def story(pool: AsyncPool) -> Any:
        with pytest.raises(StatementFailedError):
            await pool.fetch([Query(WRITE, ART), Query(WRITE, ART)])
        with pytest.raises(StatementFailedError):  # PostgreSQL's texts hold no NUL
            await pool.fetch([Query(WRITE, {"id": "b", "name": "\x00"})])
        return await pool.fetch([Query(READ, ART)])

    assert told(story) == [[]]


def test_a_connection_that_ends_is_replaced() -> None:
    """Who was asking on it is told; an idle one that ended is not used again."""

    async def story(pool: AsyncPool) -> Any:
        ((pid,),) = (await pool.fetch([Query("SELECT pg_backend_pid()", {})]))[0]
        with pytest.raises(ConnectionLostError):
            await pool.fetch([Query("SELECT pg_terminate_backend(pg_backend_pid())", {})])
        ((other,),) = (await pool.fetch([Query("SELECT pg_backend_pid()", {})]))[0]
        with psycopg.connect(**_parameters(), autocommit=True) as outside:
            outside.execute("SELECT pg_terminate_backend(%s)", [other])
        await asyncio.sleep(0.2)
        ((third,),) = (await pool.fetch([Query("SELECT pg_backend_pid()", {})]))[0]
        return len({pid, other, third})

    assert told(story) == 3


def test_who_finds_no_connection_free_waits_for_one() -> None:
    """Ten at once on two connections; each gets its own answer."""

    async def story(pool: AsyncPool) -> Any:
        asked = [Query("SELECT %(n)s::int, pg_backend_pid()", {"n": n}) for n in range(10)]
        return await asyncio.gather(*(pool.fetch([one]) for one in asked))

    found = [row for ((row,),) in told(story)]
    assert [number for number, _ in found] == list(range(10))
    assert len({pid for _, pid in found}) == 2


def test_a_long_text_is_sent_and_read_whole() -> None:
    """More than a socket takes at once, both ways."""

    async def story(pool: AsyncPool) -> Any:
        return await pool.fetch([Query("SELECT %(text)s || ''", {"text": "ä" * 3_000_000})])

    assert told(story) == [[("ä" * 3_000_000,)]]


def test_many_different_statements_are_not_all_prepared() -> None:
    """Beyond a hundred they are asked as they come."""

    async def story(pool: AsyncPool) -> Any:
        for number in range(120):
            assert await pool.fetch([Query(f"SELECT {number}", {})]) == [[(number,)]]
        return await pool.fetch([Query("SELECT count(*) FROM pg_prepared_statements", {})])

    assert told(story, most=1) == [[(100,)]]


def test_nobody_to_connect_to_is_said() -> None:
    """Who asks can try another way."""

    async def story(pool: AsyncPool) -> Any:
        with pytest.raises(NoConnectionError):
            await pool.fetch([Query("SELECT 1", {})])

    nowhere = {"conninfo": "host=/nowhere dbname=none"}
    pool = AsyncPool(nowhere, set_up="SELECT 1", most=1, seconds=60, prepares=True)
    asyncio.run(story(pool))


def test_nobody_waits_for_ever_for_a_connection() -> None:
    """Nothing was sent then; the one that was in use goes on."""

    async def story(pool: AsyncPool) -> Any:
        await pool.fetch([Query("SELECT 1", {})])
        long = asyncio.create_task(pool.fetch([Query("SELECT pg_sleep(2)::text", {})]))
        await asyncio.sleep(0)
        with pytest.raises(NoConnectionError):
            await pool.fetch([Query("SELECT 1", {})])
        return await long, await pool.fetch([Query("SELECT 1", {})])

    assert told(story, most=1, seconds=1) == ([[("",)]], [[(1,)]])


def test_a_read_is_run_question_by_question() -> None:
    """Each question waits for the answer of the one before."""

    def read() -> Read[int]:
        (((one,),),) = yield [Query("SELECT 1", {})]
        ((two,),), ((three,),) = yield [
            Query("SELECT %(n)s::int + 1", {"n": one}),
            Query("SELECT 3", {}),
        ]
        return int(one + two + three)

    async def story(pool: AsyncPool) -> Any:
        return await pool.run_read(read())

    assert told(story) == 6
