"""What ``contract`` puts aside is encrypted where a key is named, and was proved all the same."""

import json
from pathlib import Path

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import ZONE, owned_database, query, session, student, tutor
from tests.upgrade.test_bad_input import said
from tests.upgrade.test_encrypted_backups import MAGIC, new_key

SESSIONS = 'SELECT id, "studentId", notes FROM {}."Session" ORDER BY id'


def test_the_old_tables_come_back_with_the_key(live: Live, tmp_path: Path) -> None:
    """And with nothing else; no plain copy is left."""
    key, recipient = new_key(tmp_path / "key")
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana", notes="Ana was here"))
    live.join()
    live.verify()
    live.switch()
    assert live.verify() == []
    status, complaints, told = said(
        "upgrade", "contract", "--json", "--folder", tmp_path / "backups",
        DATABASE_URL=live.url, TANDEM_BACKUP_RECIPIENT=recipient, TANDEM_TIME_ZONE=ZONE,
    )  # fmt: skip
    assert status == 0, complaints
    backup = Path(json.loads(told)["backup"])
    assert backup.name.endswith(".dump.age")
    assert {one.name for one in backup.parent.iterdir()} == {
        backup.name, backup.name + ".sha256",
    }  # fmt: skip
    assert backup.read_bytes().startswith(MAGIC)
    with owned_database() as elsewhere:
        status, complaints, _ = said("upgrade", "restore", backup, "--to", elsewhere)
        assert (status, "--identity FILE" in " ".join(complaints)) == (3, True), complaints
        status, complaints, _ = said(
            "upgrade", "restore", backup, "--to", elsewhere, "--identity", key
        )
        assert status == 0, complaints
        assert query(elsewhere, SESSIONS.format("public")) == live.rows(
            SESSIONS.format("legacy_archive")
        )
