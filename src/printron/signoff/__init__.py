"""Whether the whole printed circuit does what its model says."""

from printron.signoff.gap import SIGNED, Gap, gap_of
from printron.signoff.readings import Reading
from printron.signoff.verdict import MODELS, Verdict, finite, sign_off

__all__ = ["MODELS", "SIGNED", "Gap", "Reading", "Verdict", "finite", "gap_of", "sign_off"]
