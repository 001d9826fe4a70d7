-- How many rows are not what they were, in either direction.
SELECT (SELECT count(*) FROM tutor o FULL JOIN people_tutor n ON n.id = o.id
    WHERE (o.userid, o.email, o.createdat, o.updatedat) IS DISTINCT FROM (n.auth_subject, n.email, n.created_at, n.updated_at))
  + (SELECT count(*) FROM student o FULL JOIN people_student n ON n.id = o.id
    LEFT JOIN relationships_tutorstudent r ON r.student_id = n.id
    WHERE (o.fullname, o.year, o.active, o.parentemail, o.parentlinktoken, o.tutorid, o.createdat, o.updatedat)
      IS DISTINCT FROM (n.full_name, n.year, n.active, n.parent_email, n.parent_link_token, r.tutor_id, n.created_at, n.updated_at))
  + (SELECT count(*) FROM session o FULL JOIN lessons_session n ON n.id = o.id
    WHERE (o.studentid, o.starttime, o.endtime, o.notes, o.homework, o.createdat, o.updatedat)
      IS DISTINCT FROM (n.student_id, n.starts_at, n.ends_at, n.notes, n.homework, n.created_at, n.updated_at))
