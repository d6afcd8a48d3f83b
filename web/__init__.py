"""The web page: the owner's only view of the box. `factory.create_app` makes it, `serve.serve` serves it."""
