"""What a refused link's page says, as its reader sees it."""

import pytest

from tests.reading import main_attributes, text_of


@pytest.mark.django_db
def test_a_refusal_names_its_verdict_and_its_reason_on_the_page(client, chip):
    for link, status, verdict in (("/q/nothing", 404, "unknown"), (chip.tap()[:-1], 400, "invalid")):
        seen = client.get(link)
        assert seen.status_code == status
        assert main_attributes(seen)["authenticity"] == verdict
        assert seen.context["page"].detail in text_of(seen)
        assert seen.context["page"].verdict.headline in text_of(seen)
        assert "/find/" in seen.content.decode()
