"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from tandem.api import urls as api

handler400 = "tandem.serving.refusals.bad_request"
handler403 = "tandem.serving.refusals.forbidden"
handler404 = "tandem.serving.refusals.not_found"
# allauth asks for it: no status of Django's has a page by this name.
handler429 = "tandem.web.errors.too_many_tries"
handler500 = "tandem.serving.refusals.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api", api.nothing),
    path("api/", api.urls),
    path("", include("tandem.web.urls")),
]
