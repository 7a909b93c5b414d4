"""The page, as people use it, in a real browser."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.decoding import NOTHING_PASSES
from pecrs.server.app import create_app
from pecrs.server.database import open_database
from pecrs.server.settings import ServerSettings
from pecrs.server.store import Store

SCARY = "I love scary films like Annabelle. What should I watch?"
WAIT = 30_000
"""Milliseconds that an answer may take on a busy machine."""
expect.set_options(timeout=WAIT)


@contextlib.contextmanager
def serving(recommender, database, **settings):
    """Serve on a free port of this machine, in a thread; give the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = create_app(recommender, ServerSettings(database=database, requests_per_minute=0, **settings))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def url(recommender, tmp_path_factory):
    with serving(recommender, f"sqlite:///{tmp_path_factory.mktemp('page') / 'a.db'}", authenticate=False) as address:
        yield address


@pytest.fixture
def visit(browser, url):
    """Open the page; nothing may go wrong in its console, and no foreign host may be asked."""
    with contextlib.ExitStack() as stack:
        problems = []

        def go(path="/", *, address=url, width=1280, height=800, scheme="light"):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("dialog", lambda dialog: problems.append(dialog.message))
            page.on("request", lambda request: request.url.startswith(address) or problems.append(request.url))
            page.on("console", lambda told: "Content Security" in told.text and problems.append(told.text))
            page.goto(address + path)
            return page

        yield go
        assert problems == []


def say(page, text, answers=1):
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".turn.recommender .bubble:not(.typing)")).to_have_count(answers, timeout=WAIT)
    expect(page.locator("#send")).to_be_enabled(timeout=WAIT)


def named_best(page):
    """Where the answer names the best item; as a reason it may name another one."""
    item = page.locator(".card").first.get_attribute("data-item")
    return page.locator(f".turn.recommender .bubble strong[data-item='{item}']")


def test_one_types_reads_judges_and_comes_back(visit):
    page = visit()
    expect(page.get_by_role("heading", name="What would you like to watch?")).to_be_visible()
    say(page, SCARY)
    expect(page.locator(".card")).to_have_count(3)
    best = page.locator(".card h2").first.inner_text()
    expect(named_best(page)).to_have_text(best)
    second = page.locator(".card").nth(1)
    title = second.locator("h2").inner_text()
    before = page.locator(".card h2").all_inner_texts()
    second.get_by_role("button", name="Seen: ").click()
    judged = page.locator(".card", has=page.get_by_role("button", name="Seen: ", pressed=True))
    expect(judged.locator("h2")).to_have_text(title, timeout=WAIT)
    assert page.locator(".card h2").all_inner_texts() != before
    page.get_by_role("button", name="Show all").click()
    assert page.locator(".card").count() > 3
    page.reload()
    expect(page.locator(".turn")).to_have_count(2, timeout=WAIT)
    expect(
        page.get_by_role("button", name=f"Seen: {re.sub(r' .(?:19|20)..*', '', title)}", pressed=True)
    ).to_be_visible()
    say(page, "No, something funnier", answers=2)
    expect(page.get_by_role("button", name="Remove: comedy")).to_be_visible()
    page.get_by_role("button", name="Why these?").last.click()
    expect(page.locator(".why").first).to_be_visible(timeout=WAIT)


def shown_parts(page):
    return page.locator(".turn.recommender").last.locator(".parts li").all_inner_texts()


def test_what_is_wanted_is_shown_in_parts_that_can_be_taken_out(visit):
    page = visit()
    say(page, "I want a comedy without Adam Sandler, from the 90s, please")
    assert shown_parts(page) == ["comedy", "1990-1999", "not Adam Sandler"]
    before = page.locator(".card h2").all_inner_texts()
    page.get_by_role("button", name="Remove: 1990-1999").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_have_text("Removed: 1990-1999. Ranked anew.", timeout=WAIT)
    expect(page.get_by_role("button", name="Remove: not Adam Sandler")).to_be_focused()
    assert shown_parts(page) == ["comedy", "not Adam Sandler"]
    assert page.locator(".card h2").all_inner_texts() != before
    page.reload()
    expect(page.get_by_role("button", name="Remove: 1990-1999")).to_have_count(0, timeout=WAIT)
    expect(page.get_by_role("button", name="Remove: comedy")).to_be_visible(timeout=WAIT)
    say(page, "What else?", answers=2)
    expect(page.locator(".turn.recommender").first.locator(".parts button")).to_have_count(0)
    for part in ("comedy", "not Adam Sandler"):
        page.get_by_role("button", name=f"Remove: {part}").click()
        expect(page.locator("#told")).to_contain_text(f"Removed: {part}.", timeout=WAIT)
    for button in page.locator(".parts button").all():
        button.click()
    expect(page.get_by_text("Looking for: nothing in particular")).to_be_visible(timeout=WAIT)
    expect(page.get_by_label("Your message")).to_be_focused()


def test_a_part_that_cannot_be_taken_out_stays_and_is_told(visit):
    page = visit()
    say(page, "I want a western")
    page.route("**/state", lambda route: route.abort())
    page.get_by_role("button", name="Remove: western").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached", timeout=WAIT)
    expect(page.get_by_role("button", name="Remove: western")).to_be_enabled()


def test_a_list_is_numbered(visit):
    page = visit()
    say(page, "Give me five thrillers")
    lines = page.locator(".turn.recommender .bubble ol li")
    expect(lines).to_have_count(5)
    assert lines.locator("strong").count() == 5
    titles = page.locator(".card h2").all_inner_texts()
    assert lines.locator("strong").all_inner_texts()[: len(titles)] == titles
    assert not lines.first.inner_text().startswith("1.")  # the browser numbers them


def test_conversations_are_listed_opened_and_deleted(visit):
    page = visit()
    say(page, "Hello there, number one")
    address = page.url
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    say(page, "Hello again, number two")
    entries = page.locator("#history .open")
    expect(entries.first).to_have_text("Hello again, number two")
    page.get_by_role("button", name="Hello there, number one", exact=True).click()
    expect(page.locator(".turn.seeker .bubble")).to_contain_text("number one", timeout=WAIT)
    assert page.url == address
    page.get_by_role("button", name="Delete: Hello there, number one").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".turn")).to_have_count(2)
    page.get_by_role("button", name="Delete: Hello there, number one").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Hello there, number one", exact=True)).to_have_count(0, timeout=WAIT)
    expect(page.locator(".turn")).to_have_count(0)
    gone = visit("/#" + address.partition("#")[2])
    expect(gone.get_by_role("heading", name="What would you like to watch?")).to_be_visible(timeout=WAIT)
    expect(gone.get_by_role("alert")).to_contain_text("not there any more")


def test_filters_narrow_what_is_recommended_at_once(visit):
    page = visit()
    say(page, SCARY)
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="comedy", exact=True).click()
    year = page.get_by_role("group", name="year")
    year.get_by_label("from").fill("1990")
    year.get_by_label("to").fill("1980")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no 'year' lies within 1990 and 1980")
    year.get_by_label("to").fill("1999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).not_to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Filters, 2 set")).to_be_visible()
    expect(page.get_by_text("Ranked anew", exact=True)).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Show all").click()
    for card in page.locator(".card").all():
        assert "comedy" in card.locator(".genres").inner_text()
        assert "(199" in card.locator("h2").inner_text()


def test_filters_that_nothing_passes_are_said(visit):
    page = visit()
    say(page, SCARY)
    shown = page.locator(".card h2").all_inner_texts()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("group", name="year").get_by_label("from").fill("2099")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".notice")).to_contain_text("Nothing that is left passes these filters.", timeout=WAIT)
    expect(page.get_by_text("Ranked anew", exact=True)).not_to_be_visible()
    assert page.locator(".card h2").all_inner_texts() == shown
    say(page, "Any other scary movie?", answers=2)
    expect(page.locator(".turn.recommender .bubble").last).to_contain_text(NOTHING_PASSES)
    assert page.locator(".turn.recommender").last.locator(".card").count() == 0
    page.reload()
    expect(page.locator(".turn.recommender .bubble").last).to_contain_text(NOTHING_PASSES, timeout=WAIT)


def test_filters_of_a_conversation_are_kept(visit):
    page = visit()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="horror").click()
    page.get_by_role("group", name="year").get_by_label("from").fill("2010")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#filter-count")).to_have_text("2")
    say(page, "Something good, please! What would you recommend me to watch tonight, a scary movie?")
    for genres in page.locator(".card .genres").all_inner_texts():
        assert "horror" in genres
    page.reload()
    expect(page.locator("#filter-count")).to_have_text("2", timeout=WAIT)
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("button", name="horror", pressed=True)).to_be_visible()
    assert page.get_by_role("group", name="year").get_by_label("from").input_value() == "2010"


def test_what_was_seen_is_left_out_and_the_best_of_it_liked(visit, tmp_path):
    page = visit()
    say(page, SCARY)
    best = page.locator(".card h2").first.inner_text()
    title, year = best.rpartition(" ")[::2]
    file = tmp_path / "ratings.csv"
    file.write_text(f"title,year,rating\n{title},{year.strip('()')},2\nAlien,1979,5\nNo Such Film,1990,3\n")
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Leave out what a file says").set_input_files(file)
    expect(page.locator("#seen-told")).to_contain_text("2 of 3 titles found", timeout=WAIT)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("dialog")).not_to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Ranked anew", exact=True)).to_be_visible(timeout=WAIT)
    assert best not in page.locator(".card h2").all_inner_texts()
    expect(page.locator("#filter-count")).to_have_text("1")
    page.reload()
    expect(page.get_by_text("liked: Alien (1979)")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Filters").click()
    expect(page.locator("#seen-told")).to_contain_text("items are left out")
    page.get_by_role("button", name="Leave nothing out").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#filter-count")).not_to_be_visible(timeout=WAIT)


def test_a_file_that_says_nothing_of_the_kind_is_told_before_anything_changes(visit, tmp_path):
    page = visit()
    file = tmp_path / "notes.csv"
    file.write_text("colour\nred\n")
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Leave out what a file says").set_input_files(file)
    expect(page.locator("#seen-told")).to_contain_text(
        "notes.csv:1: field 'title': a column 'title' is expected", timeout=WAIT
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#filter-count")).not_to_be_visible()


def test_any_field_may_be_chosen_and_wrong_words_are_told_at_once(visit):
    page = visit()
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("More: actors").click()
    page.get_by_label("actors", exact=True).fill("Tom Hangs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("did you mean 'Tom Hanks'")
    page.get_by_role("button", name="Tom Hangs").click()
    page.get_by_label("actors", exact=True).fill("tom hanks")
    page.get_by_label("Order").select_option("-year")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Filters, 2 set")).to_be_visible()
    say(page, "I want a comedy")
    years = [int(name[-5:-1]) for name in page.locator(".card h2").all_inner_texts()]
    assert len(years) == 3
    assert years == sorted(years, reverse=True)
    for people in page.locator(".card .people").all():
        assert "Tom Hanks" in people.get_attribute("title")


def test_conditions_that_were_set_elsewhere_are_shown_and_can_be_removed(visit, url):
    where = ["genres!=horror|thriller", "year=1990..1999", "runtime<100"]
    session = httpx.post(f"{url}/v1/sessions", json={"filters": {"where": where}}).json()["id"]
    page = visit(f"/#{session}")
    page.get_by_role("button", name="Filters, 3 set").click()
    year = page.get_by_role("group", name="year")
    assert [year.get_by_label(name).input_value() for name in ("from", "to")] == ["1990", "1999"]
    rest = page.get_by_role("list", name="Further conditions")
    expect(rest.get_by_role("listitem")).to_have_text(["genres not horror or thriller", "runtime under 100"])
    page.get_by_role("button", name="Remove: runtime under 100").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("dialog")).not_to_be_visible(timeout=WAIT)
    kept = httpx.get(f"{url}/v1/sessions/{session}").json()["filters"]["where"]
    assert {(entry["field"], *entry["none_of"]) for entry in kept} == {("genres", "horror", "thriller"), ("year",)}
    httpx.delete(f"{url}/v1/sessions/{session}")


def test_a_catalogue_without_fields_says_so(visit, recommender, tmp_path):
    bare = recommender.with_catalogue(Catalogue((Item("a", "One"), Item("b", "Two")), ("title",)))
    with serving(bare, f"sqlite:///{tmp_path / 'a.db'}", authenticate=False) as address:
        page = visit(address=address)
        page.get_by_role("button", name="Filters").click()
        expect(page.get_by_text("This catalogue has no fields to choose by.")).to_be_visible()
        expect(page.get_by_label("Order")).not_to_be_visible()


def test_the_keyboard_is_enough(visit):
    page = visit()
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    assert page.locator(".turn").count() == 0
    page.keyboard.press("Control+A")
    page.keyboard.type(SCARY)
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    expect(page.get_by_label("Your message")).to_be_focused(timeout=WAIT)
    page.get_by_role("link", name="Skip to the message box").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.locator("#history [aria-current=page]")).to_have_text(SCARY)
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("slider", name="How well known")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.dataset.judge") == "seen"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Seen: ", pressed=True)).to_have_count(1, timeout=WAIT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_all_of_it(visit, scheme):
    page = visit(width=390, height=780, scheme=scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    say(page, SCARY)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 320, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator(".turn.seeker .bubble")).to_be_in_viewport(ratio=1)
    assert not page.locator("#sidebar").is_visible()
    page.get_by_role("button", name="Show conversations").click()
    expect(page.get_by_role("button", name="New conversation")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).not_to_be_visible()
    expect(page.get_by_role("button", name="Show conversations")).to_be_focused()
    page.get_by_role("button", name="Dark mode").click()
    other = "dark" if scheme == "light" else "light"
    assert page.evaluate("document.documentElement.dataset.theme") == other
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == other


_CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (color) => parse(color).slice(0, 3).map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (parse(color).length < 4 || parse(color)[3] > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const read = (e) => e.checkVisibility() && !e.disabled && !e.closest(".sr, .skip")
    && [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll("body *")].filter(read).map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 80)];
  }).filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, scheme):
    """4.5 to 1, as WCAG 2.2 AA asks."""
    page = visit(scheme=scheme)
    say(page, SCARY)
    for value in ("like", "dislike", "seen"):
        page.locator(".card:not([data-value])").first.locator(f"[data-judge={value}]").click()
        expect(page.locator(f"[data-judge={value}][aria-pressed=true]")).to_have_count(1, timeout=WAIT)
    page.get_by_role("button", name="Why these?").click()
    expect(page.locator(".why").first).to_be_visible(timeout=WAIT)
    assert page.evaluate(_CONTRAST) == []


def test_every_control_has_a_name(visit):
    page = visit()
    say(page, SCARY)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea, [role=img]")]
        .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
        .map((e) => e.outerHTML)"""
    )
    assert unnamed == []


def test_how_well_known_films_are_is_chosen_on_a_slider(visit):
    page = visit()
    slider = page.get_by_role("slider", name="How well known")
    expect(slider).to_have_attribute("aria-valuetext", "Either")
    say(page, "Something scary, please")
    before = page.locator(".card h2").all_inner_texts()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#told")).to_have_text("Little known. Ranked anew.", timeout=WAIT)
    expect(slider).to_be_focused()
    assert slider.get_attribute("aria-valuetext") == "Little known"
    assert shown_parts(page) == ["horror", "little known"]
    assert page.locator(".card h2").all_inner_texts() != before
    say(page, "Not too old", answers=2)
    assert "little known" in shown_parts(page)
    page.get_by_role("button", name="Remove: little known").click()
    expect(slider).to_have_attribute("aria-valuetext", "Either")
    assert slider.input_value() == "0"


def test_the_slider_shows_what_was_asked_for_in_words(visit):
    page = visit()
    slider = page.get_by_role("slider", name="How well known")
    say(page, "Something scary, please")
    say(page, "Something more popular, please", answers=2)
    expect(slider).to_have_attribute("aria-valuetext", "Well known")
    assert slider.input_value() == "-1"
    page.reload()
    expect(slider).to_have_attribute("aria-valuetext", "Well known")
    page.get_by_role("button", name="New conversation", exact=True).first.click()
    expect(slider).to_have_attribute("aria-valuetext", "Either")


def test_the_slider_may_be_set_before_anything_is_said(visit, url):
    page = visit()
    page.get_by_role("slider", name="How well known").focus()
    page.keyboard.press("End")
    assert page.url == f"{url}/"  # no conversation begins by it
    say(page, "A comedy, please. What should I watch?")
    assert shown_parts(page) == ["comedy", "little known"]
    page.reload()
    expect(page.get_by_role("slider", name="How well known")).to_have_attribute("aria-valuetext", "Little known")


def test_a_slider_that_the_service_refuses_goes_back(visit):
    page = visit()
    slider = page.get_by_role("slider", name="How well known")
    say(page, "Something scary, please")
    page.route("**/state", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached", timeout=WAIT)
    expect(slider).to_have_attribute("aria-valuetext", "Either")
    assert shown_parts(page) == ["horror"]


def test_markup_in_a_title_or_a_message_stays_text(visit, url):
    evil = "<img src=x onerror=alert(1)>"
    record = {"title": evil, "year": 2031, "fields": {"genres": [evil], "actors": [evil]}}
    assert httpx.put(f"{url}/v1/items/evil", json=record).status_code == 200
    try:
        page = visit()
        page.get_by_role("button", name="Filters").click()
        page.get_by_role("group", name="year").get_by_label("from").fill("2031")
        assert page.locator("#facets img").count() == 0
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("#filter-count")).to_have_text("1")
        say(page, "<b>Hello</b> I love a scary movie like Annabelle. Any scary ones you can recommend?")
        expect(page.locator(".card h2")).to_contain_text(evil)
        assert page.locator("#log img").count() == 0
        assert "<b>Hello</b>" in page.locator(".turn.seeker").inner_text()
        page.reload()
        expect(page.locator(".card h2")).to_contain_text(evil, timeout=WAIT)
        assert page.locator("#log img, #log b, #history b, h1 b").count() == 0
    finally:
        httpx.delete(f"{url}/v1/items/evil")


def test_a_failure_keeps_the_words_and_nothing_is_said_twice(visit):
    page = visit()
    calls = []

    def broken(route):
        calls.append(route.request.headers["idempotency-key"])
        if len(calls) == 1:
            route.fetch()  # it is answered, but the answer is lost on its way
            route.abort()
        else:
            route.continue_()

    page.route("**/messages", broken)
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached", timeout=WAIT)
    expect(page.locator(".turn.seeker")).to_contain_text(SCARY)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    assert len(calls) == 2
    assert calls[0] == calls[1]
    page.reload()
    expect(page.locator(".turn")).to_have_count(2, timeout=WAIT)


def test_words_that_are_said_before_the_page_is_ready_are_answered(visit):
    page = visit()
    held = []
    page.route("**/v1/me", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.locator(".turn").count() == 0
    held[0].continue_()
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    assert page.locator(".turn").count() == 2
    assert page.get_by_label("Your message").input_value() == ""


@pytest.mark.parametrize("status", [404, 500])
def test_words_for_a_conversation_that_does_not_come_are_kept(visit, status):
    page = visit()
    say(page, "Hello")
    held, said = [], []
    page.route("**/v1/sessions/*", lambda route: held.append(route))
    page.route("**/messages", lambda route: said.append(route))
    page.reload(wait_until="domcontentloaded")
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    held[0].fulfill(status=status, json={"error": {"message": "It is not to be had."}})
    page.wait_for_timeout(500)
    assert not said
    assert page.get_by_label("Your message").input_value() == SCARY


def test_unsent_words_survive_a_reload(visit):
    page = visit()
    page.route("**/messages", lambda route: route.abort())
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached", timeout=WAIT)
    page.unroute("**/messages")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("This message was not answered.", timeout=WAIT)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    page.reload()
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    assert page.locator(".turn").count() == 2
    assert page.get_by_role("alert").count() == 0


def test_an_answer_that_comes_late_is_drawn_where_it_belongs(visit):
    page = visit()
    held = []
    page.route("**/messages", lambda route: held.append(route))
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The recommender is writing")).to_be_attached(timeout=WAIT)
    page.wait_for_url("**/#*")
    address = page.url
    page.get_by_role("button", name="New conversation", exact=True).first.click()
    expect(page.locator(".turn")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("#history .open", has_text=SCARY).first).to_be_visible(timeout=WAIT)
    assert page.locator(".turn").count() == 0
    page.go_back()
    expect(page.locator(".card")).to_have_count(3, timeout=WAIT)
    assert page.url == address


@pytest.fixture
def left(visit):
    """A page left for a new conversation, its message held, and returned to: what is read there is held as well."""
    page = visit()
    said, read = [], []
    page.route("**/messages", lambda route: said.append(route))
    page.get_by_label("Your message").fill(SCARY)
    page.keyboard.press("Enter")
    page.wait_for_url("**/#*")
    conversation = re.compile(f"/v1/sessions/{page.url.partition('#')[2]}$")
    page.get_by_role("button", name="New conversation", exact=True).first.click()
    expect(page.locator(".turn")).to_have_count(0)
    page.route(conversation, lambda route: read.append((route, route.fetch())))
    page.go_back()
    while not read:
        page.wait_for_timeout(10)
    page.unroute(conversation)

    def go_on(answer):
        """Let the message go, then what was read without its answer; give the page."""
        while not said:
            page.wait_for_timeout(10)
        answer(said[0])
        page.wait_for_timeout(200)  # until the page has seen it
        route, found = read[0]
        route.fulfill(response=found)
        return page

    return go_on


def test_an_answer_that_comes_while_its_conversation_is_read_is_drawn(left):
    def answer(route):
        route.fulfill(response=route.fetch())

    page = left(answer)
    expect(page.locator(".card")).to_have_count(3)
    assert page.locator(".turn").count() == 2


def test_a_failure_that_comes_while_its_conversation_is_read_can_be_tried_again(left):
    page = left(lambda route: route.abort())
    expect(page.get_by_text("This message was not answered.")).to_be_visible()
    page.unroute("**/messages")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card")).to_have_count(3)
    assert page.locator(".turn").count() == 2


def test_who_listens_hears_the_answer_once(visit):
    page = visit()
    say(page, SCARY)
    assert page.locator("#log").get_attribute("aria-live") == "off"
    heard = page.locator("#told")
    assert named_best(page).inner_text() in heard.inner_text()
    page.locator("[data-judge=dislike]").first.click()
    expect(heard).to_contain_text("dislike. Ranked anew.", timeout=WAIT)


def test_being_offline_is_said(visit):
    page = visit()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline. What you write")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline. What you write")).not_to_be_visible()


def test_a_key_is_asked_for_and_kept(visit, recommender, tmp_path):
    database = f"sqlite:///{tmp_path / 'b.db'}"
    with Store(open_database(database)) as store:
        key = store.add_key("a person", ["chat"])
        other = store.add_key("a machine", ["items"])
    with serving(recommender, database) as address:
        page = visit(address=address)
        page.get_by_label("Key", exact=True).fill("pecrs_wrong_key")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("This key opens nothing here.")).to_be_visible()
        page.get_by_label("Key", exact=True).fill(other)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("This key is not for talking.")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.get_by_label("Key", exact=True).fill(key)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("dialog")).not_to_be_visible()
        say(page, "hello")
        page.reload()
        expect(page.locator(".turn")).to_have_count(2, timeout=WAIT)
        assert page.evaluate("localStorage.length") == 0
        page.get_by_role("button", name="Forget the key").click()
        expect(page.get_by_label("Key", exact=True)).to_be_visible(timeout=WAIT)
        assert page.evaluate("sessionStorage.length") == 0
        page.context.close()


IDS = ("http://shop.example/i/1?x=50%", "50/50 (2011)", 'a "quoted" id \\ [x]')


def test_the_page_works_under_a_path_and_with_any_id(visit, few_films, tmp_path):
    named = [(name, number) for number, name in enumerate(IDS)]
    items = [Item(name, f"Shop film {number}", 2090 + number, {"genres": ("comedy",)}) for name, number in named]
    items += [Item(f"other {number}", f"Other film {number}", 2090 + number, {}) for _, number in named]
    database, where = f"sqlite:///{tmp_path / 'c.db'}", {"authenticate": False, "root_path": "/films"}
    with serving(few_films.with_items(items), database, **where) as host:
        address = f"{host}/films"
        for name, number in named:
            years = {"where": [f"year={2090 + number}"]}
            session = httpx.post(f"{address}/v1/sessions", json={"filters": years}).json()["id"]
            page = visit(f"/#{session}", address=address)
            say(page, "A comedy, please. What should I watch?")
            seen = page.locator(".card", has_text=f"Shop film {number}").get_by_role("button", name="Seen: ")
            seen.click()
            expect(seen).to_have_attribute("aria-pressed", "true", timeout=WAIT)
            expect(seen).to_be_focused()
            assert httpx.get(f"{address}/v1/sessions/{session}").json()["feedback"] == {name: "seen"}
        page.goto(f"{address}/docs")
        expect(page.get_by_text("/v1/chat/completions").first).to_be_visible(timeout=WAIT)


def test_without_a_measure_of_fame_there_is_no_slider(visit, recommender, tmp_path):
    items = [Item(f"s{number}", f"Shop film {number}", 2000, {"genres": ("comedy",)}) for number in range(5)]
    shop = recommender.with_catalogue(Catalogue(items, ("title", "genres")))
    with serving(shop, f"sqlite:///{tmp_path / 'd.db'}", authenticate=False) as address:
        page = visit(address=address)
        say(page, "A comedy, please. What should I watch?")
        expect(page.locator(".card")).to_have_count(3)
        expect(page.locator("#fame-line")).to_be_hidden()
        page.context.close()
