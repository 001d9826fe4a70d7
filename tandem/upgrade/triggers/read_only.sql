-- What the old application is told once the business has moved: it can only read.

CREATE OR REPLACE FUNCTION tandem_sync.tandem_read_only()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction',
    MESSAGE = 'This application can only be read now: the business has moved to Tandem.',
    HINT = 'Make the change in Tandem. It shows up here as well.';
END $$;
