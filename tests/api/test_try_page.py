"""The page on which a call is tried: what it is made of, and what of the viewer is served."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.html import escape

from tandem.serving.static import ViewerFiles
from tests.api.test_document import document

LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def test_nothing_stands_in_the_page_that_the_policy_would_have_to_allow(db: None) -> None:
    """No script and no style of its own; all it loads is this site's, and is there."""
    page = Client().get("/api/docs/try").content.decode()
    assert not re.search(r"<script(?! src)|<style| style=| on\w+=|https?:", page)
    assert "<noscript>" in page
    files = LOADED.findall(page)
    assert len(files) == 6
    for file in files:
        assert Client().get(file).status_code == 200


def test_both_pages_lead_to_each_other(db: None) -> None:
    """Each call of the page for reading has its own link, which opens it on the other."""
    assert 'href="/api/docs"' in Client().get("/api/docs/try").content.decode()
    reading = Client().get("/api/docs").content.decode()
    for place, methods in document()["paths"].items():
        for method in methods:
            assert f'href="/api/docs/try#{escape(method.upper())}-{place}"' in reading


@pytest.mark.parametrize("name", ViewerFiles.FILES)
def test_the_viewers_files_and_licences_are_served(db: None, name: str) -> None:
    """For a year under the name with a hash, which is the one that the page has."""
    assert Client().get(f"/static/swagger-ui/{name}").status_code == 200
    assert finders.find(f"swagger-ui/{name}")
    assert len(finders.find(f"swagger-ui/{name}", find_all=True)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "swagger-ui/oauth2-redirect.html",
        "swagger-ui/swagger-ui-standalone-preset.js",
        "swagger-ui/../redoc/bundles/redoc.standalone.js",
        "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js",
        "drf_spectacular_sidecar/swagger-ui-dist/oauth2-redirect.html",
    ],
)
def test_nothing_else_of_its_package_is_served(db: None, name: str) -> None:
    """Another viewer, and a page that signs in elsewhere, are nobody's business here."""
    assert Client().get(f"/static/{name}").status_code == 404
    assert not finders.find(name)
    assert finders.find(name, find_all=True) == []
