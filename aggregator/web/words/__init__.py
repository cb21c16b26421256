"""What codes mean in words, and times as people say them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel.dates import format_datetime

from aggregator.rules.time.calendar import WIB as WIB
from aggregator.web.words.i18n import N_

Translate = Callable[[str], str]

STATUS = {
    "new": N_("New"),
    "answered": N_("Answered"),
    "closed": N_("Closed"),
    "joined": N_("Joined"),
}
REPLY_STATE = {
    "queued": N_("Waiting to be sent"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
    "refused": N_("Refused by the platform"),
    "try_later": N_("Will be tried again"),
    "unknown": N_("Not known whether it arrived"),
    "cancelled": N_("Withdrawn"),
}
DELIVERY = {
    "sent": N_("Taken by the platform"),
    "delivered": N_("Delivered"),
    "read": N_("Read"),
    "failed": N_("Not delivered"),
}
CHANNEL = {
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "feed": N_("News and blogs"),
    "google_reviews": N_("Google reviews"),
    "imap": N_("E-mail"),
    "instagram": "Instagram",
    "lapor": "SP4N-LAPOR!",
    "manual": N_("Written down"),
    "mastodon": "Mastodon",
    "messenger": "Messenger",
    "sibadra": "SiBadra",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    "webform": N_("Web form"),
    "whatsapp": "WhatsApp",
    "x": "X",
    "youtube": "YouTube",
}
ICONS = frozenset(CHANNEL)
"""Channels with an icon of their own; others are shown as a message."""
KIND = {
    "opd": N_("City offices"),
    "bumd": N_("City companies"),
    "kecamatan": N_("Districts"),
    "kelurahan": N_("Wards"),
    "puskesmas": N_("Health centres"),
}
VIA = {
    "112": N_("Call centre 112"),
    "phone": N_("Telephone"),
    "visit": N_("At the desk"),
    "whatsapp": N_("WhatsApp or another chat"),
    "letter": N_("Letter"),
    "radio": N_("Radio"),
    "other": N_("Another way"),
}
TRIED = {
    "call": N_(
        "Called, and nobody could take the call: write to them, they are waiting"
    ),
    "sealed_chat": N_(
        "Wrote in X Chat, which only the app on a phone can read: open it there, or ask"
        " them to write elsewhere"
    ),
}
"""What somebody did who said nothing that can be read here."""
ROLE = {"lead": N_("Lead"), "help": N_("Helps")}
ACCOUNT_STATUS = {
    "active": N_("Active"),
    "paused": N_("Paused"),
    "needs_login": N_("Needs a new login"),
    "by_mail": N_("Known by its notification mails"),
}
PERSON_ROLE = {
    "admin": N_("Administrator"),
    "verifikator": N_("Verifier"),
    "koordinator": N_("Coordinator"),
    "juru_bicara": N_("Spokesperson"),
    "pimpinan": N_("Leader (reads)"),
}
PERSON_STATUS = {
    "invited": N_("Invited"),
    "active": N_("Active"),
    "disabled": N_("Disabled"),
}
RAW_STATUS = {
    "failed": N_("Set aside"),
    "ignored": N_("Nothing in it"),
    "new": N_("Waiting"),
    "fetch": N_("Is being fetched"),
    "done": N_("Processed"),
}
AUDIT = {
    "invited": N_("Person invited"),
    "joined": N_("Invitation accepted"),
    "disabled": N_("Person disabled"),
    "reset": N_("Access reset"),
    "role_changed": N_("Role changed"),
    "person_corrected": N_("Name or office of a person changed"),
    "languages_set": N_("Languages of a person set"),
    "position_set": N_("Position of a person set"),
    "reach_set": N_("Ways to reach a person set"),
    "second_step_on": N_("Second step switched on"),
    "second_step_off": N_("Second step switched off"),
    "recovery_code_used": N_("Recovery code used"),
    "recovery_codes_renewed": N_("Recovery codes renewed"),
    "device_remembered": N_("Device remembered"),
    "device_forgotten": N_("Device forgotten"),
    "locked_out": N_("Too many tries to sign in"),
    "password_changed": N_("Password changed"),
    "signed_out_everywhere": N_("Signed out everywhere"),
    "session_ended": N_("A session ended from another one"),
    "other_sessions_ended": N_("All other sessions ended"),
    "passkey_added": N_("Passkey added"),
    "passkey_removed": N_("Passkey removed"),
    "proved": N_("Showed again who they are"),
    "setting_changed": N_("Setting changed"),
    "setting_forgotten": N_("Setting back to its default"),
    "exported": N_("List downloaded"),
    "replayed": N_("Raw event processed again"),
    "admitted": N_("Automatic mail taken in as a report"),
    "case_opened": N_("Case opened"),
    "history_filed": N_("Filed as history"),
    "history_imported": N_("History of an account taken in"),
    "message_joined": N_("New message joined"),
    "repeat_joined": N_("Repeated post joined"),
    "message_edited": N_("Message edited by its sender"),
    "message_deleted": N_("Message deleted by its sender"),
    "message_completed": N_("Read in full on the platform"),
    "message_extended": N_("Picture added by its sender"),
    "reopened": N_("Reopened"),
    "claimed": N_("Claimed"),
    "released": N_("Released"),
    "claim_expired": N_("Claim ended because nothing happened"),
    "noted": N_("Note written"),
    "replied": N_("Answer written"),
    "answered_there": N_("Answered on the platform, by hand"),
    "settled": N_("Outcome of an answer settled"),
    "cancelled_reply": N_("Answer withdrawn"),
    "assigned": N_("Assigned"),
    "closed": N_("Closed"),
    "bounced": N_("Passed on: not ours"),
    "accepted": N_("Taken in hand by an office"),
    "referred": N_("Body outside the city named"),
    "reader_added": N_("Reader named"),
    "reader_removed": N_("Reader taken off"),
    "glass_broken": N_("Opened in an emergency"),
    "first_reader": N_("Named first reader of confidential cases"),
    "no_first_reader": N_("First reader of confidential cases no more"),
    "withdrawn": N_("Taken away: the case is secret"),
    "breach_added": N_("Breach of personal data written down"),
    "breach_told": N_("Breach told to those concerned"),
    "breach_closed": N_("Breach closed"),
    "resident_exported": N_("Data of a resident handed out"),
    "resident_erased": N_("Data of a resident erased"),
    "retention_warned": N_("Warned that a period of keeping ends"),
    "shift_removed": N_("Shift removed"),
    "absence_ended": N_("Absence ended"),
    "classified": N_("Class or kind confirmed"),
    "is_emergency": N_("Said to be an emergency"),
    "no_emergency": N_("Said to be no emergency"),
    "told_112": N_("112 was told"),
    "escalated": N_("Told because it is late"),
    "not_the_same": N_("Marked as not the same"),
    "perhaps_the_same": N_("Mark “not the same” taken back"),
    "pause_ended": N_("Waiting ended"),
    "revealed": N_("Personal data shown"),
    "taken_over": N_("Taken over"),
    "task_done": N_("Task of an office done"),
    "task_waived": N_("Task of an office waived"),
    "waits": N_("Waiting began"),
    "help_asked": N_("Another office asked to help answer"),
    "help_ended": N_("Help no longer asked for"),
    "help_proposed": N_("Answer proposed by another office"),
    "help_used": N_("Proposal of another office used"),
    "approval_asked": N_("Approval asked for"),
    "draft_approved": N_("Draft of an answer approved"),
    "draft_returned": N_("Draft of an answer returned"),
    "cases_joined": N_("Joined with another case"),
    "cases_split": N_("Split into two cases"),
    "cases_moved": N_("Messages moved to another case"),
    "cases_undone": N_("Joining or splitting undone"),
    "in_incident": N_("Belongs to an incident"),
    "recurred": N_("Opened as a recurrence"),
    "notified": N_("Notice to a reporter written"),
    "reply_sent": N_("Answer sent"),
    "reply_refused": N_("Answer refused by the platform"),
    "reply_try_later": N_("Answer will be tried again"),
    "reply_unknown": N_("Not known whether the answer arrived"),
    "absence_added": N_("Absence written down"),
    "shift_added": N_("Shift added"),
    "account_new": N_("Account added"),
    "account_changed": N_("Account changed"),
    "account_paused": N_("Account paused"),
    "account_resumed": N_("Account read again"),
    "account_removed": N_("Account removed"),
    "account_rotated": N_("Login of an account renewed"),
    "account_login_ends": N_("Login of an account ends soon"),
    "account_needs_login": N_("Account needs a new login"),
    "accounts_resealed": N_("Settings of accounts encrypted under a new key"),
    "bulk": N_("Several cases changed at once"),
    "bulk_undone": N_("A change of several cases taken back"),
    "entry_made": N_("Text of the library written"),
    "entry_changed": N_("Text of the library changed"),
    "entry_archived": N_("Text of the library taken out of use"),
    "greeting_changed": N_("Greeting of an account changed"),
    "handed_over": N_("Handover of a shift written"),
    "replaced": N_("Work given to a successor"),
    "reminder_changed": N_("Promise changed"),
    "incident_proposed": N_("Incident proposed"),
    "incident_confirmed": N_("Incident confirmed"),
    "incident_updated": N_("Incident updated"),
    "incident_taken": N_("Incident taken over"),
    "incident_news_due": N_("Owner of an incident told that news is due"),
    "incident_ended": N_("Incident ended"),
    "incident_dismissed": N_("Incident dismissed"),
    "out_of_incident": N_("Taken out of an incident"),
}
_LIMITED = N_("The platform's limit is used up for now; it goes on by itself.")
_NOT_PERMITTED = N_("The platform does not give the account this permission.")
_NO_APP = N_("The settings of the platform's app are missing on the server.")
PROBLEM = {
    "bad_number": N_("That is not a case number: one digit is wrong."),
    "no_such_case": N_("There is no case with this number."),
    "not_yours": N_("This case belongs to another office."),
    "read_only": N_("Your role may read, not act."),
    "changed": N_(
        "The case has changed since you opened it. Look at what is new, then try again."
    ),
    "changed_meanwhile": N_("Since you opened the case, this has happened:"),
    "closed": N_("The case is closed."),
    "not_closed": N_("The case is not closed."),
    "claimed": N_("%(holder)s took this case first."),
    "not_claimed": N_("Claim the case before you answer."),
    "empty": N_("There is no text."),
    "personal_data_stopped": N_(
        "Nothing was sent: the text holds personal data that must not go out. Mask it,"
        " or write why it has to be sent."
    ),
    "too_long": N_("The text is too long for this channel."),
    "no_such_agency": N_("There is no such office."),
    "reply_waiting": N_("An answer has not arrived yet. Wait, or settle it below."),
    "not_there": N_("This message stands on no platform where it could be answered."),
    "no_target": N_("No message of this case can be answered."),
    "not_summoned": N_("X allows an answer only to posts that mention the account."),
    "said_already": N_(
        "Not sent a second time: %(who)s wrote the same to this message %(minutes)s"
        " min ago: “%(text)s”"
    ),
    "old_page": N_(
        "Not sent: another answer was sent from this page already. What you typed is"
        " kept; look at the case as it is now, then send it."
    ),
    "no_such_reply": N_("There is no such answer."),
    "not_unknown": N_("This answer needs no decision."),
    "too_late": N_("Too late: the answer is already on its way."),
    "window_closed": N_("Too late: the platform takes answers only for a while."),
    "no_files": N_("This channel takes no files."),
    "file_too_large": N_("A file is too large for this channel."),
    "too_many_links": N_("There are too many links in the text for this channel."),
    "too_many_hashtags": N_(
        "There are too many hashtags in the text for this channel."
    ),
    "all_capitals": N_("The platform takes no text in capital letters only."),
    "not_private": N_("This cannot be answered privately."),
    "not_delivered": N_("The platform could not deliver it."),
    "budget_used": N_(
        "Today's budget of paid reads is used up; reading goes on tomorrow."
    ),
    "second_poller": N_("Another program reads this account; only one may."),
    "webhook_active": N_("A webhook is set, so this account cannot be polled."),
    "renewed": N_("The login was renewed."),
    "paused": N_("Paused by an administrator."),
    "retention": N_("The platform no longer kept what came then."),
    "read_back_cut": N_(
        "Not all of the last days could be looked at again for what the platform shows"
        " late: the paid reads allowed a day are kept for what is new."
    ),
    "broken_feed": N_(
        "The feed is no whole XML. What could be read of it was read; its publisher has"
        " to mend it."
    ),
    "mail_unreadable": N_(
        "The mail server did not give some mails; they are asked for again."
    ),
    "other_account": N_("The login belongs to another account."),
    "not_usable": N_(
        "The stored login cannot be opened with the keys of this installation."
    ),
    "quota": _LIMITED,
    "throttled": _LIMITED,
    "slowing_down": _LIMITED,
    "unreachable": N_("The server of the account cannot be reached."),
    "unknown_host": N_("The server of the account cannot be reached."),
    "forbidden": _NOT_PERMITTED,
    "permission": _NOT_PERMITTED,
    "no_permission": _NOT_PERMITTED,
    "needs_app": _NO_APP,
    "no_app": _NO_APP,
    "needs_client": _NO_APP,
    "no_client": _NO_APP,
    "gone": N_("It no longer exists on the platform."),
    "no_folder": N_("The folder the account reads from does not exist."),
    "webhook_failing": N_(
        "The platform could not deliver; look whether our address is reachable."
    ),
    "webhook_refused": N_("The platform did not accept our address for deliveries."),
    "blocked": N_("The resident has blocked the account."),
    "not_allowed": N_("The platform does not allow this answer."),
    "interrupted": N_("The program stopped while the answer was on its way."),
    "unknown": N_(
        "The platform gave no answer. Look there whether the answer can be seen."
    ),
    "try_later": N_("The platform cannot be reached now."),
    "needs_login": N_("The account needs a new login; the operator has been told."),
    "refused": N_("The platform refuses this answer."),
    "bad_sign_in": N_("Login or password is wrong."),
    "admins_only": N_("Only administrators may do this."),
    "no_successor": N_("Choose who takes over."),
    "own_access": N_("You cannot take away your own access."),
    "person_exists": N_("This login exists already."),
    "bad_login": N_("Write the login in small letters and without blanks."),
    "no_name": N_("Write the name."),
    "bad_telegram": N_("The Telegram chat is a number, like 123456789."),
    "bad_email": N_("That is no e-mail address."),
    "bad_code": N_(
        "The code does not fit, or was used already. Wait for the next one."
    ),
    "already_on": N_("The second step is on already."),
    "code_required": N_("Your role must have a second step."),
    "wrong_password": N_("The old password is wrong."),
    "no_such_setting": N_("There is no such setting."),
    "not_in_range": N_("Write a whole number from %(least)s to %(most)s."),
    "no_such_account": N_("There is no such account."),
    "oidc_off": N_("Signing in this way is not set up. Use your password."),
    "oidc_failed": N_(
        "The other sign-in did not work. Try again, or use your password."
    ),
    "oidc_expired": N_("That sign-in was left open too long. Begin again."),
    "oidc_unverified": N_("Your account there has no verified mail address."),
    "passkey_refused": N_(
        "The passkey was not accepted. Try again, or use your password."
    ),
    "too_many_passkeys": N_("You have 20 passkeys. Remove one first."),
    "no_passkeys_here": N_(
        "Passkeys need an https address with a name; this site has none."
    ),
    "other_person": N_("That account belongs to somebody else than this session."),
    "not_proved": N_("That did not fit. Try again."),
    "no_such_address": N_(
        "Nobody here has the mail address of that account. An administrator can add it."
    ),
    "locked": N_("Too many tries. Try again at %(until)s."),
    "bad_invite": N_("This link was used or is too old. Ask for a new one."),
    "password_too_short": N_("The password needs at least 10 characters."),
    "password_has_login": N_("The password must not contain your login."),
    "passwords_differ": N_("The two passwords differ."),
    "not_a_picture": N_("Only pictures can be added (JPEG, PNG, WebP)."),
    "too_large": N_("The file is too large (at most 20 MB)."),
    "broken": N_("The file is broken and cannot be shown."),
    "too_heavy": N_("Opening the file takes more time or memory than a file may."),
    "too_many_files": N_("At most three photos."),
    "joined": N_("This case is part of case %(into)s; act there."),
    "no_body": N_("It is not known which body outside the city is responsible."),
    "too_many_pictures": N_("At most four photos with an answer."),
    "no_such_draft": N_("There is no such draft."),
    "written_elsewhere": N_(
        "You have written another text for this case meanwhile. Nothing is lost:"
    ),
    "draft_changed": N_("The draft has changed since you read it. Read it again."),
    "not_approver": N_("Only verifiers and coordinators approve answers."),
    "no_such_entry": N_("There is no such text."),
    "expired_entry": N_(
        "“%(title)s” was valid until %(until)s. Check with its owner before you use it."
    ),
    "entry_incomplete": N_("A text needs a title and its Indonesian wording."),
    "source_needed": N_("A fact needs its source."),
    "unknown_variable": N_(
        "Nothing fills in “%(name)s”; use the names listed below the text."
    ),
    "personal_data_kept": N_(
        "A text of the library is for everybody: take the personal data out of it."
    ),
    "entry_changed": N_("Somebody changed this text meanwhile. Load it again."),
    "not_your_entry": N_("This text belongs to another office."),
    "no_such_way": N_("Choose how the report came."),
    "no_line": N_("Choose at least one line of the chat, or write what was said."),
    "bad_time": N_("The time must be one that has passed."),
    "not_read": N_("Stored, but it could not be read. The operator can see why."),
    "claimed_by_other": N_("Somebody else holds it."),
    "nothing_to_change": N_("There is nothing to change."),
    "undo_over": N_("Too late to take it back."),
    "none_chosen": N_("Tick a case first."),
    "name_needed": N_("A view needs a name."),
    "no_such_view": N_("There is no such view of yours."),
    "too_many_views": N_("Too many views. Remove one first."),
    "bad_day": N_("Choose a day."),
    "no_such_act": N_("The act does not exist."),
    "csrf": N_("This page was open too long. Load it again and repeat."),
    "bad_outcome": N_("Choose how the case ends."),
    "not_waiting": N_("The case does not wait."),
    "no_task": N_("Your office has no open task here."),
    "others_open": N_(
        "Other offices still work on it: %(agencies)s. Say why it is closed all the"
        " same."
    ),
    "recheck_needed": N_("Say on which day the budget is asked for again."),
    "bad_pause": N_("Choose what the case waits for."),
    "waiting": N_("The case waits already."),
    "reason_needed": N_("Say why."),
    "bad_class": N_("There is no such class."),
    "bad_kind": N_("There is no such kind."),
    "bad_ward": N_("There is no such ward."),
    "bad_language": N_("There is no such language."),
    "no_such_shift": N_("There is no such shift."),
    "no_such_absence": N_("There is no such absence."),
    "bad_state": N_("That cannot be done with a reminder."),
    "no_such_reminder": N_("There is no such reminder of yours."),
    "no_such_person": N_("There is no such person in this office."),
    "no_day": N_("Choose a day."),
    "no_hour": N_("Write the hour like 22:00."),
    "bad_days": N_("The last day lies before the first."),
    "own_deputy": N_("Nobody stands in for themselves."),
    "confidential": N_("The report is secret."),
    "concerned": N_("It may be about the office of this person, who cannot read it."),
    "not_secret": N_("This case is not confidential."),
    "no_such_reader": N_("This person is no reader of the case."),
    "last_reader": N_("Name another reader first: somebody has to read it."),
    "reads_already": N_("This person reads the case already."),
    "not_glass": N_("Only one position of the city may open what is confidential."),
    "anonymous": N_("The reporter gave no name and no address."),
    "no_address": N_("There is no way to answer this reporter."),
    "taken_out": N_("Taken out by the writer."),
    "nobody": N_("Nobody can be told this."),
    "told_already": N_("Has this answer already."),
    "same_case": N_("That is this very case."),
    "no_message": N_("Tick the messages that are about something else."),
    "nothing_left": N_(
        "Nothing would be left of this case: join it to the other one instead."
    ),
    "joined_further": N_("It is part of case %(into)s by now; undo that first."),
    "undone": N_("Somebody has taken this back already."),
    "no_such_link": N_("There is no such act to take back."),
    "not_owner": N_("%(owner)s owns this incident. Take it over first."),
    "no_such_incident": N_("There is no such incident of your office."),
    "wrong_state": N_("Somebody has already decided this incident."),
    "bad_statement": N_("The statement is empty or too long."),
    "news_too_early": N_("Choose a time for the next news that is still to come."),
    "not_found": N_("This page does not exist."),
    "history": N_(
        "This is of before the city read the account; it cannot be opened again."
    ),
    "failed": N_("Something went wrong on our side. Nothing was lost; try again."),
}
WARNING = {
    "split": N_("Will be sent as several messages."),
    "replaces_answer": N_("This replaces the answer that stands there now."),
    "held_for_review": N_(
        "The comment waits for approval on YouTube: approve it there first."
    ),
    "sent_as_template": N_(
        "More than a day has passed, so the text goes out in the approved template."
    ),
    "automatic_sender": N_(
        "A machine seems to have written this; perhaps nobody reads the answer."
    ),
    "by_file": N_("This channel takes the answer in a file, which somebody hands on."),
    "passed_on_by_person": N_(
        "Nothing is sent: pass the answer on to the resident yourself."
    ),
    "link_costs_more": N_("A link makes this answer 13 times as expensive on X."),
}

ANY_ACT = N_("Something was done")
ANY_WARNING = N_("Look closely before you send this.")
_ANY_PROBLEM = N_("Something stood in the way; the operator can see what it was.")


def problem(translate: Translate, code: str, **detail: object) -> str:
    """A code as a sentence; codes that are not in the table get a general one."""
    sentence = translate(PROBLEM.get(code, _ANY_PROBLEM))
    return sentence % detail if "%(" in sentence else sentence


def known_or(code: str, general: str) -> str:
    """The code where it has its own sentence, else the general one (the state of an
    answer)."""
    return code if code in PROBLEM else general


@lru_cache(maxsize=5_000)
def wib(moment: datetime, language: str) -> str:
    """A time in Western Indonesia: 23 Nov 2026, 21.04 WIB."""
    return format_datetime(moment, "d MMM y, HH.mm 'WIB'", tzinfo=WIB, locale=language)


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(WIB):%H.%M} WIB"


def hours(translate: Translate, count: float | None) -> str:
    """A span given in hours, in minutes, hours or days; a dash where there is none."""
    if count is None:
        return "–"
    if count < 1:
        return translate("%d min") % round(count * 60)
    return (
        translate("%d h") % round(count)
        if count < 48
        else translate("%d d") % round(count / 24)
    )


SOON = timedelta(hours=3)


def time_left(translate: Translate, until: datetime, now: datetime) -> str:
    """What is left of a window, in its largest unit; windows that are over say so."""
    minutes = int((until - now).total_seconds() // 60)
    if minutes <= 0:
        return translate("too late")
    for size, words in ((1440, N_("%d d")), (60, N_("%d h"))):
        if minutes >= size:
            return translate(words) % (minutes // size)
    return translate("%d min") % minutes


def ago(translate: Translate, moment: datetime, now: datetime | None = None) -> str:
    """The age of something in its largest unit."""
    minutes = int(((now or datetime.now(UTC)) - moment).total_seconds() // 60)
    if minutes < 1:
        return translate("just now")
    for size, words in ((1440, N_("%d d")), (60, N_("%d h"))):
        if minutes >= size:
            return translate(words) % (minutes // size)
    return translate("%d min") % minutes
