"""Watch-lists: which customers need attention now, as of the newest day of the data."""

from segment.action.watchlists.baskets import Baskets, bought_together, likeliest
from segment.action.watchlists.lists import (
    LISTS,
    WatchList,
    call_list,
    calls,
    first,
    large_limit,
    lists_of,
    make,
)
from segment.action.watchlists.standing import history, newest_tiers, standing

__all__ = [
    "LISTS",
    "Baskets",
    "WatchList",
    "bought_together",
    "call_list",
    "calls",
    "first",
    "history",
    "large_limit",
    "likeliest",
    "lists_of",
    "make",
    "newest_tiers",
    "standing",
]
