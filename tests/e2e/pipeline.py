"""The example of a real sales pipeline, with channels that a test listens on."""

import shutil

from harness import SOURCE


def crm_configuration(story, mail_port, web_port=None):
    """A copy of config/example/crm whose people are reached by mail, and by a webhook if there is a port."""
    folder = story.directory / "crm"
    shutil.copytree(SOURCE / "config" / "example" / "crm", folder)
    channels = ["mail"] + (["hook"] if web_port else [])
    lines = [
        "---",
        f"people: {{ defaults: {{ channels: [{', '.join(channels)}] }} }}",
        "channels:",
        f"  mail: {{ type: smtp, host: 127.0.0.1, port: {mail_port}, tls: none, from: reviews@reviews.example }}",
    ]
    if web_port:
        secret = story.write("webhook.secret", "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n")
        secret.chmod(0o600)
        lines.append(
            f'  hook: {{ type: webhook, url: "http://127.0.0.1:{web_port}/hook", allow_http: true, '
            f"allow_hosts: [127.0.0.1], secret_file: {secret} }}"
        )
    story.write("crm/conf.d/90-test.yaml", "\n".join([*lines, "...", ""]))
    return folder / "reviewd.yaml"
