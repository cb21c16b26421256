"""Alembic migrations; run by `sahut db upgrade`."""
