"""What is looked at on every page in a browser: width, targets, contrast, the policy on
scripts."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TARGET = 44
_AXE = Axe()
_OPEN = "for (const fold of document.querySelectorAll('main details')) fold.open = true"
_TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""
_SMALL = """(target) => [...document.querySelectorAll(
    "button, select, input:not([type=hidden], [type=checkbox], [type=radio]), summary, a.button")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < target - 0.5)
  .map((one) => one.outerHTML.slice(0, 120))"""  # noqa: E501
_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return null;
  const scrolls = (one) =>
    one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  const wide = [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.checkVisibility() && !scrolls(one.parentElement))
    .filter((one) => one.getBoundingClientRect().right > room + 1).pop();
  return `${document.documentElement.scrollWidth} of ${room} px: ${wide?.outerHTML.slice(0, 160)}`;
}"""  # noqa: E501


def unfold(page: Page) -> None:
    """What is behind a fold is part of the page."""
    page.evaluate(_OPEN)


def faults(page: Page) -> Iterator[str]:
    """What is wrong with a page as it stands, in words."""
    yield from (f"two elements have the id {one}" for one in page.evaluate(_TWICE))
    yield from (
        f"too small for a thumb: {one}" for one in page.evaluate(_SMALL, TARGET)
    )
    yield from sideways(page)
    found = _AXE.run(page)
    for one in found.response["violations"]:
        yield f"axe {one['id']}: " + "; ".join(
            node["html"][:160] for node in one["nodes"][:3]
        )


def sideways(page: Page, size: int = 100) -> Iterator[str]:
    """What is wider than the screen, with letters of `size` per cent."""
    page.evaluate(
        "(size) => { document.documentElement.style.fontSize = size }", f"{size}%"
    )
    wide = page.evaluate(_WIDE)
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    if wide:
        yield f"letters of {size} %, {wide}"
