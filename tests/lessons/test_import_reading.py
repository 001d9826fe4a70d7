"""A spreadsheet is read as people save it: by any of the usual programs, in two languages."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import InvalidError
from tandem.kit.language import speaking
from tandem.lessons.imports import headings
from tandem.lessons.imports.cells import day_in, subjects_in
from tandem.lessons.imports.headings import columns_of, plain
from tandem.lessons.imports.student_rows import StudentsRead, read_students
from tandem.lessons.imports.table import MOST_BYTES, MOST_ROWS, Table, read_table
from tandem.lessons.imports.tutor_rows import read_tutors
from tandem.people.rules import Taught

NAMES = "Name;Fach\nJosé Müller;Physik\n"


def table(content: bytes | str, of: str = "students") -> Table:
    """Read a file of students, or of tutors."""
    known = headings.KNOWN[of]
    return read_table(
        content.encode() if isinstance(content, str) else content,
        lambda one: plain(one) in known,
    )


def students(text: str) -> StudentsRead:
    found = table(text)
    return read_students(columns_of("students", found.headings), found.rows)


def faults(text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.message) for one in students(text).faults]


def refusal(content: bytes | str) -> str:
    with pytest.raises(InvalidError) as refused:
        students(content) if isinstance(content, str) else table(content)
    (error,) = refused.value.errors
    assert error.field == "text"
    return error.message


@pytest.mark.parametrize(
    ("coding", "is_old"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True)],
)
def test_text_is_read_in_the_codings_of_spreadsheets(coding: str, *, is_old: bool) -> None:
    """What is no Unicode is taken for Windows', and that is said."""
    found = table(NAMES.encode(coding))
    assert [one.cells for one in found.rows] == [["José Müller", "Physik"]]
    assert found.is_old_text is is_old
    big_endian = b"\xfe\xff" + NAMES.encode("utf-16-be")
    assert table(big_endian).headings == ["Name", "Fach"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_parted_by_comma_semicolon_or_tab(delimiter: str) -> None:
    """Whichever makes headings of the first line; Excel's own word for it goes before."""
    text = f'Name{delimiter}Notes\n"Ruiz, Ana; the\tfirst"{delimiter}x\n'
    assert table(text).rows[0].cells == ["Ruiz, Ana; the\tfirst", "x"]
    assert table(f"sep={delimiter}\n{text}").rows[0].cells[1] == "x"
    assert table(f"\n\n{text}").rows[0].cells[1] == "x"
    assert table(text.replace("\n", "\r")).rows[0].cells[1] == "x"  # as Excel writes for a Mac


def test_a_line_break_in_a_cell_is_one_row_and_lines_are_counted_as_an_editor_does() -> None:
    text = 'Name,Tutor,Notes\r\n\r\n"Ana",Ben,"one\ntwo"\r\nCleo,Ben,\r\n,,\r\n'
    found = table(text)
    assert [one.line for one in found.rows] == [3, 5]
    assert found.rows[0].cells[2] == "one\ntwo"


def test_nothing_in_a_cell_is_calculated() -> None:
    """What spreadsheets write before a number, or against a formula, is taken off."""
    text = 'Name,Phone,Year\n\'=1+1,"=""0170 123""",=A1\n'
    assert table(text).rows[0].cells == ["=1+1", "0170 123", "=A1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04...", "This is a workbook and no CSV file."),
        (b"", "The file is empty."),
        (b"Name\n", "There is no row below the headings."),
        (b"Name\nA\x00na\n", "This file cannot be read as text."),
        (b"Name\nA\x81na\n", "This file cannot be read as text."),
        (b"\xff\xfeN\x00a\x00", "There is no row below the headings."),
        (b'Name,Year\n"Ana,10\n', "Line 2 cannot be read: a quotation mark is open"),
        (b"Name\n" + b"x" * MOST_BYTES, "The file is too large: at most 10 MB."),
        (b"Name\n" + b"x\n" * (MOST_ROWS + 1), "The file has 20001 rows: at most 20000"),
        (b"," * 120 + b"Name\n" + b",x" * 121, "The file has more than 100 columns."),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_headings_are_known_in_two_languages_in_any_order() -> None:
    """And what is not known is named, never dropped without a word."""
    found = columns_of("students", ["FACH", "Schuhgröße", "E-Mail der Eltern", " Vorname ", "Name"])
    assert set(found.places) == {"subject", "guardian_email", "first_name", "full_name"}
    assert list(found.unknown) == ["Schuhgröße"]
    usual = ["Student name", "Parent/Guardian", "Parent/Guardian Email", "Tutor(s)", "Subject(s)"]
    assert not columns_of("students", usual).unknown
    for of, told in headings.TOLD.items():
        for language in ("en", "de"):
            with speaking(language):
                written = [str(one) for one in told.values()]
            assert list(columns_of(of, written).places) == list(told), language


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Year,Tutor\n1,2\n", "There is no column “Name”."),
        ("Name,E-mail,email\nA,b,c\n", "Two columns are the same: “E-mail” and “email”."),
    ],
)
def test_columns_that_cannot_be_are_refused(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-01", date(2026, 9, 1)),
        ("2026-09-01 00:00:00", date(2026, 9, 1)),
        ("1.9.2026", date(2026, 9, 1)),
        ("01.09.2026 00:00", date(2026, 9, 1)),
        ("01/09/26", date(2026, 9, 1)),
        ("1. 9. 2026", date(2026, 9, 1)),
        ("", None),
    ],
)
def test_a_date_is_iso_or_has_its_day_first(text: str, day: date | None) -> None:
    assert day_in(text) == day


@pytest.mark.parametrize("text", ["9/31/2026", "tomorrow", "1.13.2026", "1.1.1066", "٣.٩.٢٠٢٦"])
def test_what_is_no_such_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        day_in(text)


def test_a_number_of_a_day_is_called_so() -> None:
    """Excel writes one where the column has no format of a date."""
    with pytest.raises(ValueError, match="“46266” is a number of a spreadsheet, and no"):
        day_in("46266")


def test_days_of_a_file_that_has_the_month_first_are_not_guessed() -> None:
    """One that can only be so tells of it; then none that could be either is taken for a day."""
    rows = "".join(
        f"P{n},Ben,{day}\n" for n, day in enumerate(("9/1/2026", "5/5/2026", "1.9.2026"))
    )
    assert faults(f"Name,Tutor,From\n{rows}") == []
    (one, two) = faults(f"Name,Tutor,From\n{rows}Kim,Ben,9/13/2026\n")
    assert one[:2] == (2, "From")
    assert "“9/1/2026” can be two days, and line 5 has the month first." in one[2]
    assert two[:2] == (5, "From")


def test_two_columns_make_a_name() -> None:
    """German files call the second one just *Name*."""
    assert students("Vorname;Name\nAna;Ruiz\n").students[0].record["full_name"] == "Ana Ruiz"
    assert (
        students("Last name,First name\nRuiz,Ana\n").students[0].record["full_name"] == "Ana Ruiz"
    )


def test_rows_of_one_student_are_one_student() -> None:
    """By the e-mail address; each row is a tutor of theirs, and adults come together."""
    (ana,) = students(
        "Name,E-mail,Year,Parent,Tutor,Subject\n"
        "Ana Ruiz,ana@child.example,10,Eva Ruiz,Ben,Physics\n"
        "Ana Ruiz,Ana@Child.example,,Max Ruiz,Cara,Maths\n"
    ).students
    assert [row.tutor for row in ana.rows] == ["Ben", "Cara"]
    assert [one.full_name for one in ana.guardians] == ["Eva Ruiz", "Max Ruiz"]
    assert ana.record["year"] == "10"


def test_two_of_one_name_are_two_where_the_file_says_so() -> None:
    text = "Name,Year,Tutor\nMaria Roth,5,Ben\nMaria Roth,9,Ben\n"
    assert len(students(text).students) == 2


@pytest.mark.parametrize(
    ("rows", "column", "said"),
    [
        (",a@b.example,,,,,", "Name", "A name is needed."),
        ("Ana,nobody,,,,,", "E-mail", "'nobody' is not an e-mail address."),
        ("Ana,,,at home,,,", "Parent’s e-mail", "'at home' is not an e-mail address."),
        ("Ana,,,,Ben,31/02/26,", "Begins on", "“31/02/26” is no day of the calendar."),
        ("Ana,,,,,1.9.2026,", "Begins on", "This needs a tutor beside it"),
        ("Ana,,,,,,Good at it", "Notes", "This needs a tutor beside it"),
        ("A" * 301 + ",,,,,,", "Name", "At most 300 characters are kept here."),
        ("Ana,,,,,,,,x", "", "This row has more cells than there are headings."),
    ],
)
def test_each_fault_says_where_and_what(rows: str, column: str, said: str) -> None:
    """The other rows are read."""
    text = f"Name,E-mail,Year,Parent’s e-mail,Tutor,Begins on,Notes\n{rows}\nCleo,,,,,,\n"
    ((line, where, message),) = faults(text)
    assert (line, where) == (2, column)
    assert said in message
    assert [one.record["full_name"] for one in students(text).students] == ["Cleo"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "Ana,a@b.example,10,Ben\nEva,a@b.example,,Cara",
            "Line 2 has this e-mail address for “Ana”",
        ),
        ("Ana,a@b.example,10,Ben\nAna,a@b.example,11,Cara", "about this student: “10”."),
        ("Ana,a@b.example,,Ben\nAna,a@b.example,,ben", "Line 2 says the same."),
        ("Ana,,,Ben\nAna,,,Ben", "Line 2 says the same."),
        ("Ana,a@b.example,,Ben\nAna,,,Cara", "Line 2 has a student of this name."),
    ],
)
def test_rows_that_contradict_one_another_are_faults(rows: str, said: str) -> None:
    """Each against the one above it, which stays."""
    ((line, _column, message),) = faults(f"Name,E-mail,Year,Tutor\n{rows}\n")
    assert line == 3
    assert said in message


def test_subjects_have_levels_in_words() -> None:
    assert subjects_in("Maths (advanced), Physics; Deutsch: Anfänger") == [
        Taught("Maths", "advanced"), Taught("Physics"), Taught("Deutsch", "beginner"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("Ben,,,,", "E-mail", "An e-mail address is needed."),
        ("Ben,b@t.example,Maths (genius),,", "Subjects", "“genius” is not a level."),
        ('Ben,b@t.example,"Maths, maths",,', "Subjects", "maths is listed twice."),
        ("Ben,b@t.example,,Berlin,", "Time zone", "'Berlin' is not a time zone."),
        ("Ben,b@t.example,,,many", "Capacity", "“many” is no whole number."),
        ("Ben,A@T.example,,,", "E-mail", "Line 2 has this e-mail address already."),
    ],
)
def test_faults_of_tutors_say_where_and_what(row: str, column: str, said: str) -> None:
    found = table(
        f"Name,E-mail,Subjects,Time zone,Capacity\nAda,a@t.example,,Europe/Berlin,8\n{row}\n",
        "tutors",
    )
    read = read_tutors(columns_of("tutors", found.headings), found.rows)
    assert [one.record["full_name"] for one in read.tutors] == ["Ada"]
    told: Any = [(one.line, one.column) for one in read.faults]
    assert told == [(3, column)]
    assert said in read.faults[0].message
