from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tandem.web"
