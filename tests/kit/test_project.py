"""The project as it is installed: one version, one licence, no dependency that nothing uses."""

import re
import tomllib
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

import tandem
from tests.cli.forked import forked

HERE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BY_NAME = {"argon2-cffi": "django.contrib.auth.hashers.Argon2PasswordHasher"}
"""Dependencies that another one imports for us, and what in our settings asks for it."""
SOURCE = "\n".join(
    file.read_text(encoding="utf-8")
    for file in (HERE / "tandem").rglob("*.py")
    if "migrations" not in file.parts
)


def test_every_dependency_is_used() -> None:
    """By an import, a setting's name of it, or what is said in ``BY_NAME``."""
    names = {re.split(r"[\[>=<; ]", one)[0] for one in PROJECT["dependencies"]}
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for one in distributions:
            modules.setdefault(one.lower().replace("_", "-"), set()).add(module)
    unused = [name for name in sorted(names) if not _is_used(name, modules.get(name, set()))]
    assert unused == []


def _is_used(name: str, modules: set[str]) -> bool:
    if name in BY_NAME:
        return BY_NAME[name] in SOURCE
    return any(
        re.search(rf"(import|from) {module}\b|[\"']{module}[\"'.]", SOURCE) for module in modules
    )


def test_the_version_stands_in_one_place() -> None:
    """What is installed, what the command says and what the code knows are one."""
    assert metadata("tandem")["Version"] == tandem.__version__
    said = forked("--version")
    assert (said.returncode, said.stdout.strip()) == (0, f"tandem {tandem.__version__}")
    assert "version" in PROJECT["dynamic"]


def test_the_licence_is_named_where_people_look() -> None:
    """By its SPDX name."""
    assert PROJECT["license"] == metadata("tandem")["License-Expression"]
    assert f"`{PROJECT['license']}`" in (HERE / "README.md").read_text(encoding="utf-8")
