"""Both applications write at random, several at a time, and are looked at whenever all have committed.

The old application's writers are at every isolation level; connections are killed in mid transaction.
What Tandem does counts from today or from a later day. Meanwhile the upgrade is rolled back, expanded
and backfilled anew; in many rounds the backfill stops after some batches, or is killed, and all go on
writing in a database that is half moved, for one round or several, until a backfill goes on. Now and
then Tandem forgets everything in between, so that it is a first move again and not a return.

At each look the old application tidies up, whoever comes next takes what is noted, and the day is
turned for whom it is time, as `serve` and every command do. Then this must hold, and now and then it
must hold as of a later day, too.

**Wholly moved** (phase ``backfilled``): the oracle finds no difference and no note; ``verify`` finds
none.

**Half moved** (phase ``expanded``):

1. A student whom Tandem has is in step with all that is theirs: person, primary tutor, sessions,
   connections, parents, as if wholly moved. Only after a rollback two kinds of rows may differ: what
   the old application wrote while Tandem was alone, and has yet to be heard, with all that is of a
   student whom it deleted then; and what Tandem made then, and the old side has yet to be shown.
   A session that names a connection which has yet to be heard waits for that one.
2. A student whom Tandem lacks lies beyond the cursor: a batch is to come. Tandem holds nothing of
   theirs but rows that they were given by a student whom it has (3).
3. What is kept for later: a note is left of each row that the old application gave from a student
   whom Tandem has to one it lacks, unless that is yet to be heard, and of no other row. Until then
   the row stands in Tandem with its former student.
4. ``verify`` and ``switch`` refuse, and say that the backfill has not ended.

**At every moment**, by a journal that triggers of the drill's own keep on the old tables:

5. Nothing of a student whom Tandem lacks is written on the old side but by the old application.
6. What the old application wrote itself of a student's name, year and parent, of a session's student,
   hours and texts, nobody changes there but itself and somebody's deed in Tandem: no trigger in the old
   application's transactions, and no command. So nothing of it is taken back by what Tandem remembers.

**In the end** the backfill goes on, and the database is looked at as one that is wholly moved.
"""
