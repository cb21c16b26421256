"""The pages: Indonesian first, server-rendered, usable without JavaScript."""
