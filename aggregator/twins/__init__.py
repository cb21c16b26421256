"""One problem, one case: finding what was said before, joining it, taking it back.

In: a message that was read. Out: the case it belongs to or may belong to (`search`,
`suggestions`), joins and splits (`joining`), incidents of many cases (`incidents`),
spots that break again and again (`chronic`), pictures seen before (`photos`). Tables:
word_count, message_traits, suggestion, case_link, incident, incident_case, photo_hash,
photo_band.
"""
