"""`python -m refmatte_engine` is `refmatte`."""

from refmatte_engine.cli.main import main

if __name__ == "__main__":
    main()
