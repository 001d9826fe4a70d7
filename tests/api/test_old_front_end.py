"""The guide for the old application's developer holds: its code is run as it stands there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pytest_django.live_server_helper import LiveServer

from tandem.people.tokens import create_token
from tests.cast import NOW, Cast

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api-meanwhile.md"
BUSY = "The student already has a session in these hours."
PAGE = """
import { all, Refused, tandem } from "./tandem.mjs";
const { tutors, ana } = JSON.parse(process.env.CAST);
const said = {};
said.names = (await all("students?tutorId=" + tutors.cara, "students")).map((s) => s.fullName);
const { student } = await tandem("POST", "students",
  { fullName: "Noa Berg", year: "9", tutorId: tutors.ben, subject: "Latin" });
said.made = [student.tutorId, student.subject, student.tutorStudents.length];
const { tutorStudent } = await tandem("POST", "tutor-students",
  { studentId: student.id, tutorId: tutors.cara, subject: "Maths" });
said.second = [tutorStudent.isPrimary, tutorStudent.status];
const hour = { startTime: "2027-03-01T16:00:00Z", endTime: "2027-03-01T17:00:00Z" };
const { session } = await tandem("POST", "sessions", { tutorStudentId: tutorStudent.id, ...hour });
const held = await all("sessions?studentId=" + student.id, "sessions");
said.sessions = held.map((one) => one.id === session.id);
try {
  await tandem("POST", "sessions", { tutorStudentId: tutorStudent.id, ...hour });
} catch (refused) {
  said.refused = [refused instanceof Refused, refused.status, refused.reason, refused.message];
}
try {
  await tandem("POST", "sessions", { studentId: ana, ...hour });
} catch (refused) {
  said.several = [refused.status, refused.errors.length];
}
const key = crypto.randomUUID();
const twice = [await tandem("POST", `sessions/${session.id}/cancel`, {}, key),
  await tandem("POST", `sessions/${session.id}/cancel`, {}, key)];
said.twice = twice.map((answer) => answer.session.status);
const { to } = await tandem("POST", `students/${student.id}/transfer`,
  { toTutorId: tutors.dev, date: "2027-01-04", futureSessions: "move", dryRun: true });
said.transfer = [to.tutorId === tutors.dev, to.isPrimary];
console.log(JSON.stringify(said));
"""


def test_the_guides_client_does_what_the_guide_says(
    live_server: LiveServer, cast: Cast, tmp_path: Path
) -> None:
    """Lists, creates, the second tutor, refusals, repetition and a preview, over real HTTP."""
    (client,) = re.findall(r"```js\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "tandem.mjs").write_text(client, encoding="utf-8")
    (tmp_path / "page.mjs").write_text(PAGE, encoding="utf-8")
    tutors = {"ben": cast.ben.pk, "cara": cast.cara.pk, "dev": cast.dev.pk}
    _, key = create_token(account=cast.owner, now=NOW)
    said = run(
        tmp_path / "page.mjs",
        TANDEM_URL=live_server.url,
        TANDEM_TOKEN=key,
        CAST=json.dumps({"tutors": tutors, "ana": cast.ana.pk}),
    )
    assert said == {
        "names": ["Ana Ruiz"],
        "made": [cast.ben.pk, "Latin", 1],
        "second": [False, "active"],
        "sessions": [True],
        "refused": [True, 409, "student_busy", BUSY],
        "several": [422, 1],
        "twice": ["cancelled", "cancelled"],
        "transfer": [True, False],
    }


def run(page: Path, **environment: str) -> Any:
    """Run a page of the old application's server side; return what it printed."""
    node = shutil.which("node")
    assert node, "The old application is played by Node.js."
    done = subprocess.run(
        [node, page.name],
        cwd=page.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
