"""/api/guardians"""

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import GUARDIANS, page
from tandem.api.preconditions import Resource
from tandem.api.responses import CREATED, listed, no_content, resource
from tandem.api.schemas.guardians import (
    GuardianAnswer,
    GuardianChanges,
    GuardianList,
    GuardianOut,
    GuardianPage,
    NewGuardian,
)
from tandem.people import guardians
from tandem.people.models import Guardian
from tandem.people.queries import Viewer

router = Router(tags=["Guardians"], by_alias=True)


@router.get("", response=GuardianList, summary="List guardians")
def list_guardians(request: ApiRequest, filters: Query[GuardianPage]) -> HttpResponse:
    """Every one for an owner; for a tutor those of the students whom the tutor teaches now."""
    viewer = request.auth.viewer
    rows = guardians.visible_guardians(viewer, student_id=filters.student_id, q=filters.q or "")
    found, rest = page(rows, GUARDIANS, filters)
    return listed(request, GuardianList(guardians=[_out(viewer, row) for row in found], next=rest))


@router.post("", response={CREATED: GuardianAnswer}, summary="Add a guardian")
def add_guardian(request: ApiRequest, payload: NewGuardian) -> HttpResponse:
    """Owners only; with a link of their own. 409 where another guardian has the address."""
    caller = request.auth
    fields = payload.given()
    made = guardians.create_guardian(
        requester=caller,
        student_ids=fields.pop("student_ids"),
        fields=fields,
    )
    response = resource(request, _one(caller.viewer, made.pk), CREATED)
    response["Location"] = f"/api/guardians/{made.pk}"
    return response


@router.get("/{guardian_id}", response=GuardianAnswer, summary="Read a guardian")
def read_guardian(request: ApiRequest, guardian_id: str) -> HttpResponse:
    """For owners, and for who teaches one of the students now."""
    return resource(request, _one(request.auth.viewer, guardian_id))


@router.patch("/{guardian_id}", response=GuardianAnswer, summary="Change a guardian")
def change_guardian(
    request: ApiRequest, guardian_id: str, payload: GuardianChanges
) -> HttpResponse:
    """Owners only."""
    caller = request.auth
    guardians.update_guardian(requester=caller, guardian_id=guardian_id, changes=payload.given())
    return resource(request, _one(caller.viewer, guardian_id))


@router.delete("/{guardian_id}", response={204: None}, summary="Remove a guardian")
def remove_guardian(request: ApiRequest, guardian_id: str) -> HttpResponse:
    """Owners only. The link opens nothing from now on; nothing of them is kept."""
    caller = request.auth
    guardians.remove_guardian(requester=caller, guardian_id=guardian_id)
    return no_content()


@router.post("/{guardian_id}/link", response=GuardianAnswer, summary="Give a guardian a new link")
def renew_link(request: ApiRequest, guardian_id: str) -> HttpResponse:
    """Owners only. The old one opens nothing from now on."""
    caller = request.auth
    caller.check_confirmed()
    guardians.renew_guardian_link(requester=caller, guardian_id=guardian_id)
    return resource(request, _one(caller.viewer, guardian_id))


@router.delete("/{guardian_id}/link", response={204: None}, summary="Take a guardian's link away")
def revoke_link(request: ApiRequest, guardian_id: str) -> HttpResponse:
    """Owners only."""
    caller = request.auth
    guardians.revoke_guardian_link(requester=caller, guardian_id=guardian_id)
    return no_content()


def _one(viewer: Viewer, guardian_id: str) -> GuardianAnswer:
    return GuardianAnswer(guardian=_out(viewer, guardians.visible_guardian(viewer, guardian_id)))


def _out(viewer: Viewer, row: Guardian) -> GuardianOut:
    return GuardianOut(
        id=row.pk,
        full_name=row.full_name,
        email=row.email,
        phone=row.phone,
        language=row.language,
        notices=row.notices,
        student_ids=[child.student_id for child in row.children.all()],
        link_token=row.link_token if guardians.may_see_link(viewer) else None,
        link_opened_on=row.link_opened_on if viewer.is_owner else None,
        email_refused_at=row.email_refused_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


RESOURCE = Resource(
    hold=lambda request, pk, _tutors: guardians.lock_guardian(request.auth.viewer, pk),
    current=lambda request, pk: [_one(request.auth.viewer, pk)],
)
