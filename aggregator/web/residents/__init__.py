"""Pages without signing in: the form, the status of a report, webhooks, help."""
