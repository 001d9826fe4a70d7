"""What keeps both schemas in step: views of both sides in one form, functions, and triggers.

Two views stand for each table. ``tandem_sync.student`` is what the old side says, in the mapping's
names; ``tandem_sync.shown_student`` is what it should say, made from Tandem's rows. The functions
``take_…`` bring Tandem up to what the old side says, the functions ``show_…`` bring the old side up
to what Tandem shows. Neither sets off the other without end, for two reasons: both act only where
the two differ; and while a write of the old side is followed, ``tandem.quiet`` keeps Tandem's
triggers from being queued (PostgreSQL asks a deferred trigger's WHEN when the row is written, not
at the commit).

The two ways, by the example of a student and of a session::

    in:  student_update → follow_statement → follow (locks) → take_rows → take_students
         → transfer_students …; at the commit retry_at_commit → retry_missed → lock_noted
         → take_noted → take_rows …
    out: lessons_session_shown → show_session → before_showing → UPDATE where not the same

In which order the files are read best stands in ``docs/concepts/architecture.md``; why they are so,
in decisions 9, 121, 135, 162 and 180. ``tandem upgrade plan`` prints every function as it is made.

``#variable_conflict use_column`` stands in every function in PL/pgSQL that reads or writes rows: a
name that is a variable's and a column's is the column, where PostgreSQL would refuse it as ambiguous.

Settings
========

Each lasts for a transaction at most (``set_config(…, true)``), but for those of a backfill's own
connection. Where nothing is said, ``on`` says that it is so.

==================== ================================== ==========================================
setting              set by                             means
==================== ================================== ==========================================
tandem.quiet         a write that is followed, notes    the triggers of Tandem's tables pass over
                     that are taken, days that turn;    the rows that are written now: they show,
                     a replacement, some migrations;    judge and record nothing
                     a backfill's connection
tandem.later         ``follow_statement``; ``off``      what is to be shown is only noted, in
                     while notes are taken, days turn,  ``to_show``, until the commit
                     or what waits is shown
tandem.showing       ``outbound_triggers.sql``,         Tandem writes the old tables: those that
                     ``turn_days``, ``show_brought``    can only be read let it; it is not noted
                                                        for later; it is not the old side's word
tandem.hearing       ``live/catch_up.py``, before it    what is written now on the old side is not
                     takes rows (``unheard.HEAR``)      its own word: see ``is_spoken``
tandem.taking_notes  ``take_noted``                     what is noted of a student is not forgotten
                                                        on the way: who takes the notes does it
tandem.at_commit     the first row of a transaction:    the trigger for its commit is queued
                     ``queued``
tandem.waited        ``COUNT_WAIT`` in ``waiting.py``   milliseconds that this transaction has
                                                        waited
tandem.imports       ``live/many_sessions.py``, for a   sessions that are written have no lines of
                     backfill's connection              history: they are imported
tandem.erasing       who removes or rewrites lines of   ``yes``: they may be deleted, and the values
                     history; Tandem's erasures too     of a change emptied
tandem.untold        ``rename_in_session_events``;      nobody is told by letter of the lines of
                     ``lessons/outbox.py``              sessions that are written now
tandem.primary_since ``connections.sql``;               a date: from when on a relationship is
                     ``relationships/events.py``        primary that gets the mark now, not today
tandem.renaming      ``rename_in_records``              ``yes``: a person's key may change in the
                                                        records of changes
==================== ================================== ==========================================

Lists
=====

========================== ==================================== ===================================
list                       filled by                            emptied by
========================== ==================================== ===================================
missed                     ``note``: what could not be followed ``take_noted`` and
                           at once; ``note_show``: what is to   ``take_noted_owners``,
                           be shown                             ``forget_notes_of_students``,
                                                                ``forget_show``; of rows that
                                                                cannot be named the backfill
to_show                    ``note_show``                        ``forget_show``
renamed                    ``note_renamed``                     ``follow_rename``
shown_until                ``arrange_shown``                    ``arrange_shown``, where nothing
                                                                lies ahead any more
unheard                    ``expand`` and the backfill of a     ``hear``; that backfill; of ``*``
                           return; the row ``*`` also           that ``expand``
                           ``rollback``
unknown_tutor              ``list_unknown_tutors``; the         ``take_sessions_that_name``;
                           backfill's batches; ``expand``       ``drop_sessions``
upgrade_unshownrow         a trigger while Tandem is alone      who shows the row
                           (``unshown.py``), the first          (``outbound.sql``); the backfill
                           ``expand``, ``rollback``             of the return, all
upgrade_gonefromoldside    ``mark_gone``                        ``take_…`` of a row that is back,
                                                                ``show_missing_tutor``,
                                                                ``drop_student``, ``drop_tutor``
upgrade_unlinkedlegacyrow  ``list_unlinked``; the backfill's    ``take_…`` and ``drop_…`` of the
                           batches                              row, ``unlist_to_come``; an
                                                                erasure. One that somebody decided
                                                                about stays, and says so
========================== ==================================== ===================================
"""
