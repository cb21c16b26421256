"""Measuring and training on recorded data; nothing here runs in a city's daily work.

In: a folder of recorded data, or made-up texts (`specimens`). Out: figures
(`evaluate_texts`, `evaluate_duplicates`, `evaluate_places`) and the weights that
`training` writes. No tables.
"""
