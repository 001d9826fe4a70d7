"""A sample is a believable one-tutor database, the same for the same seed."""

import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tandem.sample import SampleCounts, write_sample
from tandem.sample.values import iso_offset, iso_zulu, sql_text, unix_ms
from tests.upgrade.sample_reading import (
    EPOCH,
    FORMS,
    MOMENTS,
    TABLES,
    TODAY,
    count,
    lessons,
    milliseconds,
    moment_form,
    read,
)

LEGACY = Path(__file__).parent.parent / "legacy" / "one_tutor.sqlite.sql"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def counts(folder: Path) -> SampleCounts:
    return write_sample(folder / "sample.sqlite", today=TODAY)


@pytest.fixture(scope="module")
def sample(folder: Path, counts: SampleCounts) -> Path:
    return folder / "sample.sqlite"


@pytest.fixture(scope="module")
def iso(folder: Path) -> Path:
    """The same sample with ISO dates alone."""
    write_sample(folder / "iso.sqlite", today=TODAY, dates="iso")
    return folder / "iso.sqlite"


@pytest.fixture(scope="module")
def many(folder: Path) -> Path:
    """Many people and no sessions."""
    write_sample(folder / "many.sqlite", tutors=60, students=1200, sessions=0, today=TODAY)
    return folder / "many.sqlite"


def every_row(path: Path) -> list[list[object]]:
    return [read(path, f'SELECT * FROM "{table}" ORDER BY rowid') for table in TABLES]


def test_the_same_for_the_same_seed(tmp_path: Path, sample: Path) -> None:
    """The same seed and day give the same file; another seed or another day gives another."""
    again, other, later = (tmp_path / name for name in ("again", "other", "later"))
    write_sample(again, today=TODAY)
    write_sample(other, today=TODAY, seed=2)
    write_sample(later, today=TODAY + timedelta(days=1))
    assert every_row(again) == every_row(sample)
    assert again.read_bytes() == sample.read_bytes()
    assert every_row(later) != every_row(sample)
    for mine, others in zip(every_row(sample), every_row(other), strict=True):
        assert set(mine).isdisjoint(others)


def test_the_same_on_every_machine(sample: Path) -> None:
    """The first student of the usual sample is always the same person."""
    query = 'SELECT "id", "fullName", "subject", "year" FROM "Student" ORDER BY 1 LIMIT 1'
    assert read(sample, query) == [("cmf1i5nco000z8f3k8jhm6a0v", "मीरा गुप्ता", "Physics", "Year 13")]


def test_as_many_as_asked(sample: Path, counts: SampleCounts) -> None:
    """There are as many tutors, students and sessions as asked, and the counts say so."""
    assert (counts.tutors, counts.students, counts.sessions) == (8, 40, 900)
    assert 0 < counts.subscriptions <= 8
    assert [count(sample, table) for table in TABLES] == [8, counts.subscriptions, 40, 900, 2]


def test_the_old_shape(tmp_path: Path, sample: Path) -> None:
    """Tables, columns, keys and indexes are the old application's own."""
    legacy = tmp_path / "legacy.sqlite"
    with closing(sqlite3.connect(legacy)) as database:
        database.executescript(LEGACY.read_text())
    for table in TABLES[:4]:
        for pragma in ("table_info", "foreign_key_list"):
            query = f'PRAGMA {pragma}("{table}")'
            assert read(sample, query) == read(legacy, query)
    names = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"
    assert set(read(sample, names)) - set(read(legacy, names)) == {
        ("Subscription_tutorId_key", "Subscription"),
        ("Subscription_stripeCustomerId_key", "Subscription"),
        ("Subscription_stripeSubId_key", "Subscription"),
        ("sqlite_autoindex__prisma_migrations_1", "_prisma_migrations"),
    }
    assert set(read(legacy, names)) <= set(read(sample, names))


def test_links_hold(sample: Path) -> None:
    """SQLite finds the file sound and every link in it whole."""
    assert read(sample, "PRAGMA integrity_check") == [("ok",)]
    assert read(sample, "PRAGMA foreign_key_check") == []


def test_ids(sample: Path) -> None:
    """Ids look like cuid's, sign-ins like the old provider's, and parent links are secrets."""
    for table in TABLES[:4]:
        for (identity,) in read(sample, f'SELECT "id" FROM "{table}"'):
            assert re.fullmatch("c[0-9a-z]{24}", identity)
    for user, email in read(sample, 'SELECT "userId", "email" FROM "Tutor"'):
        assert re.fullmatch("user_[0-9A-Za-z]{27}", user)
        assert re.fullmatch(r"[a-z]+\.[a-z]+\d*@example\.(org|com)", email)
    for (token,) in read(sample, 'SELECT "parentLinkToken" FROM "Student"'):
        assert re.fullmatch("[0-9a-f]{32,}", token)


def test_names(many: Path) -> None:
    """Students have names of many scripts, and one has a name of 180 characters."""
    names = [name for (name,) in read(many, 'SELECT "fullName" FROM "Student"')]
    for script in ("é", "'", "-", "[א-ת]", "[ا-ي]", "[一-龥]", "[ऄ-ह]", "[а-я]"):
        assert any(re.search(script, name) for name in names), script
    assert all(name == name.strip() != "" for name in names)
    assert [len(name) for name in names if len(name) > 60] == [180]


def test_students(many: Path) -> None:
    """About one in ten is inactive, some parents are unknown, and a few tutors have very many."""
    rows = read(many, 'SELECT "active", "parentEmail", "tutorId" FROM "Student"')
    assert 80 < sum(not active for active, *_ in rows) < 170
    assert 100 < sum(parent is None for _, parent, _ in rows) < 300
    loads = sorted(Counter(tutor for *_, tutor in rows).values())
    assert loads[-1] > 3 * loads[len(loads) // 2]


def test_subjects(many: Path) -> None:
    """Subjects are typed now and then in another case or with a blank, as people type."""
    spellings = Counter(subject for (subject,) in read(many, 'SELECT "subject" FROM "Student"'))
    assert len({subject.strip().lower() for subject in spellings}) == 11
    assert {"Maths", "maths ", "MATHS"} <= set(spellings)
    assert spellings["Maths"] > 10 * spellings["maths "]


def test_texts(sample: Path) -> None:
    """Notes are missing, empty, of several lines, quoted, with trailing blanks and with emoji."""
    for column in ("notes", "homework"):
        texts = [text for (text,) in read(sample, f'SELECT "{column}" FROM "Session"')]
        assert {None, ""} < set(texts)
        for shape in ("\n", '"', "'", " $", "[✏👏🎉]"):
            assert any(text and re.search(shape, text) for text in texts), (column, shape)


def test_past_and_future(sample: Path) -> None:
    """About 85% of the sessions are past, and the rest lie in the next few weeks."""
    today = milliseconds(f"{TODAY}T00:00:00Z")
    starts = [lesson.start for lesson in lessons(sample)]
    assert 0.80 < sum(start < today for start in starts) / len(starts) < 0.90
    assert max(starts) < today + timedelta(weeks=10) // timedelta(milliseconds=1)


def test_weekly_by_the_clock(sample: Path) -> None:
    """A student's hour is the same each week by the clocks of London, across their change."""
    hours, offsets = defaultdict(set), set()
    for lesson in lessons(sample):
        start = EPOCH + timedelta(milliseconds=lesson.start)
        local = start.astimezone(ZoneInfo("Europe/London"))
        hours[lesson.student].add((local.weekday(), local.time()))
        offsets.add(local.utcoffset())
        assert 8 <= local.hour < 21
    assert {len(times) for times in hours.values()} == {1}
    assert len(offsets) == 2


def test_order_of_events(sample: Path) -> None:
    """Nobody is taught before they are known, and nothing is written after today began."""
    query = (
        'SELECT t."createdAt", p."createdAt", s."createdAt", s."startTime", s."updatedAt" '
        'FROM "Session" s JOIN "Student" p ON p."id" = s."studentId" '
        'JOIN "Tutor" t ON t."id" = p."tutorId"'
    )
    today = milliseconds(f"{TODAY}T00:00:00Z")
    for row in read(sample, query):
        tutor, student, made, start, changed = map(milliseconds, row)
        assert tutor < student < made < start
        assert made <= changed < today


def test_mixed_forms(sample: Path) -> None:
    """Every form of a moment stands in every column of students and of sessions."""
    for table in ("Student", "Session"):
        for column in MOMENTS[table]:
            values = read(sample, f'SELECT "{column}" FROM "{table}"')
            assert {moment_form(value) for (value,) in values} == set(FORMS)


def test_iso_alone(iso: Path) -> None:
    """Asked for ISO alone, the sample has no other form."""
    for table, columns in MOMENTS.items():
        for column in columns:
            values = read(iso, f'SELECT "{column}" FROM "{table}"')
            assert {moment_form(value) for (value,) in values} == {"zulu"}


def test_the_form_changes_nothing(sample: Path, iso: Path) -> None:
    """In whichever form it stands, a moment is the same to the odd millisecond."""
    odd = 0
    for table, columns in MOMENTS.items():
        for column in columns:
            query = f'SELECT "{column}" FROM "{table}" ORDER BY "id"'
            mixed, plain = (
                [milliseconds(value) for (value,) in read(path, query)] for path in (sample, iso)
            )
            assert mixed == plain
            odd += sum(moment % 1000 != 0 for moment in plain)
    assert odd > 1000


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01 00:00:00.000"),
        (951_868_799_999, "2000-02-29 23:59:59.999"),
        (1_753_920_000_123, "2025-07-31 00:00:00.123"),
        (1_774_747_800_000, "2026-03-29 01:30:00.000"),
    ],
)
def test_each_form_of_a_moment(moment: int, text: str) -> None:
    """Each form says the moment in full; SQL text leaves out milliseconds that are nought."""
    assert unix_ms(moment) == moment
    assert iso_zulu(moment) == text.replace(" ", "T") + "Z"
    assert iso_offset(moment) == text.replace(" ", "T") + "+00:00"
    assert sql_text(moment) == text.removesuffix(".000")
    assert milliseconds(text) == datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000
