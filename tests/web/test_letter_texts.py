"""Owners write what letters say on a page: nobody's words are lost, and what is shown is sent."""

from django.test import Client

from tandem.lessons.letter_texts import own_text
from tests.cast import Cast, at, booked
from tests.lessons.post import a_guardian, letters
from tests.web.reading import words
from tests.web.sending import fields, sent

PATH = "/notices/changes/en"


def test_two_owners_at_once_lose_no_words(oona: Client, cast: Cast) -> None:
    """Nor where nothing was written before: who comes second is shown what the first wrote."""
    for text in ("First", "Again"):
        mine, theirs = fields(oona.get(PATH)), fields(oona.get(PATH))
        before = own_text("changes", "en").closing
        sent(oona, PATH, {**theirs, "subject": text})
        refused = oona.post(PATH, {**mine, "subject": "Second", "closing": "Call us."})
        assert refused.status_code in {409, 412}
        assert text in words(refused)
        assert own_text("changes", "en").subject == text
        assert own_text("changes", "en").closing == before
        after = sent(oona, PATH, {**fields(refused), "subject": "Second"})
        assert "Saved." in words(after)


def test_any_script_is_shown_and_sent_as_it_was_written(oona: Client, cast: Cast) -> None:
    """Right-to-left, several lines, a subject in two lines, signs of HTML, one long word."""
    a_guardian(cast, language="en")
    given = {
        "subject": "שלום {names}\r\nBcc: all@evil.example",
        "intro": "שלום\r\n<script>alert(1)</script> & {names}",
        "closing": "ה" * 1500,
    }
    after = sent(oona, PATH, {**fields(oona.get(PATH)), **given})
    html = after.content.decode()
    assert "<script>alert(1)" not in html
    assert '<h3 dir="auto">' in html
    booked(cast.ben_ana, at(10, 16))
    (letter,) = letters()
    assert letter.subject == "שלום Ana Bcc: all@evil.example"
    assert letter.bcc == []
    assert "<script>alert(1)</script> & Ana" in letter.body
    assert given["closing"] in letter.body
    assert "&lt;script&gt;" in str(letter.alternatives[0][0])


def test_what_nobody_can_see_is_nothing(oona: Client, cast: Cast) -> None:
    """A subject of signs that are blank on every screen is Tandem's own."""
    sent(oona, PATH, {**fields(oona.get(PATH)), "subject": "\u200b\u2800", "intro": "\u200b"})
    written = own_text("changes", "en")
    assert (written.subject, written.intro) == ("", "")
