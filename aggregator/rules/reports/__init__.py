"""What a message is about, who must act, and whether it was said before.

In: a text, the words and tables of the city. Out: class, kinds, urgency, owners
(`understand`), what is missing (`gaps`), whether two texts are one problem
(`duplicates`), whether answers contradict each other (`contradiction`).
"""
