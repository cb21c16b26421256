"""Words of the pages about access: settings, preferences, ways to sign in."""

from __future__ import annotations

from aggregator.web.words.i18n import N_

OPTION_GROUPS = {
    N_("Work"): ("claim_minutes", "silent_hours"),
    N_("How people are told"): ("notify_telegram", "notify_email"),
    N_("Signing in"): (
        "code_roles",
        "session_days",
        "session_idle_hours",
        "device_days",
        "invite_days",
    ),
}
OPTION = {
    "claim_minutes": N_("A claim ends after"),
    "silent_hours": N_("An account is silent too long after"),
    "notify_telegram": N_("Bot that writes to people"),
    "notify_email": N_("Mailbox that writes to people"),
    "code_roles": N_("Roles that must have a second step"),
    "session_days": N_("People stay signed in for"),
    "session_idle_hours": N_("A session nobody uses ends after"),
    "device_days": N_("A device is remembered for"),
    "invite_days": N_("An invitation is good for"),
}
MEANS = {
    "claim_minutes": N_(
        "When nothing happens to a claimed case for so long, it goes back to the queue."
    ),
    "silent_hours": N_(
        "When an account could not be read for so long, Account health warns. Telegram"
        " forgets messages after 24 hours."
    ),
    "notify_telegram": N_(
        "This account carries deadlines, mentions and emergencies by Telegram."
    ),
    "notify_email": N_(
        "This account carries deadlines, mentions and emergencies by mail."
    ),
    "code_roles": N_(
        "Besides the password they need six digits of their phone. Who has none yet"
        " sees nothing but the page that switches it on."
    ),
    "session_days": N_(
        "Then everybody signs in again; what they were writing is kept. It holds from"
        " the next time somebody signs in."
    ),
    "session_idle_hours": N_(
        "A page that stays open is no use: somebody has to do something on it."
    ),
    "device_days": N_(
        "A remembered device is not asked for the code. With 0 none is remembered."
    ),
    "invite_days": N_("After that the link of an invitation or a reset opens nothing."),
}
UNIT = {
    "claim_minutes": N_("minutes"),
    "silent_hours": N_("hours"),
    "session_days": N_("days"),
    "session_idle_hours": N_("hours"),
    "device_days": N_("days"),
    "invite_days": N_("days"),
}
THEME = {"": N_("As the device is set"), "light": N_("Light"), "dark": N_("Dark")}
NEWS = {
    "escalation": N_("A case is past its deadline"),
    "digest": N_("Several cases are past their deadline"),
    "mention": N_("A colleague mentions me"),
    "reminder": N_("A promise is due today"),
    "claim": N_("Somebody takes over my case"),
    "language": N_("An answer in a language I speak is needed"),
    "handover": N_("A shift is handed over"),
    "waived": N_("Another office ends my office's part in a case"),
    "help_asked": N_("Another office asks for help with an answer"),
    "help_proposed": N_("Another office proposes an answer to my case"),
    "help_used": N_("A proposal of mine was used"),
    "incident_proposed": N_("An incident is proposed"),
    "incident_taken": N_("My incident is taken over"),
    "account": N_("The login of an account ends soon"),
}
REASON = {
    "bad_item": N_("Something in it is missing or not as the platform describes it."),
    "nothing a resident said": N_("Nothing in it was said by a resident."),
    "automatic_auto_reply": N_("An automatic answer, as of somebody who is away."),
    "automatic_bounce": N_("A mail server tells that a mail did not arrive."),
    "automatic_calendar_reply": N_("A calendar accepts or declines an invitation."),
    "automatic_challenge": N_("A program asks who wrote to somebody to prove it."),
    "automatic_generated": N_("A program wrote it and says so."),
    "automatic_list": N_("It came through a mailing list."),
    "automatic_newsletter": N_("A newsletter, or something else sent to many."),
    "automatic_receipt": N_("A receipt: somebody read or deleted a mail."),
    "automatic_server_report": N_("Mail servers report to each other."),
    "history": N_("It was written before this account was read."),
    "gone": N_("It was removed before it could be read."),
    "try_later": N_("The platform did not give it, however often it was asked."),
    "KeyError": N_(
        "The program misses a field in it: the platform may have changed its form."
    ),
    "ValueError": N_("A value in it cannot be understood by the program."),
    "TypeError": N_("A value in it is of another sort than the program expects."),
    "IntegrityError": N_("It contradicts what is stored already."),
    "OperationalError": N_("The database was busy or full; another try may be enough."),
}
ANY_REASON = N_(
    "The program could not read it. Whoever develops Sahut needs the line below."
)
POSITION = {
    "kepala_opd": N_("Head of the office"),
    "sekda": N_("City secretary"),
    "wali_kota": N_("Mayor"),
}
