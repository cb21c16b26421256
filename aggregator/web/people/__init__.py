"""Pages about people: signing in, security, preferences, shifts, notifications."""
