"""The city's accounts on the channels.

In: what an operator registers (a command, a list of accounts), what a platform says of
an account. Out: an opened connector (`connections.connected`), the rhythm of polls,
streams and gaps, files that residents sent, carriers of notifications. Tables: account,
usage, stream, gap, attachment.
"""
