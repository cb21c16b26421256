"""Pages of who runs the installation: settings, health, what is set aside, the
trail."""
