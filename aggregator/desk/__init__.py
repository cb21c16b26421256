"""Reading for pages: lists, one case, figures. Nothing here writes but a saved view.

In: a viewer and a filter (`filters`). Out: rows of the queue (`queue`, `rows`), all
that a case's page shows (`casepage`, `parts`, `relations`, `trail`), what changed since
a look (`changes`), figures of offices (`figures`). Tables: saved_view.
"""
