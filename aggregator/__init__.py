"""Sahut: one queue for everything residents say to a city."""


class PlainError(Exception):
    """An error in plain words: what happened, to which thing, and what to do next.

    Whoever meets it is shown its text and nothing else; a secret never stands in it.
    """
