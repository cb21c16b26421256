"""Pure decisions: no database, no network, no clock; time is an argument."""
