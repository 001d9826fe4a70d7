"""Which column says what about whom, and how long it is kept. A test holds it against the tables.

Whoever adds a column classes it here: an export then tells it to whom it is about, or does not.
"""

from collections.abc import Mapping

from tandem.insights.personal_data.classes import TableClass
from tandem.insights.personal_data.of_lessons import OF_LESSONS
from tandem.insights.personal_data.of_people import OF_PEOPLE

TABLES: Mapping[str, TableClass] = {**OF_PEOPLE, **OF_LESSONS}
"""Every table of Tandem's, with each of its columns."""
