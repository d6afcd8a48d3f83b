"""The first set-up, one question a page. What is answered is kept at once, so that it goes on in any browser.

Once there is a modem the answers are settings, and the engine serves the line: what the later pages show is how it is.
"""

from web.pages.setup import calls, claiming, test, whose
from web.pages.setup.steps import blueprint

__all__ = ["blueprint", "calls", "claiming", "test", "whose"]
