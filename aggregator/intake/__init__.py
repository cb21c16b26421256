"""From a platform to a case (T1 and T2).

In: pages of a poll (`polling`), deliveries (`ingest.receive`), what a person writes
down (`entries`). Out: messages in their cases (`ingest.process`, `threads`); what
cannot be read is set aside and can be replayed (`set_aside`). Tables: raw_event,
message, message_account, message_event, message_version.
"""
