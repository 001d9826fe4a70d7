"""The form that brings a file along, and carries it from the look to the deed."""

import binascii
import zlib
from base64 import b64decode, b64encode
from typing import Any, ClassVar

from django import forms

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.imports.table import MOST_BYTES
from tandem.web.forms.sheet import ActionForm

TOO_LARGE = gettext_lazy("The file is too large: at most 10 MB. Divide it into several.")


def packed(content: bytes) -> str:
    """Return a file as a hidden field carries it."""
    return b64encode(zlib.compress(content)).decode()


def unpacked(text: str) -> bytes:
    """Return what ``packed`` made a text of, never more than is taken of a file; b'' of another."""
    try:
        opened = zlib.decompressobj().decompress(b64decode(text, validate=True), MOST_BYTES + 1)
    except (ValueError, binascii.Error, zlib.error):
        return b""
    return opened


class ImportSheet(ActionForm):
    """A file that is chosen, or the one that was looked at."""

    PLACES: ClassVar = {"text": "file", "leave_out": "file"}

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.FileInput(
            {
                "accept": ".csv,.tsv,.txt,text/csv",
                "data-most": MOST_BYTES,
                "data-too-large": TOO_LARGE,
            }
        ),
        help_text=gettext_lazy("A CSV file, with the names of the columns in its first line."),
        error_messages={
            "empty": gettext_lazy("The file is empty. Choose another."),
            "missing": gettext_lazy("No file came with the form. Choose it again."),
            "invalid": gettext_lazy("No file came with the form. Choose it again."),
        },
    )
    carried = forms.CharField(widget=forms.HiddenInput, required=False)
    called = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    leave_out = forms.BooleanField(widget=forms.HiddenInput, required=False)

    content = b""
    """What the file holds."""

    def clean(self) -> dict[str, Any]:
        """Take the file that was chosen, else the one that was looked at."""
        typed = super().clean() or {}
        file = typed.get("file")
        if file:
            self.content, typed["called"] = file.read(MOST_BYTES + 1), str(file.name)[:300]
        else:
            self.content = unpacked(typed.get("carried", ""))
        if not self.content and "file" not in self.errors:
            self.add_error("file", _("Choose a file."))
        return typed
