"""Measurements: `make bench`. Figures are printed, never asserted; ratios come from one
run."""
