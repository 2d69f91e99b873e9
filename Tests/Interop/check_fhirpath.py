"""Evaluates FHIRPath expressions with fhirpathpy and says where its results are not ours.

usage: check_fhirpath.py FILE

Each line of FILE is {"resource": …, "results": [[expression, value, …], …]}. Prints one line of JSON:
how many were compared and agree, what fhirpathpy could not evaluate, and the differences.
"""

import collections
import copy
import json
import re
import sys

import fhirpathpy
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models


# The resource that is being looked at.
current = {}


def resolve(references):
    """What is contained, or a resource of which only the type in the reference's text is known."""
    found = []
    for reference in references:
        data = getattr(reference, "data", reference)
        text = data.get("reference") if isinstance(data, dict) else data
        if not isinstance(text, str):
            continue
        if text.startswith("#"):
            inside = current["resource"].get("contained", [])
            found += [ResourceNode.create_node(one) for one in inside if one.get("id") == text[1:]]
            continue
        parts = text.split("/")
        if len(parts) >= 4 and parts[-2] == "_history":
            parts = parts[:-2]
        if len(parts) >= 2:
            found.append(ResourceNode.create_node({"resourceType": parts[-2]}))
    return found


OPTIONS = {
    "userInvocationTable": {"resolve": {"fn": resolve, "arity": {0: []}}},
    "traceFn": lambda *_: None,
}


def plain(value):
    """A value as JSON has it, numbers by their worth."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {name: plain(child) for name, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def is_companion(value):
    return isinstance(value, dict) and set(value) <= {"id", "extension"}


def main(path):
    compiled = {}
    counts = collections.Counter()
    failures = collections.Counter()
    differences = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            for expression, *ours in case["results"]:
                # fhirpathpy writes into what it is given.
                resource = copy.deepcopy(case["resource"])
                current["resource"] = resource
                try:
                    if expression not in compiled:
                        compiled[expression] = fhirpathpy.compile(
                            # It does not know that a Patient is a Resource.
                            re.sub(r"\bResource\.", "", expression),
                            models["r4"],
                            OPTIONS,
                        )
                    theirs = compiled[expression](resource, {"resource": resource})
                except Exception as error:
                    failures[f"{type(error).__name__}: {expression}"] += 1
                    continue
                counts["compared"] += 1
                # A primitive without a value, of which it gives the id and the extensions.
                theirs = [one for one in theirs if not is_companion(one)]
                if plain(theirs) == plain(ours):
                    counts["equal"] += 1
                else:
                    name = f"{resource['resourceType']}/{resource.get('id')}"
                    differences.append([expression, name, plain(ours), plain(theirs)])
    print(
        json.dumps(
            {
                "compared": counts["compared"],
                "equal": counts["equal"],
                "failures": dict(failures.most_common(40)),
                "differences": differences[:200],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
