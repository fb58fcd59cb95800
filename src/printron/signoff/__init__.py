"""Whether the whole printed circuit does what its model says."""

from printron.signoff.verdict import MODELS, Reading, Verdict, sign_off

__all__ = ["MODELS", "Reading", "Verdict", "sign_off"]
