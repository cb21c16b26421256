"""HTML from outside as the words a reader sees."""

from __future__ import annotations

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from lxml import etree, html


def tree_of(markup: str) -> html.HtmlElement | None:
    """None where there is nothing to take apart."""
    # a declared encoding inside a string is refused by lxml, so it gets bytes
    content = markup.replace("\x00", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(
            content, parser=html.HTMLParser(encoding="utf-8", huge_tree=False)
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def words_of(tree: html.HtmlElement, layout: ParserConfig) -> str:
    try:
        return str(get_text(etree.tostring(tree, encoding="unicode"), layout))
    except (
        *(ValueError, IndexError, KeyError, AttributeError),
        *(RecursionError, etree.LxmlError),
    ):
        # style attributes nobody could mean trip the layout; the words alone are enough
        # then
        return str(tree.text_content())
