"""What keeps both schemas in step: views of both sides in one form, functions, and triggers.

Two views stand for each table. ``tandem_sync.student`` is what the old side says, in the mapping's
names; ``tandem_sync.shown_student`` is what it should say, made from Tandem's rows. The functions
``take_…`` bring Tandem up to what the old side says, the functions ``show_…`` bring the old side up
to what Tandem shows. Both act only where the two differ, so that neither can set off the other
without end.
"""
