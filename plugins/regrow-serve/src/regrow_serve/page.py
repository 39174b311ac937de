"""What the server says of itself: the OpenAPI document, and a page on which a person tries a row."""

import html as text
import json
from typing import Any

from regrow_serve.bundle import Bundle
from regrow_serve.form import FORM
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
FEW, MOST_LEVELS = 6, 100  # levels that a field shows, and proposes


def html(bundle: Bundle) -> bytes:
    """The page; its form holds an example row."""
    example = bundle.examples()[0]["row"]
    fields = "".join(_field(column, example.get(column.name)) for column in bundle.schema.needed)
    made = FORM.replace("@TARGET@", text.escape(bundle.about["target"])).replace("@DIGEST@", bundle.digest[:12])
    return made.replace("@FIELDS@", fields).encode()


def _field(column: Column, value: Any) -> str:
    """A label with an input of its own; levels are proposed, and anything may be written."""
    if column.kind == "integer" and isinstance(value, float):
        value = int(value)  # a column with gaps holds floats
    shown = "" if value is None else json.dumps(value) if not isinstance(value, str) else value
    name, held = text.escape(column.name, quote=True), text.escape(shown, quote=True)
    levels = ("true", "false") if column.kind == "boolean" else (column.levels or ())
    proposed = "".join(f'<option value="{text.escape(one, quote=True)}">' for one in levels[:MOST_LEVELS])
    listed = f' list="levels of {name}"' if proposed else ""
    options = f'<datalist id="levels of {name}">{proposed}</datalist>' if proposed else ""
    return (
        f'<label>{name}<input name="{name}" data-kind="{column.kind}" value="{held}"{listed}>'
        f"<small>{text.escape(_about(column))}</small>{options}</label>"
    )


def _about(column: Column) -> str:
    """What a value is, and what training had."""
    few = ", ".join((column.levels or ())[:FEW]) + (", ..." if len(column.levels or ()) > FEW else "")
    known = f"{_short(column.low)} to {_short(column.high)}" if column.low is not None else few
    kind = "minutes, or a time as 17:30" if column.is_clock else column.kind
    said = f"{kind}: {known}" if known else kind
    return f"{said}; may be empty" if column.nullable else said


def _short(bound: Any) -> str:
    return bound.removesuffix("T00:00:00") if isinstance(bound, str) else f"{bound:.6g}"


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
    types = [made["type"], *(["string"] if column.is_clock else []), *(["null"] if column.nullable else [])]
    return made | {"type": types if len(types) > 1 else types[0]}
