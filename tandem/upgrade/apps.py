from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from tandem.kit.transactions import before_retry


class UpgradeConfig(AppConfig):
    name = "tandem.upgrade"

    def ready(self) -> None:
        from tandem.lessons.erasure import (  # noqa: PLC0415 - needs the models
            student_erased,
            tutor_erased,
        )
        from tandem.upgrade.closed_functions import close_functions  # noqa: PLC0415 - as above
        from tandem.upgrade.lock_timeout import (  # noqa: PLC0415 - as above
            give_way,
            take_noted_writes,
        )
        from tandem.upgrade.unplaced.forgetting import forget_student, forget_tutor  # noqa: PLC0415 - as above

        connection_created.connect(give_way, dispatch_uid="upgrade")
        before_retry.connect(take_noted_writes, dispatch_uid="upgrade")
        student_erased.connect(forget_student, dispatch_uid="upgrade")
        tutor_erased.connect(forget_tutor, dispatch_uid="upgrade")
        # Once for all apps: their migrations are all applied by then.
        post_migrate.connect(close_functions, sender=self, dispatch_uid="upgrade")
