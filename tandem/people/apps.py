from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tandem.kit.short_queries import ask_alone


class PeopleConfig(AppConfig):
    name = "tandem.people"

    def ready(self) -> None:
        from tandem.kit.moments_read import read_moments_quickly  # noqa: PLC0415 - needs psycopg

        read_moments_quickly()
        connection_created.connect(ask_alone, dispatch_uid="people")
