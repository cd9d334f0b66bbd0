"""The feature service's pages in headless Chromium: a map, a table, and the way to each feature."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.journeys.conftest import County
from tests.journeys.test_browser import _CHROMIUM, _FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium, drawing in software."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, county: County) -> Iterator[Page]:
    """Open a page; another host asked, a script error, a refused address fails the test."""
    page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="zh-CN")
    page.set_default_timeout(30_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            faults.append(answer.url)
            if answer.status >= 400 or not answer.url.startswith((county.url, "blob:", "data:"))
            else None
        ),
    )
    yield page
    page.close()
    assert faults == []


def test_a_layer_is_browsed_from_the_landing_page_to_one_feature(
    page: Page, county: County
) -> None:
    page.goto(f"{county.url}/ogc?f=html")
    page.get_by_role("link", name="图层", exact=True).click()
    page.get_by_role("link", name="避难场所", exact=True).click()
    page.wait_for_selector("#map[data-ready]")
    assert int(page.locator("#map").get_attribute("data-ready") or 0) > 100

    page.get_by_role("link", name="浏览要素").click()
    page.wait_for_selector("#map[data-ready='100']")
    page.get_by_role("link", name="下一页").first.click()
    page.wait_for_selector("#map[data-ready]")
    row = page.locator("tr[data-id]").first
    row.hover()
    expect(row).to_have_class("chosen")

    row.get_by_role("link").click()
    page.wait_for_selector("#map[data-ready='1']")
    expect(page.get_by_text("可容纳人数（人）")).to_be_visible()
    expect(page.get_by_role("link", name="GeoJSON")).to_have_attribute(
        "href", re.compile("f=json$")
    )


def test_a_filter_typed_into_the_page_is_applied(page: Page, county: County) -> None:
    page.goto(f"{county.url}/ogc/collections/settlement/items?f=html")
    page.get_by_role("textbox").fill("name LIKE '%社区'")
    page.get_by_role("button", name="查询").click()
    page.wait_for_selector("#map[data-ready]")

    names = page.locator("tr[data-id] td:nth-child(3)").all_inner_texts()
    assert names
    assert all(name.endswith("社区") for name in names)
