"""Pages of one case: looking, acting, writing, telling many, helping."""
