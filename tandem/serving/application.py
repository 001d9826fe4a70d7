"""The application that the web server's workers load, with the settings' limits."""

from django.conf import settings
from django.urls import reverse

from tandem.api.urls import LARGER
from tandem.kit.pictures import LARGEST_FILE
from tandem.serving import direct, health, reading_records
from tandem.serving.beats import beats
from tandem.serving.rsgi import Application
from tandem.wsgi import application as wsgi

reading_records.begin()
application = Application(
    wsgi,
    direct=direct.answer,
    begin=beats.begin,
    threads=settings.THREADS,
    seconds=settings.REQUEST_SECONDS,
    most_bytes=settings.MAX_BODY_BYTES,
    larger={
        reverse("business_face"): LARGEST_FILE,
        reverse("bring_students"): settings.MAX_BYTES_WITH_SPREADSHEET,
        reverse("bring_tutors"): settings.MAX_BYTES_WITH_SPREADSHEET,
        **LARGER,
    },
    watched={health.READY},
)
