"""printron: design neural networks that are printed."""

__version__ = "0.1.0"
