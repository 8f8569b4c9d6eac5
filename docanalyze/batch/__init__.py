"""Many documents: what is in folders, worked on ahead and at the same time, resumed, summed up.

listing ─▶ engine ─▶ lanes ─▶ pipeline.run, each with a reading process and a database connection of its own
"""
