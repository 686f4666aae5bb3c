"""How far two countries are apart, at the least: for a place that is known by its country alone.

Outlines and neighbours come from the package `countryinfo`. Its outlines are coarse: a distance is right to
about a hundred kilometres, which is a few minutes in an aeroplane.
"""

import math
from functools import cache

from countryinfo import CountryInfo, all_countries

EARTH_RADIUS = 6371.0  # km, mean (IUGG)

Point = tuple[float, float, float]  # on the unit sphere


def distance_between(one: str, other: str) -> float:
    """Return the least distance in km between two countries (ISO 3166-1 alpha-2).

    0 within a country, between neighbours, and where a country is unknown: what is not known is no signal.
    """
    return _distance(*sorted((one, other)))


@cache
def _distance(one: str, other: str) -> float:
    known = _countries()
    if one == other or one not in known or other not in known:
        return 0.0
    if _are_neighbours(known[one], known[other]):
        return 0.0
    (outline, reach), (other_outline, other_reach) = _outline(known[one]), _outline(known[other])
    # On the unit sphere the nearest two points are those whose vectors agree most.
    nearest = max(a * d + b * e + c * f for a, b, c in outline for d, e, f in other_outline)
    angle = math.acos(max(-1.0, min(1.0, nearest)))
    return max(0.0, angle * EARTH_RADIUS - reach - other_reach)


@cache
def _countries() -> dict[str, CountryInfo]:
    """Return the countries that can be placed on the globe, by their code."""
    return {
        country.iso(2): country
        for country in all_countries()
        if country.info().get("ISO", {}).get("alpha2") and (_vertices(country) or country.latlng())
    }


def _are_neighbours(one: CountryInfo, other: CountryInfo) -> bool:
    return other.iso(3) in one.borders() or one.iso(3) in other.borders()


def _outline(country: CountryInfo) -> tuple[tuple[Point, ...], float]:
    """Return points on the country's border, or its centre with the radius (km) of a disc of its area."""
    vertices = _vertices(country)
    if vertices:
        return tuple(_on_sphere(latitude, longitude) for longitude, latitude in vertices), 0.0
    latitude, longitude = country.latlng()
    return (_on_sphere(latitude, longitude),), math.sqrt((country.area() or 0) / math.pi)


def _vertices(country: CountryInfo) -> list[tuple[float, float]]:
    """Return longitude and latitude of every vertex of the outline (GeoJSON, RFC 7946, 3.1.1)."""
    features = country.geo_json().get("features") or []
    found: list[tuple[float, float]] = []
    for feature in features:
        geometry = feature.get("geometry") or {}
        shapes = geometry.get("coordinates") or []
        for polygon in [shapes] if geometry.get("type") == "Polygon" else shapes:
            found.extend((longitude, latitude) for longitude, latitude in polygon[0])
    return found


def _on_sphere(latitude: float, longitude: float) -> Point:
    turn, height = math.radians(longitude), math.radians(latitude)
    return math.cos(height) * math.cos(turn), math.cos(height) * math.sin(turn), math.sin(height)
