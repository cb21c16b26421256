"""Sahut: one queue for everything residents say to a city."""
