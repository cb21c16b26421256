"""Pages of many cases: the queue, saved views, boards, chronic spots, exports."""
