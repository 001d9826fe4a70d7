"""Over the API, somebody signed in on the site is asked again where a page would ask."""

from tandem.people.guardians import create_guardian
from tandem.people.models import ApiToken, Guardian, Student
from tandem.people.requester import Requester
from tests.api.client import refusal, said
from tests.api.test_accounts import Signed
from tests.cast import NOW, Cast
from tests.web.test_asked_again import long_ago


def test_what_a_page_would_ask_before_is_refused(cast: Cast) -> None:
    """Nothing is made or erased; what only shows what would happen is answered."""
    oona = Signed(cast.owner)
    link = cast.ana.parent_link_token
    guardian = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Maria Ruiz"},
    )
    long_ago(oona.client)
    for path, body in (
        ("tokens", {"name": "Report"}),
        (f"students/{cast.ana.pk}/erase", {}),
        (f"students/{cast.ana.pk}/parent-link", None),
        (f"tutors/{cast.dev.pk}/erase", {}),
        (f"guardians/{guardian.pk}/link", None),
    ):
        refused = refusal(oona.post(path, body), 403, "forbidden")
        assert "Show on the site that it is you" in str(refused)
    assert not ApiToken.objects.exists()
    assert Student.objects.get(pk=cast.ana.pk).parent_link_token == link
    assert Guardian.objects.get().kept_link == guardian.kept_link
    said(oona.post(f"students/{cast.ana.pk}/erase", {"dryRun": True}))


def test_within_ten_minutes_of_signing_in_it_is_done(cast: Cast) -> None:
    """Signing in counts."""
    made = said(Signed(cast.owner).post("tokens", {"name": "Report"}), 201)
    assert made["key"].startswith("tdm_")
