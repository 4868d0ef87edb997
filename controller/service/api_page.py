"""The page of a web API for people: what can be asked, with a form to try it. Needs nothing but the server itself."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
form {{ border-top: 1px solid #8886; padding: .8rem 0 }}
code, pre, textarea, input {{ font-family: ui-monospace, monospace }}
textarea {{ width: 100%; box-sizing: border-box }}
pre {{ overflow-x: auto }}
b {{ display: inline-block; min-width: 4.5rem }}
label {{ margin-right: 1rem }}
</style>
<body data-up="{up}">
<h1>{title}</h1>
<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>
<datalist id="devices">{devices}</datalist>
"""
SCRIPT = """<script>
for (const form of document.forms) form.onsubmit = async event => {
  event.preventDefault()
  const shown = form.querySelector("pre"), fields = new FormData(form)
  let path = form.dataset.path
  const query = new URLSearchParams()
  for (const [name, value] of fields) {
    if (name === "body" || value === "") continue
    if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(value))
    else query.set(name, value)
  }
  const body = fields.get("body") || undefined
  const headers = body ? {"Content-Type": "application/json"} : {}
  try {
    const where = document.body.dataset.up + path.slice(1) + (query.size ? `?${query}` : "")
    const answer = await fetch(where, {method: form.dataset.method, body, headers})
    const text = await answer.text()
    let pretty = text
    try { pretty = JSON.stringify(JSON.parse(text), null, 1) } catch { }
    shown.textContent = `${answer.status}\n${pretty}`
  } catch (problem) { shown.textContent = problem }
}
</script>
</html>
"""


def page(api: Mapping[str, Any], devices: Sequence[str], up: str = "") -> str:
    """All operations of an OpenAPI description; `devices` are offered where a name is asked for.

    `up`: the way from the page to where the paths begin.
    """
    options = "".join(f'<option value="{escape(each, quote=True)}">' for each in devices)
    head = HEAD.format(title=escape(str(api["info"]["title"])), devices=options, up=escape(up, quote=True))
    forms = [
        _form(path, method, operation, devices)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    return head + "\n".join(forms) + SCRIPT


def _form(path: str, method: str, operation: Mapping[str, Any], devices: Sequence[str]) -> str:
    """One operation: what it does, a field for each parameter, and what it answers."""
    fields = "".join(_field(each, devices) for each in operation.get("parameters", ()))
    body = ""
    if "requestBody" in operation:
        body = '<textarea name="body" rows="2" placeholder="JSON">{}</textarea>'
    text = escape(str(operation.get("description", operation.get("summary", ""))))
    return (
        f'<form data-path="{escape(path, quote=True)}" data-method="{method.upper()}"><div><b>{method.upper()}</b> '
        f"<code>{escape(path)}</code></div><p>{text}</p>{fields}{body} <button>send</button><pre></pre></form>"
    )


def _field(parameter: Mapping[str, Any], devices: Sequence[str]) -> str:
    name = escape(str(parameter["name"]), quote=True)
    first = escape(devices[0], quote=True) if name == "name" and devices else ""
    needed = " required" if parameter.get("required") else ""
    return f'<label>{name} <input name="{name}" value="{first}" list="devices"{needed}></label>'
