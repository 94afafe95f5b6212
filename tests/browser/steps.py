"""What a reader does on a page, waited for to its end."""

from playwright.sync_api import Locator


def follow(link: Locator) -> None:
    """Click a link and wait until the page that it leads to is whole.

    A click alone returns when the address has changed: what is counted then may not be there yet.
    """
    with link.page.expect_navigation():
        link.click()
