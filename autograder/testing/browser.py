"""A browser without a window, for tests; skipped where there is none."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

QUIET = (
    "headless no-sandbox disable-gpu disable-dev-shm-usage disable-quic no-first-run "
    "disable-background-networking disable-component-update disable-sync window-size=1100,1400"
)


@contextlib.contextmanager
def open_browser() -> Iterator[Any]:
    """Chromium, driven by Selenium; what pages write to the console is kept."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("there is no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in QUIET.split():
        options.add_argument(f"--{option}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()
