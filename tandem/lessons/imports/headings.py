"""Which column of a spreadsheet is what: by the usual headings, in English and in German."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy

NAMES = {
    "full_name": "name | full name | vollständiger name | vor- und nachname",
    "first_name": "first name | given name | forename | vorname",
    "last_name": "last name | surname | family name | nachname | familienname | zuname",
    "email": "email | e-mail address | mail | e-mail-adresse | mailadresse",
    "phone": "phone | phone number | telephone | mobile | telefon | telefonnummer | handy | mobil "
    "| handynummer | mobilnummer | tel",
}
STUDENT = {
    **NAMES,
    "full_name": NAMES["full_name"]
    + "| student | student name | students name | name of student | pupil | pupil name | child "
    "| childs name | schüler | schülerin | schüler in | schülername | name des schülers "
    "| name der schülerin | kind | name des kindes | lernende | person",
    "email": NAMES["email"]
    + "| student email | students email | email student | e-mail des schülers | e-mail schüler "
    "| e-mail der person",
    "year": "year | year group | school year | grade | class | form | klasse | klassenstufe "
    "| jahrgang | jahrgangsstufe | stufe | schuljahr",
    "guardian_name": "parent | parents | parent name | parents name | name of parent | guardian "
    "| guardian name | parent guardian | parent or guardian | mother | father "
    "| eltern | elternteil | name der eltern | eltern name | name des elternteils | mutter | vater "
    "| erziehungsberechtigte | erziehungsberechtigter | erziehungsberechtigte r | ansprechpartner",
    "guardian_email": "parent email | parents email | parents e-mail address | email of parent "
    "| parent guardian email "
    "| parent e-mail address | guardian email | guardians email | eltern e-mail | e-mail eltern "
    "| e-mail der eltern | e-mail-adresse der eltern | eltern mail | elternmail "
    "| e-mail des elternteils | e-mail erziehungsberechtigte | e-mail der erziehungsberechtigten",
    "guardian_phone": "parent phone | parents phone | guardian phone | parent mobile "
    "| parent guardian phone "
    "| telefon der eltern | telefon eltern | eltern telefon | telefon des elternteils "
    "| telefon erziehungsberechtigte | handy eltern | telefon der erziehungsberechtigten",
    "tutor": "tutor | tutor name | tutors name | teacher | teacher name | lehrkraft | lehrer "
    "| tutors "
    "| lehrerin | lehrer in | tutorin | nachhilfelehrer | nachhilfelehrerin | nachhilfelehrer in "
    "| name der lehrkraft",
    "tutor_email": "tutor email | tutors email | email of tutor | teacher email "
    "| e-mail der lehrkraft | lehrkraft e-mail | e-mail lehrkraft | e-mail lehrer | tutor mail",
    "subject": "subject | subjects | course | fach | unterrichtsfach | kurs",
    "started_on": "starts on | started on | start | start date | starts | started | from | since "
    "| begins on | begin | begins | beginn | beginnt am | beginn am | seit | ab | startdatum "
    "| anfang | von | start am",
    "notes": "notes | note | comment | comments | remark | remarks | notizen | notiz | bemerkung "
    "| bemerkungen | anmerkung | anmerkungen | kommentar | hinweis",
}
TUTOR = {
    **NAMES,
    "full_name": NAMES["full_name"]
    + "| tutor | tutor name | teacher | teacher name | lehrkraft | lehrer | lehrerin | lehrer in "
    "| tutorin | name der lehrkraft | nachhilfelehrer | nachhilfelehrerin",
    "email": NAMES["email"]
    + "| tutor email | teacher email | e-mail der lehrkraft | e-mail lehrkraft",
    "subjects": "subject | subjects | teaches | fach | fächer | unterrichtet | unterrichtsfächer",
    "time_zone": "time zone | timezone | zone | zeitzone",
    "capacity": "capacity | most students | most students at once | places "
    "| max students | maximum students | kapazität | plätze | höchstens | meiste lernende "
    "| höchstzahl | max schüler | höchstens so viele lernende zugleich",
}


def plain(heading: str) -> str:
    """Return what of a heading counts: its letters, whatever their case, and its digits."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(sign for sign in text if sign.isalnum())


def _by_words(fields: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): name for name, words in fields.items() for word in words.split("|")}


KNOWN = {"students": _by_words(STUDENT), "tutors": _by_words(TUTOR)}
"""For each kind of file: a heading, as ``plain`` returns it -> the field that it is."""
TOLD = {
    "students": {
        "full_name": gettext_lazy("Name"),
        "year": gettext_lazy("Year"),
        "email": gettext_lazy("E-mail"),
        "phone": gettext_lazy("Phone"),
        "guardian_name": gettext_lazy("Parent"),
        "guardian_email": gettext_lazy("Parent’s e-mail"),
        "guardian_phone": gettext_lazy("Parent’s phone"),
        "tutor": gettext_lazy("Tutor"),
        "subject": gettext_lazy("Subject"),
        "started_on": gettext_lazy("Begins on"),
        "notes": gettext_lazy("Notes"),
    },
    "tutors": {
        "full_name": gettext_lazy("Name"),
        "email": gettext_lazy("E-mail"),
        "phone": gettext_lazy("Phone"),
        "subjects": gettext_lazy("Subjects"),
        "time_zone": gettext_lazy("Time zone"),
        "capacity": gettext_lazy("Most students at once"),
    },
}
"""The headings that Tandem itself writes, in the order in which it does."""
NEEDED = {"students": ("full_name",), "tutors": ("full_name", "email")}


@dataclass(frozen=True)
class Columns:
    """Where in a row each field stands, and what of the file is not understood."""

    places: Mapping[str, int]
    headings: Sequence[str]
    unknown: Sequence[str]

    def value(self, cells: Sequence[str], field: str) -> str:
        """Return what a row says of a field; '' where there is no such column."""
        place = self.places.get(field)
        return "" if place is None else cells[place]

    def heading(self, field: str) -> str:
        """Return what stands above a field in the file; '' where there is no such column."""
        place = self.places.get(field)
        return "" if place is None else self.headings[place]


def columns_of(of: str, headings: Sequence[str]) -> Columns:
    """Return what each column is; InvalidError where one stands twice or the name is missing."""
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, heading in enumerate(headings):
        field = KNOWN[of].get(plain(heading))
        if field is None:
            unknown.append(heading or _("column {number}").format(number=place + 1))
        elif field in places:
            said = _("Two columns are the same: “{first}” and “{second}”. Leave out one of them.")
            raise invalid("text", said.format(first=headings[places[field]], second=heading))
        else:
            places[field] = place
    has_name = not {"first_name", "last_name"}.isdisjoint(places)
    missing = [
        str(TOLD[of][field])
        for field in NEEDED[of]
        if field not in places and not (field == "full_name" and has_name)
    ]
    if missing:
        said = _(
            "There is no column “{missing}”. The first line has to name the columns; here it says: "
            "{found}."
        )
        found = ", ".join(one or "–" for one in headings)
        raise invalid("text", said.format(missing=", ".join(missing), found=found[:300]))
    return Columns(places, headings, unknown)


def name_in(columns: Columns, cells: Sequence[str]) -> str:
    """Return somebody's name, of one column or of two."""
    full = columns.value(cells, "full_name")
    first, last = columns.value(cells, "first_name"), columns.value(cells, "last_name")
    if first and not last:
        last, full = full, ""
    return " ".join((full or f"{first} {last}").split())
