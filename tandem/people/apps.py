from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tandem.kit.connection_setup import set_up_once


class PeopleConfig(AppConfig):
    name = "tandem.people"

    def ready(self) -> None:
        from tandem.kit.moments_read import read_moments_quickly  # noqa: PLC0415 - needs psycopg

        read_moments_quickly()
        connection_created.connect(set_up_once, dispatch_uid="people")
