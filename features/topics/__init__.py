"""Special topics: projects and lines of one sort, compared and watched across units."""
