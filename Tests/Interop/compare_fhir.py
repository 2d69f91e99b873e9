#!/usr/bin/env python3
"""Whether an export holds what was imported, with nothing changed but `meta` and assigned ids.

usage: compare_fhir.py --original FILE… --exported FILE… [--map FILE] [--allow-extra TYPE…]
                       [--logical-references] [--limit N]

FILE is a Bundle, a single resource or NDJSON. Everything counts: number literals, member order,
unknown extensions, duplicates. What may differ, and how:

  id                       any, if every reference to the resource follows it
  meta.versionId, .lastUpdated, .source   any
  meta.security, meta.tag  entries may be added behind those that were there
  a reference              `urn:uuid:…` or `Type/id` of another original becomes `Type/assigned-id`,
                           always the same; `Type?identifier=system|value` becomes the
                           exported resource that bears this identifier; the same for a uri
                           element or a link in a narrative that named another original

Resources are paired by --map where given: JSON from an import's report, any nesting, in which an
object holds `fullUrl` (or `source`) and `reference` (or `location`), or maps one to the other as
plain strings. The rest is paired by content.
Prints the differences; exits 0 if there are none, 1 if there are, 2 for wrong usage.
"""

import argparse
import collections
import json
import re
import sys
import urllib.parse

from fhir_files import Members, Number, Unreadable, resources

ASSIGNED_META = {"versionId", "lastUpdated", "source"}
GROWING_META = {"security", "tag"}
LITERAL = re.compile(r"^([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})$")
ABSOLUTE = re.compile(r"^https?://\S+/([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})$")
NARRATIVE_LINK = re.compile(r'(?<=\s)(href|src)="([^"]*)"')
CONDITIONAL = re.compile(r"^([A-Z][A-Za-z]+)\?identifier=(.*)$", re.S)


class Record:
    """One resource, its names, and the one it is paired with."""

    def __init__(self, url, resource):
        self.resource = resource
        self.type = resource.get("resourceType")
        self.id = resource.get("id")
        own = f"{self.type}/{self.id}" if self.id else None
        self.names = [name for name in (url, own) if name]
        self.reference = own
        self.partner = None

    def label(self):
        return self.names[0] if self.names else self.type

    def identifiers(self):
        found = self.resource.get("identifier")
        for one in found if isinstance(found, list) and not isinstance(found, Members) else [found]:
            if isinstance(one, Members):
                yield one.get("system") or "", one.get("value")


def is_link(text):
    return text.startswith(("urn:uuid:", "urn:oid:")) or any(
        form.match(text) for form in (LITERAL, ABSOLUTE, CONDITIONAL)
    )


def shape(value, top=True, link=lambda text: "*"):
    """A hashable form of a resource without id, meta and where its references point."""
    if isinstance(value, Members):
        kept = [(n, v) for n, v in value if not (top and n in ("id", "meta"))]
        return ("{",) + tuple((n, shape(v, False, link)) for n, v in kept)
    if isinstance(value, list):
        return ("[",) + tuple(shape(v, False, link) for v in value)
    if isinstance(value, str) and not isinstance(value, Number) and is_link(value):
        return ("@", link(value))
    if isinstance(value, str) and "<" in value:
        return ("<", NARRATIVE_LINK.sub(r'\1="*"', value))
    return (type(value).__name__, value)


def refined(records, rounds=4):
    """Colours that tell alike-looking resources apart by what they refer to."""
    by_name = {name: r for r in records for name in r.names}
    colour = {id(r): hash(shape(r.resource)) for r in records}
    for _ in range(rounds):
        def link(text, colour=colour):
            return colour[id(by_name[text])] if text in by_name else "*"
        colour = {id(r): hash((colour[id(r)], shape(r.resource, True, link))) for r in records}
    return colour


def group(records, key):
    groups = collections.OrderedDict()
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


def pair(originals, exported, mapped):
    """Sets `partner` on both sides: by the map, by content, then by identifier, then by order."""
    by_reference = {r.reference: r for r in exported if r.reference}

    def join(a, b):
        a.partner, b.partner = b, a

    for record in originals:
        for name in record.names:
            target = by_reference.get(mapped.get(name))
            if target is not None and target.partner is None and record.partner is None:
                join(record, target)
    colours = {**refined(originals), **refined(exported)}
    first_identifier = lambda r: (r.type, next(iter(r.identifiers()), id(r)))
    keys = [
        lambda r: (shape(r.resource), colours[id(r)]),
        lambda r: shape(r.resource),
        first_identifier,
        lambda r: r.type,
    ]
    for key in keys:
        theirs = group([r for r in exported if r.partner is None], key)
        for value, mine in group([r for r in originals if r.partner is None], key).items():
            for a, b in zip(mine, theirs.get(value, [])):
                join(a, b)


class Comparison:
    def __init__(self, originals, exported, logical):
        self.logical = logical
        self.names = {name: r for r in originals for name in r.names}
        self.holders = collections.defaultdict(set)
        for record in exported:
            for identifier in record.identifiers():
                self.holders[(record.type, *identifier)].add(record.reference)
        self.differences = []

    def note(self, where, what):
        self.differences.append(f"{where}: {what}")

    def link_follows(self, before, after):
        """Whether a changed link names the same resource as before."""
        base, mark, rest = before.partition("/_history/")
        target = self.names.get(base)
        if target is not None and target.partner is not None:
            return after == target.partner.reference + mark + rest
        conditional = CONDITIONAL.match(before)
        if conditional:
            system, _, value = urllib.parse.unquote(conditional[2]).partition("|")
            return self.holders.get((conditional[1], system, value)) == {after}
        return "<" in before and self.narrative_follows(before, after)

    def narrative_follows(self, before, after):
        """Whether two narratives differ in links only, and each of these names the same resource."""
        ours, theirs = (NARRATIVE_LINK.findall(text) for text in (before, after))
        frames = [NARRATIVE_LINK.sub(r"\1", text) for text in (before, after)]
        return frames[0] == frames[1] and all(
            a == b or self.link_follows(a[1], b[1]) for a, b in zip(ours, theirs)
        )

    def is_logical_form(self, before, after):
        """`--unresolved keep`: {reference: "T?identifier=s|v", …} became {type, identifier, …}."""
        conditional = CONDITIONAL.match(str(before.get("reference") or ""))
        if not (self.logical and conditional and after.get("reference") is None):
            return False
        system, _, value = urllib.parse.unquote(conditional[2]).partition("|")
        identifier = after.get("identifier")
        others = lambda members: [m for m in members if m[0] not in ("reference", "type", "identifier")]
        return (isinstance(identifier, Members) and identifier.get("system") == system
                and identifier.get("value") == value
                and after.get("type") in (None, conditional[1]) and others(before) == others(after))

    def value(self, where, before, after):
        if isinstance(before, Members) and isinstance(after, Members):
            if not self.is_logical_form(before, after):
                self.members(where, before, after)
        elif type(before) is not type(after):
            self.note(where, f"was {kind(before)}, is {kind(after)}")
        elif isinstance(before, list):
            if len(before) != len(after):
                self.note(where, f"had {len(before)} elements, has {len(after)}")
            for index, (a, b) in enumerate(zip(before, after)):
                self.value(f"{where}[{index}]", a, b)
        elif before != after and not (isinstance(before, str) and not isinstance(before, Number)
                                      and self.link_follows(before, after)):
            self.note(where, f"was {brief(before)}, is {brief(after)}")

    def members(self, where, before, after, ignored=()):
        ours = [m for m in before if m[0] not in ignored]
        theirs = [m for m in after if m[0] not in ignored]
        if [n for n, _ in ours] != [n for n, _ in theirs]:
            self.note(where, f"had {[n for n, _ in ours]}, has {[n for n, _ in theirs]}")
            known = dict(theirs)
            ours = [m for m in ours if m[0] in known]
            theirs = [(n, known[n]) for n, _ in ours]
        for (name, a), (_, b) in zip(ours, theirs):
            self.value(f"{where}.{name}", a, b)

    def meta(self, where, before, after):
        before, after = before or Members(), after or Members()
        for name in GROWING_META:
            a, b = before.get(name) or [], after.get(name) or []
            if b[: len(a)] != a:
                self.note(f"{where}.{name}", "lost or changed an entry")
        fixed = [m for m in after if m[0] not in ASSIGNED_META | GROWING_META]
        self.members(where, Members(before), Members(fixed), ASSIGNED_META | GROWING_META)

    def record(self, record):
        if record.partner is None:
            self.note(record.label(), "is missing from the export")
            return
        where = f"{record.label()} → {record.partner.label()}"
        before, after = record.resource, record.partner.resource
        self.members(f"{where} {record.type}", before, after, ("id", "meta"))
        self.meta(f"{where} {record.type}.meta", before.get("meta"), after.get("meta"))


def kind(value):
    if isinstance(value, Number):
        return f"number {value}"
    return {Members: "object", list: "array", str: "string"}.get(type(value), json.dumps(value))


def brief(value):
    text = value if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"


def read_map(path):
    found = {}

    def walk(value):
        if isinstance(value, dict):
            source = value.get("fullUrl") or value.get("source")
            target = value.get("reference") or value.get("location")
            if isinstance(source, str) and isinstance(target, str):
                found[source] = target.partition("/_history/")[0]
            else:
                texts = {k: v for k, v in value.items() if isinstance(v, str) and LITERAL.match(v)}
                found.update({k: v for k, v in texts.items() if is_link(k)})
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    with open(path, encoding="utf-8") as file:
        walk(json.load(file))
    return found


def compare(originals, exported, mapped=None, allow_extra=(), logical=False):
    """The differences, as texts. Both arguments are lists of (full URL or None, resource)."""
    originals = [Record(*one) for one in originals]
    exported = [Record(*one) for one in exported]
    pair(originals, exported, mapped or {})
    comparison = Comparison(originals, exported, logical)
    for record in originals:
        comparison.record(record)
    for record in exported:
        if record.partner is None and record.type not in allow_extra:
            comparison.note(record.label(), "is in the export and was never imported")
    return comparison.differences


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--original", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--exported", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--map", metavar="FILE")
    parser.add_argument("--allow-extra", nargs="+", default=[], metavar="TYPE")
    parser.add_argument("--logical-references", action="store_true")
    parser.add_argument("--limit", type=int, default=50, help="how many differences to print")
    options = parser.parse_args(arguments)
    try:
        originals = [one for path in options.original for one in resources(path)]
        exported = [one for path in options.exported for one in resources(path)]
        mapped = read_map(options.map) if options.map else {}
    except (OSError, ValueError, Unreadable) as error:
        print(f"compare_fhir: {error}", file=sys.stderr)
        return 2
    if not originals:
        print("compare_fhir: nothing to compare", file=sys.stderr)
        return 2
    differences = compare(originals, exported, mapped, options.allow_extra, options.logical_references)
    for difference in differences[: options.limit]:
        print(difference)
    if len(differences) > options.limit:
        print(f"… and {len(differences) - options.limit} more")
    print(f"{len(originals)} resources compared, {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
