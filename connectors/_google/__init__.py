"""What Google's interfaces have in common: signing in, business locations."""
