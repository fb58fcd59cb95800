"""Base: files and places, strict models, TOML, quantities, compiled programs; knows no physics."""
