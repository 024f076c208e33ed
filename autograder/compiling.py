"""How programs are compiled: the same in builds and in sandboxes, so that they share them."""

import os

from autograder.cache import Cache

# Cases are small: nearly all of a submission's time is compiling what it wrote in its own way.
# These cut that to a third; heavy code would run somewhat slower.
XLA_FLAGS = (
    "--xla_cpu_multi_thread_eigen=false",
    "--xla_backend_optimization_level=0",
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_cpu_parallel_codegen_split_count=1",
    "--xla_llvm_disable_expensive_passes=true",
)


def set_up_jax() -> None:
    """Evaluate and compile as a sandbox does, quickly, and keep compiled programs for the next time.

    Nothing changes about compiling if this process has compiled something already.
    """
    os.environ.setdefault("XLA_FLAGS", " ".join(XLA_FLAGS))
    import jax
    from workbook.evaluate import eager

    jax.config.update("jax_compilation_cache_dir", str(Cache().folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_default_matmul_precision", "highest")
    eager.install()
