"""Where: the place names in a text, by the gazetteer it is given.

In: a text and a `Gazetteer`. Out: places with their spans, wards and districts.
"""
