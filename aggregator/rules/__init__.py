"""Pure decisions: no database, no network, no file, no clock.

Words, tables and the moment are arguments. `reports` decides what a message is about
and stands on `text`, `places` and `time`, which know nothing of each other.
"""
