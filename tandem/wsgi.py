"""The web application. Whoever runs it gives it the key that signs sessions."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from tandem.kit.credentials import take_credentials

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
take_credentials()
if not os.environ.get("TANDEM_SECRET_KEY"):
    # Made up here, each worker would have another: people would be signed out at random.
    raise ImproperlyConfigured(
        "TANDEM_SECRET_KEY is not set. Start Tandem with `tandem serve`, which keeps one in its "
        "data folder, or set it."
    )
application = get_wsgi_application()
