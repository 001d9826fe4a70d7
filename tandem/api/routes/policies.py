"""/api/policies"""

from typing import Final

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.preconditions import Resource
from tandem.api.responses import resource
from tandem.api.schemas.policies import PolicyAnswer, PolicyChanges, PolicyOut
from tandem.kit.errors import NotFoundError
from tandem.lessons import policies
from tandem.people.queries import Viewer

router = Router(tags=["Policies"], by_alias=True)
CANCELLATION: Final = "cancellation"


@router.get("/{policy_id}", response=PolicyAnswer, summary="Read a policy")
def read_policy(request: ApiRequest, policy_id: str) -> HttpResponse:
    """For whoever works here. `cancellation` is the only one: when families cancel free."""
    return resource(request, _answer(request.auth.viewer, policy_id))


@router.patch("/{policy_id}", response=PolicyAnswer, summary="Change a policy")
def change_policy(request: ApiRequest, policy_id: str, payload: PolicyChanges) -> HttpResponse:
    """Owners only. What was decided by it before stays."""
    auth = request.auth
    _answer(auth.viewer, policy_id)
    policies.change_policy(requester=auth, changes=payload.given())
    return resource(request, _answer(auth.viewer, policy_id))


def _answer(viewer: Viewer, policy_id: str) -> PolicyAnswer:
    if policy_id != CANCELLATION:
        raise NotFoundError("policy", policy_id)
    row = policies.visible_policy(viewer)
    return PolicyAnswer(
        policy=PolicyOut(
            id=CANCELLATION,
            free_until_hours=row.free_until_hours,
            late=row.late,  # type: ignore[arg-type]  # a constraint holds it
            reason_required=row.reason_required,
            families_cancel=row.families_cancel,
            updated_at=row.updated_at,
        )
    )


RESOURCE = Resource(
    hold=lambda _request, _pk, _tutors: policies.lock_policy(),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
