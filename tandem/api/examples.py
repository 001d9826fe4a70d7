"""An example for each body that is sent: the least that it takes, and ``dryRun`` where it is known.

Where the least says little (one of two members has to be there), the schema has an example of its
own. Ids, which only the caller knows, stand in braces, as in a path: ``{toTutorId}``.
"""

from typing import Any

Json = dict[str, Any]
TEXTS = {
    "date": "2027-03-01",
    "date-time": "2027-03-01T16:00:00Z",
    "time": "16:00",
}


def example_of(schema: Json, schemas: Json) -> Any:
    """Return an example of a body; ``schemas`` are the document's components."""
    if any(one == {"type": "null"} for one in schema.get("anyOf", ())):
        return _members(_whole(schema["anyOf"][0], schemas), schemas, least=0)
    return _members(_whole(schema, schemas), schemas, least=1)


def _members(schema: Json, schemas: Json, least: int) -> Any:
    if schema.get("examples"):
        return schema["examples"][0]
    known = schema.get("properties", {})
    wanted = list(schema.get("required", ())) or list(known)[:least]
    made = {name: _value(name, known[name], schemas) for name in wanted}
    return {**made, "dryRun": True} if "dryRun" in known else made


def _value(name: str, schema: Json, schemas: Json) -> Any:
    schema = _whole(schema, schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for given in ("const", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("enum"):
        return schema["enum"][0]
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0], schemas)
    return _of_kind(name, schema, schemas)


def _of_kind(name: str, schema: Json, schemas: Json) -> Any:
    match schema.get("type"):
        case "object":
            return _members(schema, schemas, least=1)
        case "array":
            return [_value(name.removesuffix("s"), schema["items"], schemas)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return TEXTS.get(schema.get("format", ""), f"{{{name}}}")


def _whole(schema: Json, schemas: Json) -> Json:
    """Return what a reference stands for."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    return schema
