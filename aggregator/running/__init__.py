"""The program as it runs: worker, pages in several processes, upkeep, the
demonstration.

In: settings. Out: a running service (`service`), its ticks (`worker`), a database that
is kept, saved and restored (`upkeep`), what is wrong with it (`doctor`). No tables.
"""
