-- name: usable(now)
-- A condition that a token opens something at a moment. tokens.usable_tokens says the same.
token.revoked_at IS NULL AND account.is_active
  AND (token.expires_at IS NULL OR token.expires_at > :now);

-- name: usable_token(token_hash)
-- A token with its account, without the password, and id and zone of the account's tutor.
SELECT token.id, token.account_id, token.name, token.read_only, token.created_at,
  token.last_used_at, token.expires_at, token.revoked_at,
  account.id, account.email, account.full_name, account.is_owner, account.is_active,
  account.created_at, tutor.id, tutor.time_zone
FROM people_apitoken token
JOIN people_account account ON account.id = token.account_id
LEFT JOIN people_tutor tutor ON tutor.user_id = account.id
WHERE token.token_hash = :token_hash AND {usable};

-- name: still_writes(token_hash, holder_is_owner, holder_tutor_id, holder_tutor_zone)
-- A condition for a write: who was known by this token is so still, in the write's own snapshot.
EXISTS (
  SELECT FROM people_apitoken token
  JOIN people_account account ON account.id = token.account_id
  LEFT JOIN people_tutor own ON own.user_id = account.id
  WHERE token.token_hash = :token_hash AND NOT token.read_only AND {usable}
    AND account.is_owner = :holder_is_owner AND own.id IS NOT DISTINCT FROM :holder_tutor_id
    AND coalesce(own.time_zone, '') = :holder_tutor_zone
);

-- name: holder_of_token(token_hash)
-- What is asked along with every read of who is known already, and what has been written by then.
-- A snapshot names the transactions in progress that began before the last one that ended; age()
-- says how many have begun since.
SELECT token.id, token.read_only, account.id, account.is_owner, tutor.id,
  coalesce(tutor.time_zone, ''), token.last_used_at,
  ({writes}),
  pg_current_snapshot()::text, age(pg_snapshot_xmax(pg_current_snapshot())::xid)
FROM people_apitoken token
JOIN people_account account ON account.id = token.account_id
LEFT JOIN people_tutor tutor ON tutor.user_id = account.id
WHERE token.token_hash = :token_hash AND {usable};

-- name: note_use(token_hash, now)
UPDATE people_apitoken SET last_used_at = :now WHERE token_hash = :token_hash;

-- name: number_of_writes()
-- Counted by a trigger of each table that answers are made of, in the transaction that writes.
SELECT writes.last_value || '/' || writes.is_called FROM tandem_writes writes;
