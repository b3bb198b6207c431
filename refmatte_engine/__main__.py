"""`python -m refmatte_engine` is `refmatte`."""

from refmatte_engine.entry import main

if __name__ == "__main__":
    main()
