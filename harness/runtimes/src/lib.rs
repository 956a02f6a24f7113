//! What a language needs: how to find a function and start it, and our own Runtime API clients.
