"""The servers that ``bench http`` measures, what they are filled with, and what asks them."""
