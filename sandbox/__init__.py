"""A local stand-in for the platforms, written from their documentation.

Real HTTP, state in memory. It shares no code with the program that is tried against it.
"""
