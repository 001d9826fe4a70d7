-- How parents' links are sealed and opened where they lie.

-- name: take_turn()
SELECT pg_advisory_xact_lock_shared(hashtext('tandem: parents'' links are sealed'));

-- name: wait_for_others()
SELECT pg_advisory_xact_lock(hashtext('tandem: parents'' links are sealed'));

-- name: old_side_stands()
-- The floor above keeps this table; it is asked for by name, as floors below cannot import.
SELECT EXISTS (SELECT FROM upgrade_gradualupgrade WHERE phase NOT IN ('not begun', 'contracted'));

-- name: say_sealing(said)
SELECT set_config('tandem.sealing', :said, true);

-- name: plain_links(most)
-- As the index student_link_waits has it.
SELECT id, parent_link_token FROM people_student
WHERE NOT starts_with(parent_link_token, 'aes-siv:')
  AND octet_length(parent_link_token) BETWEEN 1 AND 1500
ORDER BY id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED;

-- name: sealed_links(most, names)
-- Those sealed with the keys of these names.
SELECT id, {link} FROM {table}
WHERE starts_with({link}, 'aes-siv:')
  AND split_part({link}, ':', 2) = ANY (:names::text[])
ORDER BY id LIMIT :most FOR NO KEY UPDATE;

-- name: unreadable_links(names)
SELECT id FROM {table}
WHERE starts_with({link}, 'aes-siv:')
  AND split_part({link}, ':', 2) <> ALL (:names::text[])
ORDER BY id;

-- name: write_links(ids, before, kept)
UPDATE {table} holder SET {link} = seen.kept
FROM unnest(:ids::text[], :before::text[], :kept::text[]) AS seen (id, before, kept)
WHERE holder.id = seen.id AND holder.{link} = seen.before;
