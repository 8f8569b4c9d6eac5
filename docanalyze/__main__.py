"""`python -m docanalyze` is the `docanalyze` command."""

from docanalyze.cli import main

if __name__ == "__main__":
    main()
