"""How good the built-in analyst, or a model, is on contracts that lawyers labelled."""
