"""Whole mails that are nearly right: any headers, parts within parts."""

from __future__ import annotations

from hypothesis import strategies as st
from odd import broken

_CHARSETS = ("utf-8", "iso-8859-1", "utf-7", "utf-16", "x-unknown", "", "\x00", "idna")
_WORDS = (
    *("Lampu mati di Gg. Kepatihan", "=?utf-8?B?TGFtcHU=?=", "=?utf-8?B?!!?=", ""),
    *(
        "=?x-none?Q?=FF=?=",
        "=?utf-7?Q?+AGE-?=",
        "Caf\xe9",
        "\x00",
        "a" * 3_000,
        "\ufeff",
    ),
    *("=?utf-8?Q?=ED=A0=80?=", "=?utf-16?B?/v8=?=", "; ; =", '"', "(((", "=?", "\t"),
)
_ADDRESSES = (
    *("Siti <siti@surat.example>", "siti@surat.example", "<>", "@", "a@b@c", "Siti"),
    *('"Siti" <siti@[127.0.0.1]>', "grup: siti@a.example, ani@b.example;", "grup:;"),
    *("=?utf-8?B?U2l0aQ==?= <siti@surat.example>", "<siti@xn--a.example>", ","),
    *('"\\" <a@b>', "(a(b)c) <a@b>", "MAILER-DAEMON@a.example", "no-reply@a.example"),
)
_DATES = (
    *("Mon, 2 Mar 2026 13:00:00 +0700", "Mon, 32 Mar 2026 99:99:99 +9999", "now", ""),
    *("2 Mar 0000 00:00:00 +0000", "2 Mar 99999 00:00:00", "Mon, 2 Mar 2026 13:00 WIB"),
    *("31 Dec 9999 23:59:59 -1200", "1 Jan 0001 00:00:00 +1400", "1, 2, 3, 4, 5, 6"),
)
_NAMES_OF_FILES = (
    *("foto.jpg", "../../etc/passwd", "=?utf-8?Q?a.pdf?=", "", "a" * 400, "\x00", "."),
)
_HEADERS: dict[str, tuple[str, ...]] = {
    "From": _ADDRESSES,
    "To": _ADDRESSES,
    "Cc": _ADDRESSES,
    "Reply-To": _ADDRESSES,
    "Delivered-To": ("dishub+abcdefgh12345678@kota.example", *_ADDRESSES),
    "Return-Path": _ADDRESSES,
    "Subject": _WORDS,
    "Date": _DATES,
    "Message-ID": ("<1@a.example>", "<>", "1", "<a b>", "<1@a> <2@b>", "\x00"),
    "In-Reply-To": ("<1@a.example>", "<sahut.k1@kota.example>", "<", ""),
    "References": ("<1@a> <2@b>", "<" * 50, "<1@a.example>\r\n\t<2@a.example>"),
    "Auto-Submitted": ("auto-replied", "no", "", "auto-generated; x"),
    "Precedence": ("bulk", "list", "\x00"),
    "List-Id": ("<a.example>", ""),
    "X-Failed-Recipients": _ADDRESSES,
    "Content-Type": ("text/plain", "multipart/mixed", "/", "text", "image/*; name="),
}
_KINDS = (
    *("text/plain", "text/html", "text/calendar; method=REQUEST", "text/enriched"),
    *("image/jpeg", "application/pdf", "application/ms-tnef", "message/partial; id=a"),
    *(
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
    ),
    *("application/pkcs7-mime; smime-type=signed-data", "application/pkcs7-signature"),
    *("application/octet-stream", "message/external-body; access-type=x", "x", "/"),
)
_WHOLES = ("mixed", "alternative", "related", "report", "signed", "digest", "x-what")
_BODIES = (
    *(
        "Lampu mati di Gg. Kepatihan RW 4",
        "",
        "\x00",
        "=",
        "=E",
        "=ED=A0=80",
        "TGFtcHU",
    ),
    *("TGFtcHU=====", "begin 644 a\n#86%A\n`\nend", "<p>Lampu <b>mati", "<!--", "&#0;"),
    *(
        "Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; a@b\n",
        "Status:",
        "\xff",
    ),
    *(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261345T99\nEND:VEVENT\n",
        "BEGIN:VEVENT",
    ),
    *(
        "-- \nSiti",
        "> > >\n" * 40,
        "<table>" * 60,
        "\ufffd\u2028\u202e",
        "Lampu\r\rmati",
    ),
)
_CODINGS = (
    "7bit",
    "8bit",
    "base64",
    "quoted-printable",
    "x-uuencode",
    "binary",
    "what",
)


def _line(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(_HEADERS[name]).map(lambda value: f"{name}: {value}")


_TOP = st.lists(st.sampled_from(sorted(_HEADERS)).flatmap(_line), max_size=9)


@st.composite
def _part(draw: st.DrawFn) -> str:
    """A part that holds no other."""
    kind, charset = draw(st.sampled_from(_KINDS)), draw(st.sampled_from(_CHARSETS))
    head = [
        f"Content-Type: {kind}" + draw(st.sampled_from(("", f"; charset={charset}")))
    ]
    if draw(st.booleans()):
        head.append(f"Content-Transfer-Encoding: {draw(st.sampled_from(_CODINGS))}")
    if draw(st.booleans()):
        name = draw(st.sampled_from(_NAMES_OF_FILES))
        way = draw(st.sampled_from(("attachment", "inline", "", "form-data")))
        head.append(f'Content-Disposition: {way}; filename="{name}"; size=x')
    if draw(st.booleans()):
        head.append(f"Content-ID: {draw(st.sampled_from(('<a@b>', '<', '', 'a')))}")
    return "\n".join(head) + "\n\n" + draw(st.sampled_from(_BODIES))


@st.composite
def _around(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Parts in one; a letter in a letter."""
    if draw(st.integers(0, 4)) == 0:
        top = "\n".join(draw(_TOP))
        return f"Content-Type: message/rfc822\n\n{top}\n{draw(inner)}"
    said = draw(st.sampled_from(("batas", "a b", "<x>", "", "b" * 90)))
    used = draw(st.sampled_from((said, said, said, "lain")))
    end = draw(st.sampled_from((f"--{used}--\n", "", f"--{used}")))
    head = (
        f'Content-Type: multipart/{draw(st.sampled_from(_WHOLES))}; boundary="{said}"'
    )
    parts = draw(st.lists(inner, max_size=3))
    return f"{head}\n\n" + "".join(f"--{used}\n{part}\n" for part in parts) + end


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """A whole mail: any headers, parts within parts, and sometimes others of its
    bytes."""
    tree = st.recursive(_part(), _around, max_leaves=6)
    text = "\n".join([*draw(_TOP), draw(tree)])
    raw = text.encode(draw(st.sampled_from(("utf-8", "latin-1"))), "replace")
    if draw(st.booleans()):
        raw = raw.replace(b"\n", b"\r\n")
    return draw(broken(raw)) if draw(st.integers(0, 3)) == 0 else raw
