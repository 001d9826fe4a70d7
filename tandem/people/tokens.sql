-- name: usable_token(token_hash)
-- A token with its account, without the password, and the id of the account's tutor.
SELECT token.id, token.account_id, token.name, token.read_only, token.created_at,
  token.last_used_at, token.revoked_at,
  account.id, account.email, account.full_name, account.is_owner, account.is_active,
  account.created_at, tutor.id
FROM people_apitoken token
JOIN people_account account ON account.id = token.account_id
LEFT JOIN people_tutor tutor ON tutor.user_id = account.id
WHERE token.token_hash = :token_hash AND token.revoked_at IS NULL AND account.is_active;
