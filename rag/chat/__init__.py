"""The chat in the browser: a Gradio page that draws what ``rag`` answers, and what keeps it safe."""
