-- What a page of settings tells of them in numbers.

-- name: settings_facts(account_id, now)
-- Of the account: tokens that open something, and addresses for calendars. Accounts of others are
-- counted for an owner alone.
SELECT
  (SELECT count(*) FROM people_apitoken token
   WHERE token.account_id = :account_id AND token.revoked_at IS NULL
     AND (token.expires_at IS NULL OR token.expires_at > :now)),
  (SELECT count(*) FROM people_calendarfeed feed
   WHERE feed.account_id = :account_id AND feed.ended_at IS NULL AND feed.kind IN {kinds}),
  accounts.owners, accounts.others
FROM (
  SELECT count(*) FILTER (WHERE account.is_owner) AS owners,
    count(*) FILTER (WHERE NOT account.is_owner) AS others
  FROM people_account account WHERE account.is_active AND {accounts}
) accounts;
