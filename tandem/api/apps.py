from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tandem.api"

    def ready(self) -> None:
        from tandem.api.idempotency import (  # noqa: PLC0415 - needs the models
            forget_student,
            forget_tutor,
        )
        from tandem.lessons.erasure import student_erased, tutor_erased  # noqa: PLC0415 - as above

        student_erased.connect(forget_student, dispatch_uid="api")
        tutor_erased.connect(forget_tutor, dispatch_uid="api")
