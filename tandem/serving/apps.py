from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "tandem.serving"

    def ready(self) -> None:
        from tandem.serving import requests  # noqa: F401, PLC0415 - hears of faults from here on
