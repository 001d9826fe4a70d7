from django.db import migrations

# A row that has no id of its own in the older database gets one made from what it stands for, so
# that making it again, after a kill or from a trigger, makes the same one.
# The form is https://github.com/ulid/spec: 48 bits of milliseconds in Crockford's base 32, and 16
# letters that are here the first of a hash. Hexadecimal digits are letters of that base too.
# It is PL/pgSQL because that evaluates plain expressions four times as fast as an SQL function
# that needs the milliseconds ten times.
ULID = """
CREATE FUNCTION tandem_ulid(moment timestamptz, seed text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  ms bigint := floor(date_part('epoch', moment) * 1000)::bigint;
BEGIN
  RETURN {time} || left(encode(sha256(convert_to(seed, 'UTF8')), 'hex'), 16);
END $$
"""
LETTER = "substr('0123456789abcdefghjkmnpqrstvwxyz', ({}) + 1, 1)"
TIME = " || ".join(LETTER.format(f"((ms >> {5 * n}) & 31)::int") for n in range(9, -1, -1))


class Migration(migrations.Migration):
    dependencies = [("upgrade", "0001_unlinked_rows_and_replacements")]

    operations = [
        migrations.RunSQL(ULID.format(time=TIME), "DROP FUNCTION tandem_ulid(timestamptz, text)")
    ]
