"""The matrix: who is told which field, for each GET route, and what pages tell whom (decision 71).

Roles and labels are explained on the page that is made of it, docs/reference/who-sees-what.md.
"""

from collections.abc import Mapping

FIELDS: Mapping[str, Mapping[str, str]] = {
    "/api/students": {
        "other": "(200)",
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover": """
            students[].active students[].createdAt students[].fullName students[].id
            students[].timeZone students[].updatedAt students[].year
        """,
        "owner owner/read primary primary/read co-tutor": """
            students[].email students[].parentEmail students[].phone students[].subject
            students[].tutorId students[].tutorStudents[another's].active
            students[].tutorStudents[another's].createdAt
            students[].tutorStudents[another's].endDate students[].tutorStudents[another's].id
            students[].tutorStudents[another's].isPrimary students[].tutorStudents[another's].kind
            students[].tutorStudents[another's].notes students[].tutorStudents[another's].paused
            students[].tutorStudents[another's].startDate students[].tutorStudents[another's].status
            students[].tutorStudents[another's].studentId
            students[].tutorStudents[another's].subject students[].tutorStudents[another's].tutorId
            students[].tutorStudents[another's].tutorName
            students[].tutorStudents[another's].updatedAt
        """,
        "owner owner/read primary primary/read co-tutor former": """
            students[].lastSession.createdAt students[].lastSession.endTime
            students[].lastSession.groupId students[].lastSession.homework
            students[].lastSession.id students[].lastSession.location
            students[].lastSession.meetingLink students[].lastSession.notes
            students[].lastSession.progress students[].lastSession.startTime
            students[].lastSession.status students[].lastSession.studentId
            students[].lastSession.studentName students[].lastSession.subject
            students[].lastSession.title students[].lastSession.tutorId
            students[].lastSession.tutorName students[].lastSession.tutorStudentId
            students[].lastSession.updatedAt
        """,
        "owner primary co-tutor": "students[].parentLinkToken",
        "primary primary/read co-tutor asked planned former cover": """
            students[].tutorStudents[own].active students[].tutorStudents[own].createdAt
            students[].tutorStudents[own].id students[].tutorStudents[own].isPrimary
            students[].tutorStudents[own].kind students[].tutorStudents[own].notes
            students[].tutorStudents[own].paused students[].tutorStudents[own].startDate
            students[].tutorStudents[own].status students[].tutorStudents[own].studentId
            students[].tutorStudents[own].subject students[].tutorStudents[own].tutorId
            students[].tutorStudents[own].tutorName students[].tutorStudents[own].updatedAt
        """,
        "former cover": "students[].tutorStudents[own].endDate",
    },
    "/api/students/{studentId}": {
        "parent": "(401)",
        "other": "(404)",
        "owner owner/read primary primary/read co-tutor asked planned former cover": """
            student.active student.createdAt student.fullName student.id
            student.timeZone student.updatedAt student.year
        """,
        "owner owner/read primary primary/read co-tutor": """
            student.email student.parentEmail student.phone student.subject student.tutorId
            student.tutorStudents[another's].active student.tutorStudents[another's].createdAt
            student.tutorStudents[another's].endDate student.tutorStudents[another's].id
            student.tutorStudents[another's].isPrimary student.tutorStudents[another's].kind
            student.tutorStudents[another's].notes student.tutorStudents[another's].paused
            student.tutorStudents[another's].startDate student.tutorStudents[another's].status
            student.tutorStudents[another's].studentId student.tutorStudents[another's].subject
            student.tutorStudents[another's].tutorId student.tutorStudents[another's].tutorName
            student.tutorStudents[another's].updatedAt
        """,
        "owner primary co-tutor": "student.parentLinkToken",
        "primary primary/read co-tutor asked planned former cover": """
            student.tutorStudents[own].active student.tutorStudents[own].createdAt
            student.tutorStudents[own].id student.tutorStudents[own].isPrimary
            student.tutorStudents[own].kind student.tutorStudents[own].notes
            student.tutorStudents[own].paused student.tutorStudents[own].startDate
            student.tutorStudents[own].status student.tutorStudents[own].studentId
            student.tutorStudents[own].subject student.tutorStudents[own].tutorId
            student.tutorStudents[own].tutorName student.tutorStudents[own].updatedAt
        """,
        "former cover": "student.tutorStudents[own].endDate",
    },
    "/api/students/parent/{parentId}": {
        "parent": "(401)",
        "other": "(404)",
        "owner owner/read primary primary/read co-tutor asked planned former cover": """
            student.active student.createdAt student.fullName student.id
            student.timeZone student.updatedAt student.year
        """,
        "owner owner/read primary primary/read co-tutor": """
            student.email student.parentEmail student.phone student.subject student.tutorId
            student.tutorStudents[another's].active student.tutorStudents[another's].createdAt
            student.tutorStudents[another's].endDate student.tutorStudents[another's].id
            student.tutorStudents[another's].isPrimary student.tutorStudents[another's].kind
            student.tutorStudents[another's].notes student.tutorStudents[another's].paused
            student.tutorStudents[another's].startDate student.tutorStudents[another's].status
            student.tutorStudents[another's].studentId student.tutorStudents[another's].subject
            student.tutorStudents[another's].tutorId student.tutorStudents[another's].tutorName
            student.tutorStudents[another's].updatedAt
        """,
        "owner primary co-tutor": "student.parentLinkToken",
        "primary primary/read co-tutor asked planned former cover": """
            student.tutorStudents[own].active student.tutorStudents[own].createdAt
            student.tutorStudents[own].id student.tutorStudents[own].isPrimary
            student.tutorStudents[own].kind student.tutorStudents[own].notes
            student.tutorStudents[own].paused student.tutorStudents[own].startDate
            student.tutorStudents[own].status student.tutorStudents[own].studentId
            student.tutorStudents[own].subject student.tutorStudents[own].tutorId
            student.tutorStudents[own].tutorName student.tutorStudents[own].updatedAt
        """,
        "former cover": "student.tutorStudents[own].endDate",
    },
    "/api/students/user/{userId}: the primary tutor's": {
        "parent": "(401)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            students[].active students[].createdAt students[].email students[].fullName
            students[].id students[].parentEmail students[].phone students[].subject
            students[].timeZone students[].tutorId students[].tutorStudents[another's].active
            students[].tutorStudents[another's].createdAt
            students[].tutorStudents[another's].endDate students[].tutorStudents[another's].id
            students[].tutorStudents[another's].isPrimary students[].tutorStudents[another's].kind
            students[].tutorStudents[another's].notes students[].tutorStudents[another's].paused
            students[].tutorStudents[another's].startDate students[].tutorStudents[another's].status
            students[].tutorStudents[another's].studentId
            students[].tutorStudents[another's].subject students[].tutorStudents[another's].tutorId
            students[].tutorStudents[another's].tutorName
            students[].tutorStudents[another's].updatedAt students[].updatedAt students[].year
        """,
        "owner primary co-tutor": "students[].parentLinkToken",
        "primary primary/read co-tutor": """
            students[].tutorStudents[own].active students[].tutorStudents[own].createdAt
            students[].tutorStudents[own].id students[].tutorStudents[own].isPrimary
            students[].tutorStudents[own].kind students[].tutorStudents[own].notes
            students[].tutorStudents[own].paused students[].tutorStudents[own].startDate
            students[].tutorStudents[own].status students[].tutorStudents[own].studentId
            students[].tutorStudents[own].subject students[].tutorStudents[own].tutorId
            students[].tutorStudents[own].tutorName students[].tutorStudents[own].updatedAt
        """,
    },
    "/api/students/{studentId}/sessions": {
        "asked planned": "(200)",
        "parent": "(401)",
        "other": "(404)",
        "owner owner/read": """
            sessions[another's].cancellation.by
            sessions[another's].cancellation.freeUntilHours
            sessions[another's].cancellation.noticeMinutes
            sessions[another's].cancellation.outcome
            sessions[another's].cancellation.reason
            sessions[another's].createdAt sessions[another's].endTime
            sessions[another's].groupId sessions[another's].homework
            sessions[another's].id sessions[another's].location
            sessions[another's].meetingLink sessions[another's].notes
            sessions[another's].progress sessions[another's].startTime
            sessions[another's].status sessions[another's].studentId
            sessions[another's].studentName sessions[another's].subject
            sessions[another's].title sessions[another's].tutorId
            sessions[another's].tutorName sessions[another's].tutorStudentId
            sessions[another's].updatedAt
        """,
        "primary primary/read co-tutor former cover": """
            sessions[own].createdAt sessions[own].endTime sessions[own].groupId
            sessions[own].homework sessions[own].id sessions[own].location
            sessions[own].meetingLink sessions[own].notes sessions[own].startTime
            sessions[own].status sessions[own].studentId sessions[own].studentName
            sessions[own].subject sessions[own].title sessions[own].tutorId
            sessions[own].tutorName sessions[own].tutorStudentId sessions[own].updatedAt
        """,
        "primary primary/read co-tutor former": "sessions[own].progress",
        "primary primary/read": """
            sessions[own].cancellation.by sessions[own].cancellation.freeUntilHours
            sessions[own].cancellation.noticeMinutes
            sessions[own].cancellation.outcome sessions[own].cancellation.reason
        """,
    },
    "/api/students/{studentId}/history": {
        "parent": "(401)",
        "other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            history[another's].at history[another's].by history[another's].date
            history[another's].fromTutorStudentId history[another's].id
            history[another's].studentId history[another's].studentName
            history[another's].toTutorStudentId history[another's].tutorId
            history[another's].tutorName history[another's].tutorStudentId
            history[another's].what
        """,
        "owner owner/read": "history[another's].reason",
        "primary primary/read co-tutor asked planned former cover": """
            history[own].at history[own].date history[own].id history[own].studentId
            history[own].studentName history[own].tutorId
            history[own].tutorName history[own].tutorStudentId history[own].what
        """,
        "primary primary/read co-tutor former cover": "history[own].by",
        "primary primary/read": "history[own].fromTutorStudentId",
        "former": "history[own].reason",
        "primary primary/read cover": "history[own].toTutorStudentId",
    },
    "/api/students/{studentId}/changes": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover": "(403)",
        "other": "(404)",
        "owner owner/read": """
            changes[].at changes[].by changes[].columns[].after
            changes[].columns[].after[].ends changes[].columns[].after[].starts
            changes[].columns[].after[].weekday changes[].columns[].before
            changes[].columns[].isTold
            changes[].columns[].name changes[].id changes[].of changes[].rowId
            changes[].what
        """,
    },
    "/api/students/{studentId}/reads": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover": "(403)",
        "other": "(404)",
        "owner owner/read": """
            reads[].accountId reads[].at reads[].by reads[].day reads[].id
        """,
    },
    "/api/students/{studentId}/parent-link": {
        "parent": "(401)",
        "asked planned former cover": "(403)",
        "other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            parentLink.lastDay parentLink.openedOn
        """,
        "owner primary co-tutor": "parentLink.token",
    },
    "/api/tutors": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            tutors[].active tutors[].capacity tutors[].createdAt tutors[].email
            tutors[].fullName tutors[].id tutors[].phone tutors[].updatedAt
        """,
        "owner owner/read primary primary/read co-tutor": """
            tutors[].subjects[].level tutors[].subjects[].subject tutors[].timeZone
        """,
    },
    "/api/tutors/{tutorId}: the primary tutor": {
        "parent": "(401)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            tutor.active tutor.capacity tutor.createdAt tutor.email tutor.fullName
            tutor.id tutor.phone tutor.subjects[].level tutor.subjects[].subject
            tutor.timeZone tutor.updatedAt
        """,
    },
    "/api/tutors/{tutorId}: the former tutor": {
        "parent": "(401)",
        "asked planned cover other": "(404)",
        "owner owner/read primary primary/read co-tutor former": """
            tutor.active tutor.capacity tutor.createdAt tutor.email tutor.fullName
            tutor.id tutor.phone tutor.updatedAt
        """,
    },
    "/api/tutors/{tutorId}: somebody who never taught Ana": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover": "(404)",
        "owner owner/read other": """
            tutor.active tutor.capacity tutor.createdAt tutor.email tutor.fullName
            tutor.id tutor.phone tutor.updatedAt
        """,
    },
    "/api/tutors/{tutorId}/history: the primary tutor": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read": """
            history[another's].at history[another's].by history[another's].date
            history[another's].fromTutorStudentId history[another's].id
            history[another's].studentId history[another's].studentName
            history[another's].toTutorStudentId history[another's].tutorId
            history[another's].tutorName history[another's].tutorStudentId
            history[another's].what
        """,
        "primary primary/read": """
            history[own].at history[own].by history[own].date
            history[own].fromTutorStudentId history[own].id history[own].studentId
            history[own].studentName history[own].toTutorStudentId history[own].tutorId
            history[own].tutorName history[own].tutorStudentId history[own].what
        """,
    },
    "/api/tutors/{tutorId}/changes: the primary tutor": {
        "parent": "(401)",
        "primary primary/read co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read": """
            changes[].at changes[].by changes[].columns[].after
            changes[].columns[].isTold changes[].columns[].name changes[].id
            changes[].of changes[].rowId changes[].what
        """,
    },
    "/api/tutor-students": {
        "other": "(200)",
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor": """
            tutorStudents[another's].active tutorStudents[another's].createdAt
            tutorStudents[another's].endDate tutorStudents[another's].id
            tutorStudents[another's].isPrimary tutorStudents[another's].kind
            tutorStudents[another's].notes tutorStudents[another's].paused
            tutorStudents[another's].startDate tutorStudents[another's].status
            tutorStudents[another's].studentId tutorStudents[another's].subject
            tutorStudents[another's].tutorId tutorStudents[another's].tutorName
            tutorStudents[another's].updatedAt
        """,
        "primary primary/read co-tutor asked planned former cover": """
            tutorStudents[own].active tutorStudents[own].createdAt tutorStudents[own].id
            tutorStudents[own].isPrimary tutorStudents[own].kind tutorStudents[own].notes
            tutorStudents[own].paused tutorStudents[own].startDate tutorStudents[own].status
            tutorStudents[own].studentId tutorStudents[own].subject tutorStudents[own].tutorId
            tutorStudents[own].tutorName tutorStudents[own].updatedAt
        """,
        "former cover": "tutorStudents[own].endDate",
    },
    "/api/tutor-students/{tutorStudentId}: the primary tutor's": {
        "parent": "(401)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            tutorStudent.active tutorStudent.createdAt tutorStudent.id tutorStudent.isPrimary
            tutorStudent.kind tutorStudent.notes tutorStudent.paused tutorStudent.startDate
            tutorStudent.status tutorStudent.studentId tutorStudent.subject tutorStudent.tutorId
            tutorStudent.tutorName tutorStudent.updatedAt
        """,
    },
    "/api/tutor-students/{tutorStudentId}: the former tutor's": {
        "parent": "(401)",
        "asked planned cover other": "(404)",
        "owner owner/read primary primary/read co-tutor former": """
            tutorStudent.active tutorStudent.createdAt tutorStudent.endDate tutorStudent.id
            tutorStudent.isPrimary tutorStudent.kind tutorStudent.notes tutorStudent.paused
            tutorStudent.startDate tutorStudent.status tutorStudent.studentId tutorStudent.subject
            tutorStudent.tutorId tutorStudent.tutorName tutorStudent.updatedAt
        """,
    },
    "/api/tutor-students/{tutorStudentId}: the asked tutor's": {
        "parent": "(401)",
        "planned former cover other": "(404)",
        "owner owner/read primary primary/read co-tutor asked": """
            tutorStudent.active tutorStudent.createdAt tutorStudent.id tutorStudent.isPrimary
            tutorStudent.kind tutorStudent.notes tutorStudent.paused tutorStudent.startDate
            tutorStudent.status tutorStudent.studentId tutorStudent.subject tutorStudent.tutorId
            tutorStudent.tutorName tutorStudent.updatedAt
        """,
    },
    "/api/sessions": {
        "asked planned other": "(200)",
        "parent": "(401)",
        "owner owner/read": """
            sessions[another's].cancellation.by
            sessions[another's].cancellation.freeUntilHours
            sessions[another's].cancellation.noticeMinutes
            sessions[another's].cancellation.outcome
            sessions[another's].cancellation.reason
            sessions[another's].createdAt sessions[another's].endTime
            sessions[another's].groupId sessions[another's].homework
            sessions[another's].id sessions[another's].location
            sessions[another's].meetingLink sessions[another's].notes
            sessions[another's].progress sessions[another's].startTime
            sessions[another's].status sessions[another's].studentId
            sessions[another's].studentName sessions[another's].subject
            sessions[another's].title sessions[another's].tutorId
            sessions[another's].tutorName sessions[another's].tutorStudentId
            sessions[another's].updatedAt
        """,
        "primary primary/read co-tutor former cover": """
            sessions[own].createdAt sessions[own].endTime sessions[own].groupId
            sessions[own].homework sessions[own].id sessions[own].location
            sessions[own].meetingLink sessions[own].notes sessions[own].startTime
            sessions[own].status sessions[own].studentId sessions[own].studentName
            sessions[own].subject sessions[own].title sessions[own].tutorId
            sessions[own].tutorName sessions[own].tutorStudentId sessions[own].updatedAt
        """,
        "primary primary/read co-tutor former": "sessions[own].progress",
        "primary primary/read": """
            sessions[own].cancellation.by sessions[own].cancellation.freeUntilHours
            sessions[own].cancellation.noticeMinutes
            sessions[own].cancellation.outcome sessions[own].cancellation.reason
        """,
    },
    "/api/sessions/{sessionId}: the primary tutor's": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            session.createdAt session.endTime session.groupId session.homework
            session.id session.location session.meetingLink session.notes
            session.progress session.startTime session.status session.studentId
            session.studentName session.subject session.title session.tutorId
            session.tutorName session.tutorStudentId session.updatedAt
        """,
    },
    "/api/sessions/{sessionId}: the covered one": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former other": "(404)",
        "owner owner/read cover": """
            session.createdAt session.endTime session.groupId session.homework
            session.id session.location session.meetingLink session.notes
            session.startTime session.status session.studentId session.studentName
            session.subject session.title session.tutorId session.tutorName
            session.tutorStudentId session.updatedAt
        """,
    },
    "/api/sessions/{sessionId}: the cancelled one": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            session.cancellation.by session.cancellation.freeUntilHours
            session.cancellation.noticeMinutes session.cancellation.outcome
            session.cancellation.reason session.createdAt session.endTime
            session.groupId session.homework session.id session.location
            session.meetingLink session.notes session.startTime session.status
            session.studentId session.studentName session.subject session.title
            session.tutorId session.tutorName session.tutorStudentId
            session.updatedAt
        """,
    },
    "/api/sessions/{sessionId}/history: the primary tutor's": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            history[].at history[].id history[].what
        """,
    },
    "/api/sessions/{sessionId}/history: the covered one": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former other": "(404)",
        "owner owner/read cover": """
            history[].at history[].by history[].id history[].what
        """,
    },
    "/api/sessions/{sessionId}/history: the cancelled one": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            history[].at history[].by history[].cancellation.by
            history[].cancellation.freeUntilHours
            history[].cancellation.noticeMinutes history[].cancellation.outcome
            history[].cancellation.reason history[].id history[].what
        """,
    },
    "/api/tutors/{tutorId}/availability: the primary tutor": {
        "parent": "(401)",
        "co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            spans[].ends spans[].starts spans[].weekday timeZone
        """,
    },
    "/api/tutors/{tutorId}/time-off: the primary tutor": {
        "parent": "(401)",
        "co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            timeOff[].from timeOff[].id timeOff[].reason timeOff[].to
        """,
    },
    "/api/tutors/{tutorId}/notices: the primary tutor": {
        "parent": "(401)",
        "co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            kinds[] on
        """,
    },
    "/api/closures": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            closures[].from closures[].id closures[].name closures[].to
        """,
    },
    "/api/closures/{closureId}": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            closure.from closure.id closure.name closure.to
        """,
    },
    "/api/policies/{policyId}": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            policy.familiesCancel policy.freeUntilHours policy.id policy.late policy.reasonRequired
            policy.updatedAt
        """,
    },
    "/api/deeds": {
        "primary primary/read co-tutor asked planned former cover other": "(200)",
        "parent": "(401)",
        "owner owner/read": """
            deeds[].accountId deeds[].at deeds[].id deeds[].kind deeds[].studentIds[]
            deeds[].tutorStudentIds[]
        """,
    },
    "/api/deeds/{deedId}: an owner's": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover other": "(404)",
        "owner owner/read": """
            deed.accountId deed.at deed.id deed.kind deed.studentIds[] deed.tutorStudentIds[]
        """,
    },
    "/api/imports": {
        "primary primary/read co-tutor asked planned former cover other": "(403)",
        "parent": "(401)",
        "owner owner/read": """
            imports[].accountId imports[].at imports[].id imports[].of imports[].students
            imports[].tutorStudents
        """,
    },
    "/api/series": {
        "co-tutor asked planned former cover other": "(200)",
        "parent": "(401)",
        "owner owner/read": """
            series[another's].endsOn series[another's].firstDate series[another's].groupId
            series[another's].id series[another's].location series[another's].meetingLink
            series[another's].minutes series[another's].plannedUntil series[another's].rule
            series[another's].startTime series[another's].startsOn series[another's].studentId
            series[another's].studentName series[another's].timeZone series[another's].title
            series[another's].tutorId series[another's].tutorName
            series[another's].tutorStudentId
        """,
        "primary primary/read": """
            series[own].endsOn series[own].firstDate series[own].groupId series[own].id
            series[own].location series[own].meetingLink series[own].minutes
            series[own].plannedUntil series[own].rule series[own].startTime series[own].startsOn
            series[own].studentId series[own].studentName series[own].timeZone series[own].title
            series[own].tutorId series[own].tutorName series[own].tutorStudentId
        """,
    },
    "/api/series/{seriesId}: the primary tutor's": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read": """
            group[another's].endsOn group[another's].firstDate group[another's].groupId
            group[another's].id group[another's].location group[another's].meetingLink
            group[another's].minutes group[another's].plannedUntil group[another's].rule
            group[another's].startTime group[another's].startsOn group[another's].studentId
            group[another's].studentName group[another's].timeZone group[another's].title
            group[another's].tutorId group[another's].tutorName group[another's].tutorStudentId
        """,
        "primary primary/read": """
            group[own].endsOn group[own].firstDate group[own].groupId group[own].id
            group[own].location group[own].meetingLink group[own].minutes
            group[own].plannedUntil group[own].rule group[own].startTime group[own].startsOn
            group[own].studentId group[own].studentName group[own].timeZone group[own].title
            group[own].tutorId group[own].tutorName group[own].tutorStudentId
        """,
        "owner owner/read primary primary/read": """
            series.endsOn series.firstDate series.groupId series.id series.location
            series.meetingLink series.minutes series.plannedUntil series.rule series.startTime
            series.startsOn series.studentId series.studentName series.timeZone series.title
            series.tutorId series.tutorName series.tutorStudentId sessions[].date
            sessions[].endTime sessions[].id sessions[].seriesId sessions[].startTime
            sessions[].status sessions[].studentId
        """,
    },
    "/api/accounts": {
        "parent": "(401)",
        "owner owner/read": """
            accounts[another's].active accounts[another's].createdAt
            accounts[another's].email accounts[another's].fullName
            accounts[another's].id accounts[another's].isOwner
            accounts[another's].tutorId
        """,
        "primary primary/read co-tutor asked planned former cover other": """
            accounts[own].active accounts[own].createdAt accounts[own].email
            accounts[own].fullName accounts[own].id accounts[own].isOwner
            accounts[own].tutorId
        """,
    },
    "/api/accounts/{accountId}: the primary tutor's": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            account.active account.createdAt account.email account.fullName account.id
            account.isOwner account.tutorId
        """,
    },
    "/api/accounts/{accountId}/changes: the primary tutor's": {
        "parent": "(401)",
        "primary primary/read": "(403)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read": """
            changes[].at changes[].by changes[].columns[].after
            changes[].columns[].isTold changes[].columns[].name changes[].id
            changes[].of changes[].rowId changes[].what
        """,
    },
    "/api/tokens": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            tokens[].accountId tokens[].createdAt tokens[].email tokens[].id
            tokens[].lastUsedAt tokens[].readOnly tokens[].state
        """,
        "owner owner/read primary primary/read": """
            tokens[].expiresAt tokens[].name
        """,
    },
    "/api/tokens/{tokenId}: the primary tutor's": {
        "parent": "(401)",
        "co-tutor asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": """
            token.accountId token.createdAt token.email token.expiresAt token.id
            token.name token.readOnly token.state
        """,
    },
    "/api/feeds": {
        "parent": "(401)",
        "owner owner/read co-tutor asked planned former cover other": "(200)",
        "primary primary/read": "feeds[].createdAt feeds[].id feeds[].kind feeds[].of feeds[].ofId",
    },
    "/api/feeds/{feedId}: the primary tutor's": {
        "parent": "(401)",
        "owner owner/read co-tutor asked planned former cover other": "(404)",
        "primary primary/read": "feed.createdAt feed.id feed.kind feed.of feed.ofId",
    },
    "/api/dashboard": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            dashboard.changes.hoursCompleted.change
            dashboard.changes.hoursCompleted.monthBefore
            dashboard.changes.hoursCompleted.thisMonth
            dashboard.changes.relationshipsEnded.change
            dashboard.changes.relationshipsEnded.monthBefore
            dashboard.changes.relationshipsEnded.thisMonth
            dashboard.changes.relationshipsStarted.change
            dashboard.changes.relationshipsStarted.monthBefore
            dashboard.changes.relationshipsStarted.thisMonth
            dashboard.changes.sessionsCompleted.change
            dashboard.changes.sessionsCompleted.monthBefore
            dashboard.changes.sessionsCompleted.thisMonth
            dashboard.changes.studentsAdded.change
            dashboard.changes.studentsAdded.monthBefore
            dashboard.changes.studentsAdded.thisMonth dashboard.month.cancelled
            dashboard.month.completed dashboard.month.from dashboard.month.noShow
            dashboard.month.scheduled dashboard.month.to dashboard.needsAttention.faults
            dashboard.needsAttention.pastStillScheduled
            dashboard.needsAttention.requests
            dashboard.needsAttention.studentsWithoutTutor dashboard.relationships.active
            dashboard.relationships.declined dashboard.relationships.ended
            dashboard.relationships.paused dashboard.relationships.pending
            dashboard.relationships.planned
            dashboard.students.active dashboard.students.taught dashboard.students.total
            dashboard.timeZone dashboard.week.cancelled dashboard.week.completed
            dashboard.week.from dashboard.week.noShow dashboard.week.scheduled
            dashboard.week.to
        """,
        "owner owner/read": """
            dashboard.hours[another's].hours dashboard.hours[another's].sessions
            dashboard.hours[another's].subject dashboard.hours[another's].tutorId
            dashboard.hours[another's].tutorName dashboard.today[another's].createdAt
            dashboard.today[another's].endTime dashboard.today[another's].groupId
            dashboard.today[another's].homework dashboard.today[another's].id
            dashboard.today[another's].location dashboard.today[another's].meetingLink
            dashboard.today[another's].notes dashboard.today[another's].startTime
            dashboard.today[another's].status dashboard.today[another's].studentId
            dashboard.today[another's].studentName dashboard.today[another's].subject
            dashboard.today[another's].title dashboard.today[another's].tutorId
            dashboard.today[another's].tutorName
            dashboard.today[another's].tutorStudentId
            dashboard.today[another's].updatedAt
        """,
        "primary primary/read": """
            dashboard.hours[own].hours dashboard.hours[own].sessions
            dashboard.hours[own].subject dashboard.hours[own].tutorId
            dashboard.hours[own].tutorName
        """,
    },
    "/api/reports/hours": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            hours.by hours.firstDay hours.lastDay hours.timeZone hours.total.cancelled
            hours.total.hours hours.total.minutes hours.total.noShows
            hours.total.sessions
        """,
        "owner owner/read primary primary/read co-tutor former": """
            hours.lines[].cancelled hours.lines[].hours hours.lines[].id
            hours.lines[].minutes hours.lines[].name hours.lines[].noShows
            hours.lines[].sessions
        """,
    },
    "/api/reports/outcomes": {
        "parent": "(401)",
        "owner owner/read primary primary/read co-tutor asked planned former cover other": """
            outcomes.by outcomes.firstDay outcomes.lastDay outcomes.timeZone
            outcomes.total.cancelled outcomes.total.cancelledByBusiness
            outcomes.total.cancelledByFamily outcomes.total.cancelledByNobodyKnown
            outcomes.total.cancelledByTutor outcomes.total.held outcomes.total.noShows
            outcomes.total.recorded
        """,
        "owner owner/read primary primary/read co-tutor former": """
            outcomes.lines[].cancelled outcomes.lines[].cancelledByBusiness
            outcomes.lines[].cancelledByFamily outcomes.lines[].cancelledByNobodyKnown
            outcomes.lines[].cancelledByTutor outcomes.lines[].held outcomes.lines[].id
            outcomes.lines[].name outcomes.lines[].noShows outcomes.lines[].recorded
        """,
    },
    "/api/free: the primary tutor's time": {
        "parent": "(401)",
        "co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read": "free[].from free[].to stated",
    },
    "/api/matches": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover": "(403)",
        "other": "(404)",
        "owner owner/read": """
            leftOutTotal leftOut[another's].fullName leftOut[another's].reason
            leftOut[another's].tutorId matchesTotal matches[another's].fullName
            matches[another's].reasons[] matches[another's].room
            matches[another's].sessionsWithStudent matches[another's].tutorId
        """,
    },
    "/api/exports/students/{studentId}": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover": "(403)",
        "other": "(404)",
        "owner owner/read": "about id madeAt name",
    },
    "/api/exports/tutors/{tutorId}: the primary tutor": {
        "parent": "(401)",
        "primary primary/read co-tutor": "(403)",
        "asked planned former cover other": "(404)",
        "owner owner/read": "about id madeAt name",
    },
    "/api/guardians": {
        "parent": "(401)",
        "asked planned former cover other": "(200)",
        "owner owner/read primary primary/read co-tutor": """
            guardians[].createdAt guardians[].email guardians[].emailRefusedAt
            guardians[].fullName guardians[].id guardians[].language
            guardians[].notices[] guardians[].phone guardians[].studentIds[]
            guardians[].updatedAt
        """,
        "owner owner/read": "guardians[].linkOpenedOn",
        "owner": "guardians[].linkToken",
    },
    "/api/guardians/{guardianId}: Ana's": {
        "parent": "(401)",
        "asked planned former cover other": "(404)",
        "owner owner/read primary primary/read co-tutor": """
            guardian.createdAt guardian.email guardian.emailRefusedAt
            guardian.fullName guardian.id guardian.language
            guardian.notices[] guardian.phone guardian.studentIds[]
            guardian.updatedAt
        """,
        "owner owner/read": "guardian.linkOpenedOn",
        "owner": "guardian.linkToken",
    },
    "/api/guardians/{guardianId}: the other child's": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover other": "(404)",
        "owner owner/read": """
            guardian.createdAt guardian.fullName guardian.id
            guardian.notices[] guardian.studentIds[] guardian.updatedAt
        """,
        "owner": "guardian.linkToken",
    },
    "/api/wishes": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover other": "(403)",
        "owner owner/read": """
            wishes[].createdAt wishes[].hours[].ends wishes[].hours[].starts
            wishes[].hours[].weekday wishes[].id wishes[].level wishes[].studentId
            wishes[].subject wishes[].updatedAt
        """,
    },
    "/api/wishes/{wishId}": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover other": "(403)",
        "owner owner/read": """
            wish.createdAt wish.hours[].ends wish.hours[].starts
            wish.hours[].weekday wish.id wish.level wish.studentId
            wish.subject wish.updatedAt
        """,
    },
    "/api/waiting": {
        "parent": "(401)",
        "primary primary/read co-tutor asked planned former cover other": "(403)",
        "owner owner/read": """
            studentsTotal waiting[].fullName waiting[].hours[].ends waiting[].hours[].starts
            waiting[].hours[].weekday waiting[].level waiting[].since waiting[].studentId
            waiting[].subject waiting[].wishId
        """,
    },
    "/api/parent/{token}": {
        "everybody": """
            past[].endTime past[].homework past[].id past[].location past[].meetingLink past[].notes
            past[].progress past[].startTime past[].status past[].subject past[].title
            past[].tutorName student.fullName student.year tutorStudents[].endDate
            tutorStudents[].isPrimary tutorStudents[].startDate
            tutorStudents[].status tutorStudents[].subject tutorStudents[].tutorName
            upcoming[].endTime upcoming[].homework upcoming[].id upcoming[].location
            upcoming[].meetingLink upcoming[].notes upcoming[].startTime upcoming[].status
            upcoming[].subject upcoming[].title upcoming[].tutorName
        """,
    },
}
NEVER: Mapping[str, str] = {
    "/api/students": """
        students[].lastSession.cancellation.by
        students[].lastSession.cancellation.freeUntilHours
        students[].lastSession.cancellation.noticeMinutes
        students[].lastSession.cancellation.outcome
        students[].lastSession.cancellation.reason
        next students[].tutorStudents[].transferredFrom
    """,
    "/api/students/{studentId}": """
        student.lastSession.cancellation.by
        student.lastSession.cancellation.freeUntilHours
        student.lastSession.cancellation.noticeMinutes
        student.lastSession.cancellation.outcome
        student.lastSession.cancellation.reason
        student.lastSession.createdAt student.lastSession.endTime
        student.lastSession.groupId student.lastSession.homework student.lastSession.id
        student.lastSession.location student.lastSession.meetingLink
        student.lastSession.notes student.lastSession.progress
        student.lastSession.startTime student.lastSession.status
        student.lastSession.studentId student.lastSession.studentName
        student.lastSession.subject student.lastSession.title
        student.lastSession.tutorId student.lastSession.tutorName
        student.lastSession.tutorStudentId student.lastSession.updatedAt
        student.tutorStudents[].transferredFrom
    """,
    "/api/students/parent/{parentId}": """
        student.lastSession.cancellation.by
        student.lastSession.cancellation.freeUntilHours
        student.lastSession.cancellation.noticeMinutes
        student.lastSession.cancellation.outcome
        student.lastSession.cancellation.reason
        student.lastSession.createdAt student.lastSession.endTime
        student.lastSession.groupId student.lastSession.homework student.lastSession.id
        student.lastSession.location student.lastSession.meetingLink
        student.lastSession.notes student.lastSession.progress
        student.lastSession.startTime student.lastSession.status
        student.lastSession.studentId student.lastSession.studentName
        student.lastSession.subject student.lastSession.title
        student.lastSession.tutorId student.lastSession.tutorName
        student.lastSession.tutorStudentId student.lastSession.updatedAt
        student.tutorStudents[].transferredFrom
    """,
    "/api/students/user/{userId}": """
        students[].lastSession.cancellation.by
        students[].lastSession.cancellation.freeUntilHours
        students[].lastSession.cancellation.noticeMinutes
        students[].lastSession.cancellation.outcome
        students[].lastSession.cancellation.reason
        next students[].lastSession.createdAt students[].lastSession.endTime
        students[].lastSession.groupId students[].lastSession.homework
        students[].lastSession.id students[].lastSession.location
        students[].lastSession.meetingLink students[].lastSession.notes
        students[].lastSession.progress students[].lastSession.startTime
        students[].lastSession.status students[].lastSession.studentId
        students[].lastSession.studentName students[].lastSession.subject
        students[].lastSession.title students[].lastSession.tutorId
        students[].lastSession.tutorName students[].lastSession.tutorStudentId
        students[].lastSession.updatedAt students[].tutorStudents[].transferredFrom
    """,
    "/api/students/{studentId}/sessions": """
        next
    """,
    "/api/students/{studentId}/history": """
        history[].fromSubject history[].toSubject
    """,
    "/api/students/{studentId}/changes": """
        next
    """,
    "/api/students/{studentId}/reads": """
        next
    """,
    "/api/guardians": """
        next
    """,
    "/api/wishes": """
        next wishes[].fulfilledBy
    """,
    "/api/wishes/{wishId}": """
        wish.fulfilledBy
    """,
    "/api/tutors": """
        next
    """,
    "/api/tutors/{tutorId}/history": """
        history[].fromSubject history[].reason history[].toSubject
    """,
    "/api/tutors/{tutorId}/changes": """
        changes[].columns[].before next
    """,
    "/api/tutor-students": """
        next tutorStudents[].transferredFrom
    """,
    "/api/tutor-students/{tutorStudentId}": """
        tutorStudent.transferredFrom
    """,
    "/api/sessions": """
        next
    """,
    "/api/sessions/{sessionId}/history": """
        history[].fields[] history[].fromEnd history[].fromStart history[].override[]
        history[].reason history[].toEnd history[].toStart
    """,
    "/api/deeds": """
        next deeds[].undoneAt deeds[].undoneByAccountId
    """,
    "/api/deeds/{deedId}": """
        deed.undoneAt deed.undoneByAccountId
    """,
    "/api/imports": """
        next imports[].undoneAt imports[].undoneByAccountId
    """,
    "/api/series": """
        next
    """,
    "/api/accounts": """
        accounts[].lastLogin next
    """,
    "/api/accounts/{accountId}": """
        account.lastLogin
    """,
    "/api/accounts/{accountId}/changes": """
        changes[].columns[].before next
    """,
    "/api/tokens": """
        next tokens[].revokedAt
    """,
    "/api/feeds": """
        feeds[].lastReadAt next
    """,
    "/api/feeds/{feedId}": """
        feed.lastReadAt
    """,
    "/api/tokens/{tokenId}": """
        token.lastUsedAt token.revokedAt
    """,
    "/api/dashboard": """
        dashboard.today[].cancellation.by
        dashboard.today[].cancellation.freeUntilHours
        dashboard.today[].cancellation.noticeMinutes
        dashboard.today[].cancellation.outcome dashboard.today[].cancellation.reason
        dashboard.today[].progress
    """,
    "/api/reports/hours": """
        hours.total.id hours.total.name
    """,
    "/api/reports/outcomes": """
        outcomes.total.id outcomes.total.name
    """,
    "/api/matches": """
        level matches[].level subject
    """,
    "/api/exports/students/{studentId}": """
        held
    """,
    "/api/exports/tutors/{tutorId}": """
        held
    """,
    "/api/parent/{token}": """
        next upcoming[].progress
    """,
}
"""What nobody is told in this world, because nothing of the kind is there, by route."""
PAGES_TELL: Mapping[str, str] = {
    "the student's telephone": "owner primary co-tutor",
    "the student's e-mail": "owner primary co-tutor",
    "the parents' e-mail": "owner primary co-tutor",
    "the e-mail of a parent's older account": "",
    "the name of a parent's older account": "",
    "the guardian's name": "owner primary co-tutor",
    "the guardian's e-mail": "owner primary co-tutor",
    "the guardian's telephone": "owner primary co-tutor",
    "the guardian's link": "owner",
    "the guardian's other child": "owner",
    "when a wish of Ana's would suit": "owner",
    "the parents' link": "owner primary co-tutor parent",
    "the note on the primary tutor's relationship": "owner primary co-tutor",
    "the note on the co-tutor's relationship": "owner primary co-tutor",
    "the note on the former tutor's relationship": "owner primary co-tutor former",
    "the words of the request": "owner primary co-tutor asked",
    "why the former tutor's relationship ended": "owner former",
    "why the primary tutor is away": "owner primary",
    "the notes of the primary tutor's session": "owner primary parent",
    "the notes of the co-tutor's session": "owner co-tutor parent",
    "the notes of the former tutor's session": "owner former parent",
    "the notes of the covered session": "owner cover parent",
    "why the primary tutor's session was cancelled": "owner primary",
    "the homework of the primary tutor's session": "owner primary parent",
    "the place of the primary tutor's session": "owner primary parent",
    "the primary tutor's telephone": "owner primary",
    "the primary tutor's sign-in address": "owner primary co-tutor",
    "the former tutor's sign-in address": "owner primary co-tutor former",
    "the sign-in address of a tutor without a name": "owner primary co-tutor",
    "the sign-in address of an owner without a name": "owner",
}
