from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tandem.kit.short_queries import ask_alone


class PeopleConfig(AppConfig):
    name = "tandem.people"

    def ready(self) -> None:
        connection_created.connect(ask_alone, dispatch_uid="people")
