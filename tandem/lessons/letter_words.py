"""What letters say, in each language that there is. Whoever adds one says it all.

Names in braces are filled in; each language has to use the same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language: ``subjects`` and ``intros`` by the kind of letter, ``parts`` by their names."""

    language: str
    name: str
    weekdays: Sequence[str]
    months: Sequence[str]
    day: str
    day_of_year: str
    hours: str
    taught_by: str
    was: str
    was_from_to: str
    was_of_length: str
    now_at: str
    no_place: str
    a_tutor: str
    your_child: str
    a_student: str
    conjunction: str
    greeting: str
    greeting_of_nobody: str
    subjects: Mapping[str, str]
    intros: Mapping[str, str]
    parts: Mapping[str, str]
    more: str
    zone: str
    page: str
    keep_it: str
    fewer: str
    fewer_for_tutors: str
    link_subject: str
    link_subject_of_several: str
    link_text: str
    link_text_of_several: str
    link_keep_it: str

    def date_of(self, local: datetime, this_year: int) -> str:
        """Return the date on the clocks of ``local``'s zone: its weekday; its year, if another."""
        weekday, month = self.weekdays[local.weekday()], self.months[local.month - 1]
        said = self.day if local.year == this_year else self.day_of_year
        return said.format(weekday=weekday, day=local.day, month=month, year=local.year)

    def listed(self, names: Sequence[str]) -> str:
        """Return names as they stand in a sentence: Ana, Ben and Cleo."""
        *before, last = names
        return f"{', '.join(before)} {self.conjunction} {last}" if before else last


ENGLISH = Words(
    language="en",
    name="English",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    day="{weekday} {day} {month}",
    day_of_year="{weekday} {day} {month} {year}",
    hours="{starts} to {ends}",
    taught_by="with {tutor}",
    was="(it was on {day}, {time})",
    was_from_to="(it was on {day}, {hours})",
    was_of_length="(it was {hours})",
    now_at="now at {place}",
    no_place="no place that is named",
    a_tutor="a tutor",
    your_child="your child",
    a_student="a student",
    conjunction="and",
    greeting="Dear {name},",
    greeting_of_nobody="Hello,",
    subjects={
        "changes": "What has changed in the lessons of {names}",
        "reminder": "Reminder: lessons of {names}",
        "summary": "The week ahead: lessons of {names}",
        "diary": "What has changed in your diary: {names}",
    },
    intros={
        "changes": "This has changed.",
        "reminder": "These lessons are coming up.",
        "summary": "These lessons are planned for the week ahead.",
        "diary": "Somebody else has changed this.",
    },
    parts={
        "cancelled": "Cancelled",
        "moved": "Moved to another time",
        "length": "Longer or shorter than before",
        "place": "Held at another place, or at another address online",
        "covered": "With another tutor",
        "planned": "Planned",
        "taken": "Yours now",
        "given": "Another tutor's now",
    },
    more="And {count} more.",
    zone="Times are in {place} time.",
    page="All lessons, and what was done in them",
    keep_it="This address is yours alone. Please do not pass it on.",
    fewer="To be told less, or nothing any more, tell whoever teaches here.",
    fewer_for_tutors="You choose what you are told under Your account, Letters.",
    link_subject="How {names} is getting on",
    link_subject_of_several="How {names} are getting on",
    link_text="Here you can see how {names} is getting on with every tutor: "
    "what is planned, what was done, and the homework.",
    link_text_of_several="Here you can see how {names} are getting on with every tutor: "
    "what is planned, what was done, and the homework.",
    link_keep_it="You need no account. Whoever has this address can read the page, so please keep "
    "it to yourself. If it gets into the wrong hands, tell us, and you will have a new one.",
)
GERMAN = Words(
    language="de",
    name="Deutsch",
    weekdays=(
        *("Montag", "Dienstag", "Mittwoch", "Donnerstag"),
        *("Freitag", "Samstag", "Sonntag"),
    ),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    day="{weekday}, {day}. {month}",
    day_of_year="{weekday}, {day}. {month} {year}",
    hours="{starts} bis {ends} Uhr",
    taught_by="bei {tutor}",
    was="(bisher {day}, {time} Uhr)",
    was_from_to="(bisher {day}, {hours})",
    was_of_length="(bisher {hours})",
    now_at="jetzt: {place}",
    no_place="kein Ort genannt",
    a_tutor="einer Lehrkraft",
    your_child="Ihr Kind",
    a_student="jemand",
    conjunction="und",
    greeting="Guten Tag {name},",
    greeting_of_nobody="Guten Tag,",
    subjects={
        "changes": "Geänderte Stunden: {names}",
        "reminder": "Erinnerung an Stunden: {names}",
        "summary": "Die kommende Woche: {names}",
        "diary": "Geändert in Ihrem Kalender: {names}",
    },
    intros={
        "changes": "Folgendes hat sich geändert.",
        "reminder": "Diese Stunden stehen an.",
        "summary": "Diese Stunden sind für die kommende Woche geplant.",
        "diary": "Folgendes hat jemand anders geändert.",
    },
    parts={
        "cancelled": "Abgesagt",
        "moved": "Auf eine andere Zeit verlegt",
        "length": "Länger oder kürzer als bisher",
        "place": "An einem anderen Ort oder unter einem anderen Link",
        "covered": "Bei einer anderen Lehrkraft",
        "planned": "Geplant",
        "taken": "Jetzt bei Ihnen",
        "given": "Jetzt bei einer anderen Lehrkraft",
    },
    more="Und {count} weitere.",
    zone="Die Zeiten gelten für {place}.",
    page="Alle Stunden, und was darin gemacht wurde",
    keep_it="Diese Adresse ist nur für Sie. Bitte geben Sie sie nicht weiter.",
    fewer="Möchten Sie weniger oder keine Nachrichten mehr, sagen Sie es den Lehrkräften.",
    fewer_for_tutors="Was Ihnen mitgeteilt wird, wählen Sie unter „Ihr Konto“, Nachrichten.",
    link_subject="Wie {names} vorankommt",
    link_subject_of_several="Wie {names} vorankommen",
    link_text="Hier sehen Sie, wie {names} bei allen Lehrkräften vorankommt: "
    "was geplant ist, was gemacht wurde, und die Hausaufgaben.",
    link_text_of_several="Hier sehen Sie, wie {names} bei allen Lehrkräften vorankommen: "
    "was geplant ist, was gemacht wurde, und die Hausaufgaben.",
    link_keep_it="Sie brauchen kein Konto. Wer diese Adresse hat, kann die Seite lesen; behalten "
    "Sie sie bitte für sich. Gerät sie in falsche Hände, sagen Sie es uns, und Sie bekommen eine "
    "neue.",
)
LANGUAGES = (ENGLISH, GERMAN)


def words_for(language: str) -> Words:
    """Return the words of a language as BCP 47 writes it (de, de-AT); English for any other."""
    wanted = language.split("-", maxsplit=1)[0].lower()
    return next((one for one in LANGUAGES if one.language == wanted), ENGLISH)
