"""Whether the whole printed circuit does what its model says."""

from printron.signoff.gap import SIGNED, Gap, Hanging, gap_of
from printron.signoff.prediction import predict
from printron.signoff.readings import Reading
from printron.signoff.verdict import MODELS, WORDS, Claim, Verdict, sign_off

__all__ = [
    "MODELS",
    "SIGNED",
    "WORDS",
    "Claim",
    "Gap",
    "Hanging",
    "Reading",
    "Verdict",
    "gap_of",
    "predict",
    "sign_off",
]
