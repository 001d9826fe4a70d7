"""What stands nowhere in Tandem's source, or in named places alone: ways in that stay shut."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("source")
ROOT = Path(__file__).parents[2] / "tandem"
PYTHON = sorted(one for one in ROOT.rglob("*.py"))
SHOWN = sorted([*ROOT.rglob("*.html"), *ROOT.rglob("*.js"), *ROOT.rglob("*.txt")])
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
UNSAFE = {"pickle", "marshal", "shelve", "yaml", "ctypes", "cffi", "xml", "lxml", "telnetlib"}
ASKS_OTHERS = {
    "urllib.request": {"serving/doctor.py"},
    "smtplib": {"serving/doctor.py", "web/letters.py", "people/notices.py", "lessons/sending.py"},
    "http.client": set[str](), "ftplib": set[str](), "requests": set[str](), "httpx": set[str](),
    "aiohttp": set[str](), "urllib3": set[str](),
}  # fmt: skip
"""Who speaks to another machine than the database: doctor with the site's own address, mail."""
CIPHERS = {
    "hashlib.sha256", "hashlib.file_digest", "cryptography.fernet.Fernet",
    "cryptography.fernet.MultiFernet",
    "cryptography.fernet.InvalidToken", "cryptography.exceptions.InvalidTag",
    "cryptography.exceptions.UnsupportedAlgorithm",
    "cryptography.hazmat.primitives.hashes.SHA256",
    "cryptography.hazmat.primitives.ciphers.aead.AESSIV",
    "cryptography.hazmat.primitives.kdf.hkdf.HKDF", "cryptography.x509.Certificate",
}  # fmt: skip
"""What is taken of the standard library's hashes and of cryptography; age is pyrage's."""
BROWSER = {
    "storage": r"localStorage|sessionStorage|indexedDB|document\.cookie",
    "markup": r"innerHTML|(?<!hx-swap=.)outerHTML|insertAdjacentHTML|document\.write",
    "run text": r"\beval\(|new Function",
    "script in a page": r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:",
    "another site": r"(?:src|href|action)=[\"'](?:https?:)?//",
    "plugins": r"<(?:object|embed|applet)\b",
    "messages": r"postMessage|addEventListener\([\"']message",
    "unescaped": r"\|\s*safe\b|autoescape off",
}


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """Return all that a file consists of, parsed and walked once for all tests."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in PYTHON:
        for node in nodes(file):
            if isinstance(node, ast.Call):
                yield f"{place(file)}:{node.lineno}", node


def imports() -> Iterator[tuple[str, str]]:
    """Yield who imports what: modules, and what is taken out of them."""
    for file in PYTHON:
        for node in nodes(file):
            if isinstance(node, ast.Import):
                yield from ((place(file), one.name) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield place(file), node.module
                yield from ((place(file), f"{node.module}.{one.name}") for one in node.names)


def test_no_text_is_run_as_a_program() -> None:
    """Not as Python, not by a shell; a template is a file of the package."""
    found = [
        where
        for where, call in calls()
        if (isinstance(call.func, ast.Name) and call.func.id in RUNS_TEXT)
        or any(one.arg == "shell" for one in call.keywords)
        or (isinstance(call.func, ast.Attribute) and call.func.attr in {"system", "from_string"})
    ]
    assert found == []


def test_nothing_is_read_that_could_bring_objects_along() -> None:
    """JSON is all that is read; XML, pickles and memory of other languages are not touched."""
    assert [one for one in imports() if one[1].split(".")[0] in UNSAFE] == []


def test_other_machines_are_asked_in_named_places_alone() -> None:
    """Whatever somebody sends, no request goes where it says."""
    for module, allowed in ASKS_OTHERS.items():
        assert {who for who, what in imports() if what == module} <= allowed, module


def test_what_is_served_has_no_sample() -> None:
    """Only the command line's demonstration and its sample database know them."""
    made_up = (
        "tandem.sample",
        "tandem.cli.demo",
        "tandem.cli.showcase",
        "tandem.cli.sample",
    )
    users = {who.partition(":")[0] for who, what in imports() if what.startswith(made_up)}
    inside = {one for one in users if one.startswith("sample/")}
    assert users - inside == {"cli/__init__.py", "cli/demo.py", "cli/sample.py"}


def test_patterns_are_constants() -> None:
    """Or made of constants; what comes from elsewhere is escaped in them."""
    found = [
        where
        for where, call in calls()
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "re"
        and call.func.attr != "escape"
        and not isinstance(call.args[0], ast.Constant)
        and "re.escape" not in ast.unparse(call.args[0])
        and any(isinstance(one, ast.Name) for one in ast.walk(call.args[0]))
    ]
    assert found == []


def test_hashes_and_ciphers_are_the_named_ones() -> None:
    """SHA-256, Fernet (AES-128-CBC with HMAC), AES-SIV of 256 bits, HKDF, age; none of our own."""
    taken = {
        what
        for _, what in imports()
        if what.startswith(("hashlib.", "cryptography.")) and not what.rpartition(".")[2].islower()
    } | {what for _, what in imports() if what.startswith("hashlib.")}
    taken |= {
        f"hashlib.{node.attr}"
        for file in PYTHON
        for node in nodes(file)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "hashlib"
    }
    assert taken == CIPHERS
    named = {node.arg: node.value for _, call in calls() for node in call.keywords}
    assert isinstance(algorithm := named["algorithm"], ast.Constant)
    assert algorithm.value == "sha256"


def test_what_nobody_may_guess_comes_from_secrets() -> None:
    """``random`` gives pauses alone."""
    found = [
        where
        for where, call in calls()
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "random"
    ]
    assert {one.partition(":")[0] for one in found} <= {
        "kit/transactions.py", "upgrade/live/short_locks.py",
    }  # fmt: skip


@pytest.mark.parametrize("what", BROWSER)
def test_pages_keep_away_from(what: str) -> None:
    """In templates, scripts and mails."""
    pattern = re.compile(BROWSER[what])
    found = [
        f"{place(file)}: {line.strip()[:80]}"
        for file in SHOWN
        if not (what == "unescaped" and file.suffix == ".txt")  # a mail's plain text
        for line in file.read_text(encoding="utf-8").splitlines()
        if pattern.search(line)
    ]
    assert found == []


def test_only_the_logo_and_spreadsheets_are_sent_as_files() -> None:
    """No other form has a field for one, and no other view looks for one."""
    words = re.compile(r"type=[\"']file|request\.FILES|FileField|ImageField|multipart/form-data")
    found = {place(one) for one in [*PYTHON, *SHOWN] if words.search(one.read_text("utf-8"))}
    assert found == {
        "web/forms/business.py",
        "web/views/business.py",
        "web/forms/imports.py",
        "web/views/imports.py",
        "web/templates/imports/bring_in.html",
    }


def test_the_log_goes_to_standard_error_alone() -> None:
    """Where it is kept, and who may read it there, is for who runs Tandem to say."""
    words = re.compile(r"FileHandler|SysLogHandler|SocketHandler|HTTPHandler|QueueHandler")
    assert [place(one) for one in PYTHON if words.search(one.read_text("utf-8"))] == []


def test_scripts_use_no_key_that_was_sent() -> None:
    """Our scripts write to no property whose name is not in the source."""
    ours = ROOT / "web/static/tandem/tandem.js"
    written = re.compile(r"\[[^\]\"'`]+\]\s*=[^=]|__proto__|prototype|Object\.assign")
    assert written.findall(ours.read_text(encoding="utf-8")) == []


def test_debugging_is_off_whatever_the_environment_says() -> None:
    """The setting is a constant, and nothing else sets it."""
    found = [
        ast.unparse(node.value)
        for node in nodes(ROOT / "settings.py")
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DEBUG"
    ]
    assert found == ["False"]
    assert not re.search(
        r"\bDEBUG\s*=[^=]", "".join(p.read_text("utf-8") for p in PYTHON if p.name != "settings.py")
    )


def test_the_image_holds_the_package_and_its_lock_alone() -> None:
    """Neither tests nor the source's history."""
    text = (ROOT.parent / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
        for word in line.split()
    }
    assert copied == {"requirements", "pyproject.toml", "README.md", "tandem"}
