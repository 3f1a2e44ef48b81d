# Rscript distributions.R > distributions.json   (R 4.2.2, package stats)
# Both tails and quantiles of the distributions, far into the tails. One row a case: parameters, then lower and upper tail.
number <- function(x) paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ","), "]")
keep <- function(v) is.finite(v) & v > 1e-290
rows <- function(name, grid, lower, upper) {
  l <- do.call(lower, unname(as.list(grid))); u <- do.call(upper, unname(as.list(grid)))
  ok <- keep(l) & keep(u)
  all <- cbind(as.matrix(grid), l, u)[ok, , drop = FALSE]
  cat(' "', name, '": [', paste(apply(all, 1, number), collapse = ",\n  "), "]", sep = "")
}
quantiles <- function(name, grid, f) {
  q <- do.call(f, unname(as.list(grid)))
  ok <- is.finite(q) & abs(q) > 1e-290
  cat(' "', name, '": [', paste(apply(cbind(as.matrix(grid), q)[ok, , drop = FALSE], 1, number), collapse = ",\n  "), "]", sep = "")
}
cat("{\n")
cat(' "oracle": "R 4.2.2 (stats): lgamma, lbeta, pgamma, pt, pf, pbeta, ppois, pbinom, phyper and their quantiles",\n')
# qf itself is wrong from the eighth digit for small quantiles (p = 0.001, 1 and 500 degrees of freedom); qbeta is not.
# Around its zeros R's lgamma has an absolute accuracy only: these four from mpmath 1.3.0, loggamma with 60 digits.
cat(' "logGammaNearZeros": [[0.999999,5.7721648738556524e-7],[1.000001,-5.7721484238741467e-7],[1.99999,-4.2278111042416735e-6],[2.00001,4.2278755976483596e-6]],\n')
cat(' "call": "Rscript distributions.R > distributions.json",\n')
cat(' "citation": "R Core Team 2022; Didonato & Morris 1992 (TOMS 708) and Loader 2000 inside R",\n')
cat(' "tolerance": "relative 1e-12 in every tail and quantile; log gamma 1e-14",\n')
x <- c(1e-10, 1e-3, 0.3, 0.5, 0.9, 1.2, 1.5, 1.9, 2.1, 2.5, 3.7, 9.99, 10, 33.3, 1e3, 1e6, 1e15)
cat(' "logGamma": [', paste(apply(cbind(x, lgamma(x)), 1, number), collapse = ","), "],\n", sep = "")
ab <- expand.grid(a = c(0.01, 0.5, 2.5, 12, 300, 1e5), b = c(0.02, 1, 9.5, 11, 1e4, 1e7))
cat(' "logBeta": [', paste(apply(cbind(as.matrix(ab), lbeta(ab$a, ab$b)), 1, number), collapse = ","), "],\n", sep = "")
g <- do.call(rbind, lapply(c(0.01, 0.3, 0.5, 1, 2.5, 10, 77.7, 1e3, 1e5), function(a)
  data.frame(x = a * c(1e-30, 1e-6, 0.01, 0.3, 0.8, 0.95, 1, 1.01, 1.2, 2, 5, 40, 600), a = a)))
rows("gamma", g, function(x, a) pgamma(x, a), function(x, a) pgamma(x, a, lower.tail = FALSE)); cat(",\n")
t <- expand.grid(t = c(-1e6, -30, -2.5, -0.7, -1e-5, 0, 0.3, 1.96, 7, 100, 1e9), df = c(0.5, 1, 2, 3.7, 30, 1234.5, 1e6))
rows("t", t, function(x, df) pt(x, df), function(x, df) pt(x, df, lower.tail = FALSE)); cat(",\n")
f <- expand.grid(f = c(1e-8, 0.01, 0.4, 0.99, 1, 1.3, 4, 60, 1e5), a = c(1, 2, 5.5, 40, 2000), b = c(0.7, 3, 25, 800, 1e5))
rows("f", f, function(x, a, b) pf(x, a, b), function(x, a, b) pf(x, a, b, lower.tail = FALSE)); cat(",\n")
b <- expand.grid(x = c(1e-12, 1e-3, 0.1, 0.4, 0.5, 0.77, 0.98, 1 - 1e-9), a = c(0.02, 0.5, 1, 3.3, 50, 4e4), b = c(0.05, 0.5, 2, 17, 900, 1e5))
rows("beta", b, function(x, a, b) pbeta(x, a, b), function(x, a, b) pbeta(x, a, b, lower.tail = FALSE)); cat(",\n")
p <- expand.grid(k = c(0, 1, 4, 20, 150, 1000, 20000), m = c(1e-4, 0.3, 3, 22, 140, 1100, 19900))
rows("poisson", p, function(x, m) ppois(x, m), function(x, m) ppois(x, m, lower.tail = FALSE)); cat(",\n")
n <- rbind(expand.grid(k = c(0, 1, 3, 9), n = c(10, 12), p = c(1e-9, 0.02, 0.5, 0.97)),
           expand.grid(k = c(20, 300, 470), n = c(500, 5000), p = c(0.03, 0.06, 0.6, 0.9)))
rows("binomial", n, function(x, n, p) pbinom(x, n, p), function(x, n, p) pbinom(x, n, p, lower.tail = FALSE)); cat(",\n")
h <- rbind(expand.grid(x = c(0, 1, 2, 5), m = c(6, 15), n = c(8, 30), k = c(5, 7)),
           expand.grid(x = c(80, 120, 200, 320), m = c(400, 900), n = c(1200, 3000), k = c(500, 700)))
rows("hypergeometric", h, function(x, m, n, k) phyper(x, m, n, k), function(x, m, n, k) phyper(x, m, n, k, lower.tail = FALSE)); cat(",\n")
probability <- c(1e-200, 1e-20, 1e-5, 0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999)
quantiles("chiSquaredQuantile", expand.grid(p = probability, df = c(1, 2, 5, 30.5, 1000)), function(p, df) qchisq(p, df)); cat(",\n")
quantiles("chiSquaredUpperQuantile", expand.grid(p = probability, df = c(1, 2, 5, 30.5, 1000)), function(p, df) qchisq(p, df, lower.tail = FALSE)); cat(",\n")
quantiles("tQuantile", expand.grid(p = c(1e-20, 1e-5, 0.001, 0.025, 0.2, 0.7, 0.975, 0.999), df = c(1, 2, 3.3, 12, 250, 1e5)), function(p, df) qt(p, df)); cat(",\n")
quantiles("fQuantile", expand.grid(p = c(1e-10, 0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999), a = c(1, 4, 33), b = c(2, 7.5, 500)), function(p, a, b) b * qbeta(p, a / 2, b / 2) / (a * qbeta(p, b / 2, a / 2, lower.tail = FALSE))); cat(",\n")
quantiles("betaQuantile", expand.grid(p = c(1e-10, 0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999), a = c(0.5, 1, 4, 90), b = c(0.5, 3, 70)), function(p, a, b) qbeta(p, a, b)); cat(",\n")
quantiles("poissonQuantile", expand.grid(p = c(1e-12, 0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999), m = c(0.2, 4, 55.5, 1e4)), function(p, m) qpois(p, m)); cat(",\n")
quantiles("binomialQuantile", expand.grid(p = c(1e-12, 0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999), n = c(7, 300), c = c(0.02, 0.5, 0.93)), function(p, n, c) qbinom(p, n, c)); cat(",\n")
# Fisher's noncentral distribution from its definition: central masses times the odds ratio to the power x.
noncentral <- function(x, m, n, k, odds) {
  s <- max(0, k - n):min(k, m); d <- dhyper(s, m, n, k, log = TRUE) + s * log(odds); d <- exp(d - max(d)); d <- d / sum(d)
  c(sum(d[s <= x]), sum(d[s > x]), sum(s * d))
}
nc <- expand.grid(x = c(1, 4), m = c(6, 12), n = c(9, 14), k = c(7, 8), odds = c(0.05, 0.8, 3, 40))
v <- t(mapply(noncentral, nc$x, nc$m, nc$n, nc$k, nc$odds))
cat(' "noncentral": [', paste(apply(cbind(as.matrix(nc), v), 1, number), collapse = ",\n  "), "]\n}\n", sep = "")
