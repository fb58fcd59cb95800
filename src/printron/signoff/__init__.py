"""The whole printed circuit in SPICE against what training claims."""

from printron.signoff.circuit_signoff import sign_off_circuit
from printron.signoff.copies import CopiesWanted
from printron.signoff.gap import SIMULATED, Gap, Hanging, gap_between, gap_of
from printron.signoff.prediction import predict, prediction_record
from printron.signoff.readings import Reading
from printron.signoff.settling import Settling
from printron.signoff.verdict import MODEL_WORDS, MODELS, Claim, Verdict, sign_off

__all__ = [
    "MODELS",
    "SIMULATED",
    "MODEL_WORDS",
    "Claim",
    "CopiesWanted",
    "Gap",
    "Hanging",
    "Reading",
    "Settling",
    "Verdict",
    "gap_between",
    "gap_of",
    "predict",
    "prediction_record",
    "sign_off",
    "sign_off_circuit",
]
