#!/usr/bin/env python3
"""Writes daemon/ctl/bench_rules.yaml from the peers' rules.json.

usage: convert_rules.py RULES_JSON > daemon/ctl/bench_rules.yaml

Every engine of the comparison gets its rules from that file in its own form; this is ours. Three
facts get other names, because ours of those names are built in and mean something else.
"""

import json
import sys

FACTS = [
    ("annual_revenue", "money"), ("budget_remaining", "money"), ("employees", "integer"),
    ("products_owned", "integer"), ("product_catalogue_share", "number"),
    ("months_since_last_purchase", "integer"), ("replacement_months", "integer"),
    ("customer_years", "number"), ("open_complaints", "integer"), ("satisfaction", "number"),
    ("competitor_contact", "boolean"), ("referrals", "integer"), ("segment", "text"),
    ("region", "text"), ("industry", "text"), ("vip", "boolean"), ("renewal_in_days", "integer"),
    ("review_days", "integer"), ("discount_rate", "number"), ("owner", "text"),
]
OTHER_NAMES = {
    "tenure_years": "customer_years",
    "months_to_replacement": "replacement_months",
    "last_review_days": "review_days",
}


def fact(name):
    return OTHER_NAMES.get(name, name)


def literal(value):
    return json.dumps(value)


def expression(node):
    if not isinstance(node, list):
        return literal(node)
    name = node[0]
    if name == "f":
        return fact(node[1])
    if name in ("min", "max"):
        return f"{name}({expression(node[1])}, {expression(node[2])})"
    inner = [f"({expression(part)})" if isinstance(part, list) and part[0] in "+-" else expression(part)
             for part in node[1:]]
    return f"{inner[0]} {name} {inner[1]}"


def condition(node, nested=False):
    name = node[0]
    if name in ("and", "or"):
        sign = " && " if name == "and" else " || "
        joined = sign.join(condition(part, True) for part in node[1:])
        return f"({joined})" if nested else joined
    if name == "not":
        return f"!({condition(node[1])})"
    if name == "b":
        return fact(node[1])
    if name == "null":
        return f"{fact(node[1])} == null"
    if name == "notnull":
        return f"{fact(node[1])} != null"
    if name == "in":
        return f"{fact(node[1])} in {literal(node[2])}"
    if name == "range":
        joined = f"{fact(node[1])} >= {node[2]} && {fact(node[1])} <= {node[3]}"
        return f"({joined})" if nested else joined
    return f"{expression(node[1])} {name} {literal(node[2])}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        source = json.load(file)
    print("# The workload of the scoring benchmark: 20 facts, 50 rules. Made by tests/bench/scoring/convert_rules.py.")
    print("facts:")
    for name, kind in FACTS:
        print(f"  {name}: {{ type: {kind}, from: accounts.{name} }}")
    print("rules:")
    for rule in source["rules"]:
        print(f"  - id: {rule['id']}")
        if "when" in rule:
            print(f"    when: >-\n      {condition(rule['when'])}")
            print(f"    points: {rule['points']}")
        else:
            print(f"    points: >-\n      {expression(rule['value'])}")
    print(f"score: {{ base: {source['base']}, min: {source['min']}, max: {source['max']} }}")
    (high, _), (medium, _), _ = source["bands"]
    print("levels:")
    print(f"  high:   {{ from: {high}, not_before: 2 weeks,  review_every: 1 month,   at_latest: 6 weeks }}")
    print(f"  medium: {{ from: {medium}, not_before: 2 months, review_every: 4 months,  at_latest: 6 months }}")
    print(f"  low:    {{ from: {source['min']},  not_before: 9 months, review_every: 11 months, at_latest: 12 months }}")


main()
