"""Files of settings, `.env` and YAML, that are nearly right."""

from __future__ import annotations

from hypothesis import strategies as st
from odd import broken

_SAID = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1e9",
        "٣",
        "9" * 400,
        "true",
        "ya",
        "\x00",
        "a\x00b",
        "'",
        '"',
    ),
    *(
        "${HOME}",
        "${SAHUT_PORT}",
        "$",
        "\\",
        "\\x",
        "#",
        "a # b",
        "=",
        "a=b",
        "[",
        "{}",
    ),
    *(
        "sqlite://",
        "sqlite:///",
        "postgresql://",
        "postgresql://a:b@c:d/e",
        "://",
        "x://",
    ),
    *(
        "http://[::1",
        "https://",
        "mailto:",
        "127.0.0.1/99",
        "0.0.0.0/0",
        "::1/128,x",
        ",",
    ),
    *(
        "/",
        "..",
        "host:",
        ":1",
        "[::1]:1",
        "Caf\xe9",
        "\u202e",
        "a" * 9_000,
        "age1",
        "\ufeff",
    ),
)


def env_files(names: list[str]) -> st.SearchStrategy[bytes]:
    """Files of settings with such names, and what an editor may leave in one."""
    name = st.sampled_from([*names, *(f"{one}_FILE" for one in names)])
    sign = st.sampled_from(("=", " = ", ": ", "", "=="))
    quote = st.sampled_from(("", "'", '"', "`"))
    line = st.builds(
        lambda export, name, sign, quote, said: (
            f"{export}{name}{sign}{quote}{said}{quote}"
        ),
        st.sampled_from(("", "export ", "# ", "\t")),
        name | st.text(max_size=8),
        sign,
        quote,
        st.sampled_from(_SAID) | st.text(max_size=12),
    )
    whole = st.lists(line, max_size=6).map("\n".join)
    return whole.map(lambda text: text.encode("utf-8", "replace")).flatmap(
        lambda body: st.just(body) | broken(body)
    )


_YAML = (
    *(
        "2026-13-45",
        "2026-02-30 25:61:61",
        "0001-01-01",
        "9999-12-31",
        "190:20:30",
        "0x",
    ),
    *(
        "9" * 5_000,
        "1e999",
        ".nan",
        "0o9",
        "0b2",
        "1_000",
        "null",
        "~",
        "yes",
        "=",
        "<<",
    ),
    *(
        "!!int x",
        "!!float x",
        "!!binary ===",
        "!!timestamp x",
        "!!set {a}",
        "!!omap [a]",
    ),
    *(
        "!!python/name:os.system",
        "&a [*a]",
        "*a",
        "&a",
        "|",
        ">-",
        "'",
        '"\\ud83d"',
        "%",
    ),
    *(
        "@",
        "`",
        "[" * 900,
        "{" * 900,
        "- " * 300 + "a",
        "? a",
        "? [a]: b",
        "{a: 1, a: 2}",
    ),
    *(
        "\x00",
        "\x85",
        "\ufeff",
        "\t",
        "Gg. Kepatihan",
        "",
        "[]",
        "{}",
        "-",
        "--- a",
        "...",
    ),
)


def yaml_files(keys: list[str]) -> st.SearchStrategy[bytes]:
    """Files with such keys and values that are nearly right."""
    key, value = st.sampled_from([*keys, "", "<<", "1", "a b"]), st.sampled_from(_YAML)
    row = st.tuples(key, value).map(lambda one: f"{one[0]}: {one[1]}")
    entry = st.lists(row, min_size=1, max_size=4).map("\n    ".join)
    rows = st.lists(entry, max_size=3).map(
        lambda all: "".join(f"\n  - {one}" for one in all)
    )
    block = st.tuples(key, rows | value.map(" {}".format)).map(":".join)
    whole = st.lists(block, max_size=4).map("\n".join) | st.text(max_size=60)
    return whole.map(lambda text: text.encode("utf-8", "replace")).flatmap(
        lambda body: st.just(body) | broken(body)
    )
