"""Static files, from where the package lies: their addresses tell what they hold.

A hash of the content stands in each name, so a browser may keep a file for a year and still gets
the new one after an update. Nothing is collected into a folder first, so no step can be forgotten.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from whitenoise.middleware import WhiteNoiseMiddleware

HASH_LENGTH = 12


class HashedNames(StaticFilesStorage):
    """Where templates get the addresses of static files from."""

    def url(self, name: str | None) -> str:
        """Return the address of a file; with a hash in it, if there is such a file."""
        return super().url(_with_hash(name) if name else name)


class ViewerFiles(finders.BaseFinder):
    """Finds the files of Swagger UI that the page ``/api/docs/try`` needs, and their licences.

    Their package has more: another viewer, and a page for signing in elsewhere. Nobody gets those.
    """

    PREFIX = "swagger-ui"
    FILES = (
        "swagger-ui-bundle.js",
        "swagger-ui-bundle.js.LICENSE.txt",
        "swagger-ui.css",
        "LICENSE",
    )

    def __init__(self) -> None:
        lies = files("drf_spectacular_sidecar") / "static" / "drf_spectacular_sidecar"
        self.storage = FileSystemStorage(location=str(lies / "swagger-ui-dist"))
        self.storage.prefix = self.PREFIX  # type: ignore[attr-defined] # as Django's own finders do

    def find(
        self,
        path: str,
        find_all: bool = False,  # noqa: FBT001, FBT002 - as Django's own finders have it
        **_kwargs: Any,
    ) -> Any:
        """Return where a file lies, in a list to who asks for all; an empty list if nowhere."""
        folder, _, name = path.rpartition("/")
        known = folder == self.PREFIX and name in self.FILES
        found = [self.storage.path(name)] if known else []
        return found if find_all or not found else found[0]

    def list(self, _ignored: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield each file's name, and the storage that has it."""
        return ((name, self.storage) for name in self.FILES)


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # it ships no types
    """Middleware: serves each file under its own name and the one with a hash, compressed."""

    FOREVER = 365 * 24 * 3600
    """Seconds for which a file with a hash in its name is kept."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Note a file under both names."""
        super().add_file_to_dictionary(url, path, stat_cache)
        super().add_file_to_dictionary(hashed(url, path), path, stat_cache)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Answer with a file; a part of one (Range) is a part of what is not compressed."""
        if "HTTP_RANGE" in request.META:
            return _whole(request, static_file)
        return _compressed(request, static_file)


def _whole(request: HttpRequest, static_file: Any) -> HttpResponse:
    answer: HttpResponse = WhiteNoiseMiddleware.serve(static_file, request)
    return answer


_compressed = gzip_page(_whole)


@cache
def _with_hash(name: str) -> str:
    """Return the name that is served, looked up once: templates ask with every page."""
    path = finders.find(name)
    return hashed(name, path) if path else name


@cache
def hashed(name: str, path: str) -> str:
    """Return a file's name, or address, with a hash of what ``path`` holds before its suffix."""
    digest = sha256(Path(path).read_bytes()).hexdigest()[:HASH_LENGTH]
    old = PurePosixPath(name)
    return str(old.with_name(f"{old.stem}.{digest}{old.suffix}"))
