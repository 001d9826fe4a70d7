"""What may be written about a tutor or a student, and who may write it. No database."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tandem.kit.errors import FieldError, ForbiddenError, InvalidError, invalid
from tandem.kit.language import NAMES, known
from tandem.kit.language import gettext as _
from tandem.kit.time import is_zone
from tandem.people.notice_kinds import NoticeKind

LEVELS = ("", "beginner", "intermediate", "advanced", "expert")
STUDENT_FIELDS = (
    "full_name",
    "year",
    "active",
    "email",
    "phone",
    "parent_email",
    "time_zone",
)
TUTOR_FIELDS = ("full_name", "email", "phone", "capacity", "time_zone", "active")
GUARDIAN_FIELDS = ("full_name", "email", "phone", "language", "notices")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
"""A language as BCP 47 writes it: de, de-AT."""
OWNERS_TUTOR_FIELDS = frozenset({"capacity", "active"})
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their category, blank on every screen."""
LAST_YEAR = 2200
NO_VALUE_FIELDS = frozenset({"email", "phone", "parent_email"})


@dataclass(frozen=True)
class Taught:
    """A subject that a tutor teaches, by name, and up to which level ('' is not stated)."""

    subject: str
    level: str = ""


def tidy_student(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``fields`` as they are stored, or raise InvalidError with everything wrong in them."""
    tidy = _trimmed(fields, STUDENT_FIELDS, NO_VALUE_FIELDS)
    errors = [*_blank(tidy, "full_name"), *_bad_email(tidy, "email", "parent_email")]
    _refuse([*errors, *_bad_zone(tidy)])
    return tidy


def tidy_tutor(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``fields`` as they are stored, or raise InvalidError with everything wrong in them."""
    tidy = _trimmed(fields, TUTOR_FIELDS, frozenset({"phone"}))
    errors = [*_blank(tidy, "full_name", "email"), *_bad_email(tidy, "email"), *_bad_zone(tidy)]
    capacity = tidy.get("capacity")
    if capacity is not None and capacity < 0:
        errors.append(FieldError("capacity", _("The capacity cannot be below 0.")))
    _refuse(errors)
    return tidy


def _bad_language(language: str) -> list[FieldError]:
    """Return what is wrong with a language that letters are to be written in."""
    if LANGUAGE.fullmatch(language) and known(language):
        return []
    said = _("Tandem does not write in {language}. Choose one of: {languages}.").format(
        language=language, languages=", ".join(f"{short} ({NAMES[short]})" for short in NAMES)
    )
    return [FieldError("language", said)]


def tidy_guardian(fields: Mapping[str, Any], *, language: str = "") -> dict[str, Any]:
    """Return ``fields`` as they are stored, or raise InvalidError with everything wrong in them.

    ``language`` is the one that is noted now: it may stay, also where nobody speaks it here.
    """
    tidy = _trimmed(fields, GUARDIAN_FIELDS, frozenset({"email", "phone"}))
    errors = [*_blank(tidy, "full_name"), *_bad_email(tidy, "email")]
    if tidy.get("language", "") not in {"", language}:
        errors += _bad_language(tidy["language"])
    if unknown := {*tidy.get("notices", ())}.difference(NoticeKind.values):
        errors.append(
            FieldError("notices", _("There is no notice {unknown!r}.").format(unknown=min(unknown)))
        )
    _refuse(errors)
    if "notices" in tidy:
        tidy["notices"] = [one for one in NoticeKind.values if one in tidy["notices"]]
    return tidy


def level_errors(field: str, level: str) -> list[FieldError]:
    """Return what is wrong with a level: nothing, or that it is none."""
    said = _("{level!r} is not a level.").format(level=level)
    return [] if level in LEVELS else [FieldError(field, said)]


def tidy_taught(subjects: Sequence[Taught]) -> dict[str, Taught]:
    """Return each subject under its name in lower case; refuse blanks, repeats, unknown levels."""
    tidy: dict[str, Taught] = {}
    errors = []
    for entry in subjects:
        name = entry.subject.strip()
        if not has_a_visible_sign(name):
            errors.append(FieldError("subjects", _("A subject needs a name.")))
        elif name.lower() in tidy:
            errors.append(FieldError("subjects", _("{name} is listed twice.").format(name=name)))
        errors += level_errors("subjects", entry.level)
        tidy[name.lower()] = Taught(name, entry.level)
    _refuse(errors)
    return tidy


def is_address(text: str) -> bool:
    """Tell whether mail can be sent to ``text``: it is one e-mail address, and nothing more."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def check_owner(*, is_owner: bool, doing: str) -> None:
    """Refuse ``doing`` ("add a tutor") to everybody but an owner."""
    if not is_owner:
        raise ForbiddenError(_("Only an owner can {doing}.").format(doing=doing))


def check_has_diary(tutor_id: str | None) -> str:
    """Return the id of the tutor who acts; refuse who is none."""
    if tutor_id is None:
        raise ForbiddenError(_("Only a tutor has a diary."))
    return tutor_id


def check_student_editor(*, is_owner: bool, teaches_now: bool) -> None:
    """A student's record is written by an owner or by somebody who teaches the student now."""
    if not (is_owner or teaches_now):
        raise ForbiddenError(
            _("You do not teach this student today, so you cannot change the record.")
        )


def check_last_day(last_day: date | None, today: date) -> None:
    """Refuse a last day of a parent's link that is past, or in no calendar; None is no end."""
    if last_day is None:
        return
    if last_day < today:
        raise invalid("last_day", _("This day is past. Choose today or a later day."))
    if last_day.year > LAST_YEAR:
        raise invalid(
            "last_day", _("The year has to be {last_year} at most.").format(last_year=LAST_YEAR)
        )


def has_ended(last_day: date | None, today: date) -> bool:
    """Tell whether a parent's link with this last day opens nothing any more."""
    return last_day is not None and last_day < today


def check_tutor_editor(*, is_owner: bool, is_self: bool, fields: Iterable[str] = ()) -> None:
    """A tutor's record is written by an owner, and by the tutor but for capacity and active."""
    if is_owner:
        return
    if not is_self:
        raise ForbiddenError(_("Only an owner can change another tutor's record."))
    if reserved := OWNERS_TUTOR_FIELDS.intersection(fields):
        raise ForbiddenError(
            _("Only an owner can change: {join}.").format(join=", ".join(sorted(reserved)))
        )


def _trimmed(
    fields: Mapping[str, Any], known: Sequence[str], no_value: frozenset[str]
) -> dict[str, Any]:
    """Trim texts; in ``no_value`` fields an empty text means that there is none."""
    _refuse(
        [
            FieldError(name, _("There is no field {name!r}.").format(name=name))
            for name in fields.keys() - {*known}
        ]
    )
    trimmed = {
        name: value.strip() if isinstance(value, str) else value for name, value in fields.items()
    }
    return {name: (value or None) if name in no_value else value for name, value in trimmed.items()}


def _blank(fields: Mapping[str, Any], *names: str) -> list[FieldError]:
    words = {"full_name": _("A name is needed."), "email": _("An e-mail address is needed.")}
    return [
        FieldError(name, words[name])
        for name in names
        if name in fields and not has_a_visible_sign(fields[name] or "")
    ]


def has_a_visible_sign(text: str) -> bool:
    """Tell whether anybody could see it: neither space nor control nor format character alone."""
    return any(unicodedata.category(sign)[0] not in "CZ" and sign not in FILLERS for sign in text)


def _bad_email(fields: Mapping[str, Any], *names: str) -> list[FieldError]:
    return [
        FieldError(name, _("{fields!r} is not an e-mail address.").format(fields=fields[name]))
        for name in names
        if fields.get(name) and not is_address(fields[name])
    ]


def _bad_zone(fields: Mapping[str, Any]) -> list[FieldError]:
    zone = fields.get("time_zone", "")
    good = not zone or is_zone(zone)
    return (
        []
        if good
        else [FieldError("time_zone", _("{zone!r} is not a time zone.").format(zone=zone))]
    )


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidError(errors)
