"""The chat in the browser, and the API of the same process."""
