-- name: count_requests(who, window_start, number)
-- The row of one asker is locked for the moment of the statement only: there is no transaction.
INSERT INTO people_requestcount AS counted (who, window_start, count)
VALUES (:who, :window_start, :number)
ON CONFLICT (who) DO UPDATE SET window_start = excluded.window_start,
  count = CASE WHEN counted.window_start = excluded.window_start
    THEN counted.count + excluded.count ELSE excluded.count END
RETURNING counted.count;
