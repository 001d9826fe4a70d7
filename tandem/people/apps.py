from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from tandem.kit.connection_setup import set_up_once
from tandem.people.business_zone import note_business_zone


class PeopleConfig(AppConfig):
    name = "tandem.people"

    def ready(self) -> None:
        from allauth.account import signals  # noqa: PLC0415 - needs the models
        from allauth.mfa import signals as mfa_signals  # noqa: PLC0415 - as above

        from tandem.kit.timestamptz_loader import read_moments_quickly  # noqa: PLC0415 - needs psycopg
        from tandem.people.closing import password_changed  # noqa: PLC0415 - needs the models

        read_moments_quickly()
        connection_created.connect(set_up_once, dispatch_uid="people")
        from tandem.people import (  # noqa: PLC0415 - as above
            devices,
            reauthentication,
            second_factor,
            sign_in_log,
        )

        post_migrate.connect(note_business_zone, sender=self, dispatch_uid="people")

        user_logged_in.connect(reauthentication.signed_in)
        user_logged_in.connect(devices.signed_in)
        user_logged_in.connect(sign_in_log.signed_in)
        user_login_failed.connect(sign_in_log.refused)
        signals.authentication_step_completed.connect(reauthentication.step_completed)
        mfa_signals.authenticator_added.connect(second_factor.authenticator_added)
        mfa_signals.authenticator_removed.connect(second_factor.authenticator_removed)
        mfa_signals.authenticator_reset.connect(second_factor.recovery_codes_made)
        mfa_signals.authenticator_used.connect(second_factor.authenticator_used)
        for changed in (signals.password_changed, signals.password_reset, signals.password_set):
            changed.connect(password_changed, dispatch_uid="people")
