"""Transactions of a catalogue, stepped through in every order that matters, as PostgreSQL's own
isolation tests do it.

``catalogue`` says what each transaction does; ``footprints`` finds which tables its steps read and
write; ``scheduler`` yields the orders in which that makes a difference; ``stepper`` runs one on
real connections; ``oracle`` looks at both sides afterwards, and shares no code with ``verify``.
"""
