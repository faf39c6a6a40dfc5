"""What a band of horizons is not shown.

Days ahead, the weather as of now says nothing but what season it is, and within the hour what it does is in the bikes
that have just left and come. The trees of a winter are wrong about spring by it: on trips of Jersey City, fitted from
January to March, departures of April and May were forecast better a week ahead without it, and within the hour by 4 %,
where it had made no difference on days of the same winter. The weather that is forecast for the target stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from velocast_trainer.horizons import HorizonRange

WEATHER_NOW = frozenset(
    {
        "temperature_c",
        "feels_like_c",
        "humidity_percent",
        "wind_mps",
        "precipitation_mm",
        "cloud_cover_percent",
        "pressure_hpa",
        "temperature_change_3h_c",
        "weather_age_min",
        "precipitation_3h_mm",
        # From now to the target: tells the weather now to whoever knows that of the target.
        "target_temperature_change_c",
    }
)
# Hours: bands that begin later, or end no later.
NOW_SAYS_NOTHING_BEYOND = 24
FLOWS_SAY_IT_UP_TO = 1


def hidden_columns(names: Sequence[str], band: HorizonRange) -> list[int]:
    if band.above_hours < NOW_SAYS_NOTHING_BEYOND and band.up_to_hours > FLOWS_SAY_IT_UP_TO:
        return []
    return [column for column, name in enumerate(names) if name in WEATHER_NOW]
