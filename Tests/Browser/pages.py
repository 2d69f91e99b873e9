#!/usr/bin/env python3
"""Every page of the portal in a real browser: with script and without, in both schemes and three widths, looked at
by axe and by the browser's own console. The list of pages is that of the program's table of routes, so a page that
nobody visits fails.

usage: pages.py PROGRAM SAMPLES OUT [--hostile]

PROGRAM is the built `peerchart`, SAMPLES the folder with made-up charts, OUT gets the screenshots; - for none.
With --hostile every name and text is an attack, each field of each form is given one, and every page is looked at for
what has become of them.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import urllib.parse

from playwright.sync_api import sync_playwright

from nodes import Node
from portal import RULES, SIZES, fault, faults
from scene import ATTACKS, Scene

ROUTES = pathlib.Path(__file__).parents[2] / "Sources/Web/Portal/Server/PortalRoute.swift"
# What answers with something else than a page.
NO_PAGES = {"/events", "/assets/:name", "/log/:number/proof", "/emergency/:id"}


def patterns():
    """The patterns of all routes that can be loaded, from the two tables of which the compiler checks that they are
    whole."""
    text = ROUTES.read_text()
    table = dict(re.findall(r'case \.(\w+): "(/[^"]*)"', text))
    methods = text[text.index("var methods:"):text.index("var pattern:")]
    loaded = set()
    for names, found in re.findall(r"case ((?:\.\w+[,\s]*)+):\s*\[([^\]]*)\]", methods):
        if '"GET"' in found:
            loaded |= set(re.findall(r"\.(\w+)", names))
    assert len(table) > 40 and len(loaded) > 30, "the tables of routes were not understood"
    return {table[name] for name in loaded}


def look(person, path, name, out):
    """The page in all sizes and schemes, with what axe says."""
    answer, page = person.open(path), person.page
    if answer.status != 200:
        return fault(f"{path}: status {answer.status}")
    if urllib.parse.urlsplit(page.url).path != path.partition("?")[0]:
        return fault(f"{path}: leads to {page.url}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for size, (width, height) in SIZES.items():
            if scheme == "dark" and not out:
                continue
            page.set_viewport_size({"width": width, "height": height})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                fault(f"{name} {size}: {wider} px wider than the screen")
            if out:
                page.screenshot(path=out / f"{name}-{size}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        # Nothing but colours is another in the dark.
        only = RULES if scheme == "light" else ["color-contrast"]
        found = page.evaluate(
            "only => axe.run(document, {runOnly: only}).then(r => r.violations.map("
            "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))", only)
        for violation, nodes in found:
            fault(f"{name} {scheme}: axe {violation}: {nodes}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def look_without_script(person, path, name):
    answer = person.open(path)
    if answer.status != 200:
        return fault(f"{name} without script: status {answer.status}")
    for what in ("h1", "main"):
        if not person.page.locator(what).first.is_visible():
            fault(f"{name} without script: no {what}")
    forms = person.page.locator("main form:not([data-passkey])")
    for index in range(forms.count()):
        if forms.nth(index).locator("button, input[type=submit]").count() == 0:
            fault(f"{name} without script: a form that nothing sends")


def every_page(scene, out):
    visited = set()
    plain = {}
    for pattern, person, path, name in scene.visits():
        visited.add(pattern)
        scene.turn(person, name)
        look(person, path, name, out)
        state = person.context.storage_state()
        if person not in plain or plain[person][1] != state:
            if person in plain:
                plain[person][0].context.close()
            plain[person] = (person.without_script(), state)
        look_without_script(plain[person][0], path, name)
    missing = patterns() - visited - NO_PAGES
    for pattern in sorted(missing):
        fault(f"nobody visits {pattern}")
    for pattern in sorted(visited - patterns()):
        fault(f"there is no {pattern} any more")
    warn_when_idle(scene)
    return len(visited)


def warn_when_idle(scene):
    """The clock of the page stands still but for the time that is let pass."""
    rowan = scene.rowan.with_script()
    rowan.page.clock.install()
    rowan.open("/account")
    rowan.page.clock.run_for(12 * 60_000)
    if rowan.page.locator("#toasts .notice").count():
        fault("a page warns too early")
    rowan.page.clock.run_for(70_000)
    scene.see(rowan, "signed out in two minutes")
    rowan.page.get_by_role("button", name="Stay signed in").click()
    rowan.page.locator("#toasts .notice").wait_for(state="detached")
    rowan.page.clock.run_for(15 * 60_000 + 2000)
    rowan.page.wait_for_url(lambda url: "/account" not in url)
    rowan.context.close()
    # Without script the page shows what was there all along, once its time has come.
    markup = scene.rowan.without_script()
    markup.open("/account")
    if markup.page.locator(".going[data-quiet='780']").count() != 1:
        fault("a page without script does not warn")
    markup.context.close()


def clean(person, path):
    """Whether nothing that was text has become a part of the page; and how often it is shown as text."""
    hits = person.page.evaluate(
        "[window.hits || 0, document.querySelectorAll('[data-hit]').length,"
        " (document.body.textContent.match(/data-hit/g) || []).length,"
        " [...document.querySelectorAll('input, textarea')].filter(i => i.value.includes('data-hit')).length]")
    if hits[0] or hits[1]:
        fault(f"{path}: what somebody wrote has become part of the page")
    return 1 if hits[2] or hits[3] else 0


TEXT_FIELDS = """form => [...form.elements].filter(e =>
    e.tagName === "TEXTAREA" || e.tagName === "INPUT" &&
    ["text", "email", "date", "password", "search", "tel"].includes(e.type))"""


def attack(person, path):
    """Every text field of every form on a page is given an attack, and the form sent."""
    person.open(path)
    forms = person.page.evaluate(
        f"[...document.forms].map((form, i) => [i, ({TEXT_FIELDS})(form).length, !!form.dataset.passkey])")
    sent = 0
    for index, fields, is_passkey in forms:
        if not fields or is_passkey:
            continue
        for number, text in enumerate(ATTACKS):
            if number and "sign-in" in path + person.page.url:
                break
            person.open(path)
            if not person.page.evaluate(
                    f"i => document.forms[i] ? ({TEXT_FIELDS})(document.forms[i]).length : 0", index):
                break
            with person.page.expect_navigation():
                person.page.evaluate(f"""([index, text]) => {{
                    const form = document.forms[index];
                    form.noValidate = true;
                    for (const field of ({TEXT_FIELDS})(form)) {{
                        if (field.tagName === "INPUT") field.type = "text";
                        field.removeAttribute("maxlength");
                        field.value = text;
                    }}
                    for (const box of form.querySelectorAll("input[type=radio], input[type=checkbox]"))
                        box.checked = true;
                    form.requestSubmit(form.querySelector("button[type=submit], button:not([type])"));
                }}""", [index, text])
            clean(person, f"{path}, form {index}")
            sent += 1
            if sent > 3 * len(ATTACKS) or "password" in path or "/app" in path or "/account" in path:
                break
    return sent


def hostile_pages(scene):
    visits = scene.visits()

    def shown_in():
        return sum(
            (scene.turn(person, name), person.open(path), clean(person, path))[2]
            for _, person, path, name in visits)

    shown = shown_in()
    sent = 0
    for _, person, path, name in visits:
        scene.turn(person, name)
        if name != "delegate":
            sent += attack(person, path)
    sent += attack(scene.rowan, f"/family/{scene.juniper_id}")
    scene.rowan.open("/family")
    scene.rowan.post("/family", chart=f"patient/{scene.rowan_id}")
    again = shown_in()
    print(f"{sent} forms sent, attacks shown as text on {shown} and {again} pages")
    if shown < 12 or again < 12 or sent < 30:
        fault("the attacks did not get anywhere near the pages")


def main(program, samples, out, hostile=False):
    out = None if out == "-" else pathlib.Path(out)
    if out:
        out.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="peerchart-pages-"))
    home = Node(program, work / "home", "Samplewood household", "household")
    ward_name = f"St. Elsewhere {ATTACKS[3]}" if hostile else "St. Elsewhere Hospital"
    ward = Node(program, work / "ward", ward_name, "organization")
    samples = pathlib.Path(samples)
    home.run("import", *[str(samples / f"{name}.json") for name in (
        "organizations", "rowan-samplewood", "wren-samplewood", "juniper-samplewood")])
    began = time.monotonic()
    try:
        home.start("--mail", "smtp://localhost:9", "--mail-from", "charts@example.org")
        ward.start()
        home.pair(ward)
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--ignore-certificate-errors"])
            scene = Scene(browser, home, ward, hostile)
            if hostile:
                hostile_pages(scene)
            else:
                print(f"{every_page(scene, out)} pages")
            browser.close()
    finally:
        home.stop(), ward.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    hostile = "--hostile" in arguments
    if hostile:
        arguments.remove("--hostile")
    if len(arguments) != 3:
        sys.exit(__doc__)
    sys.exit(main(*arguments, hostile))
