"""Connections to the database are kept, in every worker."""

from tests.served.conftest import Start
from tests.served.site import Site

WORKERS, POOL = 2, 3
OPENED = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"


def test_a_hundred_requests_open_no_more_connections_than_the_pools_hold(start: Start) -> None:
    """On one kept-alive connection, answered directly and by Django, which have a pool each."""
    with start(worker=True, TANDEM_WORKERS=str(WORKERS), TANDEM_POOL_SIZE=str(POOL)) as site:
        by_django = {"Authorization": site.bearer()["Authorization"].replace("B", "b", 1)}
        for headers in (site.bearer(), by_django):
            assert site.ask("GET", "/api/students", headers=headers, who=None).status == 200
            before = opened(site)
            connection = site.connect()
            for _ in range(100):
                connection.request("GET", "/api/students", headers=headers)
                answer = connection.getresponse()
                assert answer.status == 200
                answer.read()
            looks = 2  # these two looks are sessions themselves
            assert opened(site) - before <= WORKERS * POOL + looks


def opened(site: Site) -> int:
    ((count,),) = site.query(OPENED)
    return int(count)
