"""What is said to residents, and what became of it.

In: a person's text for a case (`replies`), for many reporters (`notices`,
`broadcasts`), for a colleague's case (`help_requests`), texts to choose from
(`library`). Out: replies that the outbox sends (`outbox`, T4) and deliveries that
platforms report (`deliveries`). Tables: reply, delivery, draft, help_request,
library_entry, presence, notice, notice_recipient.
"""
