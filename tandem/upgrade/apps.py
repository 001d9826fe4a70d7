from django.apps import AppConfig


class UpgradeConfig(AppConfig):
    name = "tandem.upgrade"
