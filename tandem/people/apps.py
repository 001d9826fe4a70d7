from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tandem.kit.connection_setup import set_up_once


class PeopleConfig(AppConfig):
    name = "tandem.people"

    def ready(self) -> None:
        from allauth.account import signals  # noqa: PLC0415 - needs the models

        from tandem.kit.moments_read import read_moments_quickly  # noqa: PLC0415 - needs psycopg
        from tandem.people.closing import password_changed  # noqa: PLC0415 - needs the models

        read_moments_quickly()
        connection_created.connect(set_up_once, dispatch_uid="people")
        for changed in (signals.password_changed, signals.password_reset, signals.password_set):
            changed.connect(password_changed, dispatch_uid="people")
