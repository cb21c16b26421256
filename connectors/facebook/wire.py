"""Facebook pages: webhook changes, posts, comments and recommendations to messages.
Pure.

Who wrote something (`from`) is missing wherever the app may not know it, so an author
can be None. A post is `page_post`, a comment `post_comment`; both ids are the same in
webhooks and answers. Sources: developers.facebook.com, "Webhooks reference: Page",
"Page feed", "Comment", "Page ratings", read in copies of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors._meta.graph import (
    Object,
    as_list,
    digest,
    entries,
    ident,
    moment,
    obj,
    rows,
    text,
    without_secrets,
)
from connectors.base import Json, Kind, Media, Message, RawItem
from connectors.errors import BadItem
from connectors.facebook.rows import rows_of

PRIVATE_REPLY_DAYS = 7
POST_FIELDS = (
    "id,created_time,updated_time,from,message,permalink_url,is_hidden,message_tags,"
    "attachments{type,media_type,media,target,title,subattachments}"
)
COMMENT_FIELDS = "id,created_time,from,message,permalink_url,parent{id},attachment,is_hidden,message_tags"  # noqa: E501
MESSAGING_FIELDS = ("messag", "standby", "response_feedback")
"""How the fields of Messenger begin; it shares the webhook of a page with the page's
feed."""

_VERBS: dict[str, Kind] = {
    "edit": "edit",
    "edited": "edit",
    "update": "edit",
    "remove": "delete",
    "delete": "delete",
    "hide": "visibility",
    "unhide": "visibility",
}


def raw_items(payload: Json, hint: str | None = None) -> Iterator[RawItem]:
    """Split a webhook body, an answer or one object, in order."""
    if isinstance(payload, list) or "entry" in obj(payload):
        yield from webhook_items(payload)
        return
    if not isinstance(payload, dict):
        raise BadItem("neither a delivery nor an answer of Facebook")
    if "error" in payload:
        return  # an answer that tells of an error says nothing of residents
    if "field" in payload and "value" in payload:
        yield RawItem(f"changes:{digest(payload)}", "fb.change", {"changes": payload})
        return
    for found in rows_of(payload, hint):
        yield item_of(found.row, found.kind, **found.context)


def webhook_items(payload: Json) -> Iterator[RawItem]:
    for item in entries(payload, "fb.change", ("changes",)):
        field = text(obj(item.payload, "changes"), "field") or ""
        if not field.startswith(MESSAGING_FIELDS):
            yield item


def item_of(
    row: Json, kind: str, account: str | None = None, **context: str
) -> RawItem:
    """One object of an answer. `kind`: post, comment, mention, review.

    The key changes with the words, so that what was edited between two polls is stored
    again.
    """
    name = (
        ident(obj(row).get("id"))
        or ident(obj(row, "open_graph_story").get("id"))
        or "-"
    )
    key = f"{kind}:{name}:{digest(_essence(obj(row)) if obj(row) else row)}"
    return RawItem(
        key,
        "fb.object",
        {"kind": kind, **context, "row": without_secrets(row)},
        account,
    )


def _essence(row: Object) -> list[Any]:
    """What makes a version: words and pictures, not counters that change by the
    minute."""
    names = ("id", "message", "review_text", "is_hidden", "permalink_url", "rating")
    return [*(row.get(name) for name in names), bool(row.get("attachment"))]


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if item.kind == "fb.change" and isinstance(payload, dict):
        yield from _change(payload)
    elif item.kind == "fb.object" and isinstance(payload, dict):
        row = payload.get("row")
        if not isinstance(row, dict):
            raise BadItem("an entry of a Facebook list that is not an object")
        read = {"comment": _comment, "review": _review, "mention": _post}
        said = read.get(str(payload.get("kind")), _post)(row, payload, item.account)
        # a list gives the newest words, and is all that tells of them after an outage;
        # files of a post have other ids there than in a delivery
        is_whole = said.text and (said.kind == "comment" or not said.media)
        yield replace(said, edit_of=said.native_id) if is_whole else said
    else:
        raise BadItem("neither a change nor an object of Facebook")


def _change(entry: Object) -> Iterator[Message]:
    change = entry.get("changes")
    if not isinstance(change, dict):
        raise BadItem("a change of a Facebook delivery that is not an object")
    field, value = change.get("field"), obj(change, "value")
    if not value:
        return
    if field == "feed":
        yield from _feed(value, entry)
    elif field == "mention":
        yield from _mention(value, entry)
    elif field == "ratings":
        yield from _rating(value, entry)


def _feed(value: Object, entry: Object) -> Iterator[Message]:
    item, verb = text(value, "item") or "", text(value, "verb") or "add"
    post = ident(value.get("post_id"))
    comment = ident(value.get("comment_id"))
    if item in ("reaction", "like"):
        yield _reaction(value, entry, comment or post, post)
        return
    native = comment if item == "comment" else post or ident(value.get("album_id"))
    if native is None or verb in ("block", "unblock", "mute", "follow"):
        yield _notice(value, entry)
        return
    kind = _VERBS.get(verb, "comment" if item == "comment" else "post")
    yield _said(
        value,
        entry,
        kind,
        native,
        parent=ident(value.get("parent_id")) if item == "comment" else None,
        conversation=post,
        media=() if kind == "delete" else tuple(_change_media(value, item, native)),
        words=None if kind == "delete" else text(value, "message"),
    )


def _said(
    value: Object,
    entry: Object,
    kind: Kind,
    native: str,
    *,
    parent: str | None,
    conversation: str | None,
    media: tuple[Media, ...] = (),
    words: str | None,
) -> Message:
    author_id, author_name = _author(value)
    page = ident(entry.get("id"))
    created = moment(value.get("created_time")) or moment(entry.get("time"))
    own = author_id is not None and author_id == page
    return Message(
        kind,
        native,
        parent_id=parent,
        conversation_id=conversation,
        author_id=author_id,
        author_name=author_name,
        text=words,
        media=media,
        created_at=created,
        permalink=_permalink(value, native),
        edited_at=moment(entry.get("time")) if kind == "edit" else None,
        target_id=native if kind in ("edit", "delete", "visibility") else None,
        is_own=own,
        reply_to=(
            None
            if own or kind == "delete"
            else _address(native, parent, conversation, created)
        ),
        extra={"item": value.get("item"), "verb": value.get("verb")},
    )


def _address(
    native: str,
    parent: str | None,
    post: str | None,
    created: Any,
    *,
    private: bool = True,
) -> dict[str, Any]:
    """What `send` needs: the object answered, the post its answers stand under, and
    until when one private answer is taken."""
    until = (
        created + timedelta(days=PRIVATE_REPLY_DAYS) if created and private else None
    )
    return {
        "object_id": native,
        "post_id": post or native,
        "is_comment": native != (post or native),
        **({"parent_id": parent} if parent else {}),
        **({"private_until": until.isoformat()} if until else {}),
    }


def _mention(value: Object, entry: Object) -> Iterator[Message]:
    """The page was named in a post or comment elsewhere; often nothing but ids is
    told."""
    post, comment = ident(value.get("post_id")), ident(value.get("comment_id"))
    native = comment or post
    if native is None:
        yield _notice(value, entry)
        return
    kind = _VERBS.get(text(value, "verb") or "add", "mention")
    author_id, author_name = _author(value)
    page = ident(entry.get("id"))
    words = text(value, "message")
    created = moment(value.get("created_time")) or moment(entry.get("time"))
    yield Message(
        kind,
        native,
        parent_id=post if comment else None,
        conversation_id=post,
        author_id=author_id,
        author_name=author_name,
        text=words,
        created_at=created,
        permalink=_permalink(value, native),
        target_id=native if kind != "mention" else None,
        mentions=(page,) if page else (),
        is_own=author_id is not None and author_id == page,
        reply_to=_address(native, None, post, created, private=False),
        needs_fetch=words is None and kind == "mention",
        extra={"mention_in": "comment" if comment else "post"},
    )


def _rating(value: Object, entry: Object) -> Iterator[Message]:
    """Recommendations and what is said below them. The story's id is that of the
    review."""
    item, verb = text(value, "item") or "", text(value, "verb") or "add"
    story = ident(value.get("open_graph_story_id"))
    if item in ("reaction", "like"):
        target = ident(value.get("comment_id")) or ident(value.get("post_id")) or story
        yield _reaction(value, entry, None, None, target)
        return
    comment = ident(value.get("comment_id"))
    native = comment if item == "comment" else story
    if native is None:
        yield _notice(value, entry)
        return
    said = _said(
        value,
        entry,
        _VERBS.get(verb, "comment" if item == "comment" else "review"),
        native,
        parent=ident(value.get("parent_id")) if item == "comment" else None,
        conversation=story,
        words=None if verb == "remove" else text(value, "message", "review_text"),
    )
    extra = {
        **said.extra,
        **{
            n: value[n]
            for n in ("rating", "recommendation_type")
            if value.get(n) is not None
        },
    }
    yield _with(said, extra)


def _with(said: Message, extra: dict[str, Any]) -> Message:
    """A recommendation takes public answers only."""
    to = {k: v for k, v in (said.reply_to or {}).items() if k != "private_until"}
    return replace(said, extra=extra, reply_to=to or None)


def _reaction(
    value: Object,
    entry: Object,
    parent: str | None,
    conversation: str | None,
    target: str | None = None,
) -> Message:
    author_id, author_name = _author(value)
    target = target or parent
    created = moment(value.get("created_time")) or moment(entry.get("time"))
    page = ident(entry.get("id"))
    if target is None:
        return _notice(value, entry)  # the page itself was liked
    return Message(
        "reaction",
        f"reaction:{target}:{author_id}",
        parent_id=parent,
        conversation_id=conversation,
        author_id=author_id,
        author_name=author_name,
        text=text(value, "reaction_type") or "like",
        created_at=created,
        target_id=target,
        is_own=author_id is not None and author_id == page,
        extra={"made_up_id": True, "removed": value.get("verb") == "remove"},
    )


def _notice(value: Object, entry: Object) -> Message:
    author_id, author_name = _author(value)
    return Message(
        "system",
        f"notice:{digest(value, entry.get('time'))}",
        author_id=author_id,
        author_name=author_name,
        created_at=moment(value.get("created_time")) or moment(entry.get("time")),
        extra={
            "made_up_id": True,
            "item": value.get("item"),
            "verb": value.get("verb"),
        },
    )


def _author(value: Object) -> tuple[str | None, str | None]:
    """Spellings of several ages of the API; `user_id` stands where a page is liked."""
    author = obj(value, "from")
    author_id = (
        ident(author.get("id"))
        or ident(value.get("sender_id"))
        or ident(value.get("reviewer_id"))
        or ident(value.get("user_id"))
    )
    return author_id, text(author, "name") or text(
        value, "sender_name", "reviewer_name"
    )


def _change_media(value: Object, item: str, native: str) -> Iterator[Media]:
    link = text(value, "link")
    if item in ("photo", "video"):
        name = ident(value.get(f"{item}_id"))
        yield Media(item, name or f"{native}:0", _ref(link, item), part_id=native)
        return
    singles = [(kind, text(value, kind)) for kind in ("photo", "video")]
    several = [
        ("photo", url) for url in as_list(value.get("photos")) if isinstance(url, str)
    ]
    for position, (kind, url) in enumerate([*singles, *several]):
        if url:
            yield Media(kind, f"{native}:{position}", _ref(url, kind), part_id=native)


def _ref(url: str | None, kind: str) -> dict[str, str]:
    return {"url": url} if url and kind in ("photo", "sticker") else {}


def _permalink(row: Object, native: str) -> str:
    return text(row, "permalink_url") or f"https://www.facebook.com/{native}"


# Objects of answers


def _post(row: Object, context: Object, account: str | None) -> Message:
    native = ident(row.get("id"))
    if native is None:
        raise BadItem("a post without id")
    author_id, author_name = _author(row)
    if author_id is None and account is None and "_" in native:
        # Of an answer whose account is not known the wall's owner is the best guess;
        # for our own account it would make strangers' posts our own.
        author_id = native.partition("_")[0]
    mention = context.get("kind") == "mention"
    created = moment(row.get("created_time"))
    own = account is not None and author_id == account
    return Message(
        "mention" if mention else "post",
        native,
        conversation_id=native,
        author_id=author_id,
        author_name=author_name,
        text=text(row, "message"),
        media=tuple(_attachments(row, native)),
        created_at=created,
        permalink=_permalink(row, native),
        mentions=_tagged(row, account if mention else None),
        is_own=own,
        reply_to=(
            None
            if own
            else _address(native, None, native, created, private=not mention)
        ),
        extra={"hidden": True} if row.get("is_hidden") is True else {},
    )


def _comment(row: Object, context: Object, account: str | None) -> Message:
    link = parse_qs(urlsplit(text(row, "permalink_url") or "").query)
    chain = [
        link[name][0] for name in ("comment_id", "reply_comment_id") if link.get(name)
    ]
    native = ident(row.get("id")) or (chain[-1] if chain else None)
    if native is None:
        raise BadItem("a comment without id")
    post = text(context, "post_id")
    above = ident(obj(row, "parent").get("id"))
    if above is None and "id" not in row and len(chain) == 2:
        above = chain[0]
    parent = above or text(context, "parent_id") or post
    author_id, author_name = _author(row)
    created = moment(row.get("created_time"))
    own = account is not None and author_id == account
    return Message(
        "mention" if context.get("mention") else "comment",
        native,
        parent_id=parent,
        conversation_id=post,
        author_id=author_id,
        author_name=author_name,
        text=text(row, "message"),
        media=tuple(_attachments(row, native)),
        created_at=created,
        permalink=_permalink(row, native),
        mentions=_tagged(row, account if context.get("mention") else None),
        is_own=own,
        reply_to=(
            None
            if own
            else _address(
                native, parent, post, created, private=not context.get("mention")
            )
        ),
        extra={"hidden": True} if row.get("is_hidden") is True else {},
    )


def _review(row: Object, context: Object, account: str | None) -> Message:
    reviewer = obj(row, "reviewer")
    author_id = ident(reviewer.get("id"))
    story = ident(obj(row, "open_graph_story").get("id"))
    created = moment(row.get("created_time"))
    if story is None and author_id is None and created is None:
        raise BadItem("a recommendation that says neither who nor when")
    return Message(
        "review",
        story or f"review:{account}:{author_id}:{row.get('created_time')}",
        conversation_id=story,
        author_id=author_id,
        author_name=text(reviewer, "name"),
        text=text(row, "review_text"),
        created_at=created,
        permalink=_permalink(row, story) if story else None,
        reply_to=(
            _address(story, None, story, created, private=False) if story else None
        ),
        extra={
            **({} if story else {"made_up_id": True}),
            **{
                n: row[n]
                for n in ("rating", "recommendation_type")
                if row.get(n) is not None
            },
        },
    )


def _attachments(row: Object, native: str) -> Iterator[Media]:
    """Pictures and films somebody uploaded; a preview of a link is not theirs."""
    own = row.get("attachment")
    listed = [own] if isinstance(own, dict) else rows(row, "attachments", "data")
    parts = [
        part for one in listed for part in rows(one, "subattachments", "data") or [one]
    ]
    for position, part in enumerate(parts):
        told = text(part, "type") or text(part, "media_type") or ""
        kind = next((k for k in ("photo", "video", "sticker") if k in told), None)
        if kind is None and "animated_image" in told:
            kind = "photo"
        if kind is None:
            continue
        # of the only one a comment has a delivery tells no id
        named = None if isinstance(own, dict) else ident(obj(part, "target").get("id"))
        name = named or f"{native}:{position}"
        url = text(obj(part, "media", "image"), "src")
        yield Media(
            kind, name, _ref(url, kind), part_id=native, description=text(part, "title")
        )


def _tagged(row: Object, account: str | None) -> tuple[str, ...]:
    tags = [
        ident(tag.get("id"))
        for tag in rows(row, "message_tags")
        if tag.get("type") in (None, "page", "user")
    ]
    return tuple(dict.fromkeys(name for name in [*tags, account] if name))
