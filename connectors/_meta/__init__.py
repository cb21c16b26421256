"""What Meta's channels have in common: the graph, pages, private messages."""
