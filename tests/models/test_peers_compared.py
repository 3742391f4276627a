"""What is compared with a peer group: once per group, the same indicator for every head."""

from __future__ import annotations

from models.peers_compared import PeersCompared
from tests.small_model import small


def test_it_is_worked_out_once_per_group() -> None:
    model = small().model
    assert PeersCompared.of(model, 0) is PeersCompared.of(model, 0)
    assert PeersCompared.of(model, 0) is not PeersCompared.of(model, 1)


def test_every_head_has_its_terms_with_their_places_and_directions() -> None:
    model = small().model
    compared = PeersCompared.of(model, 0)
    for name, head in model.heads.items():
        found = compared.heads[name]
        assert [term.name for term in found.terms] == list(head.terms)
        for number, term in enumerate(found.terms):
            assert compared.indicators[found.places[number]] is term
            assert number in found.dimensions[term.dimension]
            declared = model.catalogue.by_name[term.name].use.get(name, "free")
            sign = {"+": 1, "-": -1, "free": 0}[declared]
            place = found.places[number]
            rank = sorted(head.terms).index(term.name)
            dimension = list(found.dimensions).index(term.dimension)
            assert found.in_short[number].tolist() == [place, sign, rank, dimension]
        assert sum(map(len, found.dimensions.values())) == len(head.terms)
