"""Figures, tables and pages of results."""

from printron.report.experiment import REPORT_FILES, analysis_record, write_experiment_report
from printron.report.figures import front_figure, goal_figure
from printron.report.signoff_figure import signoff_figure
from printron.report.style import save_figure

__all__ = [
    "REPORT_FILES",
    "goal_figure",
    "analysis_record",
    "front_figure",
    "save_figure",
    "signoff_figure",
    "write_experiment_report",
]
