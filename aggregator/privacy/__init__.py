"""What is personal, for how long it is kept, and how it goes (UU 27/2022).

In: what residents take back on the platforms (`erasure`, by the worker), what somebody
asks for (`people`), the time that has passed (`retention`). `columns` says of every
column of every table what happens to it; `breaches` keeps the register of breaches and
its clock. Out: rows and files without what was said, with a record that proves it.
Tables: erasure, breach.
"""
