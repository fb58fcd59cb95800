"""The designer: a search over structures by budgets, and a choice that is explained."""

from printron.designer.choice import Choice, choose
from printron.designer.explain import explanation, so_far
from printron.designer.searching import Searched, search
from printron.designer.software import software_of
from printron.designer.supplies import Supply, read_supplies
from printron.designer.wish import Wish, check_wish

__all__ = [
    "Choice",
    "Searched",
    "Supply",
    "Wish",
    "check_wish",
    "choose",
    "explanation",
    "read_supplies",
    "search",
    "so_far",
    "software_of",
]
