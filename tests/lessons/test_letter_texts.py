"""What a business says in its letters itself, and what it may not write there."""

import pytest

from tandem.kit.errors import ForbiddenError, InvalidError
from tandem.lessons.letter_texts import own_text, write_text
from tandem.lessons.outbox import LetterText
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked, user
from tests.lessons.post import a_guardian, letters


def written(cast: Cast, **parts: str) -> LetterText:
    given = {"kind": "changes", "language": "en", **parts}
    return write_text(requester=Requester(cast.owner, NOW), **given)


def test_a_letter_says_what_the_business_wrote(cast: Cast) -> None:
    """Names stand where they are asked for; what is told of lessons is Tandem's as before."""
    a_guardian(cast, language="en")
    written(
        cast,
        subject="News of {names}",
        intro="Here is what is new for {names} & co.\n<b>Read it.</b>",
        closing="Call us on 020 7946 0000.",
    )
    booked(cast.ben_ana, at(10, 16))
    (letter,) = letters()
    assert letter.subject == "News of Ana"
    assert "Here is what is new for Ana & co.\n<b>Read it.</b>" in letter.body
    assert "with Ben" in letter.body
    assert letter.body.index("020 7946") < letter.body.index("To be told less")
    html = str(letter.alternatives[0][0])
    assert "Ana &amp; co.<br>&lt;b&gt;Read it.&lt;/b&gt;" in html
    assert "<p>Call us on 020 7946 0000.</p>" in html


def test_what_is_empty_is_in_tandems_words(cast: Cast) -> None:
    """So is every other kind, and every other language."""
    a_guardian(cast, language="de")
    written(cast, subject="News of {names}")
    booked(cast.ben_ana, at(10, 16))
    (letter,) = letters()
    assert letter.subject == "Geänderte Stunden: Ana"
    written(cast, subject="")
    assert own_text("changes", "en").subject == ""
    assert LetterText.objects.count() == 1


@pytest.mark.parametrize("text", ["{name}", "{names.__class__}", "{", "a } b", "{names!r}"])
@pytest.mark.parametrize("part", ["subject", "intro", "closing"])
def test_other_braces_are_refused(cast: Cast, part: str, text: str) -> None:
    with pytest.raises(InvalidError, match="Between braces only") as refused:
        written(cast, **{part: text})
    assert [error.field for error in refused.value.errors] == [part]
    assert not LetterText.objects.exists()


def test_what_there_is_not_is_refused(cast: Cast) -> None:
    with pytest.raises(InvalidError, match="no letters of this kind"):
        written(cast, kind="gossip")
    with pytest.raises(InvalidError, match="no letters in this language"):
        written(cast, language="fr")


def test_owners_alone_write_them(cast: Cast) -> None:
    with pytest.raises(ForbiddenError):
        write_text(
            requester=Requester(user(cast.ben), NOW), kind="changes", language="en", subject="x"
        )
    assert not LetterText.objects.exists()
