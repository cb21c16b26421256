"""the newest messages of a key stand in its row"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BATCH = 1_000
_NEWEST = 32
_OLD = sa.text(
    "SELECT key, message_id FROM word_key ORDER BY key, message_id"
).execution_options(yield_per=_BATCH)
_KEEP = sa.text(
    "INSERT INTO word_count (key, n, recent) VALUES (:key, 0, :recent)"
    " ON CONFLICT (key) DO UPDATE SET recent = excluded.recent"
)


def upgrade() -> None:
    op.add_column("word_count", sa.Column("recent", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(_OLD)
    waiting = []
    for key, found in groupby(rows, key=itemgetter(0)):
        waiting.append({"key": key, "recent": _packed(row[1] for row in found)})
        if len(waiting) == _BATCH:
            connection.execute(_KEEP, waiting)
            waiting = []
    if waiting:
        connection.execute(_KEEP, waiting)
    op.drop_table("word_key")


def _packed(message_ids: Iterable[int]) -> bytes:
    newest = list(message_ids)[-_NEWEST:]
    return struct.pack(f"<{len(newest)}I", *newest)
