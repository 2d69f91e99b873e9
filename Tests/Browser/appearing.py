"""What is to be seen on a page in the end."""

import time

from playwright.sync_api import Error


def appears(page, text, seconds=60):
    """Whether the page that comes of what was pressed last has this text: on a busy machine, after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if text.lower() in page.inner_text("body").lower():
                return True
        except Error:
            pass  # the page is just being replaced
        page.wait_for_timeout(50)
    return False
