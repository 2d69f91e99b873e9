"""Reads GraphQL documents with graphql-core and says where it does not agree with us.

usage: check_graphql.py FILE

Each line of FILE is {"query": …, "verdict": "ok" or the code of our error}. Prints one line of JSON: how
many both take, how many both refuse, and the differences. Judged are the grammar and the rules about
names that need no schema; what we refuse for its size is left out.
"""

import json
import sys

from graphql import GraphQLError, build_schema, parse, validate
from graphql.language import ast
from graphql.validation import specified_rules

NAMES = {
    "ExecutableDefinitionsRule",
    "UniqueOperationNamesRule",
    "LoneAnonymousOperationRule",
    "UniqueFragmentNamesRule",
    "KnownFragmentNamesRule",
    "NoFragmentCyclesRule",
    "UniqueVariableNamesRule",
    "NoUndefinedVariablesRule",
    "UniqueArgumentNamesRule",
    "UniqueInputFieldNamesRule",
}
RULES = [rule for rule in specified_rules if rule.__name__ in NAMES]
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}
SCHEMA = build_schema("type Query { a: Int } type Mutation { a: Int }")


def suits(kind, value):
    """Whether a default can be of a type, where every type that is named is a scalar."""
    if isinstance(kind, ast.NonNullTypeNode):
        return not isinstance(value, ast.NullValueNode) and suits(kind.type, value)
    if isinstance(value, ast.NullValueNode):
        return True
    if isinstance(kind, ast.ListTypeNode):
        if isinstance(value, ast.ListValueNode):
            return all(suits(kind.type, one) for one in value.values)
        return suits(kind.type, value)
    if isinstance(value, ast.EnumValueNode):
        # A name may be a code; the language's own scalars are written otherwise.
        return kind.name.value not in BUILT_IN
    return not isinstance(value, (ast.ListValueNode, ast.ObjectValueNode))


def empty_selections(node):
    """Yields for each `{}` in the place of fields: graphql-core takes it, the grammar does not."""
    for name in node.keys:
        value = getattr(node, name, None)
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, ast.Node):
                if isinstance(one, ast.SelectionSetNode) and not one.selections:
                    yield True
                yield from empty_selections(one)


def taken(text):
    """Whether graphql-core takes a document of one operation."""
    try:
        document = parse(text, no_location=True)
    except GraphQLError:
        return False
    if validate(SCHEMA, document, RULES) or any(empty_selections(document)):
        return False
    operations = [one for one in document.definitions if isinstance(one, ast.OperationDefinitionNode)]
    if len(operations) != 1:
        return False
    # The other kinds are refused before their variables are looked at.
    if operations[0].operation.value != "query":
        return True
    for variable in operations[0].variable_definitions or ():
        if variable.default_value is None:
            if isinstance(variable.type, ast.NonNullTypeNode):
                return False
        elif not suits(variable.type, variable.default_value):
            return False
    return True


def main():
    assert len(RULES) == len(NAMES), "a rule has another name"
    report = {"taken": 0, "refused": 0, "differences": []}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if case["verdict"] == "too-large":
                continue
            ours = case["verdict"] in ("ok", "not-supported")
            theirs = taken(case["query"])
            if ours == theirs:
                report["taken" if ours else "refused"] += 1
            else:
                report["differences"].append([case["verdict"], case["query"]])
    print(json.dumps(report))


main()
