"""Tandem: a tutoring platform where a student may learn from several tutors."""

__version__ = "0.1.0"
