"""Letters without marks: the database and Python make the same of a name."""

import pytest
from django.db.models import Value

from tandem.kit.plain_letters import PlainLetters, plain_letters
from tandem.people.models import Student

NAMES = {
    "Ștefan Świątek": "stefan swiatek",
    "Łukasz Øst Đorđe": "lukasz ost dorde",
    "Weiß, Œuvre Æsa": "weiss, oeuvre aesa",
    "Zoe\u0308 A\u030angstro\u0308m": "zoe angstrom",
    "İrem Yılmaz": "irem yilmaz",
    "100%_\\ O'Brien": "100%_\\ o'brien",
    "Соломія ΟΔΟΣ οδος": "соломія οδοσ οδοσ",
    "陈志强": "陈志强",
    "שיר כהן": "שיר כהן",
    "": "",
}


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
