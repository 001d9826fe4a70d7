from django.apps import AppConfig


class UpgradeConfig(AppConfig):
    name = "tandem.upgrade"

    def ready(self) -> None:
        from tandem.lessons.erasure import student_erased  # noqa: PLC0415 - needs the models
        from tandem.upgrade.forgetting import forget_student  # noqa: PLC0415 - as above

        student_erased.connect(forget_student, dispatch_uid="upgrade")
