"""Watch-lists: which customers need attention now, as of the newest day of the data."""

from segment.action.watchlists.baskets import Baskets, bought_together, likeliest
from segment.action.watchlists.lists import LISTS, WatchList, large_limit, membership
from segment.action.watchlists.standing import NOW, chance, make, newest_tiers, standing

__all__ = [
    "LISTS", "NOW", "Baskets", "WatchList", "bought_together", "chance", "large_limit", "likeliest",
    "make", "membership", "newest_tiers", "standing",
]  # fmt: skip
