"""A small portfolio in files: ten accounts with names in many scripts, two owners, one manager."""

NAMES = [
    ("hartley", "Hartley Print"),
    ("orbis", "Orbis Dental"),
    ("rahman", "রহমান ট্রেডার্স, ঢাকা"),
    ("noor", "شركة النور للتجارة"),
    ("rocket", "Rocket 🚀 & Söhne <GmbH>"),
    ("quote", 'The "Quoted" Company, Ltd.'),
    ("sakura", "桜商事株式会社"),
    ("zwj", "Familie 👩‍👩‍👧 Café"),
    ("apos", "O'Brien; DROP TABLE accounts"),
    ("plain", "Plain Metals"),
]


def csv_field(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def csv(header, rows):
    lines = [",".join(header)] + [",".join(csv_field(str(field)) for field in row) for row in rows]
    return "\n".join(lines) + "\n"


def write_tables(story, accounts=None):
    accounts = NAMES if accounts is None else accounts
    story.write(
        "data/people.csv",
        csv(
            ["key", "name", "email", "manager"],
            [
                ["jo", "Jo Marsh", "jo@reviews.example", "kim"],
                ["ana", "Ana Ruiz", "ana@reviews.example", "kim"],
                ["kim", "Kim Osei", "kim@reviews.example", ""],
            ],
        ),
    )
    story.write(
        "data/accounts.csv",
        csv(
            ["key", "name", "owner", "budget"],
            [
                [key, name, "jo" if index % 2 == 0 else "ana", 5000 * (index + 1)]
                for index, (key, name) in enumerate(accounts)
            ],
        ),
    )
    story.write(
        "data/purchases.csv",
        csv(
            ["key", "account", "product", "date", "amount"],
            [
                [f"p{index}-{number}", key, f"product-{number}", f"2026-0{number + 1}-15", 1000]
                for index, (key, _) in enumerate(accounts)
                for number in range(index % 3 + 1)
            ],
        ),
    )


CONFIGURATION = """\
---
company: {{ name: Acme, zone: Europe/London, currency: EUR }}
data_directory: data
sources:
  people:
    table: people
    file: people.csv
    columns: {{ key: key, name: name, email: email, manager: manager }}
  accounts:
    table: accounts
    file: accounts.csv
    columns: {{ key: key, name: name, owner: owner, budget: budget }}
  purchases:
    table: purchases
    file: purchases.csv
    columns: {{ key: key, account: account, product: product, date: date, amount: amount }}
people:
  defaults: {{ channels: [{channels}], remind_at: "08:00" }}
channels:
{channel_blocks}
retry: {{ first: 5 minutes, largest: 67 minutes, give_up_after: 5 days }}
...
"""

RULES = """\
---
facts:
  budget:         { type: money,   from: accounts.budget }
  products_owned: { type: integer, count_distinct: purchases.product }
rules:
  - id: room-to-grow
    when: >-
      products_owned in [1, 2] && budget > 20000
    points: 45
    because: { en: "Owns {{products_owned}} and has {{budget}} left to spend" }
  - id: small
    when: budget < 10000
    points: -10
score: { base: 20, min: 0, max: 100 }
levels:
  high:   { from: 60, not_before: 2 weeks,  review_every: 1 month,   at_latest: 6 weeks }
  medium: { from: 15, not_before: 2 months, review_every: 4 months,  at_latest: 6 months }
  low:    { from: 0,  not_before: 9 months, review_every: 11 months, at_latest: 12 months }
...
"""


def channel_blocks(mail_port=None, web_port=None, secret_file=None, lines=None):
    blocks = []
    if mail_port:
        blocks.append(
            f"  mail: {{ type: smtp, host: 127.0.0.1, port: {mail_port}, tls: none, "
            "from: reviews@reviews.example }"
        )
    if web_port:
        blocks.append(
            f'  hook: {{ type: webhook, url: "http://127.0.0.1:{web_port}/hook", allow_http: true, '
            f"allow_hosts: [127.0.0.1], secret_file: {secret_file} }}"
        )
    if lines:
        blocks.append(f"  lines: {{ type: file, path: {lines} }}")
    return "\n".join(blocks)


def write_configuration(story, mail_port=None, web_port=None, rules=RULES):
    """One channel per sink; without any, a file of JSON lines."""
    secret = story.write("webhook.secret", "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n")
    secret.chmod(0o600)
    lines = None if mail_port or web_port else story.directory / "delivered.jsonl"
    names = [name for name, there in (("mail", mail_port), ("hook", web_port), ("lines", lines)) if there]
    story.write("rules/scoring.yaml", rules)
    return story.write(
        "reviewd.yaml",
        CONFIGURATION.format(
            channels=", ".join(names),
            channel_blocks=channel_blocks(mail_port, web_port, secret, lines),
        ),
    )
