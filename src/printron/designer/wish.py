"""What a user wishes of a circuit, beside the conditions under which the circuit is to work."""

from dataclasses import dataclass

from printron.errors import PrintronError

# Budgets are searched from the whole one down; so many watts where none is given: a printed
# battery.
SHARES = (1.0, 0.3, 0.1, 0.03)
LARGEST_W, USUAL_W = 1.0, 1e-3


@dataclass(frozen=True)
class Wish:
    """A wish.

    Attributes
    ----------
    budget_W : largest mean power, W; None for any.
    accuracy : of printed copies on validation rows, that is asked for at the least power; None for
        as much as the budget allows.
    settle_s : time in which the outputs must settle, s; None for any.
    yield_ : share of the printed copies that must reach the accuracy, within the budget each; the
        accuracy of a circuit is then what this share reaches. None for the mean of the copies.

    Raises
    ------
    PrintronError : a number outside its range.
    """

    budget_W: float | None = None
    accuracy: float | None = None
    settle_s: float | None = None
    yield_: float | None = None

    def __post_init__(self) -> None:
        if self.budget_W is not None and not 0 < self.budget_W <= LARGEST_W:
            raise PrintronError(
                f"got a budget of {self.budget_W:g} W; give a power above 0 W and up to "
                f"{LARGEST_W:g} W, for example 100 uW"
            )
        if self.settle_s is not None and not self.settle_s > 0:
            raise PrintronError(
                f"got {self.settle_s:g} s for settling; give a time above 0 s, for example 100 ms"
            )
        if self.accuracy is not None and not 0 < self.accuracy <= 1:
            raise PrintronError(
                f"got an accuracy of {100 * self.accuracy:g} %; give a percentage above 0 % and up "
                "to 100 %, for example 95 %"
            )
        if self.yield_ is not None and not 0 < self.yield_ <= 1:
            raise PrintronError(
                f"got a yield of {100 * self.yield_:g} %; give the percentage of printed copies "
                "that must be good, above 0 % and up to 100 %, for example 95 %"
            )

    @property
    def budgets_W(self) -> tuple[float, ...]:
        """The budgets that the search tries, W."""
        return tuple(share * (self.budget_W or USUAL_W) for share in SHARES)


def check_wish(wish: Wish, majority: float, varied: bool) -> None:
    """Refuse a wish that any data fulfil, or that has no meaning.

    Parameters
    ----------
    majority : share of the commonest class.  varied : whether conditions make copies differ.

    Raises
    ------
    PrintronError : an accuracy that is had without any circuit; a yield of copies that are equal.
    """
    if wish.yield_ is not None and not varied:
        raise PrintronError(
            f"got a yield of {100 * wish.yield_:g} % for circuits as designed, which do not "
            "differ; add --variation process, or leave the yield out"
        )
    if wish.accuracy is not None and wish.accuracy <= majority:
        raise PrintronError(
            f"got an accuracy of {100 * wish.accuracy:g} %, but always answering the commonest "
            f"class has {100 * majority:.1f} % without any circuit; ask for more"
        )
