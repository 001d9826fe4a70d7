-- What nearly every page asks first: whose session it is, and who that is.

-- name: session_data(session_key, now, idle_since, earliest)
SELECT session.session_data, device.last_used_at
FROM django_session session
LEFT JOIN people_signedindevice device ON device.session_id = session.session_key
WHERE session.session_key = :session_key AND session.expire_date > :now
  AND (device.id IS NULL OR (device.last_used_at > :idle_since AND device.signed_in_at > :earliest));

-- name: account_with_tutor(account_id)
SELECT {account}, {tutor}, EXISTS (
    SELECT FROM mfa_authenticator factor
    WHERE factor.user_id = account.id AND factor.type <> 'recovery_codes'
)
FROM people_account account LEFT JOIN people_tutor tutor ON tutor.user_id = account.id
WHERE account.id = :account_id AND account.is_active;
