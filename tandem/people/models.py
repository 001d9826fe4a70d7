"""Tutors, students, what they teach and learn, and the people around them."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, Trim
from django.utils import timezone
from django.utils.functional import cached_property

from tandem.people.columns import Importable, Timestamped, id_field
from tandem.people.link_keys import opened

FAULTLESS = Q(legacy_fault="")


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """Somebody who can sign in: an owner of the business, or a tutor (see ``Tutor.user``)."""

    id = id_field()
    email = models.EmailField(max_length=254)
    full_name = models.TextField(default="", db_default="", blank=True)
    is_owner = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_unique")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def told_to(self, *, is_owner: bool) -> str:
        """Return who it is for somebody else: only owners are told a sign-in address for a name."""
        return str(self) if is_owner else self.full_name or "Somebody"

    @property
    def tutor_id(self) -> str | None:
        """The id of the tutor whose account it is, looked up unless it came along."""
        tutor: Tutor | None = getattr(self, "tutor", None)
        return tutor.pk if tutor else None

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for more than one thing, looked up unless it came along."""
        factors = self.authenticator_set.exclude(type="recovery_codes")  # type: ignore[attr-defined]  # allauth's
        return bool(factors.exists())

    def came_with_tutor(self, tutor_id: str | None) -> None:
        """Note what a query found beside the account; the tutor's columns wait to be asked for."""
        names = ["id", "user_id"]
        self.came_with(
            Tutor.from_db(self._state.db, names, [tutor_id, self.pk]) if tutor_id else None
        )

    def came_with(self, tutor: "Tutor | None") -> None:
        """Note the tutor whose account it is, so that nobody looks again."""
        self._meta.get_field("tutor").set_cached_value(self, tutor)  # type: ignore[union-attr]


class ApiToken(models.Model):
    """A developer's key to the API. Only its hash is kept; the key itself is shown once."""

    id = id_field()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    name = models.TextField(default="", db_default="", blank=True)
    token_hash = models.TextField(unique=True)
    read_only = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or self.id


class SignedInDevice(models.Model):
    """Where an account is signed in: one row beside each session of somebody, gone with it.

    Its own id names it on pages: the session's key would let whoever reads it in.
    """

    id = id_field()
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="device")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    browser = models.TextField()
    address = models.TextField()
    signed_in_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.browser


class AddressChange(models.Model):
    """A sign-in address that was asked for and waits for the link of its mail to be opened.

    An account has one at a time. Only the hash of the link's secret is kept.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="address_change"
    )
    email = models.EmailField(max_length=254)
    secret_hash = models.TextField(unique=True)
    asked_by = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.email


class Subject(models.Model):
    """Something that can be taught. Its name is unique whatever its case and outer space."""

    id = id_field()
    name = models.TextField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="subject_name_unique"),
            models.CheckConstraint(
                condition=Q(name=Trim("name")) & ~Q(name=""), name="subject_name_trimmed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tutor(Timestamped, Importable):
    """Somebody who teaches. A tutor of the older application has no name until one is given."""

    id = id_field()
    full_name = models.TextField(default="", db_default="", blank=True)
    email = models.TextField()
    phone = models.TextField(null=True, blank=True)
    user = models.OneToOneField(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="tutor"
    )
    auth_subject = models.TextField(null=True, blank=True, unique=True)
    stripe_customer_id = models.TextField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    time_zone = models.TextField(default="", db_default="", blank=True)
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="tutor_email_unique", condition=FAULTLESS),
        ]
        indexes = [models.Index(Lower("email"), name="tutor_by_email")]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def public_name(self) -> str:
        """The name for whom the address is nothing to: parents, and tutors who share no student."""
        return self.full_name or "A tutor"


class Student(Timestamped, Importable):
    """Somebody who learns, from as many tutors as there are open relationships.

    ``parent_link_token`` is the secret in the address of the parent's page; null means no link.
    The table keeps it as ``kept_link``, sealed (see ``link_sealing``).
    """

    id = id_field()
    full_name = models.TextField()
    year = models.TextField(default="", db_default="", blank=True)
    active = models.BooleanField(default=True, db_default=True)
    email = models.TextField(null=True, blank=True, unique=True)
    phone = models.TextField(null=True, blank=True)
    auth_subject = models.TextField(null=True, blank=True, unique=True)
    parent_email = models.TextField(null=True, blank=True)
    kept_link = models.TextField(null=True, blank=True, unique=True, db_column="parent_link_token")
    time_zone = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~FAULTLESS | ~Q(full_name__regex=r"^\s*$"), name="student_name_not_blank"
            ),
        ]
        indexes = [
            models.Index(Lower("full_name"), F("id"), name="student_by_name"),
            models.Index(fields=["created_at", "id"], name="student_by_age"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def parent_link_token(self) -> str | None:
        """The link's secret as it stands in the address; None without one, or without its key."""
        return opened(self.kept_link)


class ParentLink(models.Model):
    """What is known of a student's present link beside its token; no row is nothing.

    The database drops the row when another token is written, whoever writes it, and when the
    student goes: the older application knows neither days nor this table.
    """

    student = models.OneToOneField(
        Student,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        primary_key=True,
        related_name="parent_link",
        db_constraint=False,
    )
    last_day = models.DateField(null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    to_send = models.BooleanField(default=False, db_default=False)
    """Made anew with many others, and the parents have not been told yet."""

    def __str__(self) -> str:
        return f"until {self.last_day}" if self.last_day else "without an end"


class CalendarFeed(models.Model):
    """A secret address at which calendar programs read sessions, until it is ended.

    A tutor's own or an owner's of everybody is of an ``account``; a family's of a ``student``. Of
    the secret only its hash is kept. A family's holds as long as the parents' link that it was made
    with, of which ``link_hash`` knows it.
    """

    class Kind(models.TextChoices):
        TUTOR = "tutor"
        OWNER = "owner"
        FAMILY = "family"

    id = id_field()
    kind = models.TextField(choices=Kind.choices)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    student = models.ForeignKey(
        Student,
        null=True,
        on_delete=models.DO_NOTHING,  # the database deletes it, whoever deletes the student
        db_constraint=False,
        related_name="calendar_feeds",
    )
    secret_hash = models.TextField(unique=True)
    link_hash = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    last_read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="family", account__isnull=True, student__isnull=False)
                | Q(kind__in=("tutor", "owner"), account__isnull=False, student__isnull=True),
                name="calendar_feed_of_an_account_or_a_family",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class SuspectLink(models.Model):
    """A student whose link is weak, or has not been looked at since something changed.

    The database makes the rows, whoever writes the student; a look takes those of strong links
    away (see ``weak_links.forget_strong_links``). So the table is as short as there are weak ones.
    """

    student = models.OneToOneField(
        Student,
        on_delete=models.DO_NOTHING,  # as for ParentLink
        primary_key=True,
        related_name="suspect_link",
        db_constraint=False,
    )
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.student_id


class TutorSubject(models.Model):
    """A tutor teaches a subject up to a level; an empty level has not been stated."""

    class Level(models.TextChoices):
        NOT_STATED = "", "Level not stated"
        BEGINNER = "beginner", "Beginner"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"
        EXPERT = "expert", "Expert"

    id = id_field()
    tutor = models.ForeignKey(Tutor, on_delete=models.CASCADE, related_name="subjects")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="tutors")
    level = models.TextField(
        choices=Level, default=Level.NOT_STATED, db_default=Level.NOT_STATED, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("tutor", "subject", name="tutor_subject_unique"),
            models.CheckConstraint(
                condition=Q(level__in=["", "beginner", "intermediate", "advanced", "expert"]),
                name="tutor_subject_level_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.level}".strip()


class Parent(Timestamped):
    """A parent's account of the older application, carried over as it was."""

    id = id_field()
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="parents")
    auth_subject = models.TextField(unique=True)
    email = models.TextField(unique=True)
    phone = models.TextField(null=True, blank=True)
    full_name = models.TextField()

    def __str__(self) -> str:
        return self.full_name


class Guardian(Timestamped):
    """An adult of one or more students: how to reach them, and what they want to be told.

    ``kept_link`` is the secret of their own link as the table keeps it, sealed (see
    ``link_sealing``); null means no link. Without students there is no guardian: the database
    deletes whoever loses the last one.
    """

    class Notice(models.TextChoices):
        PLANNED = "planned", "Lessons that are planned"
        MOVED = "moved", "Lessons that move to another time"
        CANCELLED = "cancelled", "Lessons that are cancelled"
        COVERED = "covered", "Lessons that another tutor takes over"
        REMINDER = "reminder", "A reminder, the day before"
        SUMMARY = "summary", "A summary, every week"

    @staticmethod
    def usual_notices() -> list[str]:
        """Return what somebody is told who has not chosen: what happens, and no summaries."""
        return [one.value for one in Guardian.Notice if one != Guardian.Notice.SUMMARY]

    id = id_field()
    full_name = models.TextField(default="", db_default="", blank=True)
    email = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    language = models.TextField(default="", db_default="", blank=True)
    notices = models.JSONField(default=list, db_default=[], blank=True)
    kept_link = models.TextField(null=True, blank=True, unique=True, db_column="link_token")
    link_opened_on = models.DateField(null=True, blank=True)
    email_refused_at = models.DateTimeField(null=True, blank=True)
    """Since when the mail server takes nothing for the address."""
    students = models.ManyToManyField(Student, through="GuardianStudent", related_name="guardians")

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="guardian_email_unique")]
        indexes = [models.Index(Lower("full_name"), F("id"), name="guardian_by_name")]

    def __str__(self) -> str:
        return self.full_name or self.email or "A guardian"

    @property
    def link_token(self) -> str | None:
        """The link's secret as it stands in the address; None without one, or without its key."""
        return opened(self.kept_link)


class GuardianStudent(models.Model):
    """A guardian is one of a student's."""

    id = id_field()
    guardian = models.ForeignKey(
        Guardian,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        related_name="children",
        db_constraint=False,
    )
    student = models.ForeignKey(
        Student,
        on_delete=models.DO_NOTHING,  # as above
        related_name="guardian_links",
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("student", "guardian", name="guardian_of_a_student_once")
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"


class Subscription(Timestamped):
    """A tutor's payment plan, carried over and never changed by Tandem."""

    id = id_field()
    tutor = models.OneToOneField(Tutor, on_delete=models.CASCADE, related_name="subscription")
    status = models.TextField()
    stripe_customer_id = models.TextField(unique=True)
    stripe_sub_id = models.TextField(unique=True)
    current_period_end = models.DateTimeField()

    def __str__(self) -> str:
        return self.status


class Change(models.Model):
    """One change of a person, an account, a token or a subject, written by the database.

    Append-only: only an erasure empties ``values``, where column names lead to [from, to]. A key
    (a link's token, a password) has its name in ``columns`` alone. No actor: no action made it.
    """

    class What(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        REMOVED = "removed", "Removed"

    id = models.BigAutoField(primary_key=True)
    what = models.TextField(choices=What)
    about = models.TextField()
    about_id = models.TextField()
    table_name = models.TextField()
    row_id = models.TextField()
    columns = models.JSONField(default=list)
    values = models.JSONField(null=True)
    # No key in the database: a change is never refused because of who made it.
    actor = models.ForeignKey(
        Account,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(F("about_id"), F("id"), name="change_by_whom_it_is_about")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}: {self.what}"


class RecordRead(models.Model):
    """Somebody who did not teach a student read the record on a day, ``at`` for the first time."""

    student = models.ForeignKey(
        Student, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    # No key in the database: a line outlives the account, which is then looked for in vain.
    account = models.ForeignKey(
        Account,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "account", "day"], name="record_read_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} read {self.student_id} on {self.day}"


class BusinessZone(models.Model):
    """The business's time zone, of which the database's own ``tandem_today()`` tells the date.

    The setting says it; it is noted here whenever migrations have run. There is one row.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="business_zone_is_the_only_one")
        ]

    def __str__(self) -> str:
        return self.name


class RequestCount(models.Model):
    """How often somebody did something in a window of time.

    The table is unlogged: counting costs no wait for the disk, and a crash forgives everybody.
    """

    who = models.TextField(primary_key=True)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.who}: {self.count}"
