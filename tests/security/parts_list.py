"""The list of Tandem's parts (an SBOM): ``make sbom`` pipes what cyclonedx-py says through this.

Kept is what the lock says: name, version and hashes of each package. Where it was got from is not.
"""

import json
import sys
from pathlib import Path
from typing import Any

LIST = Path(__file__).parents[2] / "requirements" / "run.cdx.json"


def trimmed(made: dict[str, Any]) -> dict[str, Any]:
    """Return a CycloneDX document without addresses and without what made it."""
    return {
        "$schema": made["$schema"],
        "bomFormat": made["bomFormat"],
        "specVersion": made["specVersion"],
        "version": made["version"],
        "metadata": {"component": made["metadata"]["component"]},
        "components": [_component(one) for one in made["components"]],
    }


def _component(made: dict[str, Any]) -> dict[str, Any]:
    references = made.get("externalReferences", [])
    return {
        "type": made["type"],
        "bom-ref": made["purl"],
        "name": made["name"],
        "version": made["version"],
        "purl": made["purl"],
        "hashes": [one for reference in references for one in reference.get("hashes", [])],
    }


if __name__ == "__main__":
    text = json.dumps(trimmed(json.load(sys.stdin)), indent=1)
    LIST.write_text(f"{text}\n", encoding="utf-8")
