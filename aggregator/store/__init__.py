"""The bottom: the database, its tables, settings, secrets, the trail of acts.

In: settings from the environment. Out: transactions (`db.Database`), tables (`tables/`,
one file a room), sealed secrets (`vault`), lines of the trail (`audit.record`).
Tables: audit_entry, setting, brake, worker_beat.
"""
