"""The whole mapping in order: working tables first, then the rows of each table of Tandem."""

from tandem.upgrade.mapping import people, relationships, sessions, subjects, unlinked
from tandem.upgrade.mapping.terms import Facts, Rows, Step


def working_steps(facts: Facts) -> list[Step]:
    """Return the steps that make the working tables; each may use those before it."""
    return [
        subjects.subject_step(facts),
        *relationships.pairing_steps(facts),
        sessions.fault_step(facts),
    ]


def new_rows(facts: Facts) -> list[Rows]:
    """Return the rows of every table that the mapping fills, those referred to first."""
    return [
        people.tutors(facts),
        people.students(facts),
        people.parents(facts),
        people.subscriptions(facts),
        subjects.subjects(facts),
        subjects.tutor_subjects(facts),
        relationships.relationships(facts),
        relationships.events(facts),
        sessions.sessions(facts),
        unlinked.unlinked_rows(facts),
    ]
