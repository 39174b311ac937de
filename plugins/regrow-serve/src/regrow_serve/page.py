"""What the server says of itself: the OpenAPI document, and a page on which a person tries a row."""

import html as text
import json
from typing import Any

from regrow_serve.bundle import Bundle
from regrow_serve.schema import Column

HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
]
TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date-time"},
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Try the model</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
label{display:grid;grid-template-columns:14rem 1fr;gap:1rem;margin:.4rem 0}
input{font:inherit;padding:.2rem .4rem}small{grid-column:2;color:#555}
button{font:inherit;padding:.4rem 1.2rem;margin:1rem 0}output{display:block;white-space:pre-wrap}</style>
<h1>Try the model</h1><p>It predicts <b>TARGET</b>. Bundle <code>DIGEST</code>.</p>
<form id="row">FIELDS<button>Predict</button></form><output id="answer" aria-live="polite"></output>
<script>
const form = document.getElementById("row"), answer = document.getElementById("answer");
function read(input) {
  if (input.value === "") return null;
  if (input.dataset.kind === "integer" || input.dataset.kind === "number") {
    return Number.isNaN(Number(input.value)) ? input.value : Number(input.value);
  }
  return input.dataset.kind === "boolean" ? ({"true": true, "false": false})[input.value] ?? input.value : input.value;
}
function say(remarks) { return (remarks || []).map(r => `${r.column}: ${r.reason} (${r.value ?? "nothing"})` +
  (r.allowed ? `; allowed: ${r.allowed}` : "")).join("\\n"); }
form.addEventListener("submit", async event => {
  event.preventDefault();
  const row = Object.fromEntries([...form.querySelectorAll("input")].map(input => [input.name, read(input)]));
  const response = await fetch("v1/predict", {method: "POST", body: JSON.stringify({rows: [row]})});
  const said = await response.json();
  if (!response.ok) { answer.textContent = `refused: ${said.error}\\n${say(said.errors)}`; return; }
  const one = said.answers[0];
  const shares = Object.entries(one.probabilities || {}).map(([k, p]) => `${k}: ${(100 * p).toFixed(1)} %`).join(", ");
  answer.textContent = [`prediction: ${one.prediction}`, shares, `guard: ${one.guard}`,
    `from: ${one.source} ${one.why || ""}`, say(one.remarks)].join("\\n");
});
</script></html>
"""


def html(bundle: Bundle) -> bytes:
    """The page; its form holds an example row."""
    example = bundle.examples()[0]["row"]
    fields = "".join(_field(column, example.get(column.name)) for column in bundle.schema.needed)
    made = PAGE.replace("TARGET", text.escape(bundle.about["target"])).replace("DIGEST", bundle.digest[:12])
    return made.replace("FIELDS", fields).encode()


def _field(column: Column, value: Any) -> str:
    shown = "" if value is None else json.dumps(value) if not isinstance(value, str) else value
    about = f"{column.low} to {column.high}" if column.low is not None else ", ".join((column.levels or ())[:8])
    name = text.escape(column.name, quote=True)
    held = text.escape(shown, quote=True)
    return (
        f'<label><span>{name}</span><input name="{name}" data-kind="{column.kind}" value="{held}">'
        f"<small>{text.escape(column.kind)} {text.escape(about)}</small></label>"
    )


def openapi(bundle: Bundle, prefix: str) -> dict[str, Any]:
    """OpenAPI 3.1, its rows typed by the bundle's schema."""
    needed = bundle.schema.needed
    row = {
        "type": "object",
        "required": [one.name for one in needed],
        "properties": {one.name: _type(one) for one in needed},
    }
    answer = {"type": "object", "properties": {"bundle": {"type": "string"}, "answers": {"type": "array"}}}
    body = {
        "type": "object",
        "required": ["rows"],
        "properties": {"rows": {"type": "array", "minItems": 1, "items": row}},
    }
    told = {
        "200": "answers",
        "400": "not such JSON",
        "413": "too large",
        "422": "refused by the guard",
        "429": "too many wait",
    }
    responses: dict[str, Any] = {code: {"description": said} for code, said in told.items()}
    responses["200"]["content"] = {"application/json": {"schema": answer}}
    predict = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": responses,
    }
    plain = {"get": {"responses": {"200": {"description": "ok"}}}}
    paths = {"/v1/predict": {"post": {"summary": f"Predict {bundle.about['target']}", **predict}}}
    infer = {f"{prefix}/infer": {"post": {"responses": responses}}}
    rest = dict.fromkeys(("/healthz", "/readyz", "/metrics", "/bundle.json"), plain)
    info = {"title": bundle.about.get("name") or "model", "version": bundle.digest[:12]}
    return {"openapi": "3.1.0", "info": info, "paths": {**paths, **infer, **rest}}


def _type(column: Column) -> dict[str, Any]:
    made = dict(TYPES[column.kind])
    if column.nullable:
        made["type"] = [made["type"], "null"]
    return made
