"""Reads FHIR JSON without losing anything: number literals, member order, duplicate members.

Shared by the checkers here. Nothing in it comes from PeerChart, so that both cannot be wrong in
the same way.
"""

import json
import pathlib


class Number(str):
    """A number exactly as written: `1.10` is not `1.1`."""


class Members(list):
    """An object's members in their order, as (name, value) pairs."""

    def get(self, name, default=None):
        for key, value in self:
            if key == name:
                return value
        return default


class Unreadable(Exception):
    """A file that is not what it should be; the message names it."""


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_float=Number,
    parse_int=Number,
    parse_constant=_refuse_constant,
)

# A Bundle of one of these types is a parcel of resources, any other is a resource of its own.
PARCELS = {"transaction", "batch", "collection", "searchset", "history"}


def documents(path):
    """The JSON texts in a file: one, or one a line in NDJSON."""
    text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        if str(path).endswith(".ndjson") or (len(lines) > 1 and lines[0].lstrip().startswith("{")
                                             and lines[0].rstrip().endswith("}")):
            return [_decoder.decode(line) for line in lines]
        return [_decoder.decode(text)]
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from error


def resources(path):
    """Yields (full URL or None, resource) for everything in a file, parcels opened."""
    for document in documents(path):
        if not isinstance(document, Members) or not document.get("resourceType"):
            raise Unreadable(f"{path}: not a FHIR resource")
        if document.get("resourceType") == "Bundle" and document.get("type") in PARCELS:
            for entry in document.get("entry") or []:
                if entry.get("resource") is not None:
                    yield entry.get("fullUrl"), entry.get("resource")
        else:
            yield None, document


def strings(value, path=""):
    """Yields (path without indexes, string) for every string below a value."""
    if isinstance(value, Members):
        for name, inner in value:
            yield from strings(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)
    elif isinstance(value, str) and not isinstance(value, Number):
        yield path, value
