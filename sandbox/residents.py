"""People of the city who write to it, by script.yaml or on request."""

from __future__ import annotations

import itertools
import queue
import threading
from importlib import resources
from typing import Any

import requests
import yaml

from sandbox.browser import fill_in
from sandbox.platform import Platform
from sandbox.state import Core
from sandbox.telegram_state import Telegram
from sandbox.telegram_types import Bot
from sandbox.x_state import X

Event = dict[str, Any]
TRICKLE = 10
"""After the script, one resident for so many times the pace."""


def script() -> dict[str, Any]:
    """`opening` events come at once, `events` one by one, `trickle` for ever after."""
    text = (
        resources.files("sandbox").joinpath("script.yaml").read_text(encoding="utf-8")
    )
    known: dict[str, Any] = yaml.safe_load(text)
    return known


class Residents:
    """An event is a mapping as in script.yaml.

    `channel` telegram, x, webform or one of `platforms`, whose `act` says what else it
    takes `as` a name later events refer to it by `edit`, `delete`, `repost`,
    `reply_to`, `quotes` such a name, or the id on the platform `dm` on X: the handle a
    private message goes to `topic` on Telegram: the name of a topic of the group,
    opened where it is missing `blocks` on Telegram: afterwards the bot that was written
    to is blocked `usaha` on Telegram: the bot that reads the business account the
    message goes to `photos` labels of pictures, or of other files by their ending (see
    attached.py)
    """

    def __init__(
        self,
        core: Core,
        telegram: Telegram,
        x: X,
        group: int,
        platforms: dict[str, Platform],
    ) -> None:
        self.core, self.telegram, self.x, self.group = core, telegram, x, group
        self.platforms = platforms
        self.form_outcomes: list[str] = []
        self._names: dict[str, tuple[int, int]] = {}
        self._businesses: dict[str, str] = {}
        self._forms: queue.Queue[Event] = queue.Queue()
        self._form_url: str | None = None
        self._threads: list[threading.Thread] = []

    def start(self, form_url: str | None, pace: float) -> None:
        """`pace` is the seconds between two events after the opening ones."""
        told = script()
        for event in told["opening"]:
            self.act(event)
        self._run("residents", lambda: self._play(told, pace))
        if form_url:
            self.use_form(form_url)

    def use_form(self, url: str) -> None:
        """Where the report form is; reports that wait are sent as soon as it
        answers."""
        already = self._form_url is not None
        self._form_url = url
        if not already:
            self._run("form", self._send_forms)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(20)

    def act(self, event: Event) -> str:
        """Do one event now; the id of what was made. ValueError tells what is wrong
        with it."""
        channel = event.get("channel")
        with self.core.lock:
            if channel == "telegram":
                return self._on_telegram(event)
            if channel == "x":
                return self._on_x(event)
            if channel == "webform":
                self._forms.put(event)
                return ""
            if channel in self.platforms:
                return self.platforms[channel].act(event)
        known = ", ".join(["telegram", "x", "webform", *self.platforms])
        raise ValueError(f"unknown channel {channel!r}; known: {known}")

    def _on_telegram(self, event: Event) -> str:
        who, text = event.get("who", "Siti"), event.get("text", "")
        if "edit" in event:
            chat, number = self._telegram_item(event["edit"])
            self.telegram.edit(chat, number, text)
            return f"{chat}:{number}"
        if "usaha" in event:
            return self._to_business(event["usaha"], who, text)
        chat = self._chat(event, who)
        pictures = event.get("photos", [])
        if len(pictures) > 1:
            made = self.telegram.album(chat, text, pictures, who=who)[0]
        else:
            answered = (
                self._telegram_item(event["reply_to"])[1]
                if "reply_to" in event
                else None
            )
            made = self.telegram.say(
                chat,
                text,
                who=who,
                photos=pictures,
                reply_to=answered,
                forwarded_from=event.get("forwarded_from"),
                topic=self._topic(event, chat),
            )
        self._remember(event, chat, made["message_id"])
        if event.get("blocks"):
            self.telegram.block(self._bot(event["bot"]).token, chat)
        return f"{chat}:{made['message_id']}"

    def _chat(self, event: Event, who: str) -> int:
        if "chat" in event:
            return int(event["chat"])
        if "bot" not in event:
            return self.group
        return self.telegram.private_chat(self._bot(event["bot"]).token, who)

    def _bot(self, username: str) -> Bot:
        for bot in self.telegram.bots.values():
            if bot.username == username:
                return bot
        raise ValueError(f"there is no bot {username!r}")

    def _topic(self, event: Event, chat: int) -> int | None:
        if "topic" not in event:
            return None
        known = {
            name: number for number, name in self.telegram.chats[chat].topics.items()
        }
        if event["topic"] in known:
            return known[event["topic"]]
        return self.telegram.open_topic(chat, event["topic"])

    def _to_business(self, username: str, who: str, text: str) -> str:
        bot = self._bot(username)
        if bot.username not in self._businesses:
            owner = f"Admin {bot.name}"
            self._businesses[bot.username] = self.telegram.business.connect(bot, owner)
        made = self.telegram.business.say(self._businesses[bot.username], who, text)
        return f"{made['chat']['id']}:{made['message_id']}"

    def _on_x(self, event: Event) -> str:
        who, text = event.get("who", "siti_bogor"), event.get("text", "")
        if "delete" in event:
            self.x.delete(self._x_item(event["delete"]))
            return str(self._x_item(event["delete"]))
        if "edit" in event:
            made = self.x.edit(self._x_item(event["edit"]), text)
        elif "repost" in event:
            made = self.x.repost(who, self._x_item(event["repost"]))
        elif "chat" in event:
            self.x.chat(who, event["chat"])
            return ""
        elif "dm" in event:
            return str(self.x.message(who, event["dm"], text).id)
        else:
            made = self.x.post(
                who,
                text,
                reply_to=self._x_item(event["reply_to"])
                if "reply_to" in event
                else None,
                quotes=self._x_item(event["quotes"]) if "quotes" in event else None,
                media=event.get("photos", []),
                place=event.get("place"),
            )
        self._remember(event, 0, made.id)
        return str(made.id)

    def _remember(self, event: Event, chat: int, number: int) -> None:
        if "as" in event:
            self._names[event["as"]] = (chat, number)

    def _x_item(self, reference: str | int) -> int:
        number = (
            self._names[str(reference)][1]
            if str(reference) in self._names
            else reference
        )
        if not str(number).isdecimal() or int(number) not in self.x.posts:
            raise ValueError(f"there is no post {reference!r}")
        return int(number)

    def _telegram_item(self, reference: str) -> tuple[int, int]:
        if reference in self._names:
            return self._names[reference]
        chat, _, number = str(reference).rpartition(":")
        try:
            self.telegram.chats[int(chat)].messages[int(number)]
        except (KeyError, ValueError) as error:
            raise ValueError(f"there is no message {reference!r}") from error
        return int(chat), int(number)

    def _run(self, name: str, work: Any) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _play(self, told: dict[str, Any], pace: float) -> None:
        for event in told["events"]:
            if self.core.stopping.wait(pace):
                return
            self.act(event)
        for number in itertools.count():
            if self.core.stopping.wait(pace * TRICKLE):
                return
            self.act(_trickle(told["trickle"], number))

    def _send_forms(self) -> None:
        while not self.core.stopping.is_set():
            try:
                event = self._forms.get(timeout=0.1)
            except queue.Empty:
                continue
            while not self.core.stopping.is_set() and not self._sent(event):
                self.core.stopping.wait(1.0)

    def _sent(self, event: Event) -> bool:
        """False where it is worth trying again: nobody there yet, or too busy."""
        try:
            status = fill_in(str(self._form_url), event)
        except (requests.RequestException, ValueError) as error:
            self.form_outcomes.append(type(error).__name__)
            return False
        self.form_outcomes.append(str(status))
        return status < 500 and status != 429


def _trickle(told: dict[str, Any], number: int) -> Event:
    """The next of endlessly many: texts and places turn at different speeds."""
    event = dict(told["texts"][number % len(told["texts"])])
    place = told["places"][(number * 3 + number // 5) % len(told["places"])]
    event["text"] = event["text"].replace("PLACE", place)
    who = told["people"][(number * 5 + number // 4) % len(told["people"])]
    event["who"] = who.lower().replace(" ", "_") if event["channel"] == "x" else who
    if event["channel"] == "webform":
        event["place"] = place
    return event
