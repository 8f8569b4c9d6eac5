"""The process of a lane that ends at once over documents that say so."""

import os
from pathlib import Path

from docanalyze.batch.lane import Job, Lane, Result
from docanalyze.batch.lanes import serve
from docanalyze.pipeline import Models


class Crashing(Lane):
    def do(self, job: Job) -> Result:
        text = Path(job.task.source).read_bytes()
        if text.startswith(b"It ends whoever reads it"):
            os._exit(3)
        if text.startswith(b"Nobody thought of it"):
            raise KeyError("what nobody thought of")
        return super().do(job)


if __name__ == "__main__":
    serve(lambda tell: Crashing(Models(), tell, lambda line: None))
