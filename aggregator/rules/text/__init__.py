"""Words: one canonical form, stems, language, personal data, likeness of two texts.

In: a text and word lists. Out: tokens, matches, spans. Knows nothing of cities.
"""
