"""What is set of the business itself."""

from typing import Any, ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.kit.pictures import MOST_OF_PICTURE
from tandem.people.business import LONGEST_NAME
from tandem.web.forms.sheet import ActionForm, text


class FaceSheet(ActionForm):
    """The name and the logo that pages bear."""

    PLACES: ClassVar = {}

    name = text(
        gettext_lazy("Name"),
        required=False,
        longest=LONGEST_NAME,
        help_text=gettext_lazy("On top of each page, in letters and in calendars."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput(
            {
                "accept": "image/png,image/jpeg",
                "data-most": MOST_OF_PICTURE,
                "data-too-large": gettext_lazy("This picture is too large: at most 200 kB."),
            }
        ),
        help_text=gettext_lazy("A PNG or JPEG picture of at most 200 kB. Empty: it stays."),
        error_messages={
            "empty": gettext_lazy("The file is empty. Choose another."),
            "missing": gettext_lazy("No file came with the form. Choose it again."),
            "invalid": gettext_lazy("No file came with the form. Choose it again."),
        },
    )
    no_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)

    def __init__(self, *args: Any, has_logo: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_logo:
            del self.fields["no_logo"]
