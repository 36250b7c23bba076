"""How Sphinx makes the documentation: `sphinx-build docs build/docs` in the root."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

import fastnn

project = "fastnn"
author = "the fastnn developers"
copyright = "the fastnn developers, MIT licence"
release = fastnn.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["description.md", "gallery/README.rst", "figures/*.ipynb"]

# Pages and notebooks are MyST. Every cell is executed; one that fails ends the build.
myst_enable_extensions = ["colon_fence", "dollarmath", "smartquotes"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parents[1] / "build" / "docs-cells")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True  # what cells write goes away again
nb_merge_streams = True
nb_ipywidgets_js = {}  # no page has a widget, and the site asks no other server for anything

# The reference is made of the docstrings, which are in NumPy's style.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
suppress_warnings = ["ref.python"]  # `n` in a docstring is an argument, no link
napoleon_google_docstring = False
napoleon_use_ivar = True  # as text: what has fields of its own is listed once
napoleon_use_rtype = False

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "figures",
    "filename_pattern": r".*\.py",
    "download_all_examples": False,
    "show_memory": False,
    "abort_on_example_error": True,
    "write_computation_times": False,
    "capture_repr": (),
    "show_signature": False,
}

html_theme = "furo"
html_title = "fastnn"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"},
    "dark_css_variables": {"color-brand-primary": "#56b4e9", "color-brand-content": "#56b4e9"},
}


def _without_substitutions(app, what, name, obj, options, lines):
    """Keep Sphinx from taking the |w| of a formula for the name of a substitution."""
    lines[:] = [line if "``" in line else line.replace("|", r"\|") for line in lines]


def _without_modules(app, what, name, obj, options, lines):
    """Leave out the list of a package's modules: it is for those who change them."""
    if what == "module" and "From the bottom up:" in lines:
        del lines[lines.index("From the bottom up:") :]


def _as_mathml(is_block):
    """Return how Sphinx writes a formula: as MathML, which browsers show without a script."""

    def write(translator, node):
        mathml = tex2mathml(node.astext(), as_block=is_block)
        translator.body.append(f'<div class="math">{mathml}</div>' if is_block else mathml)
        raise nodes.SkipNode

    return write, None


def setup(app):
    """Let Sphinx call the functions above."""
    app.connect("autodoc-process-docstring", _without_substitutions)
    app.connect("autodoc-process-docstring", _without_modules)
    app.add_html_math_renderer("mathml", _as_mathml(False), _as_mathml(True))
