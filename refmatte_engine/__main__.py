"""`python -m refmatte_engine` is `refmatte`.

Until `cli.main` is loaded and has a line for Ctrl-C, the program ends of it as others do, without
a traceback of Python's. One that a parent ignores stays ignored.
"""

# Built into Python, and there at once: `signal` loads a dozen modules.
import _signal  # type: ignore[import-not-found]

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from refmatte_engine.cli.main import main

if __name__ == "__main__":
    main()
