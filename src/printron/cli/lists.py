"""Lists in one option: values of alpha, seeds, data sets."""

from printron.base.sentence import cut, number_of
from printron.errors import PrintronError

LONGEST_NUMBER = 30  # digits


def check_number(option: str, goals: str, seeds: str, most: int) -> None:
    """Refuse more runs than a sweep or an experiment may have.

    Parameters
    ----------
    option, goals : the option that lists the goals, and its text.
    """
    runs = _count_of(option, goals) * _count_of("--seeds", seeds)
    if runs > most:
        raise PrintronError(
            f"got {option} {cut(goals)} and --seeds {cut(seeds)}, which are "
            f"{number_of(runs, 'run')}; at most {most} are allowed: give fewer of either, or "
            "start several, each with its own list of --seeds and its own --out"
        )


def alpha_list(text: str) -> tuple[float, ...]:
    """Values of alpha: "20" means 20 values evenly from 0 to 1; "0,0.5" and "0.5" are values.

    "0" and "1" are ambiguous, and refused.
    """
    from printron.experiments import alpha_grid

    if _is_whole(text):
        count = int(text)
        if count < 2:
            raise PrintronError(
                f"got --alphas {text}, which could be a value or a number of values; write "
                f"{count}.0 for alpha = {count} alone, or a number of values above 1"
            )
        return alpha_grid(count)
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise PrintronError(
            f"got --alphas {cut(text)}; give a number of values (20), or the values (0,0.1,0.5)"
        ) from None


def seed_list(text: str) -> tuple[int, ...]:
    """Seeds: "5" means 0 to 4; "0,3,7" are seeds."""
    parts = text.split(",")
    if not all(_is_whole(part) for part in parts):
        raise PrintronError(
            f"got --seeds {cut(text)}; give a number of seeds (5), or the seeds (0,3,7)"
        )
    seeds = tuple(int(part) for part in parts)
    if seeds == (0,):
        raise PrintronError(
            "got --seeds 0, which means no seed; give a number of seeds, 1 or more (1 is the seed "
            "0 alone), or the seeds (0,3,7)"
        )
    return seeds if len(seeds) > 1 else tuple(range(seeds[0]))


def _count_of(option: str, text: str) -> int:
    """Number of values that the text of an option means."""
    parts = text.split(",")
    if any(_is_whole(part) and len(part.strip()) > LONGEST_NUMBER for part in parts):
        raise PrintronError(
            f"got {option} {cut(text)}; the number is too large: give at most "
            f"{LONGEST_NUMBER} digits"
        )
    return int(text) if _is_whole(text) else len(parts)


def _is_whole(text: str) -> bool:
    return text.strip().isdecimal()


def dataset_names(text: str) -> list[str]:
    """Names of data sets from the text of --datasets."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise PrintronError(
            f"got --datasets '{text}', where a name is missing; write names with commas between: "
            "iris,seeds"
        )
    return names
