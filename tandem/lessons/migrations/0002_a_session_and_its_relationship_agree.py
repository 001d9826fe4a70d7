from django.db import migrations

# Tutor and student stand on the session too, so that diaries need no join; this key makes a
# session whose tutor or student is not its relationship's impossible.
AGREE = """
ALTER TABLE lessons_session ADD CONSTRAINT session_agrees_with_relationship
  FOREIGN KEY (tutor_student_id, tutor_id, student_id)
  REFERENCES relationships_tutorstudent (id, tutor_id, student_id);
"""
FORGET = "ALTER TABLE lessons_session DROP CONSTRAINT session_agrees_with_relationship;"


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0001_sessions_and_diaries"),
        ("relationships", "0001_who_teaches_whom"),
    ]

    operations = [migrations.RunSQL(AGREE, FORGET)]
