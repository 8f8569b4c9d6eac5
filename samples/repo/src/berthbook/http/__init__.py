"""The web side: a small server on the standard library, its routes, sign-in."""
