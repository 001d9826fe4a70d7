"""Bringing people in from a spreadsheet: read, looked at, done at one go, undone at one go.

``table`` reads a file, ``headings`` knows its columns, ``cells`` single cells; ``student_rows`` and
``tutor_rows`` say what is wrong with a row by itself, ``students`` and ``tutors`` what becomes of
it here. ``bring_in`` does it, ``undo_import`` takes it back.
"""
