"""Serving a model on one's own machine: what fits, started, proven from its log, measured.

Knows nothing of documents or analyses. A plan is arithmetic over a model's geometry (`geometry`, `plan`);
`launch` starts a server and keeps what is needed to find it again; `proof` compares what was planned with
what the server's own log says.
"""
