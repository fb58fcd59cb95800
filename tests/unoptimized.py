"""Programs of the tests' own that are compiled in a hurry: compiling is most of their time."""

from functools import partial

import jax

unoptimized = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
