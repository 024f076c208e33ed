"""The packages that a course stands on, each list once; pyproject.toml repeats what is installed."""

# What exercises are written with.
TAUGHT = ("jax", "jaxlib", "dm-haiku", "optax", "jraph", "gymnasium", "numpy")
# What shows notebooks, and checks in them; not needed where no notebook is shown.
NOTEBOOKS = ("otter-grader", "jupyterlab", "ipykernel")
# What students install, in the order of their requirements.txt.
STUDENTS = (
    *TAUGHT,
    *("matplotlib", "scikit-learn", "networkx", "jaxtyping", "safetensors"),
    *NOTEBOOKS,
    "pygame-ce",
)
# What a score depends on: another version of one of these, and everything is graded again.
DECIDING = (*TAUGHT, "ipython")
# What our engine imports where it grades alone.
ENGINE = (*DECIDING, "matplotlib", "msgspec", "nbformat", "psutil", "pyyaml", "safetensors")

# Modules that a sandbox imports once, before it forks: what notebooks begin with, and what they
# often import later. Those that aren't installed are passed over.
IMPORTED = (
    *("jax.numpy", "haiku", "optax", "jraph", "matplotlib.pyplot", "safetensors.numpy"),
    *("gymnasium", "jaxtyping", "jax.scipy.linalg", "jax.example_libraries"),
)
