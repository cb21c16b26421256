"""Clocks, calendars, the ladder of reminders, promised days; the moment is an argument.

In: what happened and when, the procedures of the day. Out: deadlines, and what is due.
"""
