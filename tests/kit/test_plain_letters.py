"""Letters without marks, and the order of names: the database and Python make the same of them."""

import unicodedata

import pytest
from django.db import connection
from django.db.models import Value

from tandem.kit.plain_letters import PlainLetters, by_name, name_order, plain_letters
from tandem.people.models import Student

NAMES = {
    "Ștefan Świątek": "stefan swiatek",
    "Łukasz Øst Đorđe": "lukasz ost dorde",
    "Weiß, Œuvre Æsa": "weiss, oeuvre aesa",
    "Zoe\u0308 A\u030angstro\u0308m": "zoe angstrom",
    "İrem Yılmaz": "irem yilmaz",
    "Þór": "thor",
    "100%_\\ O'Brien": "100%_\\ obrien",
    "Seán O’Connor": "sean oconnor",
    "D`Angelo ʻAkahi Nu′u ‘a’ ´o´ Mʼba": "dangelo akahi nuu a o mba",
    "Соломія ΟΔΟΣ οδος": "соломія οδοσ οδοσ",
    "Йосип Ґалаґан": "иосип ґалаґан",
    "ԱՐԱՄ": "արամ",
    "陈志强": "陈志强",
    "שיר כהן": "שיר כהן",
    "": "",
}
BLOCKS = (range(0x20, 0x250), range(0x370, 0x590), range(0x1E00, 0x2000))
"""Latin, Greek, Cyrillic and Armenian, those with marks as well."""
IN_ORDER = [
    "Ana",
    "Ána",
    "ana",
    "Ana B",
    "Ángel",
    "  Bea",
    "Łukasz",
    "łukasz",
    "Lukas Z",
    "O'Brien",
    "Özil",
    "Strauss",
    "Strauß",
    "Zoe",
    "Соломія",
]


@pytest.mark.parametrize(("name", "plain"), NAMES.items())
def test_a_name_has_plain_letters(name: str, plain: str) -> None:
    """Marks are gone, and letters that other keyboards lack are the nearest ones."""
    assert plain_letters(name) == plain


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "plain"), [one for one in NAMES.items() if one[0]])
def test_the_database_makes_the_same_of_it(name: str, plain: str) -> None:
    """So that what is found first is also put first."""
    Student.objects.create(full_name=name)
    rows = Student.objects.annotate(of_value=PlainLetters(Value(name)))
    assert list(rows.values_list("full_name__plain", "of_value")) == [(plain, plain)]


@pytest.mark.django_db
def test_the_database_makes_the_same_of_every_letter() -> None:
    """Capitals of these alphabets are small ones, too, whatever the server's locale."""
    every = (chr(one) for block in BLOCKS for one in block)
    letters = [one for one in every if unicodedata.category(one) != "Cn"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT one, tandem_plain_letters(one), tandem_name_order(one)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS letters (one, at) ORDER BY at",
            [letters],
        )
        assert cursor.fetchall() == [(one, plain_letters(one), name_order(one)) for one in letters]
    assert [plain_letters(one) for one in "ÀÉÑÖŞŽΆΩЖЩЇԱ"] == list("aenoszαωжщіա")


@pytest.mark.django_db
def test_names_stand_as_people_look_for_them() -> None:
    """By plain letters, then by the name itself, the same in the database as in Python."""
    in_order = sorted(IN_ORDER, key=name_order)
    Student.objects.bulk_create(Student(full_name=one) for one in reversed(IN_ORDER))
    found = Student.objects.order_by(by_name(), "id").values_list("full_name", flat=True)
    assert list(found) == in_order
    assert in_order.index("Ángel") < in_order.index("  Bea") < in_order.index("łukasz")
    assert in_order.index("Özil") < in_order.index("Strauss") < in_order.index("Strauß")


@pytest.mark.django_db
def test_nothing_has_no_place_in_the_order() -> None:
    """What is null stays null, in both functions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tandem_plain_letters(NULL), tandem_name_order(NULL)")
        assert cursor.fetchone() == (None, None)
