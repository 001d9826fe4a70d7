"""What Tandem is made of: locked by version and hash, listed, under licences that allow it."""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.security.asvs import ROOT
from tests.security.parts_list import LIST

LOCKS = ("build.txt", "run.txt", "test.txt")
LINE = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][\w.!+-]*)(?: ; [^\\]+?)?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
    re.MULTILINE,
)
PERMISSIVE = re.compile(
    r"(0BSD|Apache-2\.0|BSD-[23]-Clause|ISC|MIT|MIT-0|PSF-2\.0"
    r"|(MIT|BSD|Apache Software|ISC) License( \(ISCL\))?)"
)
USED_AS_THEY_ARE = {
    "CC0-1.0": {"numpy"},  # of parts of it, beside BSD-3-Clause
    "Zlib": {"numpy"},
    "LGPL-3.0-only": {"psycopg", "psycopg-binary", "psycopg-pool"},
    "MPL-2.0": {"orjson"},
    "Mozilla Public License 2.0 (MPL 2.0)": {"fido2"},
    "Other/Proprietary License": {"qrcode"},  # named beside BSD, which is what its file LICENSE has
}
"""Licences that ask for more, and of whom: they are installed as they are, and not changed."""
SAYS_NOTHING = {"pyrage": "MIT"}
"""Packages whose metadata has no licence; what their source says."""


def locked(file: str) -> dict[str, tuple[str, set[str]]]:
    """Return version and hashes of each package of a lock, and refuse a line of another form."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    found = {one["name"]: (one["version"], hashes(one["hashes"])) for one in LINE.finditer(text)}
    assert LINE.sub("", text).strip() == ""
    return found


def hashes(text: str) -> set[str]:
    return set(re.findall(r"sha256:([0-9a-f]{64})", text))


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_has_one_version_and_its_hashes(file: str) -> None:
    """No address, no range, nothing without a hash."""
    assert locked(file)


def test_the_list_of_parts_is_that_of_the_lock() -> None:
    """``make sbom`` makes it anew; it names no address."""
    text = LIST.read_text(encoding="utf-8")
    listed = json.loads(text)
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "tandem")
    assert {
        one["name"]: (one["version"], {it["content"] for it in one["hashes"]})
        for one in listed["components"]
    } == locked("run.txt")
    assert {one["purl"] for one in listed["components"]} == {
        f"pkg:pypi/{name}@{version}" for name, (version, _) in locked("run.txt").items()
    }
    assert "://" not in text.replace(listed["$schema"], "")


def licences(name: str) -> set[str]:
    """Return what an installed package says of its licence, each name by itself."""
    said = metadata(name)
    classified = [one for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    whole = said["License-Expression"] or SAYS_NOTHING.get(name)
    found = [whole] if whole else [one.rpartition(" :: ")[2] for one in classified]
    found = found or [str(said["License"])]
    return {part for one in found for part in re.split(r" (?:AND|OR) \(?|\) (?:AND|OR) ", one)}


def test_every_licence_is_known() -> None:
    """Of what is installed here; a package for another system has no metadata to read."""
    for name in locked("run.txt"):
        try:
            found = licences(name)
        except PackageNotFoundError:
            continue
        assert found, name
        for one in found:
            assert PERMISSIVE.fullmatch(
                one.removesuffix(")") if "(" not in one else one
            ) or name in USED_AS_THEY_ARE.get(one, set()), (name, one)


def test_what_is_installed_is_what_is_locked() -> None:
    for name, (version, _) in locked("run.txt").items():
        try:
            assert metadata(name)["Version"] == version, name
        except PackageNotFoundError:
            continue
