"""The chat in the browser: python app.py [--host H] [--port P] [--index FOLDER]"""

import sys

from rag.chat.server import main

if __name__ == "__main__":
    sys.exit(main())
