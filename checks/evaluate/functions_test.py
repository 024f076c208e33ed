"""Functions that students call: whatever primitives they are made of, right or refused."""

import jax
import jax.numpy as jnp
import pytest
from jax import lax, nn
from jax.scipy import signal, special, stats

from checks.evaluate.held import hold, some

# of floats x, y, whole numbers n and booleans b, all 4×5
FUNCTIONS = {
    "argpartition": lambda x, y, n, b: jnp.argpartition(x, 2, 1)[:, 2],
    "average": lambda x, y, n, b: jnp.average(x, 1, jnp.abs(y)),
    "bincount": lambda x, y, n, b: jnp.bincount(jnp.abs(n[0]), length=12),
    "broadcasting": lambda x, y, n, b: (x[:, None] - y[None], x[0] * y[:, :1]),
    "ceil": lambda x, y, n, b: (jnp.ceil(x), jnp.trunc(x), jnp.round(x, 1), jnp.rint(x)),
    "compress": lambda x, y, n, b: jnp.compress(b[0], x, 1, size=3),
    "corrcoef": lambda x, y, n, b: (jnp.corrcoef(x), jnp.cov(x, y)),
    "count_nonzero": lambda x, y, n, b: (jnp.count_nonzero(n, 0), jnp.any(b), jnp.all(b, 1)),
    "cross": lambda x, y, n, b: jnp.cross(x[:, :3], y[:, :3]),
    "diagonals": lambda x, y, n, b: (jnp.diag(x[0]), jnp.diagonal(x), jnp.trace(y), jnp.diag(x)),
    "digitize": lambda x, y, n, b: jnp.digitize(x, jnp.array([-1.0, 0.0, 2.0])),
    "divmod": lambda x, y, n, b: (*jnp.divmod(x, y), *jnp.divmod(n, n.T.reshape(4, 5)), x // y),
    "ediff1d": lambda x, y, n, b: (jnp.ediff1d(n), jnp.gradient(x), jnp.trapezoid(x)),
    "elu and more": lambda x, y, n, b: (
        (nn.elu(x), nn.selu(x), nn.silu(x), nn.softplus(x), nn.leaky_relu(x), nn.relu6(x)),
        (nn.hard_tanh(x), nn.glu(x[:, :4]), nn.celu(x), nn.soft_sign(x), nn.mish(x), nn.squareplus(x)),
        (nn.gelu(x, approximate=False), nn.log_sigmoid(x), nn.hard_sigmoid(x), nn.standardize(x)),
    ),
    "exp2 and more": lambda x, y, n, b: (jnp.exp2(x), jnp.expm1(x), jnp.log1p(jnp.abs(x)), jnp.log2(jnp.abs(y))),
    "frexp": lambda x, y, n, b: (*jnp.frexp(x), jnp.ldexp(x, n), *jnp.modf(x)),
    "gcd": lambda x, y, n, b: (jnp.gcd(n, n[::-1]), jnp.lcm(n, n[::-1])),
    "heaviside": lambda x, y, n, b: (jnp.heaviside(x, 0.5), jnp.copysign(x, y), jnp.signbit(x)),
    "histogram": lambda x, y, n, b: jnp.histogram(x, 4, (-2.0, 2.0)),
    "hypot": lambda x, y, n, b: (jnp.hypot(x, y), jnp.logaddexp(x, y), jnp.logaddexp2(x, y)),
    "interp": lambda x, y, n, b: jnp.interp(x, jnp.array([-1.0, 0.0, 1.0]), jnp.array([2.0, 0.0, 1.0])),
    "is…": lambda x, y, n, b: (jnp.isnan(x), jnp.isclose(x, y), jnp.isin(n, n[0]), jnp.allclose(x, x)),
    "kron": lambda x, y, n, b: (jnp.kron(x[:2, :2], y[:2, :2]), jnp.outer(x[0], y[0]), jnp.inner(x, y)),
    "linspace": lambda x, y, n, b: (jnp.linspace(x[0, 0], y[0, 0], 7), jnp.logspace(0.0, 1.0, 4)),
    "median": lambda x, y, n, b: (jnp.median(x, 1), jnp.percentile(x, 30.0, 0), jnp.quantile(x, 0.9)),
    "meshgrid": lambda x, y, n, b: jnp.meshgrid(x[0], y[:, 0], indexing="ij"),
    "nan…": lambda x, y, n, b: (jnp.nanmean(x / b), jnp.nanmax(x, 1), jnp.nan_to_num(x / 0), jnp.nansum(x)),
    "norms": lambda x, y, n, b: (jnp.linalg.norm(x), jnp.linalg.norm(x, 1, axis=0), jnp.ptp(x, 1)),
    "one_hot": lambda x, y, n, b: (nn.one_hot(n, 4), nn.one_hot(n, 3, axis=0), jnp.eye(4)[n[0] % 4]),
    "packbits": lambda x, y, n, b: (jnp.packbits(b), jnp.unpackbits(n.astype("uint8"))),
    "pad": lambda x, y, n, b: [jnp.pad(x, 2, mode) for mode in ("edge", "reflect", "wrap", "constant")],
    "polynomials": lambda x, y, n, b: (jnp.polyval(x[0], y), jnp.vander(x[0]), jnp.polymul(x[0], y[0])),
    "put_along_axis": lambda x, y, n, b: jnp.put_along_axis(x, jnp.argmax(x, 1, keepdims=True), 9.0, 1, inplace=False),
    "rollaxis": lambda x, y, n, b: (jnp.moveaxis(x[None], 0, 2), jnp.swapaxes(x, 0, 1), jnp.rot90(x)),
    "searchsorted": lambda x, y, n, b: jnp.searchsorted(jnp.sort(x[0]), y),
    "segments": lambda x, y, n, b: [f(x, jnp.abs(n[:, 0]) % 3, 3) for f in (jax.ops.segment_sum, jax.ops.segment_max)],
    "select": lambda x, y, n, b: jnp.select([x > 1, b], [x, y], 0.0),
    "piecewise": lambda x, y, n, b: jnp.piecewise(x, [x < 0, x > 1], [jnp.negative, jnp.sin, 3.0]),
    "shifts": lambda x, y, n, b: (n << 3, n >> 1, n ^ 5, ~n, jnp.bitwise_count(n), ~b, b ^ b[::-1]),
    "sinc": lambda x, y, n, b: (jnp.sinc(x), jnp.i0(x), jnp.deg2rad(x), jnp.unwrap(x), jnp.cbrt(x)),
    "sort": lambda x, y, n, b: (jnp.sort(b, 0), jnp.argsort(-x, 1), *lax.top_k(x, 2), *lax.top_k(n, 3)),
    "special": lambda x, y, n, b: (
        (special.expit(x), special.logit(nn.sigmoid(x)), special.erf(x), special.xlogy(jnp.abs(x), 2.0)),
        (special.entr(jnp.abs(x)), special.logsumexp(x, 1, b=jnp.abs(y)), special.ndtr(x)),
        (special.gammaln(jnp.abs(x) + 0.5), special.ndtri(nn.sigmoid(x)), special.rel_entr(x**2, y**2)),
    ),
    "stats": lambda x, y, n, b: (stats.norm.logpdf(x), stats.norm.cdf(x, 1.0, 2.0), stats.rankdata(n[0])),
    "stats of counts": lambda x, y, n, b: (stats.poisson.logpmf(jnp.abs(n), 2.0), stats.beta.logpdf(nn.sigmoid(x), 2.0, 3.0)),
    "convolve": lambda x, y, n, b: (jnp.convolve(x[0], y[0, :3], "same"), signal.convolve2d(x, y[:2, :2])),
    "take": lambda x, y, n, b: (jnp.take(x, n[0], 1), jnp.take(x, n[0], 0, mode="wrap"), x[b[:, 0].astype("int32")]),
    "tensordot": lambda x, y, n, b: (jnp.tensordot(x, y, ((0,), (0,))), jnp.einsum("ij,ij->i", x, y), jnp.vdot(x, y)),
    "tril": lambda x, y, n, b: (jnp.tril(x), jnp.triu(n, 1), jnp.tri(3, 4), *jnp.tril_indices(3)),
    "unique": lambda x, y, n, b: jnp.unique(n, size=8, fill_value=-99, return_counts=True, return_inverse=True),
    "var": lambda x, y, n, b: (x.var(0, ddof=1), n.astype("float32").std(), x.mean(where=b), x.max(1, initial=-9.0, where=b)),
    "where": lambda x, y, n, b: (jnp.where(b, x, 0.0), *jnp.where(b, size=9), jnp.argwhere(b, size=4), jnp.nonzero(n, size=5)),
    "hessian": lambda x, y, n, b: jax.hessian(lambda r: jnp.sum(jnp.tanh(r) ** 3 * y[0]))(x[0]),
    "jacobian": lambda x, y, n, b: (jax.jacfwd(nn.softmax)(x[0]), jax.jacrev(jnp.cumsum)(x[0]), jax.jacfwd(jnp.sort)(x[0])),
    "jvp and vjp": lambda x, y, n, b: (jax.jvp(jnp.linalg.norm, (x,), (y,)), jax.vjp(jnp.outer, x[0], y[0])[1](x[:1].T @ y[:1])),
    "gradients of cumprod": lambda x, y, n, b: jax.grad(lambda x: jnp.cumprod(x, 1).sum() + jnp.prod(x, 0).sum())(x),
    "gradients of extremes": lambda x, y, n, b: jax.grad(lambda x: (jnp.max(x, 1) + lax.cummax(x)[-1, 0] + jnp.median(x)).sum())(x),
    "gradients of special": lambda x, y, n, b: jax.grad(lambda x: (special.erfinv(jnp.tanh(x) / 2) + lax.lgamma(x**2 + 1)).sum())(x),
    "vectorize": lambda x, y, n, b: jnp.vectorize(lambda u, v: u @ v, signature="(i),(i)->()")(x, y),
    "apply_along_axis": lambda x, y, n, b: jnp.apply_along_axis(lambda r: r / r.sum(), 1, x),
    "ragged": lambda x, y, n, b: lax.ragged_dot(x, y[:, :, None].repeat(2, 2), jnp.array([1, 0, 2, 1], "int32")),
    "fft": lambda x, y, n, b: (jnp.abs(jnp.fft.rfft(x)), jnp.fft.fftshift(x)),
}  # fmt: skip
QUICK = ("divmod", "elu and more", "is…", "median", "nan…", "segments", "unique", "where")


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in FUNCTIONS]
)
def test_function(name):
    x, y, n = some("float32", (4, 5)), some("float32", (4, 5), 1), some("int32", (4, 5))
    b = some("bool", (4, 5))
    with jax.numpy_dtype_promotion("standard"):
        hold(FUNCTIONS[name], x, y, n, b, may_refuse=True, ulps=128, scale=10, signed=False)
