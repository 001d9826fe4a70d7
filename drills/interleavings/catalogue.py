"""The transactions that are stepped through: what an application does, about given students.

None is written with a fault in mind. ``s1`` and ``s2`` are students whom Tandem has already,
``s5`` and ``s6`` such as the next batches bring; ``{me}`` stands for who takes part.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from drills.interleavings import tandem_side
from drills.interleavings.actors import Actor, Work
from drills.interleavings.worlds import HALF, JOINED, MIDWAY, TURNING

BROUGHT, LATER, LAST = "s1", "s5", "s6"
EVERYWHERE = frozenset({MIDWAY, HALF, JOINED})
OF_LAST = frozenset({"adds_session", "edits_session", "touches_student"})
"""What is done about one who comes after the next batch; all else would be as with the next."""
NOW = "(now() AT TIME ZONE 'UTC')"


@dataclass(frozen=True)
class Transaction:
    """``students``: whom it is about (empty: everybody). ``is_old``: the old application's.

    ``is_upgrade``: it is a command's, of which one runs at a time. ``rebuilds``: it changes the
    database so that it has to be made anew afterwards.
    """

    name: str
    work: Work
    students: frozenset[str]
    worlds: frozenset[str] = EVERYWHERE
    is_old: bool = True
    writes_old_side: bool = True
    rebuilds: bool = False
    is_upgrade: bool = False


def _old(*statements: str) -> Work:
    def work(actor: Actor) -> None:
        connection, _ = actor.kept_connection("old", lambda _: None)
        actor.use(connection)
        for statement in statements:
            connection.execute(statement.replace("{me}", str(actor.slot)).encode())

    return work


def _together(*statements: str, isolation: str = "READ COMMITTED", end: str = "COMMIT") -> Work:
    first, *others = statements
    return _old(f"BEGIN ISOLATION LEVEL {isolation}; {first}", *others, end)


def _session(key: str, student: str, day: int) -> str:
    """An hour in the far future that nobody else of the catalogue takes."""
    starts = (
        f"'2035-03-{day:02} 00:00'::timestamp + interval '{{me}} days' + interval '{key[-1]} hours'"
    )
    return f"""INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, "updatedAt")
      VALUES ('{key}{{me}}', '{student}', {starts}, {starts} + interval '50 minutes',
        E'of {student}\\n½ ', {NOW})"""


def _student(key: str, subject: str, tutor: str = "t1") -> str:
    return f"""INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken", "updatedAt")
      VALUES ('{key}{{me}}', '{tutor}', 'New {{me}}', '{subject}', '9', 'token-{key}{{me}}', {NOW})"""


def _changed(student: str, change: str) -> str:
    return f"""UPDATE "Student" SET {change}, "updatedAt" = {NOW} WHERE id = '{student}'"""


def _noted(where: str) -> str:
    return f"""UPDATE "Session" SET notes = 'of {{me}}', "updatedAt" = {NOW} WHERE {where}"""


def _about_one(who: str) -> Iterator[tuple[str, Work]]:
    """What the old application does about one student."""
    day, past = {"s1": 1, "s2": 6, "s5": 11, "s6": 16}[who], f"{who} past"
    yield "adds_session", _old(_session("n1", who, day))
    yield "adds_first_session", _old(_session("n0", who, day).replace("2035", "2001"))
    yield "adds_two_sessions", _together(_session("n1", who, day), _session("n2", who, day))
    yield "edits_session", _old(_noted(f"id = '{who} past'"))
    yield "removes_session", _old(f"""DELETE FROM "Session" WHERE id = '{who} next'""")
    yield "touches_student", _old(_changed(who, "year = '1{me}'"))
    yield "changes_tutor", _old(_changed(who, "\"tutorId\" = 't2'"))
    yield "changes_subject", _together(_changed(who, "subject = 'Botany'"))
    yield "pauses_student", _old(_changed(who, "active = false"))
    yield "deletes_student", _old(f"""DELETE FROM "Student" WHERE id = '{who}'""")
    yield "changes_key", _old(_changed(who, f"id = '{who}-{{me}}'"))
    yield (
        "changes_key_and_goes_on",
        _together(_changed(who, f"id = '{who}-{{me}}'"), _session("n1", f"{who}-{{me}}", day)),
    )
    yield (
        "changes_key_of_session",
        _old(
            f"""UPDATE "Session" SET id = '{who}-{{me}}', "updatedAt" = {NOW} WHERE id = '{who} past'"""
        ),
    )
    yield (
        "upserts_session",
        _old(
            f"""{_session("u1", who, day).replace("u1{me}", past)}
        ON CONFLICT (id) DO UPDATE SET notes = excluded.notes, "updatedAt" = excluded."updatedAt" """
        ),
    )
    yield (
        "takes_half_back",
        _together(
            _session("n1", who, day),
            "SAVEPOINT half; " + _changed(who, "year = '3'"),
            "ROLLBACK TO half; " + _session("n2", who, day),
        ),
    )
    yield (
        "takes_all_back",
        _together(_changed(who, "year = '4'"), _session("n1", who, day), end="ROLLBACK"),
    )
    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        yield (
            f"reads_and_edits_{_short(level)}",
            _together(
                f"""SELECT FROM "Session" WHERE "studentId" = '{who}'""",
                _noted(f"id = '{who} past'"),
                _session("n1", who, day),
                isolation=level,
            ),
        )


def _short(level: str) -> str:
    return "".join(word[0] for word in level.lower().split())


def _about_two(one: str, other: str) -> Iterator[tuple[str, Work]]:
    """What it does about two students in one transaction."""
    yield (
        "updates_one_adds_to_other",
        _together(_changed(one, "year = '5'"), _session("n1", other, 21)),
    )
    yield (
        "updates_one_adds_to_other_in_vain",
        _together(_changed(one, "year = '5'"), _session("n1", other, 21), end="ROLLBACK"),
    )
    yield "edits_sessions_of_both", _old(_noted(f"""\"studentId\" IN ('{one}', '{other}')"""))
    yield (
        "moves_session",
        _old(
            f"""UPDATE "Session" SET "studentId" = '{other}', "updatedAt" = {NOW} WHERE id = '{one} next'"""
        ),
    )


def _about_new_ones() -> Iterator[tuple[str, Work]]:
    """Students who are new, with sessions; their subject is known, or new itself."""
    for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        for subject in ("Maths", "Botany"):
            yield f"enrols_{_short(level)}:{subject}", _together(
                _student("a", subject), _session("n1", "a{me}", 2), _session("n2", "a{me}", 2),
                isolation=level,
            )  # fmt: skip
    yield "enrols_beyond:Botany", _together(_student("z", "Botany"), _session("n1", "z{me}", 2))


def _about_connections(who: str) -> Iterator[tuple[str, Work]]:
    """What the application of a half-moved database does."""
    make = f"""INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject, status, "updatedAt")
      VALUES ('c{{me}}', '{who}', 't2', 'Botany', 'active', {NOW})"""
    yield (
        "connects",
        _together(
            make,
            _session("n1", who, 2).replace('"updatedAt")', '"updatedAt", "connectionId")')[:-1]
            + ", 'c{me}')",
        ),
    )
    yield (
        "changes_connection",
        _old(
            f"""UPDATE "StudentTutorConnection" SET status = 'inactive', "updatedAt" = {NOW}
        WHERE id = '{who} c'"""
        ),
    )
    yield "disconnects", _old(f"""DELETE FROM "StudentTutorConnection" WHERE id = '{who} c'""")
    yield (
        "adds_parent",
        _old(
            f"""INSERT INTO "Parent" (id, "userId", email, "fullName", "studentId", "updatedAt")
        VALUES ('p{{me}}', 'p{{me}}', 'p{{me}}@x.org', 'P', '{who}', {NOW})"""
        ),
    )


def _old_writes() -> Iterator[Transaction]:
    for who in (BROUGHT, LATER, LAST):
        for name, work in _about_one(who):
            if who == LAST and name not in OF_LAST:
                continue
            where = EVERYWHERE | {TURNING} if who == BROUGHT else EVERYWHERE
            yield Transaction(f"{name}:{who}", work, frozenset({who}), where)
    for pair in ((LAST, LATER), (BROUGHT, LATER), ("s2", BROUGHT)):
        for name, work in _about_two(*pair):
            yield Transaction(f"{name}:{','.join(pair)}", work, frozenset(pair))
    for name, work in _about_new_ones():
        yield Transaction(name, work, frozenset({"new"}))
    for who in (BROUGHT, LATER):
        for name, work in _about_connections(who):
            yield Transaction(f"{name}:{who}", work, frozenset({who}), frozenset({HALF}))
    for key in ("t1", "t2"):
        yield Transaction(
            f"deletes_tutor:{key}", _old(f"""DELETE FROM "Tutor" WHERE id = '{key}'"""), frozenset()
        )


def _tandem_acts() -> Iterator[Transaction]:
    for size, name in ((1, "batch"), (10, "batch_of_all")):
        students = frozenset({LATER}) if size == 1 else frozenset({LATER, LAST})
        yield Transaction(
            name, tandem_side.batch(size), students, frozenset({MIDWAY, HALF}),
            is_old=False, is_upgrade=True,
            writes_old_side=False,
        )  # fmt: skip
    yield Transaction("catch_up", tandem_side.catch_up, frozenset(), is_old=False, is_upgrade=True)
    for name, act in tandem_side.ACTIONS.items():
        work, about = tandem_side.action(act), frozenset({BROUGHT})
        where = EVERYWHERE | {TURNING}
        yield Transaction(f"{name}:{BROUGHT}", work, about, where, is_old=False)
    yield Transaction(
        "turn_days", tandem_side.turn_days, frozenset({BROUGHT}), frozenset({TURNING}), is_old=False
    )
    yield Transaction(
        "switch", tandem_side.switch, frozenset(), frozenset({JOINED}), is_old=False, is_upgrade=True, rebuilds=True,
    )  # fmt: skip
    yield Transaction(
        "rollback", tandem_side.rollback, frozenset(), frozenset({MIDWAY}), is_old=False, is_upgrade=True, rebuilds=True,
    )  # fmt: skip


CATALOGUE: Mapping[str, Transaction] = {one.name: one for one in (*_old_writes(), *_tandem_acts())}


def in_world(world: str, among: Iterable[Transaction] = CATALOGUE.values()) -> list[Transaction]:
    """Return what can be done in a world."""
    return [one for one in among if world in one.worlds]
