"""Write ``tandem/serving/locked.py``, of the lock as it is: ``python -m tests.security.locked``."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "run.txt"
WRITTEN = ROOT / "tandem" / "serving" / "locked.py"


def checksum() -> str:
    """Return the checksum of the lock."""
    return sha256(LOCK.read_bytes()).hexdigest()


def main() -> None:
    today = datetime.now(UTC).date()
    text = WRITTEN.read_text(encoding="utf-8")
    text = re.sub(r"date\([\d, ]+\)", f"date({today.year}, {today.month}, {today.day})", text)
    text = re.sub(r'LOCK_SHA256 = "\w*"', f'LOCK_SHA256 = "{checksum()}"', text)
    WRITTEN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
