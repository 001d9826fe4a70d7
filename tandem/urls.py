"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from tandem.api import urls as api

handler400 = "tandem.serving.refusals.bad_request"
handler403 = "tandem.serving.refusals.forbidden"
handler404 = "tandem.serving.refusals.not_found"
handler500 = "tandem.serving.refusals.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api", api.nothing),
    path("api/", api.urls),
    path("", include("tandem.web.urls")),
]
