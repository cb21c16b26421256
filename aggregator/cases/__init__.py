"""One problem: its offices, its clocks, who has it in hand, how it ends (T3).

In: acts of people (`claims`, `notes`, `tasks`, `closing`, `bulk`), the rules' reading
of a new case (`triage`), the passing of time (`deadlines`, `escalations`, `reminders`).
Out: a case opened for a reader (`casefile`), and lines in the audit trail. Tables:
case, assignment, note, case_pause, escalation, correction, reminder, bounce, handover,
bulk_act, case_reader, case_concern.
"""
