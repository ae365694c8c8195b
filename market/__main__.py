"""`python -m market` and the `market` command."""

from market.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
