"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from tandem.api import site as api

handler400 = "tandem.web.errors.bad_request"
handler403 = "tandem.web.errors.forbidden"
handler404 = "tandem.web.errors.not_found"
handler500 = "tandem.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("", include("tandem.web.urls")),
]
